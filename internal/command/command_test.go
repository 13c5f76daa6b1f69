package command_test

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/stagecraft/internal/command"
)

// TestMain makes the test binary the program that the tests run.
func TestMain(m *testing.M) {
	switch os.Getenv("COMMAND_TEST") {
	case "fail":
		os.Exit(3)
	case "print":
		_, _ = os.Stdout.WriteString(strings.Join(os.Args[1:], "|"))
		os.Exit(0)
	case "sleep":
		time.Sleep(time.Minute)
		_, _ = os.Stdout.WriteString("still there")
		os.Exit(0)
	case "parent": // of a program that has its standard output
		child := self("sleep")
		child.Stdout = os.Stdout
		signal.Ignore(os.Interrupt)
		_, _ = os.Stdout.WriteString("begun")
		_ = child.Run(context.Background())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func self(mode string, args ...string) command.Command {
	return command.Command{Args: append([]string{os.Args[0]}, args...), Env: command.Env("COMMAND_TEST=" + mode)}
}

func TestOutput(t *testing.T) {
	t.Parallel()
	got, err := self("print", "a b", "$HOME").Output(t.Context())
	if err != nil || got != "a b|$HOME" {
		t.Errorf("Output = %q, %v: arguments must arrive as they are", got, err)
	}
}

func TestRunFails(t *testing.T) {
	t.Parallel()
	err := self("fail").Run(t.Context())
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("error is %v, want exit status 3", err)
	}
	if err == nil || !strings.Contains(err.Error(), os.Args[0]) {
		t.Errorf("error %v does not name the program", err)
	}
}

func TestRunIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	err := self("sleep").Run(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error is %v, want the context's", err)
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) || runtime.GOOS != "windows" && !strings.Contains(exit.String(), "interrupt") {
		t.Errorf("error is %v: the program was not asked to end before it was killed", err)
	}
}

// TestGroup: what an interrupted program started ends with it. A child that goes on would keep the output open.
func TestGroup(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are no process groups")
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c := self("parent")
	c.Stdout, c.Group = write, true
	ended := make(chan error)
	go func() {
		err := c.Run(ctx)
		ended <- errors.Join(err, write.Close())
	}()
	if _, err := read.Read(make([]byte, len("begun"))); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if rest, err := io.ReadAll(read); err != nil || len(rest) > 0 { // until all that could write have ended
		t.Errorf("got %v and %q", err, rest)
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	c := command.Command{Args: []string{"buildx", "bake", "--set=*.tags=a:b", "it's", "", "a b"}}
	if got, want := c.String(), `buildx bake '--set=*.tags=a:b' 'it'\''s' '' 'a b'`; got != want {
		t.Errorf("String = %s, want %s", got, want)
	}
}

func TestEnv(t *testing.T) {
	t.Setenv("COMMAND_TEST_GONE", "1")
	t.Setenv("COMMAND_TEST_SET", "1")
	env := command.Env("COMMAND_TEST_GONE", "COMMAND_TEST_SET=2")
	if !slices.Contains(env, "COMMAND_TEST_SET=2") || slices.Contains(env, "COMMAND_TEST_SET=1") || slices.Contains(env, "COMMAND_TEST_GONE=1") {
		t.Errorf("Env = %v", env)
	}
}
