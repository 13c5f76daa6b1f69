package tooling

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/bench"
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
	port := freePort(t)
	replace(t, filepath.Join(dir, "service.yaml"), "port: 3000", "port: "+port)
	replace(t, filepath.Join(root, "project.yaml"), "name: ", "name: "+name+"\n# was ")
	mustNot(t, project.Project{Root: root, Out: t.Output(), Progress: t.Output()}.Render())

	lab.discard(t, name+"/plain:dev")
	loop := bench.StartLoop(t.Context(), t.Output(), func(ctx context.Context, out io.Writer) error {
		return project.Project{Root: root, Out: out, Progress: out}.Dev(ctx, "plain")
	})
	t.Cleanup(func() { _ = loop.Stop() })
	says := func(word string) error {
		check := catalog.Check{Method: "GET", Path: "/", Expect: catalog.Expect{Status: 200, Matches: word}}
		return loop.Until(10*time.Minute, func() error { return httpcheck.Check(t.Context(), "http://127.0.0.1:"+port, check) })
	}
	mustNot(t, says("Hello"), loop.Watching())
	replace(t, filepath.Join(dir, "src", "server.js"), "Hello", "Changed")
	mustNot(t, says("Changed"), loop.Stop())
	left, err := lab.engine.Client().ContainerList(t.Context(), client.ContainerListOptions{
		All: true, Filters: client.Filters{}.Add("label", "com.docker.compose.project="+name),
	})
	if err != nil || len(left.Items) > 0 {
		t.Errorf("it left %v (%v)", left.Items, err)
	}
}

// freePort is a port of this machine that nobody listens on.
func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	mustNot(t, err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	mustNot(t, err, listener.Close())
	return port
}
