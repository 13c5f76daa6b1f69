package catalog

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestLoadReadsEveryKey(t *testing.T) {
	services, err := Load(filepath.Join("testdata", "repository"))
	if err != nil {
		t.Fatal(err)
	}
	empty := ""
	want := []Service{{
		Name: "full", Dir: "services/full",
		Language: "node", Description: "Hashes and verifies passwords", Dockerfile: Rendered, Port: 3000,
		Health:       Health{Live: "/healthz", Ready: "/readyz"},
		Environment:  map[string]string{"LOG_LEVEL": "info", "WORKERS": "2"},
		BuildSecrets: []string{"npmrc"},
		Size: map[Platform]Ceiling{
			"linux/amd64": {Unpacked: 118_000_000, Pull: 38_000_000},
			"linux/arm64": {Unpacked: 112_000_000, Pull: 37_500_000},
		},
		Run: Run{Memory: 256_000_000, Tmpfs: []string{"/tmp"}},
		Checks: []Check{
			{Name: "greets", Method: "GET", Path: "/", Expect: Expect{Status: 200, JSON: map[string]any{"message": "Hello from multi-stage Node.js!"}}},
			{
				Name: "hashes", Method: "POST", Path: "/hash",
				Headers: map[string]string{"accept": "application/json", "content-type": "application/json"}, Body: []byte(`{"password":"correct horse"}`),
				Expect: Expect{Status: 200, Headers: map[string]string{"content-type": "^application/json"}, Matches: `"hash":"\$2b\$`},
			},
			{Name: "refuses text", Method: "POST", Path: "/hash", Body: []byte("plain"), Expect: Expect{Status: 415}},
			{Name: "heads", Method: "HEAD", Path: "/", Expect: Expect{Status: 200}},
			{Name: "puts", Method: "PUT", Path: "/x", Expect: Expect{Status: 405, Body: &empty}},
			{Name: "patches", Method: "PATCH", Path: "/x", Expect: Expect{Status: 405}},
			{Name: "deletes", Method: "DELETE", Path: "/x", Expect: Expect{Status: 405}},
		},
		Allow: []Excuse{{
			Rule: "loads", Path: "/app/node_modules/x/optional.node", Reason: "only loaded on musl",
			Until: time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC), Line: 26,
		}},
	}}
	if !reflect.DeepEqual(services, want) {
		t.Errorf("Load returned\n%+v\nwant\n%+v", services, want)
	}
}

func TestLoadReportsEveryBadFact(t *testing.T) {
	for _, c := range badCases {
		t.Run(c.want[0], func(t *testing.T) {
			_, err := Load(repository(t, map[string]string{"full": edited(t, c.old, c.new)}))
			want := make([]string, len(c.want))
			for i, line := range c.want {
				want[i] = "services/full/service.yaml:" + line
			}
			wantError(t, err, want...)
		})
	}
}

func TestLoadAcceptsGoodFacts(t *testing.T) {
	for _, c := range goodCases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Load(repository(t, map[string]string{"full": edited(t, c.old, c.new)})); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestLoadDefaults(t *testing.T) {
	document := strings.NewReplacer("dockerfile: rendered\n", "", "health: {live: /healthz, ready: /readyz}\n", "").Replace(fullDocument(t))
	services, err := Load(repository(t, map[string]string{"x": document}))
	if err != nil {
		t.Fatal(err)
	}
	if s := services[0]; s.Dockerfile != Rendered || s.Health != (Health{"/healthz", "/readyz"}) {
		t.Errorf("got dockerfile %q and health %+v", s.Dockerfile, s.Health)
	}
}

// What a mapping says itself wins over what it merges, and the first of several sources over the others.
func TestLoadMerges(t *testing.T) {
	for size, want := range map[string]Ceiling{
		"{pull: 3MB, <<: *a}":                 {Unpacked: 5_000_000, Pull: 3_000_000},
		"{<<: *a, pull: 3MB}":                 {Unpacked: 5_000_000, Pull: 3_000_000},
		"{<<: [{unpacked: 9MB}, *a]}":         {Unpacked: 9_000_000, Pull: 4_000_000},
		"{<<: [{<<: *a, unpacked: 8MB}, *a]}": {Unpacked: 8_000_000, Pull: 4_000_000},
	} {
		document := edited(t, "{unpacked: 118MB, pull: 38MB}\n  linux/arm64: {unpacked: 112MB, pull: 37.5MB}", "&a {unpacked: 5MB, pull: 4MB}\n  linux/arm64: "+size)
		services, err := Load(repository(t, map[string]string{"x": document}))
		if err != nil {
			t.Fatalf("%s: %v", size, err)
		}
		if got := services[0].Size["linux/arm64"]; got != want {
			t.Errorf("%s: %+v, want %+v", size, got, want)
		}
	}
}

// With json: comes its media type, unless the check is about another one.
func TestLoadAddsTheMediaTypeOfJSON(t *testing.T) {
	for headers, want := range map[string]map[string]string{
		"":                                      {"content-type": "application/json"},
		"headers: {accept: x}, ":                {"accept": "x", "content-type": "application/json"},
		"headers: {Content-Type: text/plain}, ": {"Content-Type": "text/plain"},
	} {
		services, err := Load(repository(t, map[string]string{"x": edited(t, "put: /x, ", headers+"json: {}, put: /x, ")}))
		if err != nil {
			t.Fatal(err)
		}
		if got := services[0].Checks[4].Headers; !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", headers, got, want)
		}
	}
}

// All problems of all services come at once, in the order of services and lines.
func TestLoadReportsAllProblemsAtOnce(t *testing.T) {
	bad := strings.NewReplacer("port: 3000", "port: 80", "38MB", "38XB", "get: /,", "git: /,").Replace(fullDocument(t))
	_, err := Load(repository(t, map[string]string{"b": bad, "a": edited(t, "port: 3000", "prot: 3000"), "c": fullDocument(t)}))
	wantError(t, err,
		"services/a/service.yaml:2: port: is missing; add it",
		"services/a/service.yaml:5: prot: is not a key here; did you mean port?",
		"services/b/service.yaml:5: port: is 80; write a number from 1024 to 65535",
		`services/b/service.yaml:10: size.linux/amd64.pull: "38XB" is not a size; write it as 38MB`,
		"services/b/service.yaml:14: checks[0].git: is not a key here; did you mean get?",
		"services/b/service.yaml:14: checks[0]: asks for nothing; add one of get, head, post, put, patch, delete with a path, such as get: /",
	)
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 6 {
		t.Errorf("the error is %T, want Problems with 6 entries", err)
	}
}

func TestLoadSortsByName(t *testing.T) {
	full := fullDocument(t)
	services, err := Load(repository(t, map[string]string{"b": full, "a-b": full, "a": full, "a0": full}))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range services {
		names = append(names, s.Name)
	}
	if got := strings.Join(names, " "); got != "a a-b a0 b" {
		t.Errorf("got %s", got)
	}
}

// A service is copied to a new name by copying its folder: the folder's name is the only place that holds the name.
func TestACopiedServiceIsValid(t *testing.T) {
	root := repository(t, nil)
	for _, name := range []string{"full", "copy"} {
		source := os.DirFS(filepath.Join("testdata", "repository", "services", "full"))
		if err := os.CopyFS(filepath.Join(root, "services", name), source); err != nil {
			t.Fatal(err)
		}
	}
	services, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	original, copied := services[1], services[0]
	copied.Name, copied.Dir = original.Name, original.Dir
	if services[0].Name != "copy" || services[0].Dir != "services/copy" || !reflect.DeepEqual(original, copied) {
		t.Errorf("the copy differs by more than its name:\n%+v\n%+v", services[0], original)
	}
}

func TestLoadFolders(t *testing.T) {
	full := fullDocument(t)
	cases := []struct {
		name string
		make func(t *testing.T, root string)
		want []string // nil: no problem
	}{
		{"a file among the folders", func(t *testing.T, root string) {
			write(t, filepath.Join(root, "services", "README.md"), "x")
		}, nil},
		{"a folder without facts", func(t *testing.T, root string) {
			write(t, filepath.Join(root, "services", "Left over", "main.go"), "x")
		}, nil},
		{"own, with a Dockerfile, in a language without a template", func(t *testing.T, root string) {
			own := strings.NewReplacer("rendered", "own", "language: node", "language: rust").Replace(full)
			write(t, filepath.Join(root, "services", "odd", "service.yaml"), own)
			write(t, filepath.Join(root, "services", "odd", "Dockerfile"), "FROM scratch\n")
		}, nil},
		{"own, in a language that is no word", func(t *testing.T, root string) {
			own := strings.NewReplacer("rendered", "own", "language: node", "language: C++").Replace(full)
			write(t, filepath.Join(root, "services", "odd", "service.yaml"), own)
			write(t, filepath.Join(root, "services", "odd", "Dockerfile"), "FROM scratch\n")
		}, []string{`services/odd/service.yaml:2: language: is "C++"; write lower-case letters, digits and single hyphens`}},
		{"yml", func(t *testing.T, root string) {
			write(t, filepath.Join(root, "services", "x", "service.yml"), full)
		}, []string{"services/x/service.yml: would be passed over; rename it to service.yaml"}},
		{"a folder in place of the file", func(t *testing.T, root string) {
			write(t, filepath.Join(root, "services", "x", "service.yaml", "y"), "")
		}, []string{"services/x/service.yaml: is not a file; replace it by one"}},
		{"a hyphen that is none", func(t *testing.T, root string) {
			write(t, filepath.Join(root, "services", "hello"+string(rune(0x2011))+"go", "service.yaml"), full)
		}, []string{`services/hello\u2011go: the folder's name is the service's: lower-case letters, digits and single hyphens; rename the folder to hello-go`}},
		{"capitals and underscores", func(t *testing.T, root string) {
			write(t, filepath.Join(root, "services", "My_Service", "service.yaml"), full)
		}, []string{"services/My_Service: the folder's name is the service's: lower-case letters, digits and single hyphens; rename the folder to my-service"}},
		{"a name of signs", func(t *testing.T, root string) {
			write(t, filepath.Join(root, "services", "0", "service.yaml"), full)
		}, []string{"services/0: the folder's name is the service's: lower-case letters, digits and single hyphens; rename the folder to my-service"}},
		{"a long name", func(t *testing.T, root string) {
			write(t, filepath.Join(root, "services", strings.Repeat("x", 64), "service.yaml"), full)
		}, []string{"services/" + strings.Repeat("x", 57) + "...: the folder's name is the service's: at most 63 characters; rename the folder"}},
		{"a bake group", func(t *testing.T, root string) {
			write(t, filepath.Join(root, "services", "default", "service.yaml"), full)
		}, []string{"services/default: default is a group of docker-bake.json; rename the folder"}},
		{"a bake target", func(t *testing.T, root string) {
			write(t, filepath.Join(root, "services", "a-test", "service.yaml"), full)
		}, []string{"services/a-test: names that end in -test are for targets of docker-bake.json; rename the folder"}},
		{"a bad name and bad facts", func(t *testing.T, root string) {
			write(t, filepath.Join(root, "services", "X", "service.yaml"), edited(t, "port: 3000", "port: 80"))
		}, []string{
			"services/X: the folder's name is the service's: lower-case letters, digits and single hyphens; rename the folder to x",
			"services/X/service.yaml:5: port: is 80; write a number from 1024 to 65535",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			root := repository(t, map[string]string{"good": full})
			c.make(t, root)
			services, err := Load(root)
			if c.want != nil {
				wantError(t, err, c.want...)
			} else if err != nil || services[0].Name != "good" {
				t.Errorf("got %v, %v", services, err)
			}
		})
	}
}

func TestLoadWithoutServices(t *testing.T) {
	root := repository(t, nil)
	_, err := Load(root)
	if err == nil || !strings.Contains(err.Error(), "run this in the repository's root") {
		t.Errorf("without a folder services: %v", err)
	}
	if err := os.Mkdir(filepath.Join(root, "services"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err = Load(root)
	wantError(t, err, "services: holds no NAME/service.yaml; add a service")
}

func TestLanguages(t *testing.T) {
	root := repository(t, nil)
	for _, name := range []string{"README.md", ".Dockerfile", "Bad_Name.Dockerfile", "go.Dockerfile", "go.Dockerfile.orig"} {
		write(t, filepath.Join(root, "dockerfiles", name), "")
	}
	languages, err := Languages(root)
	if err != nil || strings.Join(languages, " ") != "go node python" {
		t.Errorf("got %v, %v", languages, err)
	}
	if languages, err = Languages(t.TempDir()); err != nil || languages != nil {
		t.Errorf("without templates: %v, %v", languages, err)
	}
	root = t.TempDir()
	write(t, filepath.Join(root, "dockerfiles"), "a file")
	if _, err := Load(root); err == nil || !strings.HasPrefix(err.Error(), "looking for templates: ") {
		t.Errorf("a file in place of the folder: %v", err)
	}
}

func wantError(t *testing.T, err error, want ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want\n%s", strings.Join(want, "\n"))
	}
	if got := err.Error(); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}
