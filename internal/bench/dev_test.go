package bench

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
)

// composed stands for `mage dev`: it says that it watches, and goes on until it is stopped.
func composed(ctx context.Context, out io.Writer) error {
	fmt.Fprintln(out, "Watch enabled")
	<-ctx.Done()
	return nil
}

func TestDevReport(t *testing.T) {
	repository := t.TempDir()
	if err := build.Copy(root, repository); err != nil {
		t.Fatal(err)
	}
	services, err := catalog.Services(repository)
	if err != nil {
		t.Fatal(err)
	}
	healthy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer healthy.Close()
	address, _ := url.Parse(healthy.URL)
	port, _ := strconv.Atoi(address.Port())
	for _, s := range services {
		if _, known := changes[s.Language]; !known {
			continue
		}
		// An engine that runs another container as soon as a file of the service or of its library is changed.
		engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			sources := read(t, filepath.Join(repository, s.Dir))
			for _, library := range s.Uses {
				sources += read(t, filepath.Join(repository, library)) + read(t, filepath.Join(repository, library, "service"))
			}
			id := fmt.Sprintf("%x", sha256.Sum256([]byte(sources)))
			_ = json.NewEncoder(w).Encode([]map[string]any{{"Id": id, "Ports": []map[string]any{{"PublicPort": port}}}})
		}))
		api, err := client.New(client.WithHost("tcp://" + engine.Listener.Addr().String()))
		if err != nil {
			t.Fatal(err)
		}
		loop := StartLoop(t.Context(), t.Output(), composed)
		report := NewDevReport()
		if err := report.Add(t.Context(), api, loop, repository, s, t.Logf); err != nil {
			t.Errorf("%s: %v", s.Name, err)
		}
		if err := loop.Stop(); err != nil {
			t.Error(err)
		}
		engine.Close()
		_, installs := packages[s.Language]
		want := []bool{true, len(s.Uses) > 0, installs}
		for i, cell := range report.Table.Rows[0][1:] {
			if measured := cell != "–"; measured != want[i] {
				t.Errorf("%s, %s: %s", s.Name, report.Table.Heading[i+1], cell)
			}
		}
	}
}

func TestLoopEndsEarly(t *testing.T) {
	broken := errors.New("a build failed")
	for _, ended := range []error{nil, broken} {
		loop := StartLoop(t.Context(), io.Discard, func(context.Context, io.Writer) error { return ended })
		refused := errors.New("connection refused")
		asked := loop.Until(time.Hour, func() error { return refused })
		for _, err := range []error{asked, loop.Watching()} {
			if err == nil || !strings.Contains(err.Error(), "ended early") || ended != nil && !errors.Is(err, ended) {
				t.Errorf("after %v: %v", ended, err)
			}
		}
		if !errors.Is(asked, refused) {
			t.Errorf("%v does not say what was waited for", asked)
		}
	}
}

func TestReinstall(t *testing.T) {
	dir := t.TempDir()
	manifest, source := filepath.Join(dir, "package.json"), filepath.Join(dir, "src", "a.ts")
	err := errors.Join(
		os.WriteFile(manifest, []byte("{\n  \"name\": \"a\"\n}\n"), 0o600),
		os.Mkdir(filepath.Dir(source), 0o700),
		os.WriteFile(source, nil, 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if did, err := reinstall(dir, "node"); !did || err != nil {
			t.Fatal(did, err)
		}
	}
	var keys map[string]string
	text, err := os.ReadFile(manifest)
	if err == nil {
		err = json.Unmarshal(text, &keys)
	}
	if err != nil || len(keys) != 3 {
		t.Errorf("package.json has %v, %v", keys, err)
	}
	if lines := strings.Count(read(t, dir), "export const"); lines != 2 {
		t.Errorf("%d lines of the source changed, want 2", lines)
	}
	if did, err := reinstall(dir, "c"); did || err != nil {
		t.Errorf("C has no packages: %v, %v", did, err)
	}
	if _, err := reinstall(t.TempDir(), "go"); err == nil {
		t.Error("no go.mod is no error")
	}
}
