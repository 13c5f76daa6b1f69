package tooling

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
)

// patience is how long a program that has started may take to answer.
const patience = 10 * time.Second

// laboratory is what all tests share: the repository and the engine, found once.
type laboratory struct {
	root   string
	engine *engine.Engine
	native catalog.Platform // the engine's own
}

var found = sync.OnceValues(func() (*laboratory, error) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return nil, err
	}
	e, err := engine.Find(context.Background(), root, os.Stderr)
	if err != nil {
		return nil, err
	}
	native, err := e.Native(context.Background())
	return &laboratory{root: root, engine: e, native: native}, err
})

// open gives a test the engine. Without one the test fails; it is skipped only with -short.
func open(t *testing.T) *laboratory {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a container engine; leave out -short to run it")
	}
	lab, err := found()
	if err != nil {
		t.Fatal(err)
	}
	return lab
}

// serve makes the engine the one that testcontainers-go uses, for the rest of a test.
func (l *laboratory) serve(t *testing.T) {
	t.Helper()
	t.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true") // its image may be out of reach
	t.Setenv("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1")
	for _, change := range l.engine.Changes() {
		name, value, sets := strings.Cut(change, "=")
		if t.Setenv(name, value); !sets {
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// unique is a name that no other run uses, since all share the engine's tags.
func unique(name string) string { return fmt.Sprintf("%s-%d", name, os.Getpid()) }
