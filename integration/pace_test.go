package integration

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

// pace is how many times longer than on its own platform a service may take.
type pace float64

// emulated is the pace under QEMU's user-mode emulation, which is about ten times slower at computing; most of what is
// bounded here is waiting, though.
const emulated pace = 5

// bound stretches a bound.
func (p pace) bound(d time.Duration) time.Duration { return time.Duration(float64(p) * float64(d)) }

// tooSlowError is the error of a promise about time that was not kept in time.
type tooSlowError string

func (s tooSlowError) Error() string { return string(s) }

// tries is how often a promise about time is tried.
const tries = 3

// unlessSlow tries again what was too slow: once may be the fault of a machine that was busy with something else. Any other
// failure counts at once, and so does one that a test expects.
func (p pace) unlessSlow(do func() error) error {
	var err error
	for range tries {
		var slow tooSlowError
		if err = do(); !errors.As(err, &slow) || p < 1 {
			return err
		}
	}
	return fmt.Errorf("%d times: %w", tries, err)
}

func TestUnlessSlow(t *testing.T) {
	wrong := errors.New("wrong")
	slow := fmt.Errorf("outer: %w", tooSlowError("slow"))
	for want, outcomes := range map[string][]error{
		"":                     {nil},
		"wrong":                {wrong},
		"3 times: outer: slow": {slow, slow, slow},
		"after a slow one":     {slow, errors.New("after a slow one")},
	} {
		tried := 0
		err := pace(1).unlessSlow(func() error { tried++; return outcomes[tried-1] })
		if tried != len(outcomes) || (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%v: got %v after %d times", outcomes, err, tried)
		}
	}
}
