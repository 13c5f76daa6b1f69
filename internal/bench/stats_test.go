package bench

import (
	"testing"
	"time"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []time.Duration
		median time.Duration
		spread float64
	}{
		{nil, 0, 0},
		{[]time.Duration{7}, 7, 0},
		{[]time.Duration{9, 1, 5}, 5, 0.8},
		{[]time.Duration{10, 40, 20, 30}, 25, 0.6},
		{[]time.Duration{100, 100, 9000}, 100, 89}, // one spoilt value does not move it, and is seen
	} {
		if got := Median(c.values); got != c.median {
			t.Errorf("median of %v: %v, want %v", c.values, got, c.median)
		}
		if got := Spread(c.values); got != c.spread {
			t.Errorf("spread of %v: %v, want %v", c.values, got, c.spread)
		}
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	for _, c := range []struct {
		sorted []int
		p      float64
		want   int
	}{
		{nil, 50, 0},
		{[]int{4}, 0, 4},
		{[]int{4}, 99, 4},
		{[]int{1, 2, 3}, 50, 2},
		{[]int{1, 2}, 50, 1},
		{hundred, 50, 50},
		{hundred, 99, 99},
		{hundred, 99.5, 100},
		{hundred, 100, 100},
	} {
		if got := Percentile(c.sorted, c.p); got != c.want {
			t.Errorf("%v%% of %d values: %d, want %d", c.p, len(c.sorted), got, c.want)
		}
	}
}

func TestRatio(t *testing.T) {
	for _, c := range []struct {
		value, other float64
		want         string
	}{
		{1, 0, "–"}, {0, 2, "0.00×"}, {1, 2, "0.50×"}, {9.949, 1, "9.95×"}, {9.95, 1, "9.9×"}, {25, 2, "12.5×"}, {1234.4, 10, "123×"},
	} {
		if got := Ratio(c.value, c.other); got != c.want {
			t.Errorf("%v of %v: %s, want %s", c.value, c.other, got, c.want)
		}
	}
}
