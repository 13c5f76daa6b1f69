package engine

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// idleImage is an image of one program that ends with 7 when it is asked to.
func idleImage(t *testing.T) io.Reader {
	t.Helper()
	dir := t.TempDir()
	source := `package main

import ("os"; "os/signal"; "syscall")

func main() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	<-c
	os.Exit(7)
}
`
	if err := os.WriteFile(filepath.Join(dir, "idle.go"), []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", "idle", "idle.go")
	build.Dir = dir
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the container's program: %v\n%s", err, out)
	}
	program, err := os.ReadFile(filepath.Join(dir, "idle"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "idle", Mode: 0o755, Size: int64(len(program))}); err != nil {
		t.Fatal(err)
	}
	w.Write(program)
	w.Close()
	return &b
}

func (l *live) run(t *testing.T, name, network string) {
	l.post(t, "/containers/create?name="+name, "application/json",
		strings.NewReader(`{"Image":"idle:1","Cmd":["/idle"],"HostConfig":{"NetworkMode":"`+network+`"}}`))
	l.post(t, "/containers/"+name+"/start", "application/json", nil)
	if state := l.state(t, name); state != "running" {
		t.Errorf("%s is %s", name, state)
	}
}

func (l *live) post(t *testing.T, path, contentType string, body io.Reader) {
	t.Helper()
	resp, err := l.api.http.Post("http://engine"+path, contentType, body)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	if resp.StatusCode >= 300 && resp.StatusCode != http.StatusNotModified {
		t.Fatalf("POST %s: %s: %s", path, resp.Status, answer)
	}
}

func (l *live) get(t *testing.T, path string, into any) {
	t.Helper()
	resp, err := l.api.get(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

func (l *live) state(t *testing.T, container string) string {
	t.Helper()
	var c struct{ State struct{ Status string } }
	l.get(t, "/containers/"+container+"/json", &c)
	return c.State.Status
}

// kill sends a signal and waits for what it does: all threads are ended or stopped.
func kill(t *testing.T, pid int, signal syscall.Signal) {
	t.Helper()
	if pid == 0 {
		t.Fatal("no such process")
	}
	if err := syscall.Kill(pid, signal); err != nil {
		t.Fatal(err)
	}
	for i := 0; busy(pid); i++ {
		if i > 500 {
			t.Fatalf("process %d takes no notice of %v", pid, signal)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// busy reports whether a thread of the process neither ended nor stopped.
func busy(pid int) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, path := range threads {
		stat, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		if _, after, _ := bytes.Cut(stat, []byte(") ")); len(after) > 0 && bytes.IndexByte([]byte("TZX"), after[0]) < 0 {
			return true
		}
	}
	return false
}
