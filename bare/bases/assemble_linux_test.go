package bases

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/stagecraft/bare/internal/lock"
)

// Who is interrupted while another command assembles the same stand-in goes away at once.
func TestInterruptedWhileWaiting(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("assembling needs root")
	}
	const name = "debian:trixie-slim"
	s := Store(t.TempDir())
	unlock, err := lock.Take(t.Context(), s.dir(name, recipes[name], false)+".lock", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	// All that it tells is that it waits.
	if _, err := s.Assemble(ctx, []string{name}, Want{}, func(string, ...any) { cancel() }); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("error %v", err)
	}
}

// A stand-in that is too old is assembled again in its place. Its blobs stay
// until the next time, because builds that run may read them.
func TestOldStandInsAreAssembledAgain(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("assembling needs root")
	}
	s := Store(t.TempDir())
	want := Want{Since: time.Now().Add(-Week)}
	said := ""
	get := func(r recipe) string {
		t.Helper()
		dir, err := s.ensure(t.Context(), "tiny:1", r, want, func(f string, _ ...any) { said += f })
		if err != nil {
			t.Fatal(err)
		}
		d, err := readDigest(dir)
		if err != nil {
			t.Fatal(err)
		}
		return d.Encoded()
	}
	dir := s.dir("tiny:1", tiny(""), false)
	age := func() {
		t.Helper()
		old := time.Now().Add(-Week - time.Hour)
		if err := os.Chtimes(filepath.Join(dir, "index.json"), old, old); err != nil {
			t.Fatal(err)
		}
	}
	has := func(blob string) bool {
		_, err := os.Stat(filepath.Join(layout{dir}.blobs(), blob))
		return err == nil
	}
	one := get(tiny("one"))
	if got := get(tiny("two")); got != one {
		t.Error("assembled again at once")
	}
	age()
	two := get(tiny("two"))
	if two == one || !has(one) || !has(two) {
		t.Errorf("after a week there is %s, and of blobs the old one %v, the new one %v", two, has(one), has(two))
	}
	if got := get(tiny("three")); got != two {
		t.Error("assembled again at once after a week")
	}
	age()
	if three := get(tiny("three")); has(one) || !has(two) || !has(three) {
		t.Errorf("after two weeks, the first blob is there: %v, the second one: %v", has(one), has(two))
	}
	if _, err := readLayers(dir, "amd64"); err != nil {
		t.Error(err)
	}
	want.Since = time.Now()
	if four := get(tiny("four")); !has(four) || has(two) {
		t.Error("not assembled again when asked for")
	}

	age()
	said = ""
	offline := tiny("")
	offline.layers = func(*builder, string) error { return errors.New("no network") }
	four := get(tiny("four"))
	age()
	if got := get(offline); got != four || !strings.Contains(said, "could not be assembled again") {
		t.Errorf("without a network there is %s and is said %q, want %s with a note", got, said, four)
	}
}
