package lock

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTakeWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "below", "lock")
	unlock, err := Take(context.Background(), path, func() { t.Error("the first had to wait") })
	if err != nil {
		t.Fatal(err)
	}
	waiting, got := make(chan bool), make(chan bool)
	go func() {
		second, err := Take(context.Background(), path, func() { close(waiting) })
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
	first, err := Take(context.Background(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	waiting, got := make(chan bool), make(chan func())
	go func() {
		second, err := Take(context.Background(), path, func() { close(waiting) })
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
		unlock, err := Take(context.Background(), path, func() { waited = true; second() })
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

// Who is interrupted goes away at once, and has nothing.
func TestTakeInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := Take(context.Background(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	got := make(chan error)
	go func() {
		_, err := Take(ctx, path, cancel)
		got <- err
	}()
	select {
	case err = <-got:
	case <-time.After(5 * time.Second):
		t.Fatal("an interrupted command goes on waiting")
	}
	if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("error %v, want what was waited for and why no more", err)
	}
	unlock()
	if _, err := Take(ctx, path, nil); err == nil {
		t.Fatal("an interrupted command got the lock once it was free")
	}
	unlock, err = Take(context.Background(), path, func() { t.Error("an interrupted command holds the lock") })
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}
