package render

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"go.yaml.in/yaml/v4"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/limits"
)

// podSpec is what these tests look at of a pod. tools/kubernetes decodes all of it.
type podSpec struct {
	Grace      int `yaml:"terminationGracePeriodSeconds"`
	Containers []struct {
		Command []string
		Ports   []struct {
			ContainerPort int `yaml:"containerPort"`
		}
		Env            []struct{ Name, Value string }
		LivenessProbe  map[string]any `yaml:"livenessProbe"`
		ReadinessProbe map[string]any `yaml:"readinessProbe"`
		StartupProbe   struct {
			PeriodSeconds    int `yaml:"periodSeconds"`
			FailureThreshold int `yaml:"failureThreshold"`
		} `yaml:"startupProbe"`
		Lifecycle struct {
			PreStop struct{ Sleep struct{ Seconds int } } `yaml:"preStop"`
		}
		Resources       struct{ Requests, Limits map[string]string }
		SecurityContext struct {
			ReadOnly     bool `yaml:"readOnlyRootFilesystem"`
			Escalation   bool `yaml:"allowPrivilegeEscalation"`
			Capabilities struct{ Drop []string }
		} `yaml:"securityContext"`
		VolumeMounts []struct {
			MountPath string `yaml:"mountPath"`
		} `yaml:"volumeMounts"`
	}
	Volumes []struct {
		EmptyDir struct{ Medium string } `yaml:"emptyDir"`
	}
}

// pods are those of a manifest's Deployments and Jobs, by KIND NAME.
func pods(t *testing.T, content string) map[string]podSpec {
	t.Helper()
	found := map[string]podSpec{}
	for _, document := range strings.Split(content, "\n---\n") {
		var object struct {
			Kind     string
			Metadata struct{ Name string }
			Spec     struct{ Template struct{ Spec podSpec } }
		}
		if err := yaml.Load([]byte(document), &object); err != nil {
			t.Fatalf("%v in:\n%s", err, document)
		}
		if object.Kind == "Deployment" || object.Kind == "Job" {
			found[object.Kind+" "+object.Metadata.Name] = object.Spec.Template.Spec
		}
	}
	return found
}

// deviations are how a pod differs from the runtime contract, and from what Compose runs for the same process.
func deviations(s catalog.Service, pod podSpec, compose types.ServiceConfig) (found []string) {
	unequal := func(what string, got, want any) {
		if got, want := fmt.Sprint(got), fmt.Sprint(want); got != want {
			found = append(found, fmt.Sprintf("%s: %s, want %s", what, got, want))
		}
	}
	c, allowed := pod.Containers[0], limits.Of(s)
	unequal("read-only", c.SecurityContext.ReadOnly, allowed.ReadOnly)
	unequal("capabilities", c.SecurityContext.Capabilities.Drop, allowed.CapDrop)
	unequal("escalation", c.SecurityContext.Escalation, !slices.Contains(allowed.SecurityOpt, "no-new-privileges"))
	limit := c.Resources.Limits["memory"]
	unequal("memory", quantity(limit), int(allowed.Memory))
	unequal("requested memory", c.Resources.Requests["memory"], limit)
	var folders []string
	for _, mount := range c.VolumeMounts {
		folders = append(folders, mount.MountPath)
	}
	unequal("tmpfs", folders, allowed.Tmpfs)
	for _, volume := range pod.Volumes {
		unequal("medium", volume.EmptyDir.Medium, "Memory")
	}
	unequal("memory in Compose", quantity(limit), int(compose.MemLimit))
	unequal("command", strings.ReplaceAll(strings.Join(c.Command, " "), "$$", "$"), strings.Join(compose.Entrypoint, " "))
	environment := map[string]string{}
	for _, variable := range c.Env {
		environment[variable.Name] = strings.ReplaceAll(variable.Value, "$$", "$")
	}
	for name, value := range compose.Environment {
		unequal(name, environment[name], *value)
		delete(environment, name)
	}
	delete(environment, drainSetting)
	unequal("more variables", len(environment), 0)
	unequal("ports", len(c.Ports), len(compose.Ports))
	return found
}

func quantity(text string) int {
	digits := strings.TrimRight(text, "Mi")
	number, _ := strconv.Atoi(digits)
	switch strings.TrimPrefix(text, digits) {
	case "Mi":
		return number << 20
	case "M":
		return number * 1e6
	default:
		return number
	}
}

// TestOneContract: the pods of all processes are what the runtime contract says, and what Compose runs.
func TestOneContract(t *testing.T) {
	project, err := loadCompose(t, deployed, []byte(read(t, deployed, ComposeFile)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range load(t, deployed).Services {
		for name, pod := range pods(t, read(t, deployed, kustomizeManifests+"/"+s.Name+".yaml")) {
			names = append(names, name)
			_, process, _ := strings.Cut(name, " ")
			for _, problem := range deviations(s, pod, project.Services[process]) {
				t.Errorf("%s: %s", name, problem)
			}
		}
	}
	slices.Sort(names)
	if got, want := strings.Join(names, ", "), "Deployment api, Deployment api-worker, Deployment db, Deployment legacy, "+
		"Deployment null, Deployment stock, Job api-migrate, Job api-sweep, Job nightly"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Negative controls: one manifest, changed in one place.
func TestOneContractControls(t *testing.T) {
	project, err := loadCompose(t, deployed, []byte(read(t, deployed, ComposeFile)))
	if err != nil {
		t.Fatal(err)
	}
	s := load(t, deployed).Services[0]
	good := read(t, deployed, kustomizeManifests+"/api.yaml")
	for from, to := range map[string]string{
		"readOnlyRootFilesystem: true":           "readOnlyRootFilesystem: false",
		"allowPrivilegeEscalation: false":        "allowPrivilegeEscalation: true",
		`{drop: ["ALL"]}`:                        "{drop: [CHOWN]}",
		"limits: {memory: 64M}":                  "limits: {memory: 64Mi}",
		"requests: {cpu: 50m, memory: 64M}":      "requests: {cpu: 50m, memory: 32M}",
		`mountPath: "/tmp"`:                      `mountPath: "/var"`,
		"medium: Memory":                         "sizeLimit: 1Gi",
		`value: "$$5"`:                           `value: "$$6"`,
		`- {name: 'ON', value: "yes"}`:           `- {name: MORE, value: "yes"}`,
		"ports: [{name: http, containerPort: ":   "more: [{name: http, containerPort: ",
		"        image: unpublished.invalid/api": "        image: unpublished.invalid/api\n        command: [/other]",
	} {
		if !strings.Contains(good, from) {
			t.Errorf("the manifest has no %q", from)
		}
		changed := pods(t, strings.Replace(good, from, to, 1))
		if deviations(s, changed["Deployment api"], project.Services["api"]) == nil {
			t.Errorf("%q passes", to)
		}
	}
}

// TestWorkloads: how each kind of process is probed, and ends.
func TestWorkloads(t *testing.T) {
	for _, tt := range []struct {
		service, name, live, ready, drain string
		sleep, grace                      int // seconds
	}{
		{"api", "Deployment api", "httpGet map[path:/live port:http]", "httpGet map[path:/ready port:http]", "1m30s", 0, 100},
		{"api", "Deployment api-worker", "", "", "1m30s", 0, 100},
		{"db", "Deployment db", "exec map[command:[/db ping $$USER]]", "exec map[command:[/db ping $$USER]]", "", 0, 10},
		{"legacy", "Deployment legacy", "tcpSocket map[port:http]", "tcpSocket map[port:http]", "", 5, 15},
		{"nightly", "Job nightly", "", "", "", 0, 10},
		{"null", "Deployment null", "httpGet map[path:/healthz port:http]", "httpGet map[path:/readyz port:http]", "5s", 0, 15},
		{"stock", "Deployment stock", "grpc map[port:50051]", "grpc map[port:50051 service:stock.v1.Stock]", "", 5, 15},
	} {
		pod, ok := pods(t, read(t, deployed, kustomizeManifests+"/"+tt.service+".yaml"))[tt.name]
		if !ok {
			t.Errorf("there is no %s", tt.name)
			continue
		}
		c := pod.Containers[0]
		if live, ready := action(c.LivenessProbe), action(c.ReadinessProbe); live != tt.live || ready != tt.ready {
			t.Errorf("%s: probes %s and %s", tt.name, live, ready)
		}
		if start := time.Duration(c.StartupProbe.PeriodSeconds*c.StartupProbe.FailureThreshold) * time.Second; tt.live != "" && start != limits.Start {
			t.Errorf("%s: may take %s to start, want %s", tt.name, start, limits.Start)
		}
		drain, sleep := "", c.Lifecycle.PreStop.Sleep.Seconds
		for _, variable := range c.Env {
			if variable.Name == drainSetting {
				drain = variable.Value
			}
		}
		if drain != tt.drain || sleep != tt.sleep || pod.Grace != tt.grace {
			t.Errorf("%s: drains for %q, sleeps for %d s, has %d s", tt.name, drain, sleep, pod.Grace)
		}
	}
}

// action is what a probe does.
func action(probe map[string]any) string {
	for _, key := range slices.Sorted(maps.Keys(probe)) {
		if _, number := probe[key].(int); !number {
			return fmt.Sprint(key, " ", probe[key])
		}
	}
	return ""
}

func TestDrainDelayIsADuration(t *testing.T) {
	s := catalog.Service{Name: "a", Dir: "services/a", Protocol: catalog.HTTP, Port: 8080, Environment: catalog.Variables{drainSetting: "5"}}
	_, err := kubernetes(catalog.Project{Name: "shop"}, []catalog.Service{s}, nil, func(catalog.Service) []string { return nil })
	if want := `services/a/service.yaml: environment: DRAIN_DELAY is "5"; write a duration such as 5s`; message(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
