import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Money } from '../src/money.ts';

test('sums are exact', () => {
  assert.equal(`${Money.of('0.1', 'EUR').plus(Money.of('0.2', 'EUR'))}`, '0.30 EUR');
  assert.throws(() => Money.of('1', 'EUR').plus(Money.of('1', 'USD')), /cannot be added/);
});

test('products are rounded half to even', () => {
  assert.equal(`${Money.of('0.25', 'EUR').times('0.5')}`, '0.12 EUR');
  assert.equal(`${Money.of('1001', 'JPY').times('0.5')}`, '500 JPY');
});

for (const [amount, parts, expected] of [
  ['10.00', 3, ['3.34', '3.33', '3.33']],
  ['-0.05', 2, ['-0.03', '-0.02']],
  ['0.00', 2, ['0.00', '0.00']],
] as const) {
  test(`${amount} in ${parts} parts`, () => {
    const split = Money.of(amount, 'EUR').split(parts);
    assert.deepEqual(
      split.map((part) => part.toJSON().amount),
      expected,
    );
  });
}

test('what is not an amount is refused', () => {
  for (const amount of ['', '1,00', '1e3', '0.001', 'NaN']) {
    assert.throws(() => Money.of(amount, 'EUR'), RangeError);
  }
  assert.throws(() => Money.of('1', 'euro'), RangeError);
});
