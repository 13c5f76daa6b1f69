package render

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/stagecraft/internal/catalog"
)

func TestValues(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for dir, module := range map[string]string{"services/own": "example.com/shop/orders/v2", "services/plain": "orders"} {
		if err := os.MkdirAll(filepath.Join(root, dir), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, dir, "go.mod"), []byte("module "+module+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	full := newValues(root, catalog.Project{Source: `https://example.com/"shop"`, Licenses: "MIT"}, catalog.Service{
		Name: "own", Dir: "services/own", Description: "costs $5", Protocol: catalog.HTTP, Port: 8080,
		Health:   catalog.Health{Live: "/live", Ready: "/ready", Probe: []string{"/probe", "--now"}},
		Command:  []string{"python3", "-m", `a"b`},
		Commands: map[string][]string{"worker": {"python3", "-m", "worker"}, "migrate": {"/migrate"}},
		Uses:     []string{"libs/a", "libs/b"}, Files: []string{"x", "y/z"}, Packages: []string{"p"}, BuildPackages: []string{"q", "r"},
	})
	bare := newValues(root, catalog.Project{}, catalog.Service{Name: "bare", Dir: "services/bare", Protocol: catalog.NoProtocol})
	grpc := newValues(root, catalog.Project{}, catalog.Service{
		Name: "grpc", Dir: "services/plain", Protocol: catalog.GRPC, Health: catalog.Health{Probe: []string{"/probe"}},
	})
	http := newValues(root, catalog.Project{}, catalog.Service{Dir: "services/plain", Protocol: catalog.HTTP, Health: catalog.Health{Live: "/live"}})
	for name, tt := range map[string]struct{ got, want string }{
		"source":                    {full.Source, `https://example.com/\"shop\"`},
		"description":               {full.Description, `costs \$5`},
		"sources":                   {full.Sources(), "services/own libs/a libs/b"},
		"sources with names":        {full.Sources("go.mod", "go.sum*"), "services/own/go.mod services/own/go.sum* libs/a/go.mod libs/a/go.sum* libs/b/go.mod libs/b/go.sum*"},
		"sources of one":            {bare.Sources(), "services/bare"},
		"files":                     {full.Files(), "x y/z"},
		"no files":                  {bare.Files(), ""},
		"packages":                  {full.Packages(), "p"},
		"build packages":            {full.BuildPackages(), "q r"},
		"command":                   {full.Command(), `["python3", "-m", "a\"b"]`},
		"no command":                {bare.Command(), ""},
		"arguments":                 {full.Arguments(), `["-m", "a\"b"]`},
		"no arguments":              {bare.Arguments(), ""},
		"commands":                  {full.Commands("x"), `["python3", "-m", "a\"b"]` + "\n" + `["/migrate"]` + "\n" + `["python3", "-m", "worker"]` + "\n" + `["/probe", "--now"]`},
		"commands of a program":     {bare.Commands(), `["/bare"]`},
		"commands by default":       {bare.Commands("node", "x.js"), `["node", "x.js"]`},
		"program of a module":       {full.Program(), `["/orders"]`},
		"program of a short module": {grpc.Program(), `["/orders"]`},
		"program without a module":  {bare.Program(), `["/bare"]`},
		"listen":                    {full.Listen(), "ENV PORT=8080\nEXPOSE 8080"},
		"no port":                   {bare.Listen(), "# It listens on no port."},
		"own probe":                 {full.Probe("python3"), `--interval=10s --timeout=5s --start-period=10s CMD ["/probe", "--now", "/live"]`},
		"the template's probe":      {http.Probe("python3", "-c", "<&>"), `--interval=10s --timeout=5s --start-period=10s CMD ["python3", "-c", "<&>", "/live"]`},
		"no probe":                  {http.Probe(), "NONE"},
		"probe of gRPC":             {grpc.Probe("python3"), `--interval=10s --timeout=5s --start-period=10s CMD ["/probe"]`},
		"no protocol, no probe":     {bare.Probe("python3"), "NONE"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %s, want %s", name, tt.got, tt.want)
		}
	}
}

// A fact that the template has no value for would be dropped silently.
func TestFactsThatATemplateIgnores(t *testing.T) {
	t.Parallel()
	root := copyGolden(t)
	repository := load(t, root)
	repository.Services[0].Packages, repository.Services[0].Uses = []string{"p"}, []string{"libs/a"}
	write(t, root, "dockerfiles/go.Dockerfile", read(t, root, "dockerfiles/go.Dockerfile")+"COPY --parents {{.Sources}} /src/\n")
	_, err := Files(root, repository)
	want := "services/alpha/service.yaml: packages: dockerfiles/go.Dockerfile does not use {{.Packages}}, so this would have no effect; remove it, or add the value to the template"
	if message(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
