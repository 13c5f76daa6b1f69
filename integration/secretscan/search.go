package secretscan

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
)

// Finding is a secret in a place where it must not be.
type Finding struct {
	Secret string // its name
	Form   string // raw, base64, URL-encoded, hex or JSON-escaped
	Part   string // "layer 2 of 3 of linux/amd64", "config of linux/amd64", "build log"
	Digest string // of the blob; empty for a log
	Place  string // a path, a field, or a line; empty when unknown
}

// String is the finding in one line.
func (f Finding) String() string {
	where := f.Part
	if f.Digest != "" {
		where += " (" + f.Digest + ")"
	}
	if f.Place != "" {
		where += ", " + f.Place
	}
	return fmt.Sprintf("the secret %s (%s) is in %s", f.Secret, f.Form, where)
}

// Search looks for a set of secrets. It is safe for concurrent use.
type Search struct {
	patterns  []pattern
	automaton *automaton
	redact    *strings.Replacer
	clean     sync.Map // digests of blobs in which nothing was found: images share layers, and caches have them too
}

// New is a search for secrets.
func New(secrets ...Secret) (*Search, error) {
	for _, s := range secrets {
		if len(s.Value) < shortest {
			return nil, fmt.Errorf("search for the secret %s: it has less than %d bytes and would be found by chance", s.Name, shortest)
		}
	}
	all := patterns(secrets)
	var pairs []string
	for _, p := range all {
		pairs = append(pairs, p.text, "["+p.secret+"]")
	}
	return &Search{patterns: all, automaton: newAutomaton(all), redact: strings.NewReplacer(pairs...)}, nil
}

// Log searches the log of a build.
func (s *Search) Log(log io.Reader) ([]Finding, error) {
	var found []Finding
	// One automaton for all lines, so that what is wrapped is found; the line is that of its end.
	line := 0
	scan := &stream{automaton: s.automaton, found: func(n int, _ int64) {
		found = append(found, s.finding(n, "build log", "", fmt.Sprintf("line %d", line)))
	}}
	lines := bufio.NewReader(log)
	for {
		line++
		text, err := lines.ReadSlice('\n') // in parts where it is too long
		_, _ = scan.Write(text)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			line--
		case errors.Is(err, io.EOF):
			return distinct(found), nil
		case err != nil:
			return nil, fmt.Errorf("search the build log: %w", err)
		}
	}
}

// text lists the patterns in a text.
func (s *Search) text(texts ...string) []int {
	var found []int
	for _, t := range texts {
		scan := &stream{automaton: s.automaton, found: func(n int, _ int64) { found = append(found, n) }}
		_, _ = io.WriteString(scan, t)
	}
	return found
}

func (s *Search) finding(n int, part, digest, place string) Finding {
	p := s.patterns[n]
	return Finding{Secret: p.secret, Form: p.form, Part: part, Digest: digest, Place: s.redact.Replace(place)}
}

// distinct sorts findings and leaves each once.
func distinct(all []Finding) []Finding {
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Part, b.Part), cmp.Compare(a.Digest, b.Digest), cmp.Compare(a.Secret, b.Secret),
			cmp.Compare(a.Place, b.Place), cmp.Compare(a.Form, b.Form))
	})
	return slices.Compact(all)
}
