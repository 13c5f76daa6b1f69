package project

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"example.com/stagecraft/internal/affected"
)

// TestWorkflow runs the step of the GitHub workflow that decides what its jobs prove.
func TestWorkflow(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles the magefile of a copy")
	}
	p := clone(t)
	script := workflowStep(t, "ci.yml", "affected", "affected")
	p.writeService(t, "one")
	p.git(t, "init", "--quiet")
	p.git(t, "add", "--all")
	p.git(t, "commit", "--quiet", "--message=begin")
	decide := func(since string) affected.Report {
		t.Helper()
		output := filepath.Join(t.TempDir(), "output")
		step := exec.CommandContext(t.Context(), "bash", "-e", "-c", script)
		step.Dir, step.Stderr = p.Root, t.Output()
		step.Env = append(os.Environ(), "SINCE="+since, "GITHUB_OUTPUT="+output)
		if err := step.Run(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(output)
		if err != nil {
			t.Fatal(err)
		}
		name, value, _ := strings.Cut(strings.TrimSuffix(string(text), "\n"), "=")
		var report affected.Report
		if err := json.Unmarshal([]byte(value), &report); err != nil || name != "report" || strings.Contains(value, "\n") {
			t.Fatalf("the step's output is not a report on one line: %s", text)
		}
		return report
	}
	p.write(t, "services/one/main.c", "int main(void) {}\n")
	if got := decide("HEAD"); got.Tooling || !slices.Equal(got.Names(), []string{"one"}) || got.Services[0].Dir != "services/one" {
		t.Errorf("after a change of services/one: %+v", got)
	}
	p.write(t, "internal/more.go", "package internal\n")
	if got := decide("HEAD"); !got.Tooling {
		t.Errorf("after a change of the tooling: %+v", got)
	}
	if got := decide("0000000000000000000000000000000000000000"); !got.Tooling {
		t.Errorf("without a commit to compare with: %+v", got)
	}
}

// workflowStep is the script of a step, by its job and ID, of a workflow of this repository.
func workflowStep(t *testing.T, file, job, id string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("..", "..", ".github", "workflows", file))
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct{ Steps []struct{ ID, Run string } }
	}
	if err := yaml.Unmarshal(data, &workflow); err != nil {
		t.Fatal(err)
	}
	steps := workflow.Jobs[job].Steps
	i := slices.IndexFunc(steps, func(s struct{ ID, Run string }) bool { return s.ID == id })
	if i < 0 {
		t.Fatalf("the job %s in %s has no step with the ID %s", job, file, id)
	}
	return steps[i].Run
}
