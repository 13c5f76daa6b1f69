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
	repository, err := Load(filepath.Join("testdata", "repository"))
	if err != nil {
		t.Fatal(err)
	}
	empty := ""
	want := []Service{{
		Name: "full", Dir: "services/full", Project: "shop",
		Language: "node", Protocol: HTTP, Description: "Hashes and verifies passwords", Dockerfile: Rendered, Port: 3000,
		Health:        Health{Live: "/healthz", Ready: "/readyz", Probe: []string{"node", "probe.js"}},
		Command:       []string{"node", "server.js"},
		Commands:      map[string][]string{"worker": {"node", "worker.js", "--queue=mail"}, "migrate": {"node", "migrate.js"}},
		Uses:          []string{"libs/node"},
		Files:         []string{"templates", "data/words.txt"},
		Packages:      []string{"libmagic1t64"},
		BuildPackages: []string{"libmagic-dev"},
		Jobs:          []string{"migrate"},
		DependsOn:     []string{"migrate"},
		Environment:   map[string]string{"LOG_LEVEL": "info", "WORKERS": "2"},
		BuildSecrets:  []string{"npmrc"},
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
		Allow: []Waiver{{
			Rule: "loads", Path: "/app/node_modules/x/optional.node", Reason: "only loaded on musl",
			Until: time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC), Line: 26,
		}, {
			Promise: "drains", Reason: "the framework closes idle connections at once",
			Until: time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC), Line: 27,
		}},
	}}
	if !reflect.DeepEqual(repository.Services, want) {
		t.Errorf("Load returned\n%+v\nwant\n%+v", repository.Services, want)
	}
	project := Project{
		Name: "shop", Source: "https://example.com/team/shop", Licenses: "Apache-2.0", Registry: "registry.example.com/team",
		Platforms: Platforms, Scan: Scan{Severity: "critical"},
	}
	if !reflect.DeepEqual(repository.Project, project) {
		t.Errorf("the project is %+v, want %+v", repository.Project, project)
	}
}

// withoutChecks removes the list of checks from the full document.
func withoutChecks(document string) string {
	before, rest, _ := strings.Cut(document, "checks:\n")
	_, after, _ := strings.Cut(rest, "allow:\n")
	return before + "allow:\n" + after
}

// What a protocol needs is missing, and what it does not have is there.
func TestLoadReportsWhatDoesNotFitTheProtocol(t *testing.T) {
	full := fullDocument(t)
	for name, c := range map[string]struct {
		document string
		want     []string
	}{
		"http without a port and checks": {strings.Replace(withoutChecks(full), "port: 3000\n", "", 1), []string{
			"2: checks: is missing; add it, or write protocol: grpc or none",
			"2: port: is missing; add it, or write protocol: grpc or none",
		}},
		"grpc without a port": {
			strings.NewReplacer("port: 3000\n", "", "protocol: http", "protocol: grpc", "/healthz", "''", "/readyz", "shop.v1.Shop").Replace(withoutChecks(full)),
			[]string{"2: port: is missing; add it, or write protocol: none"},
		},
		"none with health": {strings.Replace(withoutChecks(full), "protocol: http", "protocol: none", 1), []string{
			"6: health: needs a protocol, but protocol is none; remove it, or write protocol: http or grpc",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(repository(t, map[string]string{"full": c.document}))
			for i, line := range c.want {
				c.want[i] = "services/full/service.yaml:" + line
			}
			wantError(t, err, c.want...)
		})
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
	const health = "health: {live: /healthz, ready: /readyz, probe: [node, probe.js]}\n"
	http := strings.NewReplacer("dockerfile: rendered\n", "", health, "", "protocol: http\n", "").Replace(fullDocument(t))
	grpc := strings.Replace(withoutChecks(http), "port: 3000", "protocol: grpc\nport: 3000", 1)
	worker := strings.Replace(withoutChecks(http), "port: 3000", "protocol: none", 1)
	services, err := Services(repository(t, map[string]string{"grpc": grpc, "http": http, "worker": worker}))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []Service{
		{Protocol: GRPC, Port: 3000},
		{Protocol: HTTP, Port: 3000, Health: Health{Live: "/healthz", Ready: "/readyz"}},
		{Protocol: NoProtocol},
	} {
		s := services[i]
		got := Service{Protocol: s.Protocol, Port: s.Port, Health: s.Health}
		if !reflect.DeepEqual(got, want) || s.Dockerfile != Rendered {
			t.Errorf("%s: got dockerfile %q and %+v, want %+v", s.Name, s.Dockerfile, got, want)
		}
	}
}

// With json: comes its media type, unless the check is about another one.
func TestLoadAddsTheMediaTypeOfJSON(t *testing.T) {
	for headers, want := range map[string]map[string]string{
		"":                                      {"content-type": "application/json"},
		"headers: {accept: x}, ":                {"accept": "x", "content-type": "application/json"},
		"headers: {content-type: text/plain}, ": {"content-type": "text/plain"},
	} {
		services, err := Services(repository(t, map[string]string{"x": edited(t, "put: /x, ", headers+"json: {}, put: /x, ")}))
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
		"services/a/service.yaml:2: port: is missing; add it, or write protocol: grpc or none",
		"services/a/service.yaml:5: prot: is not a key here; did you mean port?",
		"services/b/service.yaml:5: port: is 80; write a number from 1024 to 65535",
		`services/b/service.yaml:10: size.linux/amd64.pull: "38XB" is not a size; write it as 38MB`,
		"services/b/service.yaml:14: checks[0]: must have exactly one of get, head, post, put, patch, delete, with a path, such as get: /",
		"services/b/service.yaml:14: checks[0].git: is not a key here; did you mean get?",
	)
	var problems Problems
	if !errors.As(err, &problems) || len(problems) != 6 {
		t.Errorf("the error is %T, want Problems with 6 entries", err)
	}
}

func TestLoadSortsByName(t *testing.T) {
	full := fullDocument(t)
	services, err := Services(repository(t, map[string]string{"b": full, "a-b": full, "a": full, "a0": full}))
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
	services, err := Services(root)
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
		}, []string{"services/x/service.yml: is ignored under this name; rename it to service.yaml"}},
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
		}, []string{"services/default: the folder's name is the service's: default is a group of docker-bake.json; rename the folder"}},
		{"a bake target", func(t *testing.T, root string) {
			write(t, filepath.Join(root, "services", "a-test", "service.yaml"), full)
		}, []string{"services/a-test: the folder's name is the service's: names that end in -test are for targets of docker-bake.json; rename the folder"}},
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
			services, err := Services(root)
			if c.want != nil {
				wantError(t, err, c.want...)
			} else if err != nil || services[0].Name != "good" {
				t.Errorf("got %v, %v", services, err)
			}
		})
	}
}

// All samples may be deleted.
func TestLoadWithoutServices(t *testing.T) {
	loaded, err := Load(repository(t, nil))
	if err != nil || loaded.Project.Name != "shop" || len(loaded.All()) != 0 {
		t.Errorf("without services: %+v, %v", loaded, err)
	}
}

func TestLoadOutsideARepository(t *testing.T) {
	_, err := Load(t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "project.yaml") || !strings.HasSuffix(err.Error(), "run this in the repository's root") {
		t.Errorf("without project.yaml: %v", err)
	}
}

func TestLoadReportsABadProject(t *testing.T) {
	full := fullDocument(t)
	for document, want := range map[string][]string{
		"name: shop\n": {
			"project.yaml:1: licenses: is missing; add it",
			"project.yaml:1: source: is missing; add it",
		},
		"name: My Shop\nsource: github.com/team/shop\nlicenses: ''\nregistry: https://x\nplatforms: [linux/arm]\nlicence: MIT\n": {
			`project.yaml:1: name: is "My Shop"; write lower-case letters, digits and single hyphens`,
			`project.yaml:2: source: is "github.com/team/shop"; write the URL of the repository, such as https://github.com/team/project`,
			`project.yaml:3: licenses: is ""; write one line of text, without blanks around it`,
			`project.yaml:4: registry: is "https://x"; write a registry's host and, where it has one, a path, such as registry.example.com/team`,
			`project.yaml:5: platforms[0]: is "linux/arm"; did you mean linux/arm64?`,
			"project.yaml:6: licence: is not a key here; did you mean licenses?",
		},
		"name: shop\nsource: https://x\nlicenses: MIT\nplatforms: []\n": {
			"project.yaml:4: platforms: is empty; add a platform, such as linux/amd64",
		},
		"name: shop\nsource: https://x\nlicenses: MIT\nplatforms: [linux/arm64, linux/arm64]\n": {
			"project.yaml:4: platforms[1]: lists linux/arm64 a second time; remove it",
		},
		"name: shop\nsource: https://x\nlicenses: MIT\nscan: {severity: hihg, limit: 1}\n": {
			"project.yaml:4: scan.limit: is not a key here; choose one of severity",
			`project.yaml:4: scan.severity: is "hihg"; did you mean high?`,
		},
		"- a\n": {"project.yaml:1: must be a mapping (key: value), not a list"},
	} {
		root := repository(t, map[string]string{"full": full})
		write(t, filepath.Join(root, "project.yaml"), document)
		_, err := Load(root)
		wantError(t, err, want...)
	}
}

// A service needs a size for the platforms of its project, and for no other.
func TestLoadWantsTheSizesOfThePlatforms(t *testing.T) {
	root := repository(t, map[string]string{"full": edited(t, "  linux/arm64: {unpacked: 112MB, pull: 37.5MB}\n", "")})
	write(t, filepath.Join(root, "project.yaml"), "name: shop\nsource: https://x\nlicenses: MIT\nplatforms: [linux/amd64]\n")
	loaded, err := Load(root)
	if err != nil || len(loaded.Project.Platforms) != 1 || loaded.Project.Scan.Severity != "high" {
		t.Errorf("got %v, %v", loaded.Project, err)
	}
}

func TestLoadReadsExamples(t *testing.T) {
	root := repository(t, map[string]string{"b": fullDocument(t)})
	example := strings.NewReplacer("uses: [libs/node]", "uses: [examples/libs/shared]", "depends_on: [migrate]", "depends_on: [migrate, b]").Replace(fullDocument(t))
	write(t, filepath.Join(root, "examples", "a", "service.yaml"), example)
	write(t, filepath.Join(root, "examples", "libs", "shared", "package.json"), "{}")
	loaded, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(loaded.Services) != 1 || len(loaded.Examples) != 1 || loaded.Examples[0].Dir != "examples/a" || loaded.Examples[0].Catalog() != "examples" {
		t.Errorf("got %+v", loaded)
	}
	if all := loaded.All(); len(all) != 2 || all[0].Name != "b" || all[1].Name != "a" {
		t.Errorf("all are %+v", all)
	}
}

// Names are unique over services and examples, and what is not deletable needs nothing of what is.
func TestLoadReportsWhatServicesNameOfEachOther(t *testing.T) {
	full := fullDocument(t)
	depends := func(names string) string { return edited(t, "depends_on: [migrate]", "depends_on: ["+names+"]") }
	root := repository(t, map[string]string{"a": depends("b"), "b": depends("c"), "c": depends("a"), "d": depends("x, worker"), "worker": full, "x": full})
	write(t, filepath.Join(root, "examples", "x", "service.yaml"), full)
	write(t, filepath.Join(root, "examples", "y", "service.yaml"), full)
	write(t, filepath.Join(root, "services", "e", "service.yaml"), depends("y"))
	_, err := Load(root)
	wantError(t, err,
		"services/a/service.yaml:36: depends_on[0]: b waits for a, so that neither can start; remove one of the two",
		"services/b/service.yaml:36: depends_on[0]: c waits for b, so that neither can start; remove one of the two",
		"services/c/service.yaml:36: depends_on[0]: a waits for c, so that neither can start; remove one of the two",
		"services/d/service.yaml:36: depends_on[1]: worker is a command of this service and another service; rename the command",
		"services/e/service.yaml:36: depends_on[0]: y may be deleted with the examples; move it to services/",
		"examples/x: has the name of services/x; rename one of the two",
	)
}

func TestIsJob(t *testing.T) {
	t.Parallel()
	s := Service{
		Name: "nightly", Commands: map[string][]string{"sweep": {"/s"}, "migrate": {"/m"}, "worker": {"/w"}},
		Jobs: []string{"nightly", "sweep"}, DependsOn: []string{"db", "migrate"},
	}
	for process, want := range map[string]bool{"nightly": true, "sweep": true, "migrate": true, "worker": false, "db": false} {
		if got := s.IsJob(process); got != want {
			t.Errorf("%s: %v, want %v", process, got, want)
		}
	}
	s.Allow = []Waiver{{Promise: "drains"}, {Rule: "lean"}}
	if !s.Waives("drains") || s.Waives("healthy") {
		t.Error("the promise that is waived is drains")
	}
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
