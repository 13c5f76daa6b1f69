package tooling

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/httpcheck"
	"example.com/stagecraft/internal/project"
)

// TestDev: a service that `mage dev` runs gives its new answer after a change of its source, and nothing stays when it ends.
func TestDev(t *testing.T) {
	lab := open(t)
	root := checkout(t, lab.root)
	dir := filepath.Join(root, "services", "plain")
	mustNot(t, os.CopyFS(dir, os.DirFS("testdata/services/plain")))
	name := unique("dev")
	facts, port := string(read(t, filepath.Join(dir, "service.yaml"))), freePort(t)
	mustNot(t,
		os.WriteFile(filepath.Join(dir, "service.yaml"), []byte(strings.Replace(facts, "port: 3000", "port: "+strconv.Itoa(port), 1)), 0o600),
		os.WriteFile(filepath.Join(root, "project.yaml"), []byte(strings.Replace(string(read(t, filepath.Join(root, "project.yaml"))), "name: ", "name: "+name+"\n# was ", 1)), 0o600))
	said := &watching{Writer: t.Output(), enabled: make(chan struct{})}
	p := project.Project{Root: root, Out: said, Progress: said}
	mustNot(t, p.Render())

	ctx, stop := context.WithCancel(t.Context())
	var result error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		result = p.Dev(ctx, "plain")
	}()
	t.Cleanup(func() {
		stop()
		<-ended
		_, err := lab.engine.Client().ImageRemove(context.Background(), name+"/plain:dev", client.ImageRemoveOptions{Force: true})
		if err != nil {
			t.Error(err)
		}
	})
	says := func(word string) {
		t.Helper()
		check := catalog.Check{Method: "GET", Path: "/", Expect: catalog.Expect{Status: 200, Matches: word}}
		for {
			err := httpcheck.Check(t.Context(), "http://127.0.0.1:"+strconv.Itoa(port), check)
			if err == nil {
				return
			}
			select {
			case <-ended:
				t.Fatalf("it ended: %v; asked last: %v", result, err)
			case <-time.After(200 * time.Millisecond):
			}
		}
	}
	says("Hello")
	select {
	case <-said.enabled: // a change that comes before is not seen
	case <-ended:
		t.Fatalf("it ended: %v", result)
	}
	source := filepath.Join(dir, "src", "server.js")
	mustNot(t, os.WriteFile(source, []byte(strings.ReplaceAll(string(read(t, source)), "Hello", "Changed")), 0o600))
	says("Changed")

	stop()
	<-ended
	mustNot(t, result)
	left, err := lab.engine.Client().ContainerList(t.Context(), client.ContainerListOptions{
		All: true, Filters: client.Filters{}.Add("label", "com.docker.compose.project="+name),
	})
	if err != nil || len(left.Items) > 0 {
		t.Errorf("it left %v (%v)", left.Items, err)
	}
}

// watching closes a channel when Compose has written that it watches.
type watching struct {
	io.Writer
	enabled chan struct{}
	once    sync.Once
}

func (w *watching) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("Watch enabled")) {
		w.once.Do(func() { close(w.enabled) })
	}
	return w.Writer.Write(p)
}

// freePort is a port of this machine that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	mustNot(t, err)
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}
