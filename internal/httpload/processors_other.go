//go:build !linux

package httpload

import (
	"errors"
	"runtime"
)

// Processors are the processors that this process may use.
func Processors() ([]int, error) {
	all := make([]int, runtime.NumCPU())
	for i := range all {
		all[i] = i
	}
	return all, nil
}

// Confine needs Linux.
func Confine([]int) (undo func() error, err error) {
	return nil, errors.New("confine this process to some processors: only Linux can")
}

// Used is not known here.
func Used() (int64, error) { return 0, nil }
