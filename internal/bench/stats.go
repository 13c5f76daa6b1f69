// Package bench measures what the project claims about speed, and keeps the tables that tell it.
package bench

import (
	"cmp"
	"fmt"
	"slices"
)

// Number is what can be measured: counts, sizes, times.
type Number interface {
	~int | ~int64 | ~uint64 | ~float64
}

// Median is the middle of measured values, the mean of the two middle ones when their number is even; zero of none. One
// value that a busy machine has spoilt does not move it.
func Median[N Number](values []N) N {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return sorted[middle-1] + (sorted[middle]-sorted[middle-1])/2
}

// Spread is how far apart measured values are: the largest distance from their median, in parts of it.
func Spread[N Number](values []N) float64 {
	if len(values) == 0 {
		return 0
	}
	median := Median(values)
	return over(max(slices.Max(values)-median, median-slices.Min(values)), median)
}

// Percentile is the value that p percent of the values do not exceed (nearest rank); zero of none. The values must be
// sorted.
func Percentile[N cmp.Ordered](sorted []N, p float64) N {
	if len(sorted) == 0 {
		var none N
		return none
	}
	rank := int(p / 100 * float64(len(sorted)))
	if float64(rank) < p/100*float64(len(sorted)) {
		rank++
	}
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// Ratio is how many times another value a value is, as text: "2.1×"; "–" when there is nothing to compare with.
func Ratio[N Number](value, other N) string {
	if other == 0 {
		return "–"
	}
	switch r := over(value, other); {
	case r >= 99.5:
		return fmt.Sprintf("%.0f×", r)
	case r >= 9.95:
		return fmt.Sprintf("%.1f×", r)
	default:
		return fmt.Sprintf("%.2f×", r)
	}
}

func over[N Number](value, other N) float64 {
	if other == 0 {
		return 0
	}
	return float64(value) / float64(other)
}
