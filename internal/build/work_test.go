package build

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestWork(t *testing.T) {
	t.Parallel()
	o := newOutputs(t.TempDir())
	entries := func() (names []string) {
		t.Helper()
		found, err := os.ReadDir(filepath.Join(o.dir, "work"))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range found {
			names = append(names, e.Name())
		}
		return names
	}
	first, firstDone, err := o.work()
	if err != nil {
		t.Fatal(err)
	}
	// A killed build leaves this: its lock has no holder.
	write(t, o.dir, "work/build-killed/hello/index.json", "{}")
	write(t, o.dir, "work/build-killed.lock", "")
	second, secondDone, err := o.work()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{filepath.Base(first), filepath.Base(first) + ".lock", filepath.Base(second), filepath.Base(second) + ".lock"}
	slices.Sort(want)
	if got := entries(); !slices.Equal(got, want) {
		t.Errorf("there are %v, want those of the two builds that run: %v", got, want)
	}
	firstDone()
	secondDone()
	if got := entries(); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}
