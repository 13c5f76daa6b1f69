// Package money has exact amounts of money.
package money

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// Amount is a number of cents in a currency. In JSON it is a string such as "12.50 EUR", which no parser rounds.
type Amount struct {
	Cents    int64
	Currency string // ISO 4217
}

// ErrOverflow is returned for amounts beyond what an int64 of cents can hold.
var ErrOverflow = errors.New("the amount is too large")

var format = regexp.MustCompile(`^(-?)(\d{1,15})\.(\d{2}) ([A-Z]{3})$`)

// Parse reads "12.50 EUR".
func Parse(text string) (Amount, error) {
	match := format.FindStringSubmatch(text)
	if match == nil {
		return Amount{}, fmt.Errorf("%q is not an amount such as 12.50 EUR", text)
	}
	cents, err := strconv.ParseInt(match[1]+match[2]+match[3], 10, 64)
	if err != nil {
		return Amount{}, err
	}
	return Amount{Cents: cents, Currency: match[4]}, nil
}

func (a Amount) String() string {
	sign, cents := "", a.Cents
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d %s", sign, cents/100, cents%100, a.Currency)
}

// MarshalText makes an Amount a string in JSON.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is its counterpart.
func (a *Amount) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err == nil {
		*a = parsed
	}
	return err
}

// Add is the sum of two amounts in one currency. The zero Amount can be added to any.
func (a Amount) Add(b Amount) (Amount, error) {
	switch {
	case a == Amount{}:
		return b, nil
	case a.Currency != b.Currency:
		return Amount{}, fmt.Errorf("cannot add %s to %s", b, a)
	case b.Cents > 0 && a.Cents > math.MaxInt64-b.Cents, b.Cents < 0 && a.Cents < math.MinInt64-b.Cents:
		return Amount{}, ErrOverflow
	}
	return Amount{a.Cents + b.Cents, a.Currency}, nil
}

// Times is the amount for a quantity.
func (a Amount) Times(quantity int64) (Amount, error) {
	product := a.Cents * quantity
	if quantity != 0 && (product/quantity != a.Cents || quantity == -1 && a.Cents == math.MinInt64) {
		return Amount{}, ErrOverflow
	}
	return Amount{product, a.Currency}, nil
}

// Percent is that part of the amount, rounded half away from zero to whole cents.
func (a Amount) Percent(percent int64) (Amount, error) {
	part, err := a.Times(percent)
	if err != nil {
		return Amount{}, err
	}
	half := int64(50)
	if part.Cents < 0 {
		half = -half
	}
	return Amount{(part.Cents + half) / 100, a.Currency}, nil
}
