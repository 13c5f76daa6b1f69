package project

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.com/stagecraft/internal/catalog"
)

func TestDevelop(t *testing.T) {
	services := []catalog.Service{
		{Name: "api", Protocol: catalog.HTTP, Port: 8080, Commands: map[string][]string{"work": {"/w"}, "migrate": {"/m"}}},
		{Name: "rpc", Protocol: catalog.GRPC, Port: 9090},
		{Name: "cron", Protocol: catalog.NoProtocol},
	}
	var lock sync.Mutex
	var verbs []string
	var out strings.Builder
	p := Project{Out: &out, Progress: io.Discard}
	run := func(ctx context.Context, verb string, args ...string) error {
		lock.Lock()
		verbs = append(verbs, verb)
		lock.Unlock()
		if !slices.Equal(args[len(args)-5:], []string{"api", "api-migrate", "api-work", "rpc", "cron"}) {
			t.Errorf("%s %v", verb, args)
		}
		if verb == "logs" {
			<-ctx.Done() // logs go on until they are stopped
		}
		return nil
	}
	if err := p.develop(t.Context(), run, services, map[string]int{"api": 8081, "rpc": 9090}); err != nil {
		t.Error(err)
	}
	if want := "api  http://127.0.0.1:8081\nrpc  127.0.0.1:9090\n"; out.String() != want {
		t.Errorf("wrote\n%s\nwant\n%s", out.String(), want)
	}
	if verbs[0] != "up" || !slices.Contains(verbs, "watch") {
		t.Errorf("ran %v", verbs)
	}
}

func TestDevelopStopsWhereNothingStarts(t *testing.T) {
	var out strings.Builder
	broken := errors.New("a build failed")
	run := func(_ context.Context, verb string, _ ...string) error {
		if verb != "up" {
			t.Errorf("%s after services did not start", verb)
		}
		return broken
	}
	err := Project{Out: &out}.develop(t.Context(), run, []catalog.Service{{Name: "a", Port: 1}}, nil)
	if !errors.Is(err, broken) || out.Len() > 0 {
		t.Errorf("got %v and %q, want that error and no addresses", err, out.String())
	}
}

func TestDevSelects(t *testing.T) {
	t.Parallel()
	p := Project{Root: "../..", Out: io.Discard, Progress: io.Discard}
	repository, err := catalog.Load(p.Root)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"no-such-service"}
	for _, s := range repository.Examples {
		names = append(names, s.Name) // no Compose file has them
	}
	for _, name := range names {
		if err := p.Dev(t.Context(), name); err == nil || !strings.Contains(err.Error(), `there is no service "`+name+`"`) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
