package httpload

import (
	"fmt"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// Processors are the processors that this process may use, in ascending order.
func Processors() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("ask which processors there are: %w", err)
	}
	var found []int
	for i := 0; len(found) < set.Count(); i++ {
		if set.IsSet(i) {
			found = append(found, i)
		}
	}
	return found, nil
}

// Confine makes this process use only those processors, until undo is called: another one is left to the server, so that
// what is measured is not how the two share.
func Confine(processors []int) (undo func() error, err error) {
	before, err := Processors()
	if err != nil {
		return nil, err
	}
	most := runtime.GOMAXPROCS(len(processors))
	undo = func() error {
		runtime.GOMAXPROCS(most)
		return confine(before)
	}
	return undo, confine(processors)
}

// confine reaches every thread; a new one begins with what the one has that made it.
func confine(processors []int) error {
	var set unix.CPUSet
	for _, p := range processors {
		set.Set(p)
	}
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return fmt.Errorf("list the threads of this process: %w", err)
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err == nil {
			err = unix.SchedSetaffinity(id, &set)
		}
		if err != nil && err != unix.ESRCH { //nolint:errorlint // a bare errno; ESRCH: the thread has ended
			return fmt.Errorf("confine this process to processors %v: %w", processors, err)
		}
	}
	return nil
}

// Used is the processor time that this process has used.
func Used() (int64, error) {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return 0, fmt.Errorf("ask for the processor time of this process: %w", err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano(), nil
}
