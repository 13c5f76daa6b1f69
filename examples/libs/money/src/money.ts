import Big from 'big.js';

/** Digits after the point, by ISO 4217; two for all others. */
const digits: Record<string, number> = { JPY: 0, KRW: 0, BHD: 3, KWD: 3 };

/** An amount of one currency. Values are immutable; arithmetic is exact. */
export class Money {
  readonly currency: string;
  readonly #amount: Big;

  private constructor(amount: Big, currency: string) {
    this.#amount = amount;
    this.currency = currency;
  }

  /** Throws a RangeError for what is not an amount, such as `12.345` euros. */
  static of(amount: string, currency: string): Money {
    if (!/^[A-Z]{3}$/.test(currency)) throw new RangeError(`${currency} is not a currency`);
    if (!/^-?\d{1,15}(\.\d+)?$/.test(amount)) throw new RangeError(`${amount} is not an amount`);
    const value = new Big(amount);
    if (!value.eq(value.round(digits[currency] ?? 2))) {
      throw new RangeError(`${amount} ${currency} has too many digits`);
    }
    return new Money(value, currency);
  }

  plus(other: Money): Money {
    if (other.currency !== this.currency) {
      throw new RangeError(`${other.currency} cannot be added to ${this.currency}`);
    }
    return new Money(this.#amount.plus(other.#amount), this.currency);
  }

  /** Multiplied by a number such as `0.19`, rounded half to even. */
  times(factor: string): Money {
    const product = this.#amount.times(factor).round(digits[this.currency] ?? 2, Big.roundHalfEven);
    return new Money(product, this.currency);
  }

  /** Split into parts that differ by at most one cent and add up to the whole. */
  split(parts: number): Money[] {
    const unit = new Big(10).pow(-(digits[this.currency] ?? 2));
    const units = this.#amount.div(unit);
    const least = units.div(parts).round(0, Big.roundDown);
    const rest = units.minus(least.times(parts)).toNumber();
    return Array.from({ length: parts }, (_, i) => {
      const more = i < Math.abs(rest) ? Math.sign(rest) : 0;
      return new Money(least.plus(more).times(unit), this.currency);
    });
  }

  toJSON(): { amount: string; currency: string } {
    return { amount: this.#amount.toFixed(digits[this.currency] ?? 2), currency: this.currency };
  }

  toString(): string {
    const { amount, currency } = this.toJSON();
    return `${amount} ${currency}`;
  }
}
