package service

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestLogLine(t *testing.T) {
	var lines bytes.Buffer
	log := NewLogger(&lines, "test", slog.LevelDebug)
	log.With("a", 1).WithGroup("g").Debug("told", "msg", "kept", "level", "kept")
	got := logged(t, &lines)[0]
	when, err := time.Parse(time.RFC3339Nano, got["time"].(string))
	if err != nil || when.Location() != time.UTC || time.Since(when) > patience {
		t.Errorf("time = %v, %v, want now in UTC", got["time"], err)
	}
	delete(got, "time")
	want := map[string]any{"level": "debug", "message": "told", "service": "test", "a": 1.0}
	group, _ := got["g"].(map[string]any)
	delete(got, "g")
	for key, value := range want {
		if got[key] != value || len(got) != len(want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	if group["msg"] != "kept" || group["level"] != "kept" {
		t.Errorf("in a group: %v", group)
	}
}

// TestOwnAttributesNamedAsTheContracts: a service's attribute may have any name and type.
func TestOwnAttributesNamedAsTheContracts(t *testing.T) {
	for _, attr := range []slog.Attr{slog.String("time", "noon"), slog.String("level", "LOUD")} {
		var lines bytes.Buffer
		NewLogger(&lines, "test", slog.LevelInfo).LogAttrs(t.Context(), slog.LevelInfo, "told", attr)
		want := `"` + attr.Key + `":"` + attr.Value.String() + `"`
		if !strings.Contains(lines.String(), want) {
			t.Errorf("%s lacks %s", lines.String(), want)
		}
	}
}

// slow is where lines go; it remembers each write, and fails if it is told to.
type slow struct {
	mu     sync.Mutex
	writes []string
	err    error
}

func (s *slow) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, s.err
	}
	s.writes = append(s.writes, string(p))
	return len(p), nil
}

func (s *slow) written() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.writes...)
}

func TestBatches(t *testing.T) {
	var out slow
	lines := newBatch(&out)
	log := newLogger(lines, lines.Flush, "test", slog.LevelInfo)
	log.Info("one")
	log.Info("two")
	if got := out.written(); len(got) != 0 {
		t.Fatalf("written at once: %q", got)
	}
	for start := time.Now(); len(out.written()) == 0; time.Sleep(time.Millisecond) {
		if time.Since(start) > patience {
			t.Fatal("never written")
		}
	}
	if got := out.written(); len(got) != 1 || strings.Count(got[0], "\n") != 2 {
		t.Errorf("written: %q, want both lines in one write", got)
	}
	log.Info("three")
	log.Warn("four")
	if got := out.written(); len(got) != 2 || !strings.Contains(got[1], "three") || !strings.Contains(got[1], "four") {
		t.Errorf("written: %q, want a warning at once, and what waited before it", got)
	}
	long := strings.Repeat("x", 20<<10)
	for range 4 {
		log.Info("five", "text", long)
	}
	lines.Flush()
	for _, write := range out.written() {
		if !strings.HasPrefix(write, "{") || !strings.HasSuffix(write, "}\n") {
			t.Errorf("a line was split: %.40q", write)
		}
	}
}

func TestLinesAfterAnErrorAreWritten(t *testing.T) {
	out := slow{err: errors.New("broken pipe")}
	lines := newBatch(&out)
	_, _ = lines.Write([]byte("lost\n"))
	lines.Flush()
	out.err = nil
	_, _ = lines.Write([]byte("kept\n"))
	lines.Flush()
	if got := strings.Join(out.written(), ""); got != "kept\n" {
		t.Errorf("written: %q", got)
	}
}
