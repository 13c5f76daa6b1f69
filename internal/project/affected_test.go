package project

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/stagecraft/internal/affected"
	"example.com/stagecraft/internal/command"
)

// twoServices is a committed repository with the services one and two, which share nothing.
func twoServices(t *testing.T) (p Project, progress *strings.Builder) {
	t.Helper()
	progress = &strings.Builder{}
	p = Project{Root: t.TempDir(), Out: progress, Progress: progress}
	p.write(t, "project.yaml", "name: shop\nsource: https://example.com/shop\nlicenses: MIT\n")
	p.write(t, "internal/tool.go", "package internal\n")
	for _, name := range []string{"one", "two"} {
		p.write(t, "services/"+name+"/main.c", "int main(void) {}\n")
		p.writeService(t, name)
	}
	p.git(t, "init", "--quiet")
	p.git(t, "add", "--all")
	p.git(t, "commit", "--quiet", "--message=begin")
	return p, progress
}

// writeService writes the facts and the Dockerfile of a service that copies its own folder.
func (p Project) writeService(t *testing.T, name string) {
	t.Helper()
	p.write(t, "services/"+name+"/Dockerfile", "FROM scratch\nCOPY services/"+name+" /src/\n")
	p.write(t, "services/"+name+"/service.yaml", `language: c
description: A service of a test
dockerfile: own
port: 8080
size:
  linux/amd64: {unpacked: 2MB, pull: 1MB}
  linux/arm64: {unpacked: 2MB, pull: 1MB}
run: {memory: 16MB}
checks:
  - {name: greets, get: /, expect: {status: 200}}
`)
}

func (p Project) write(t *testing.T, name, content string) {
	t.Helper()
	file := filepath.Join(p.Root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (p Project) git(t *testing.T, args ...string) {
	t.Helper()
	err := command.Command{
		Args: append([]string{"git", "-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"}, args...),
		Dir:  p.Root, Stderr: t.Output(),
	}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
}

func TestNarrow(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		since, change, services string
		want                    string
		ok                      bool
	}{
		"without a revision":             {"", "services/one/main.c", "", "", true},
		"without a revision, some named": {"", "services/one/main.c", "two", "two", true},
		"one changed":                    {"HEAD", "services/one/main.c", "", "one", true},
		"one of two that are named":      {"HEAD", "services/one/main.c", "two,one", "one", true},
		"only others are named":          {"HEAD", "services/one/main.c", "two", "", false},
		"nothing that a service has":     {"HEAD", "README.md", "", "", false},
		"the tooling":                    {"HEAD", "internal/tool.go", "", "", true},
		"the tooling, some named":        {"HEAD", "internal/tool.go", "two", "two", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, progress := twoServices(t)
			p.Since = tt.since
			p.write(t, tt.change, "changed\n")
			got, ok, err := p.narrow(t.Context(), tt.services)
			if err != nil || got != tt.want || ok != tt.ok {
				t.Errorf("got %q, %v, %v; want %q, %v", got, ok, err, tt.want, tt.ok)
			}
			if said := strings.Contains(progress.String(), "affects none of"); said == tt.ok {
				t.Errorf("it wrote %q", progress)
			}
		})
	}
	p, _ := twoServices(t)
	p.Since = "no-such"
	if _, ok, err := p.narrow(t.Context(), ""); ok || err == nil {
		t.Errorf("an unknown revision: %v, %v", ok, err)
	}
	if _, ok, err := p.narrow(t.Context(), "no-such"); ok || err == nil {
		t.Errorf("an unknown service: %v, %v", ok, err)
	}
}

func TestAffected(t *testing.T) {
	t.Parallel()
	p, out := twoServices(t)
	if err := p.Affected(t.Context(), "", false); err == nil || !strings.Contains(err.Error(), "-since=origin/main") {
		t.Errorf("without a revision: %v", err)
	}
	p.write(t, "services/one/main.c", "changed\n")
	if err := p.Affected(t.Context(), "HEAD", false); err != nil || out.String() != "one  services/one/main.c, its own file\n" {
		t.Errorf("got %v, %q", err, out)
	}
	out.Reset()
	if err := p.Affected(t.Context(), "HEAD", true); err != nil {
		t.Fatal(err)
	}
	var report affected.Report
	if err := json.Unmarshal([]byte(out.String()), &report); err != nil {
		t.Fatal(err)
	}
	want := affected.Reason{File: "services/one/main.c", Why: "its own file"}
	if len(report.Services) != 1 || report.Services[0].Dir != "services/one" || report.Services[0].Reasons[0] != want || len(report.Base) != 40 {
		t.Errorf("got %s", out)
	}
}
