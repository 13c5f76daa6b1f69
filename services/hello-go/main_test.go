package main

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
)

// patience is long, as a busy machine is no fault of the program.
const patience = 30 * time.Second

func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

// TestRunServesUntilASignal walks through a whole life, the probe of the image included.
func TestRunServesUntilASignal(t *testing.T) {
	port := freePort(t)
	getenv := env(map[string]string{"PORT": port})
	signals := make(chan os.Signal, 2)
	ended := make(chan error, 1)

	if err := run([]string{"--probe"}, getenv, io.Discard, nil); err == nil {
		t.Fatal("the probe is satisfied although nothing runs")
	}
	go func() { ended <- run(nil, getenv, io.Discard, signals) }()
	eventually(t, func() error { return run([]string{"--probe"}, getenv, io.Discard, nil) })

	resp, err := http.Get("http://127.0.0.1:" + port + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || string(body) != "Hello from multi-stage Go!\n" {
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

	for name, tt := range map[string]struct {
		args []string
		env  map[string]string
		want string
	}{
		"a bad port":   {nil, map[string]string{"PORT": "eighty"}, `reading PORT: "eighty" is not a port`},
		"a taken port": {nil, map[string]string{"PORT": port}, "listening on port " + port},
	} {
		t.Run(name, func(t *testing.T) {
			err := run(tt.args, env(tt.env), io.Discard, make(chan os.Signal))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("error = %v, want one with %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error = %q, want one line", err)
			}
		})
	}
	if err := run([]string{"-h"}, env(nil), io.Discard, nil); !errors.Is(err, flag.ErrHelp) {
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

func eventually(t *testing.T, check func() error) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
