package gotest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	worthALine  = 10 * time.Second // what a test that passes must take to be shown
	silence     = time.Minute      // after which people wonder
	outputLimit = 64 << 10         // of what one test wrote, in bytes; the last counts
)

// display reads the events of go test that are written to it, and shows them on out.
type display struct {
	out    io.Writer
	repeat func(pkg, test string) string

	mu       sync.Mutex
	partial  []byte
	running  map[name]*test
	builds   map[string]string // what each build wrote, by its path
	broken   map[string]bool   // packages in which a test failed
	failures []Failure
	idle     time.Duration // since the last event, in time that the machine had for the tests
	spoke    time.Time
}

// name is a test's, or a package's where test is empty.
type name struct{ pkg, test string }

type test struct {
	started time.Time
	paused  bool
	failed  bool // a subtest did
	output  []byte
}

func newDisplay(out io.Writer, repeat func(pkg, test string) string) *display {
	return &display{
		out: out, repeat: repeat, spoke: time.Now(),
		running: map[name]*test{}, builds: map[string]string{}, broken: map[string]bool{},
	}
}

// Write takes a piece of the events.
func (d *display) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.partial = append(d.partial, p...)
	for {
		line, rest, whole := bytes.Cut(d.partial, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		var e event
		if json.Unmarshal(line, &e) != nil { // of the go command itself
			d.say("%s\n", line)
		} else {
			d.event(e)
		}
		d.idle = 0
		d.partial = bytes.Clone(rest)
	}
}

func (d *display) event(e event) {
	n := name{e.Package, e.Test}
	t := d.running[n]
	if t == nil {
		t = &test{started: time.Now()}
	}
	switch e.Action {
	case "start", "run":
		d.running[n] = t
	case "pause", "cont":
		t.paused = e.Action == "pause"
	case "build-output":
		d.builds[e.ImportPath] += e.Output
		d.say("%s", e.Output)
	case "output":
		switch {
		case e.Test == "" && e.Output != "PASS\n" && e.Output != "FAIL\n":
			d.say("%s", e.Output)
		case !strings.HasPrefix(e.Output, "=== "):
			t.output = append(t.output, e.Output...)
			t.output = t.output[max(0, len(t.output)-outputLimit):]
		}
	case "pass", "skip", "fail":
		delete(d.running, n)
		took := time.Duration(e.Elapsed * float64(time.Second)).Round(100 * time.Millisecond)
		switch {
		case e.Action == "fail":
			d.failed(n, t, e.FailedBuild)
		case e.Test != "" && took >= worthALine:
			d.say("%s  %s  %v\n", e.Action, e.Test, took)
		}
	}
}

// failed shows what a test wrote that failed, and counts it unless a subtest of it is counted already.
func (d *display) failed(n name, t *test, build string) {
	d.say("%s", t.output)
	if n.test != "" {
		d.broken[n.pkg] = true
		if parent := strings.LastIndex(n.test, "/"); parent > 0 {
			if above := d.running[name{n.pkg, n.test[:parent]}]; above != nil {
				above.failed = true
			}
		}
		if !t.failed {
			d.fail(n, reason(string(t.output)))
		}
		return
	}
	switch {
	case build != "":
		d.fail(n, "it does not compile: "+compiler(d.builds[build]))
	case !d.broken[n.pkg]:
		d.fail(n, cmp.Or(d.names(n.pkg), "its tests")+" ended the process, see above")
	}
}

func (d *display) fail(n name, why string) {
	what := n.test
	if what == "" {
		what = n.pkg
	}
	d.failures = append(d.failures, Failure{What: what, Reason: why, Repeat: d.repeat(n.pkg, n.test)})
}

// place is how package testing begins what a test reports.
var place = regexp.MustCompile(`^\s*\S+\.go:\d+: `)

// reason is the first line that a test reported, else the first that it wrote.
func reason(output string) string {
	var first string
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		switch {
		case place.MatchString(line):
			return line
		case first == "" && !strings.HasPrefix(line, "--- "):
			first = line
		}
	}
	return cmp.Or(first, "it wrote nothing")
}

// compiler is the first line that is the compiler's: the go command's own have a # before them.
func compiler(output string) string {
	for line := range strings.Lines(output) {
		if !strings.HasPrefix(line, "# ") {
			return strings.TrimSpace(line)
		}
	}
	return "see above"
}

// leaves are the tests that run, without those that wait for a subtest or for their turn; the longest first.
func (d *display) leaves() []name {
	var found []name
	for n, t := range d.running {
		waits := n.test == "" || t.paused
		for other := range d.running {
			waits = waits || other.pkg == n.pkg && strings.HasPrefix(other.test, n.test+"/")
		}
		if !waits {
			found = append(found, n)
		}
	}
	slices.SortFunc(found, func(a, b name) int { return d.running[a].started.Compare(d.running[b].started) })
	return found
}

// names lists what runs in a package, or in all where pkg is empty, each with how long.
func (d *display) names(pkg string) string {
	var words []string
	for _, n := range d.leaves() {
		if pkg == "" || pkg == n.pkg {
			words = append(words, fmt.Sprintf("%s (%v)", n.test, time.Since(d.running[n].started).Round(time.Second)))
		}
	}
	return strings.Join(words, ", ")
}

func (d *display) say(format string, args ...any) {
	fmt.Fprintf(d.out, format, args...)
	d.spoke = time.Now()
}
