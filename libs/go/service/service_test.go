package service

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
)

func newFlags() *flag.FlagSet {
	flags := flag.NewFlagSet("test", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}

func routes(r chi.Router) error {
	r.Use(func(next http.Handler) http.Handler { return next }) // before any route, as chi wants it
	r.Get("/", func(w http.ResponseWriter, _ *http.Request) { Text(w, "hello\n") })
	return nil
}

// TestRunServesUntilASignal walks through a whole life, the probe of the image included.
func TestRunServesUntilASignal(t *testing.T) {
	port := freePort(t)
	setenv(t, map[string]string{"PORT": port})
	signals := make(chan os.Signal, 2)
	ended := make(chan error, 1)
	probe := func() error {
		return run(newFlags(), []string{"--probe"}, routes, io.Discard, nil)
	}

	if err := probe(); err == nil {
		t.Fatal("the probe succeeds although nothing runs")
	}
	var logged strings.Builder
	go func() { ended <- run(newFlags(), nil, routes, &logged, signals) }()
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		err := probe()
		if err == nil {
			break
		}
		if time.Since(start) > patience {
			t.Fatal(err)
		}
	}

	resp, err := http.Get("http://127.0.0.1:" + port + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "hello\n" {
		t.Errorf("GET / = %q, %v", body, err)
	}

	signals <- syscall.SIGTERM
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("ended with %v after SIGTERM", err)
		}
	case <-time.After(patience):
		t.Fatalf("still runs %s after SIGTERM", patience)
	}
	for _, want := range []string{`"message":"request","service":"test"`, `"path":"/","status":200,"bytes":6,`, `"message":"drained"`} {
		if !strings.Contains(logged.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, logged.String())
		}
	}
}

func TestRunRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, port, err := net.SplitHostPort(taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	noDatabase := errors.New("no database")

	for name, tt := range map[string]struct {
		env    map[string]string
		routes func(chi.Router) error
		want   string
	}{
		"a bad port":      {map[string]string{"PORT": "eighty"}, routes, `reading PORT: "eighty": not a number from 1 to 65535`},
		"a taken port":    {map[string]string{"PORT": port}, routes, "listening on port " + port},
		"routes that err": {nil, func(chi.Router) error { return noDatabase }, "no database"},
	} {
		t.Run(name, func(t *testing.T) {
			setenv(t, tt.env)
			err := run(newFlags(), nil, tt.routes, io.Discard, make(chan os.Signal))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error = %v, want one with %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error = %q, want one line", err)
			}
		})
	}
	if err := run(newFlags(), []string{"-h"}, routes, io.Discard, nil); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("-h = %v, want %v", err, flag.ErrHelp)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return fmt.Sprint(listener.Addr().(*net.TCPAddr).Port)
}
