package tooling

import (
	"bytes"
	"strings"
	"testing"

	"example.com/stagecraft/internal/project"
)

// TestVerify: of two services, the one that embeds the time of its build is found, with the file.
func TestVerify(t *testing.T) {
	lab := open(t)
	root, _ := leaky(t, lab.root, canaries{})
	own(t, root)
	var out bytes.Buffer
	p := project.Project{Root: root, Out: &out, Progress: t.Output()}
	err := p.Verify(t.Context(), "steady,timed", string(lab.native))
	if err == nil || !strings.Contains(err.Error(), "builds are not reproducible; both are in ") {
		t.Errorf("error is %v", err)
	}
	lines := strings.Split(out.String(), "\n")
	for _, words := range []string{
		"identical  steady  " + string(lab.native), "differs    timed   " + string(lab.native),
		"timed: " + string(lab.native) + ": layer 1 of 1: /app/built: its bytes differ: 20 bytes with SHA-256 ... look for a time",
		"1 of 2 images are the same to the bit",
	} {
		if !contains(lines, words) {
			t.Errorf("got:\n%s\nwant: %s", &out, words)
		}
	}
	if err := p.Verify(t.Context(), "steady", string(lab.native)); err != nil {
		t.Error(err)
	}
}
