package render

import (
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"

	"example.com/stagecraft/internal/catalog"
)

// loadCompose reads Compose files, each overriding what comes before it, as Compose does: against the specification's schema,
// strings evaluated, paths absolute.
func loadCompose(t *testing.T, root string, contents ...[]byte) (*types.Project, error) {
	t.Helper()
	var files []types.ConfigFile
	for _, content := range contents {
		files = append(files, types.ConfigFile{Filename: ComposeFile, Content: content})
	}
	return loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  root,
		ConfigFiles: files,
		Environment: types.Mapping{"LATEST": "must not be read"},
	})
}

// What a service may do in Compose is what its facts say, after Compose has read the file.
func TestComposeFile(t *testing.T) {
	root, err := filepath.Abs(golden)
	if err != nil {
		t.Fatal(err)
	}
	project, err := loadCompose(t, root, []byte(read(t, golden, ComposeFile)))
	if err != nil {
		t.Fatal(err)
	}
	if names := strings.Join(project.ServiceNames(), " "); project.Name != "shop" || names != "alpha beta odd odd-migrate odd-worker" {
		t.Errorf("project %s has the services %s", project.Name, names)
	}
	for name, want := range map[string]struct {
		ports, entrypoint, needs, watches string
	}{
		"alpha":       {ports: "127.0.0.1:8080:8080", watches: "services/alpha"},
		"beta":        {ports: "127.0.0.1:9090:9090", watches: "services/beta"},
		"odd":         {ports: "127.0.0.1:8081:8080", needs: "alpha service_healthy, odd-migrate service_completed_successfully", watches: "services/odd libs/kit"},
		"odd-migrate": {entrypoint: "/odd migrate --to=$LATEST", needs: "alpha service_healthy", watches: "services/odd libs/kit"},
		"odd-worker":  {entrypoint: "/odd work", needs: "alpha service_healthy, odd-migrate service_completed_successfully", watches: "services/odd libs/kit"},
	} {
		service := project.Services[name]
		var ports, needs, watches []string
		for _, p := range service.Ports {
			ports = append(ports, fmt.Sprintf("%s:%s:%d", p.HostIP, p.Published, p.Target))
		}
		for _, other := range slices.Sorted(maps.Keys(service.DependsOn)) {
			needs = append(needs, other+" "+service.DependsOn[other].Condition)
		}
		for _, trigger := range service.Develop.Watch {
			folder, err := filepath.Rel(root, trigger.Path)
			if err != nil || trigger.Action != types.WatchActionRebuild {
				t.Errorf("%s: watches %+v", name, trigger)
			}
			watches = append(watches, filepath.ToSlash(folder))
		}
		got := [...]string{strings.Join(ports, " "), strings.Join(service.Entrypoint, " "), strings.Join(needs, ", "), strings.Join(watches, " ")}
		if got != [...]string{want.ports, want.entrypoint, want.needs, want.watches} {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
		if command := want.entrypoint != ""; command != (service.HealthCheck != nil && service.HealthCheck.Disable) {
			t.Errorf("%s: health check %+v", name, service.HealthCheck)
		}
		if !service.ReadOnly || !reflect.DeepEqual(service.CapDrop, []string{"ALL"}) || !reflect.DeepEqual(service.SecurityOpt, []string{"no-new-privileges"}) ||
			service.MemLimit != 16_000_000 || service.MemSwapLimit != service.MemLimit || service.User != "" {
			t.Errorf("%s: is not confined by the runtime contract: %+v", name, service)
		}
	}
	odd := project.Services["odd"]
	if odd.Image != "shop/odd:dev" || odd.Build.Context != root || odd.Build.Dockerfile != "services/odd/Dockerfile" || odd.Build.Target != "runtime" {
		t.Errorf("odd is %s from %+v", odd.Image, odd.Build)
	}
	if price, workers := odd.Environment["PRICE"], odd.Environment["WORKERS"]; *price != "$5" || *workers != "2" {
		t.Errorf("the environment is %v", odd.Environment)
	}
	if len(odd.Tmpfs) != 1 || odd.Tmpfs[0] != "/data:mode=1777" {
		t.Errorf("may write to %v", odd.Tmpfs)
	}
}

// Negative controls: what loadCompose refuses.
func TestComposeFileControls(t *testing.T) {
	good := read(t, golden, ComposeFile)
	for from, to := range map[string]string{
		"read_only: true":               "read_only: perhaps",
		"mem_limit:":                    "memory_limit:",
		"condition: service_healthy":    "condition: service_ready",
		"action: rebuild":               "action: build",
		"services:\n":                   "services:\n  gone: {depends_on: [nobody], image: a}\n",
		"ports: ['127.0.0.1:8080:8080'": "ports: ['127.0.0.1:8080:808080'",
	} {
		if !strings.Contains(good, from) {
			t.Errorf("the file has no %q", from)
		}
		if _, err := loadCompose(t, golden, []byte(strings.Replace(good, from, to, 1))); err == nil {
			t.Errorf("%q passes", to)
		}
	}
}

func TestHostPorts(t *testing.T) {
	var services []catalog.Service
	for i, port := range []int{8080, 0, 8080, 8081, 8080, 65535} {
		services = append(services, catalog.Service{Name: string(rune('a' + i)), Port: port})
	}
	want := map[string]int{"a": 8080, "c": 8082, "d": 8081, "e": 8083, "f": 65535}
	if got := HostPorts(services); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v: a service keeps its own port where it can", got, want)
	}
}

func TestACommandNamedLikeAService(t *testing.T) {
	services := []catalog.Service{
		{Name: "a", Dir: "services/a", Commands: map[string][]string{"b": {"/b"}}},
		{Name: "a-b", Dir: "services/a-b"},
	}
	_, err := composeFile(catalog.Project{Name: "shop"}, services, func(catalog.Service) bool { return false })
	want := "services/a/service.yaml: commands: b would be a-b in compose.yaml, which is another service; rename the command"
	if message(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A service whose image has no health check cannot be waited for longer than until it is started.
func TestComposeWaits(t *testing.T) {
	services := load(t, golden).Services
	for healthy, want := range map[bool]string{true: "condition: service_healthy", false: "condition: service_started"} {
		content, err := composeFile(catalog.Project{Name: "shop"}, services, func(catalog.Service) bool { return healthy })
		if err != nil || !strings.Contains(string(content), want) {
			t.Errorf("the file lacks %s (%v):\n%s", want, err, content)
		}
	}
}

func TestHealthCheck(t *testing.T) {
	for content, want := range map[string]string{
		"FROM scratch AS runtime\nHEALTHCHECK CMD [\"/p\", \"-q\"]\n":                "/p -q",
		"FROM scratch AS runtime\nHEALTHCHECK CMD /p || exit 1\n":                    "/bin/sh -c /p || exit 1",
		"FROM scratch AS runtime\nHEALTHCHECK NONE\n":                                "",
		"FROM scratch AS runtime\nHEALTHCHECK CMD [\"/p\"]\nHEALTHCHECK NONE\n":      "",
		"FROM scratch AS base\nHEALTHCHECK CMD [\"/p\"]\nFROM base AS runtime\n":     "/p",
		"FROM scratch AS other\nHEALTHCHECK CMD [\"/p\"]\nFROM scratch AS runtime\n": "",
		"FROM scratch AS runtime\nONBUILD HEALTHCHECK CMD [\"/p\"]\n":                "",
		"FROM scratch AS debug\nHEALTHCHECK CMD [\"/p\"]\n":                          "",
		"FROM scratch AS runtime\nHEALTHCHECK CMD [\"/p\"]\nFROM scratch AS debug\n": "/p",
		"FROM scratch AS runtime\nHEALTHCHECK none\n":                                "",
		"": "",
	} {
		if got := strings.Join(healthCheck([]byte(content)), " "); got != want {
			t.Errorf("%q: %q, want %q", content, got, want)
		}
	}
}
