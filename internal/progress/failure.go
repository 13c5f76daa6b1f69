package progress

import (
	"regexp"
	"strconv"
	"strings"
)

// Failure is what ended a build.
type Failure struct {
	Step   *Step  // that failed; nil when the build did not come to one
	Output string // what the step wrote, its last 64 KiB
	Line   int    // of the Dockerfile; 0: not known
	Reason string // one line
	Words  string // what buildx wrote at the end, for people: the lines of the Dockerfile, its own error
}

var (
	place = regexp.MustCompile(`^\S+:(\d+)$`)
	exit  = regexp.MustCompile(`did not complete successfully: (.*)`)
)

// Failure is what ended the build. Call it after Close, when buildx failed.
func (d *Display) Failure() Failure {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := Failure{Words: strings.TrimSpace(strings.Join(d.words, "\n"))}
	for _, s := range d.order {
		// What others broke off for did not fail by itself.
		if s.failed == "" || strings.Contains(s.failed, "context canceled") {
			continue
		}
		f.Step, f.Output, f.Reason = s, strings.TrimRight(string(s.output), "\n"), s.failed
		break
	}
	for _, word := range d.words {
		if m := place.FindStringSubmatch(word); m != nil && f.Line == 0 {
			f.Line, _ = strconv.Atoi(m[1])
		}
		if reason, ok := strings.CutPrefix(word, "ERROR: "); ok && f.Step == nil {
			f.Reason = reason
		}
	}
	if m := exit.FindStringSubmatch(f.Reason); m != nil {
		f.Reason = m[1]
	}
	f.Reason, _, _ = strings.Cut(f.Reason, "\n")
	return f
}
