package tooling

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/httpcheck"
	"example.com/stagecraft/internal/render"
)

// TestPlainNode: the template for Node.js also serves a service without packages, lock file or scripts.
func TestPlainNode(t *testing.T) {
	lab := open(t)
	root := t.TempDir()
	name := unique("plain")
	for to, from := range map[string]string{
		"dockerfiles":      filepath.Join(lab.root, "dockerfiles"),
		"services/" + name: "testdata/services/plain",
	} {
		if err := os.CopyFS(filepath.Join(root, filepath.FromSlash(to)), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range []string{".dockerignore", "project.yaml"} {
		mustNot(t, os.WriteFile(filepath.Join(root, file), read(t, filepath.Join(lab.root, file)), 0o600))
	}
	mustNot(t, os.Symlink(filepath.Join(lab.root, "bare"), filepath.Join(root, "bare"))) // the stand-in bases
	repository, err := catalog.Load(root)
	if err == nil {
		_, err = render.Write(root, repository)
	}
	if err != nil {
		t.Fatal(err)
	}
	services := repository.Services
	var said strings.Builder
	sel := build.Selection{Services: services, Platforms: []catalog.Platform{lab.native}}
	builder, err := build.New(t.Context(), root, lab.engine, "", &said)
	var plan build.Plan
	if err == nil {
		plan, err = builder.Plan(t.Context(), repository, sel)
	}
	if err == nil {
		err = builder.Test(t.Context(), plan)
	}
	if err == nil {
		_, err = builder.Build(t.Context(), plan)
	}
	if err != nil {
		t.Fatalf("%v%s", err, tail(said.String()))
	}
	service := services[0]
	lab.discard(t, service.Image(), service.Tag(lab.native))
	lab.serve(t)
	port := strconv.Itoa(service.Port) + "/tcp"
	ctr, err := testcontainers.Run(t.Context(), service.Tag(lab.native),
		testcontainers.WithExposedPorts(port),
		testcontainers.WithWaitStrategy(wait.ForHTTP(service.Health.Live).WithPort(port), wait.ForHealthCheck()),
	)
	testcontainers.CleanupContainer(t, ctr)
	if err != nil {
		t.Fatal(err)
	}
	url, err := ctr.PortEndpoint(t.Context(), port, "http")
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range service.Checks {
		if err := httpcheck.Check(t.Context(), url, check); err != nil {
			t.Error(err)
		}
	}
}
