package integration

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"example.com/stagecraft/internal/catalog"
)

// report collects how each target did, for the table at the end.
type report struct {
	progress io.Writer // gets a line when a target is done; nil: none
	mu       sync.Mutex
	results  []*result
}

// summary is the report on the services of this repository; other tests have their own.
var summary = report{progress: os.Stdout}

// result is how one target did.
type result struct {
	service  string
	platform catalog.Platform
	skipped  string // why nothing could be tried; empty: it was
	checks   tally  // what service.yaml declares
	promises tally  // what every service of its protocol keeps
	facts    []string
	took     time.Duration
}

// tally counts what was kept, and names what was not.
type tally struct {
	kept     int
	broken   []string
	waived   []string // what service.yaml lets it break, with the reason
	notTried []string // with the reason
}

func (t tally) all() int { return t.kept + len(t.broken) + len(t.waived) + len(t.notTried) }

func (t tally) String() string { return fmt.Sprintf("%d of %d", t.kept, t.all()) }

func (r *result) verdict() string {
	if r.skipped != "" {
		return "SKIPPED"
	}
	words := "ok"
	if broken := slices.Concat(r.checks.broken, r.promises.broken); len(broken) > 0 {
		words = "FAILED: " + strings.Join(broken, ", ")
	}
	if waived := len(r.promises.waived); waived > 0 {
		words += fmt.Sprintf(", %d waived", waived)
	}
	if notTried := len(r.checks.notTried) + len(r.promises.notTried); notTried > 0 {
		words += fmt.Sprintf(", %d NOT TRIED", notTried)
	}
	return words
}

func (r *report) add(one *result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.results = append(r.results, one)
	if r.progress != nil {
		fmt.Fprintf(r.progress, "%s on %s: %s after %s\n", one.service, one.platform, one.verdict(), one.took.Round(time.Second))
	}
}

// String is the table, one line for each target and one for each promise that was waived or not tried; empty when nothing
// was.
func (r *report) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.results) == 0 {
		return ""
	}
	slices.SortFunc(r.results, func(a, b *result) int {
		return cmp.Or(strings.Compare(a.service, b.service), strings.Compare(string(a.platform), string(b.platform)))
	})
	var text, notes strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "service\tplatform\tchecks\tpromises\ttime\tresult")
	for _, r := range r.results {
		checks, promises, took := r.checks.String(), r.promises.String(), r.took.Round(time.Second).String()
		if r.skipped != "" {
			checks, promises, took = "-", "-", "-"
			fmt.Fprintf(&notes, "SKIPPED %s on %s: %s\n", r.service, r.platform, r.skipped)
		}
		for _, fact := range r.facts {
			fmt.Fprintf(&notes, "%s on %s: %s\n", r.service, r.platform, fact)
		}
		for _, waived := range r.promises.waived {
			key, reason, _ := strings.Cut(waived, ": ")
			fmt.Fprintf(&notes, "%s on %s: %s is waived: %s\n", r.service, r.platform, key, reason)
		}
		for _, reason := range slices.Concat(r.checks.notTried, r.promises.notTried) {
			fmt.Fprintf(&notes, "NOT TRIED %s on %s: %s\n", r.service, r.platform, reason)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", r.service, r.platform, checks, promises, took, r.verdict())
	}
	table.Flush()
	return text.String() + notes.String()
}

func TestReport(t *testing.T) {
	var progress strings.Builder
	r := report{progress: &progress}
	if r.String() != "" {
		t.Errorf("of nothing: %q", r.String())
	}
	r.add(&result{service: "b", platform: "linux/arm64", skipped: "no emulator"})
	r.add(&result{service: "b", platform: "linux/amd64", checks: tally{kept: 2}, promises: tally{kept: 15, broken: []string{"drains"}, notTried: []string{"no-loss: no"}}, took: 61 * time.Second})
	r.add(&result{service: "a", platform: "linux/amd64", checks: tally{kept: 1, broken: []string{"check greets"}}, promises: tally{kept: 17}, took: 2 * time.Second})
	r.add(&result{service: "a-b", platform: "linux/amd64", promises: tally{kept: 16, waived: []string{"drains: the framework: it cannot"}}})
	r.add(&result{service: "a", platform: "linux/arm64", promises: tally{kept: 16, notTried: []string{"drains: no"}}, took: 2 * time.Second})
	want := strings.Join([]string{
		"service  platform     checks  promises  time  result",
		"a        linux/amd64  1 of 2  17 of 17  2s    FAILED: check greets",
		"a        linux/arm64  0 of 0  16 of 17  2s    ok, 1 NOT TRIED",
		"a-b      linux/amd64  0 of 0  16 of 17  0s    ok, 1 waived",
		"b        linux/amd64  2 of 2  15 of 17  1m1s  FAILED: drains, 1 NOT TRIED",
		"b        linux/arm64  -       -         -     SKIPPED",
		"NOT TRIED a on linux/arm64: drains: no",
		"a-b on linux/amd64: drains is waived: the framework: it cannot",
		"NOT TRIED b on linux/amd64: no-loss: no",
		"SKIPPED b on linux/arm64: no emulator",
		"",
	}, "\n")
	if got := r.String(); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if first, _, _ := strings.Cut(progress.String(), "\n"); first != "b on linux/arm64: SKIPPED after 0s" {
		t.Errorf("progress: %q", first)
	}
}
