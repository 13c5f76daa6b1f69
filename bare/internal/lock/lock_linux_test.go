package lock

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTakeWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "below", "lock")
	unlock, err := Take(path, func() { t.Error("the first had to wait") })
	if err != nil {
		t.Fatal(err)
	}
	waiting, got := make(chan bool), make(chan bool)
	go func() {
		second, err := Take(path, func() { close(waiting) })
		if err != nil {
			t.Error(err)
		} else {
			defer second()
		}
		close(got)
	}()
	<-waiting
	select {
	case <-got:
		t.Fatal("two hold the lock")
	case <-time.After(250 * time.Millisecond):
	}
	unlock()
	select {
	case <-got:
	case <-time.After(5 * time.Second):
		t.Fatal("the lock was given back, and nobody got it")
	}
}

// Removing an engine removes its lock file as well; who waited for it must
// not go on with a lock that nobody else can see.
func TestTakeNoticesARemovedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	first, err := Take(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	waiting, got := make(chan bool), make(chan func())
	go func() {
		second, err := Take(path, func() { close(waiting) })
		if err != nil {
			t.Error(err)
		}
		got <- second
	}()
	<-waiting
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	first()
	second := <-got
	defer second()
	waited := false
	third := make(chan bool)
	go func() {
		unlock, err := Take(path, func() { waited = true; second() })
		if err == nil {
			unlock()
		}
		close(third)
	}()
	<-third
	if !waited {
		t.Error("the second holds a lock on a file that is gone")
	}
}
