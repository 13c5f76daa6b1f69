package run

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

func TestLeftover(t *testing.T) {
	ended := exec.Command("go", "version")
	if err := ended.Run(); err != nil {
		t.Fatal(err)
	}
	me, err := ownerOf(".")
	if err != nil {
		t.Fatal(err)
	}
	other, err := ownerOf(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	of := func(checkout string, process int) map[string]string {
		return map[string]string{labelCheckout: checkout, labelProcess: strconv.Itoa(process)}
	}
	tests := map[string]struct {
		labels map[string]string
		want   bool
	}{
		"mine":                  {me.labels(), true},
		"of a former run":       {of(me.checkout, ended.Process.Pid), true},
		"process is unreadable": {map[string]string{labelCheckout: me.checkout}, true},
		// The parent is the go command, which waits for this test.
		"another run under way": {of(me.checkout, os.Getppid()), false},
		"another checkout":      {of(other.checkout, ended.Process.Pid), false},
		"none of ours":          {map[string]string{"a": "b"}, false},
	}
	for name, test := range tests {
		if got := me.leftover(test.labels); got != test.want {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestLastLines(t *testing.T) {
	if got := lastLines("stderr", " \n"); got != "" {
		t.Errorf("of nothing: %q", got)
	}
	got := lastLines("stderr", strings.Repeat("early\n", 5)+strings.Repeat("late\n", shownLines))
	if strings.Contains(got, "early") || strings.Count(got, "\n    stderr: late") != shownLines {
		t.Errorf("got %q", got)
	}
}
