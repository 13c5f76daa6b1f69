package project

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"example.com/stagecraft/internal/gotest"
)

func TestStepsShowAllThatFails(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := Project{Out: &out, Progress: io.Discard}
	good := func(context.Context) error { return nil }
	ends := func(err error) func(context.Context) error { return func(context.Context) error { return err } }
	err := p.steps(t.Context(), []step{
		{"one", "do one", ends(os.ErrNotExist)},
		{"two", "do two", good},
		{"three", "do three", ends(errors.Join(
			repeatable{errors.New("module a: exit status 1"), "vet a"},
			fmt.Errorf("run it: %w", gotest.Failures{{What: "TestX", Reason: "x_test.go:1: no", Repeat: "test x"}, {What: "TestY", Reason: "no", Repeat: "test y"}}),
			errors.New("of two lines:\nthe second"),
		))},
	})
	if err == nil || err.Error() != "failures: 5, listed above" {
		t.Errorf("error is %v", err)
	}
	want := `
what failed, and the command that repeats it:
one: file does not exist
    do one
three: module a: exit status 1
    vet a
TestX: x_test.go:1: no
    test x
TestY: no
    test y
three: of two lines:
    do three
`
	verdicts, list, _ := strings.Cut(out.String(), "\nwhat")
	if n := strings.Count(verdicts, "FAILED"); n != 2 || "\nwhat"+list != want {
		t.Errorf("it wrote\n%s", &out)
	}
	out.Reset()
	if err := p.steps(t.Context(), []step{{"two", "do two", good}}); err != nil || strings.Contains(out.String(), "failed") {
		t.Errorf("%v, and it wrote\n%s", err, &out)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.steps(ctx, []step{{"one", "", ends(os.ErrNotExist)}, {"two", "", good}}); err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("error is %v, want an interruption", err)
	}
}

// The words that repeat a command do it, in the root.
func TestRepeatable(t *testing.T) {
	t.Parallel()
	if got, want := goWords("services/a b", []string{"GOOS=linux"}, []string{"vet", "./..."}), "GOOS=linux GOWORK=off go -C 'services/a b' vet ./..."; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	p := Project{Root: t.TempDir(), Progress: io.Discard}
	p.write(t, "go.mod", "no go.mod")
	var again repeatable
	if err := p.goCommand(t.Context(), ".", nil, "list"); !errors.As(err, &again) || again.command != "GOWORK=off go list" || !strings.HasPrefix(err.Error(), "module .: go list: exit") {
		t.Errorf("got %v, %q", err, again.command)
	}
}
