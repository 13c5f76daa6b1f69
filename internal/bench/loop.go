package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Loop is `mage dev` while it runs.
type Loop struct {
	stop     context.CancelFunc
	watching chan struct{}
	ended    chan struct{}
	err      error // once it has ended
}

// StartLoop runs dev in the background. What dev writes goes to out.
func StartLoop(ctx context.Context, out io.Writer, dev func(ctx context.Context, out io.Writer) error) *Loop {
	ctx, stop := context.WithCancel(ctx)
	l := &Loop{stop: stop, watching: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		l.err = dev(ctx, &watcher{Writer: out, watching: l.watching})
	}()
	return l
}

// Watching waits until Docker Compose watches the sources: it does not see earlier changes.
func (l *Loop) Watching() error {
	select {
	case <-l.watching:
		return nil
	case <-l.ended:
		return l.early()
	}
}

// Until asks again and again until ask succeeds, but not longer than within.
func (l *Loop) Until(within time.Duration, ask func() error) error {
	deadline := time.After(within)
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-l.ended:
			return errors.Join(l.early(), err)
		case <-deadline:
			return fmt.Errorf("wait for %s: %w", within, err)
		}
	}
}

func (l *Loop) early() error {
	if l.err == nil {
		return errors.New("mage dev ended early")
	}
	return fmt.Errorf("mage dev ended early: %w", l.err)
}

// Stop ends the loop, waits until its containers are gone, and returns its error.
func (l *Loop) Stop() error {
	l.stop()
	<-l.ended
	return l.err
}

// watcher closes a channel when Compose writes that it watches.
type watcher struct {
	io.Writer
	watching chan struct{}
	once     sync.Once
}

func (w *watcher) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("Watch enabled")) {
		w.once.Do(func() { close(w.watching) })
	}
	return w.Writer.Write(p)
}
