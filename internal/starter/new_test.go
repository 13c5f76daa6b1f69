package starter

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// TestNew makes a service from each language's, and reads what matters of it.
func TestNew(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files int // its Dockerfile among them
		port  int
		kept  []string
		has   map[string]string // parts of files
	}{
		"hello-go": {8, 8081, []string{"services/greeter/README.md:3", "services/greeter/greet/gen.go:1", "services/greeter/greet/gen.go:7"}, map[string]string{
			"go.mod": "module example.com/stagecraft/services/greeter\n\ngo 1.26\n\nrequire (\n\texample.com/stagecraft/libs/go v0.0.0\n" +
				"\tgithub.com/b/c v1.0.0 // indirect\n)\n\nreplace example.com/stagecraft/libs/go => ../../libs/go\n",
			"main.go": "// Command greeter greets.\npackage main\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/stagecraft/libs/go/a\"\n" +
				"\t\"example.com/stagecraft/services/greeter/greet\"\n\t\"github.com/b/c\"\n)\n\nvar _, _, _ = a.A, greet.G, c.C\n\n" +
				"func main() { fmt.Println(\"greeter: \", 8080) }\n",
			"greet/gen.go": "import _ \"example.com/stagecraft/services/greeter/greet/x\"\n\nconst descriptor = \"\\x10services/hello-go\"\n",
			"service.yaml": "port: 8081\nhealth: {probe: [/greeter, --probe]}\nenvironment: {PEER: \"http://localhost:8081/\"}\n",
			"README.md":    "# greeter\n\n`docker build -f services/greeter/Dockerfile -t greeter .` and `-p 8081:8081`, not hello-go-old or 18080.\n",
			"Dockerfile":   "ENTRYPOINT [\"/greeter\"]",
		}},
		"hello-node": {5, 3001, []string{"services/greeter/package.json:2"}, map[string]string{
			// Its author has that name too.
			"package.json":      "{\n  \"author\": {\"name\": \"hello-node\"},\n  \"name\": \"greeter\",   \"private\": true,\n",
			"package-lock.json": "{\n  \"name\": \"greeter\",\n  \"lockfileVersion\": 3,\n  \"packages\": {\n    \"\": {\n      \"name\": \"greeter\",\n",
			"server.js":         "console.error(`greeter: ${1}`);\n",
		}},
		"hello-python": {5, 5001, nil, map[string]string{
			"pyproject.toml": "[build-system]\nname = \"x\"\n\n[project] # this\nversion = \"1\"\nname = \"greeter\" # its name\n",
			"uv.lock": "version = \"3\"\nsource = { registry = \"https://pypi.org/simple\" }\n\n[[package]]\nname = \"greeter\"\nversion = \"1\"\nsource = { virtual = \".\" }\n" +
				"dependencies = [\n    { name = \"flask\" },\n]\n\n[package.metadata]\nrequires-dist = [{ name = \"flask\" }]\n\n[[package]]\nname = \"jinja2\"\n",
			"service.yaml":        "command: [python3, -m, greeter]\n",
			"greeter/__main__.py": "from greeter import app  # of greeter\n",
		}},
		"hello-c": {5, 8081, nil, map[string]string{
			"service.yaml": "health: {probe: [/greeter, --probe]}",
			"corpus/1":     "hello-c\x00\xff",
		}},
	}
	for from, tt := range tests {
		t.Run(from, func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t)
			before := s.read("services/" + from + "/service.yaml")
			made, err := New(t.Context(), s.root, from, "greeter")
			if err != nil {
				t.Fatal(err)
			}
			if made.Files != tt.files || made.Service.Port != tt.port || made.From.Name != from {
				t.Errorf("%d files, port %d, from %s; want %d, %d, %s", made.Files, made.Service.Port, made.From.Name, tt.files, tt.port, from)
			}
			if !slices.Equal(made.Kept, tt.kept) {
				t.Errorf("kept %q, want %q", made.Kept, tt.kept)
			}
			for name, part := range tt.has {
				if text := s.read("services/greeter/" + name); !strings.Contains(text, part) {
					t.Errorf("%s is\n%s\nand has no\n%s", name, text, part)
				}
			}
			if s.read("services/"+from+"/service.yaml") != before {
				t.Error("the service that was copied is another one")
			}
			if _, err := os.Stat(s.path("services/greeter/node_modules")); err == nil {
				t.Error("a file that git ignores was copied")
			}
			if info, err := os.Stat(s.path("services/greeter/run")); from == "hello-c" && (err != nil || info.Mode().Perm() != 0o755) {
				t.Errorf("a script's mode: %v, %v", info, err)
			}
			if left, err := os.ReadDir(s.path("out")); err == nil && len(left) > 0 {
				t.Errorf("left in out/: %v", left)
			}
			s.rendered()
			if from == "hello-go" && !strings.Contains(s.read("go.work"), "./services/greeter\n") {
				t.Error("go.work does not list it")
			}
		})
	}
}

// A copy of an example keeps its port, if no service has that one.
func TestNewFromAnExample(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	s.write("examples/cache/service.yaml", "language: c\ndescription: Keeps what is asked for often\nport: 6379\n"+sized)
	s.render()
	s.git("add", "--all")
	for i, name := range []string{"cache-a", "cache-b"} {
		port := 6379 + i
		made, err := New(t.Context(), s.root, "cache", name)
		if err != nil || made.Service.Port != port {
			t.Errorf("%s has port %d (%v), want %d", name, made.Service.Port, err, port)
		}
	}
}

// A service whose name is a single word is copied without changing what only looks like it.
func TestNewFromASingleWord(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	if _, err := New(t.Context(), s.root, "hello-go", "billing"); err != nil {
		t.Fatal(err)
	}
	s.write("services/billing/bill.go", "package main\n\n// The billing of customers.\nvar billing = \"billing\" + \"/billing\" + \"the billing: x\"\n")
	made, err := New(t.Context(), s.root, "billing", "pay-roll")
	if err != nil {
		t.Fatal(err)
	}
	want := "package main\n\n// The billing of customers.\nvar billing = \"pay-roll\" + \"/pay-roll\" + \"the billing: x\"\n"
	if got := s.read("services/pay-roll/bill.go"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !slices.Contains(made.Kept, "services/pay-roll/bill.go:3") {
		t.Errorf("what was kept does not have the comment: %q", made.Kept)
	}
	for name, part := range map[string]string{
		"main.go": "fmt.Println(\"pay-roll: \"", "README.md": "# pay-roll\n\n`docker build -f services/pay-roll/Dockerfile",
		"service.yaml": "probe: [/pay-roll, --probe]", "go.mod": "/services/pay-roll\n",
	} {
		if text := s.read("services/pay-roll/" + name); !strings.Contains(text, part) {
			t.Errorf("%s is\n%s\nand has no %q", name, text, part)
		}
	}
}

// A name that cannot be used, or a service that cannot be copied, changes nothing.
func TestNewRefuses(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	s.write("examples/libs/shared/x", "shared\n")
	s.write("examples/odd/service.yaml", "language: c\ndescription: Uses what may be deleted\nport: 9000\nuses: [examples/libs/shared]\n"+sized)
	s.write("services/empty/x", "not a service\n")
	s.render()
	s.git("add", "--all")
	before := s.everything()
	for _, tt := range []struct{ from, name, want string }{
		{"hello-go", "Greeter", "lower-case letters, digits and single hyphens; try -name=greeter"},
		{"hello-go", "../x", "try -name=x"},
		{"hello-go", "a-test", "names that end in -test are for targets of docker-bake.json; choose another one"},
		{"hello-go", "hello-c", "services/hello-c has that name"},
		{"hello-go", "odd", "examples/odd has that name"},
		{"hello-go", "empty", "services/empty is there already"},
		{"hello-go", "v2", "choose another name"},
		{"hello-goo", "greeter", "did you mean hello-go?"},
		{"hello-node", "fastify", "fastify is a package that it depends on"},
		{"hello-python", "jinja2", "jinja2 is a package that it depends on"},
		{"odd", "greeter", "examples/libs/shared may be deleted with the examples"},
	} {
		_, err := New(t.Context(), s.root, tt.from, tt.name)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s from %s: got %v, want %q", tt.name, tt.from, err, tt.want)
		}
		if s.everything() != before {
			t.Fatalf("%s from %s: the repository changed", tt.name, tt.from)
		}
	}
}
