package money

import (
	"encoding/json"
	"math"
	"testing"
)

func TestJSON(t *testing.T) {
	for _, text := range []string{`"12.50 EUR"`, `"-0.05 USD"`, `"0.00 EUR"`} {
		var a Amount
		if err := json.Unmarshal([]byte(text), &a); err != nil {
			t.Error(err)
		}
		if back, err := json.Marshal(a); err != nil || string(back) != text {
			t.Errorf("%s became %s, %v", text, back, err)
		}
	}
	for _, text := range []string{"12.5 EUR", "12.50", "1e3.00 EUR", "12.50 eur", "", "9999999999999999.00 EUR"} {
		if a, err := Parse(text); err == nil {
			t.Errorf("%q was read as %v", text, a)
		}
	}
}

func TestArithmetic(t *testing.T) {
	euro := func(cents int64) Amount { return Amount{cents, "EUR"} }
	for name, tt := range map[string]struct {
		calculate func() (Amount, error)
		want      Amount
		fails     bool
	}{
		"add":                  {func() (Amount, error) { return euro(1).Add(euro(2)) }, euro(3), false},
		"add to nothing":       {func() (Amount, error) { return Amount{}.Add(euro(2)) }, euro(2), false},
		"add another currency": {func() (Amount, error) { return euro(1).Add(Amount{1, "USD"}) }, Amount{}, true},
		"add too much":         {func() (Amount, error) { return euro(math.MaxInt64).Add(euro(1)) }, Amount{}, true},
		"times":                {func() (Amount, error) { return euro(1250).Times(3) }, euro(3750), false},
		"times nothing":        {func() (Amount, error) { return euro(1250).Times(0) }, euro(0), false},
		"times too much":       {func() (Amount, error) { return euro(math.MaxInt64 / 2).Times(3) }, Amount{}, true},
		"percent":              {func() (Amount, error) { return euro(1250).Percent(19) }, euro(238), false},
		"percent of a credit":  {func() (Amount, error) { return euro(-1250).Percent(19) }, euro(-238), false},
	} {
		if got, err := tt.calculate(); got != tt.want || (err != nil) != tt.fails {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, tt.want)
		}
	}
}
