package provenance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	slsa "github.com/in-toto/attestation/go/predicates/provenance/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"example.com/stagecraft/internal/catalog"
)

const (
	digest   = "1111111111111111111111111111111111111111111111111111111111111111"
	other    = "2222222222222222222222222222222222222222222222222222222222222222"
	revision = "3333333333333333333333333333333333333333"
	base     = "debian:trixie-slim@sha256:" + digest
	canary   = "canary-7d1f"
)

// repository is a build of services/a, which uses libs/b.
func repository(t *testing.T) Build {
	t.Helper()
	root := t.TempDir()
	for name, content := range map[string]string{
		"services/a/Dockerfile": "FROM " + base + " AS build\nRUN --mount=type=secret,id=token true\nFROM ghcr.io/team/base:1\nCOPY --from=build /x /\n",
		"services/a/go.sum":     "x", "services/a/secret.txt": canary, "libs/b/go.sum": "y", "other/go.sum": "z",
	} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Build{
		Root: root, Source: "https://user:" + canary + "@example.com/shop/?key=" + canary, Revision: revision,
		Service:   catalog.Service{Name: "a", Dir: "services/a", Uses: []string{"libs/b"}, BuildSecrets: []string{"netrc"}},
		Platforms: []string{"linux/amd64", "linux/arm64"}, Packages: []string{"pkg:deb/debian/libc6@2.41?arch=amd64"},
	}
}

// describe is the JSON of a predicate, and its dependencies: name or URI, and digest.
func describe(t *testing.T, b Build) (text string, dependencies []string) {
	t.Helper()
	predicate, err := New(b)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range predicate.BuildDefinition.ResolvedDependencies {
		line := r.Name + r.URI
		for algorithm, digits := range r.Digest {
			line += " " + algorithm + ":" + digits
		}
		dependencies = append(dependencies, line)
	}
	data, err := json.Marshal(predicate)
	if err != nil {
		t.Fatal(err)
	}
	return string(data), dependencies
}

func TestDependencies(t *testing.T) {
	t.Parallel()
	_, got := describe(t, repository(t))
	want := []string{
		"git+https://example.com/shop@" + revision + " gitCommit:" + revision,
		"services/a/Dockerfile sha256:", "services/a/go.sum sha256:2d711642", "libs/b/go.sum sha256:a1fce436",
		"pkg:docker/debian@trixie-slim sha256:" + digest, "pkg:docker/ghcr.io/team/base@1", "pkg:deb/debian/libc6@2.41?arch=amd64",
	}
	if !slices.EqualFunc(got, want, strings.HasPrefix) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// What stood in for a base is named as that, with its own digest: the base's is nowhere.
func TestStandIn(t *testing.T) {
	t.Parallel()
	b := repository(t)
	b.StandIns = map[string]string{base: "sha256:" + other}
	text, got := describe(t, b)
	if !slices.Contains(got, "stand-in for debian:trixie-slim sha256:"+other) {
		t.Errorf("got %q", got)
	}
	if strings.Contains(text, digest) || strings.Contains(text, "pkg:docker/debian") {
		t.Error("the base is claimed to have been used")
	}
}

// Neither what is in the environment nor a password in the repository's address gets into a provenance.
func TestNoSecret(t *testing.T) {
	for _, name := range []string{"GITHUB_TOKEN", "CI_JOB_TOKEN", "HTTPS_PROXY", "STAGECRAFT_REGISTRY"} {
		t.Setenv(name, "https://user:"+canary+"@example.com")
	}
	if text, _ := describe(t, repository(t)); strings.Contains(text, canary) {
		t.Errorf("the canary is in %s", text)
	}
}

// SLSA's own types accept a provenance, and find what is wrong with one that lacks something.
func TestValid(t *testing.T) {
	t.Parallel()
	text, _ := describe(t, repository(t))
	for old, wrong := range map[string]bool{"": false, `"builder":`: true, `"buildType":`: true, `"externalParameters":`: true} {
		if old != "" && !strings.Contains(text, old) {
			t.Fatalf("there is no %s in %s", old, text)
		}
		changed := text
		if old != "" {
			changed = strings.Replace(text, old, `"other":`, 1)
		}
		var theirs slsa.Provenance
		err := protojson.UnmarshalOptions{DiscardUnknown: wrong}.Unmarshal([]byte(changed), &theirs)
		if err == nil {
			err = theirs.Validate()
		}
		if (err != nil) != wrong {
			t.Errorf("without %q: %v", old, err)
		}
	}
}

func TestWho(t *testing.T) {
	t.Parallel()
	const source = "https://example.com/shop"
	for name, c := range map[string]struct {
		env map[string]string
		id  string
		run string
	}{
		"a person": {nil, source + "/docs/sbom.md#provenance", ""},
		"GitHub": {map[string]string{
			"GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "acme/shop", "GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "2",
			"GITHUB_WORKFLOW_REF": "acme/shop/.github/workflows/release.yml@refs/tags/v1",
		}, "https://github.com/acme/shop/.github/workflows/release.yml@refs/tags/v1", "https://github.com/acme/shop/actions/runs/7/attempts/2"},
		"GitLab": {map[string]string{
			"GITLAB_CI": "true", "CI_PROJECT_URL": "https://gitlab.com/acme/shop", "CI_RUNNER_ID": "5", "CI_JOB_URL": "https://gitlab.com/acme/shop/-/jobs/9",
		}, "https://gitlab.com/acme/shop/-/runners/5", "https://gitlab.com/acme/shop/-/jobs/9"},
	} {
		builder, metadata := who(source, func(name string) string { return c.env[name] })
		run := ""
		if metadata != nil {
			run = metadata.InvocationID
		}
		if builder.ID != c.id || run != c.run {
			t.Errorf("%s: %s, run %q, want %s, %q", name, builder.ID, run, c.id, c.run)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(b *Build){
		"`source` in project.yaml": func(b *Build) { b.Source = "https://exa mple/" + canary },
		"Dockerfile":               func(b *Build) { b.Service.Dir = "services/none" },
	} {
		b := repository(t)
		change(&b)
		if _, err := New(b); err == nil || !strings.Contains(err.Error(), "describe the build of a: ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), canary) {
			t.Errorf("the error is %v, want one with %s", err, want)
		}
	}
}
