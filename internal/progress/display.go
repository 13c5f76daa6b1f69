// Package progress turns BuildKit's stream of events into what people want to see of a build: a line for each step that
// took its time, what runs now, and, when one fails, what that one wrote, last.
package progress

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

const (
	// Flag makes buildx write the events that a Display reads.
	Flag = "--progress=rawjson"
	// Setting is BuildKit's own environment variable for how progress is shown; where it is set, buildx shows it.
	Setting = "BUILDKIT_PROGRESS"

	worthALine = time.Second            // what a step must take to be told of
	silence    = 10 * time.Second       // after which people wonder, where there is no terminal
	refresh    = 250 * time.Millisecond // of the line that a terminal shows
)

// Display is where buildx's events go (its standard error, under Flag). Close ends it.
type Display struct {
	out      io.Writer
	terminal *os.File // nil: out is none

	mu      sync.Mutex
	partial []byte // of a line
	steps   map[string]*Step
	order   []*Step // as they came
	words   []string
	ran     int
	cached  int
	spoke   time.Time
	live    bool // a line stands that will be written over
	stop    chan struct{}
	stopped sync.WaitGroup
}

// New is a display on out.
func New(out io.Writer) *Display {
	d := &Display{out: out, steps: map[string]*Step{}, spoke: time.Now(), stop: make(chan struct{})}
	tick := time.Second
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) && os.Getenv("TERM") != "dumb" {
		d.terminal, tick = file, refresh
	}
	d.stopped.Go(func() {
		ticker := time.NewTicker(tick)
		defer ticker.Stop()
		for {
			select {
			case <-d.stop:
				return
			case now := <-ticker.C:
				d.tick(now)
			}
		}
	})
	return d
}

// Write takes a piece of buildx's output. It never fails: what is no event is kept for the end.
func (d *Display) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.partial = append(d.partial, p...)
	for {
		line, rest, whole := bytes.Cut(d.partial, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		d.line(line)
		d.partial = bytes.Clone(rest)
	}
}

func (d *Display) line(line []byte) {
	var e event
	if !bytes.HasPrefix(line, []byte("{")) || json.Unmarshal(line, &e) != nil {
		d.words = append(d.words, strings.TrimRight(string(line), "\r"))
		return
	}
	for _, v := range e.Vertexes {
		d.vertex(v)
	}
	for _, l := range e.Logs {
		if s := d.steps[l.Vertex]; s != nil {
			s.write(l.Data)
		}
	}
}

func (d *Display) vertex(v vertex) {
	s := d.steps[v.Digest]
	if s == nil {
		s = newStep(v.Name)
		d.steps[v.Digest] = s
		d.order = append(d.order, s)
	}
	if v.Started != nil && !s.running && !s.done {
		s.started, s.running = *v.Started, true
	}
	if v.Error != "" && s.failed == "" {
		s.failed = v.Error
	}
	if v.Completed == nil || s.done {
		return
	}
	s.done, s.running = true, false
	switch took := v.Completed.Sub(s.started); {
	case s.internal:
	case v.Cached:
		d.cached++
	default:
		d.ran++
		if took >= worthALine {
			d.say("%7.1fs  %s", took.Seconds(), s)
		}
	}
}

// tick tells what runs: on a terminal in a line that is written over, elsewhere when nothing was told for a while.
func (d *Display) tick(now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var running []string
	for _, s := range d.order {
		if s.running && !s.internal && now.Sub(s.started) >= worthALine {
			running = append(running, fmt.Sprintf("%s %.0fs", s, now.Sub(s.started).Seconds()))
		}
	}
	switch {
	case d.terminal != nil:
		d.wipe()
		text := "          " + strings.Join(running, ", ")
		if width, _, err := term.GetSize(int(d.terminal.Fd())); err == nil && len(text) >= width {
			text = text[:max(width-1, 0)]
		}
		fmt.Fprint(d.out, text)
		d.live = true
	case now.Sub(d.spoke) >= silence && len(running) > 0:
		d.say("          still running: %s", strings.Join(running, ", "))
	}
}

func (d *Display) say(format string, args ...any) {
	d.wipe()
	fmt.Fprintf(d.out, format+"\n", args...)
	d.spoke = time.Now()
}

// wipe clears the line that stands. Source: ECMA-48, EL.
func (d *Display) wipe() {
	if d.live {
		fmt.Fprint(d.out, "\r\x1b[K")
		d.live = false
	}
}

// Close ends the display with a count of steps.
func (d *Display) Close() {
	close(d.stop)
	d.stopped.Wait()
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.partial) > 0 {
		d.line(d.partial)
		d.partial = nil
	}
	d.say("          steps: %d ran, %d cached", d.ran, d.cached)
}
