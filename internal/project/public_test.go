package project

import (
	"path/filepath"
	"strings"
	"testing"

	"example.com/stagecraft/internal/git"
)

func TestPublicListCanBeRead(t *testing.T) {
	t.Parallel()
	repositories, err := readPublic(publicList)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range repositories {
		if seen[r.Name] || strings.Count(r.Name, "/") != 1 {
			t.Errorf("%s is there twice, or is not OWNER/NAME", r.Name)
		}
		seen[r.Name] = true
	}
	for _, bad := range []string{
		"- {repository: a/b, commit: main}", "- {repository: a/b, commit: 0123456789012345678901234567890123456789, context: src}", "- {repo: a/b}",
	} {
		if _, err := readPublic([]byte(bad)); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

// published is a checkout of a repository below a folder, and its entry in the list.
func published(t *testing.T) (dir string, r publicRepository) {
	t.Helper()
	dir = t.TempDir()
	checkout := Project{Root: filepath.Join(dir, "acme", "shop")}
	checkout.write(t, "web/Dockerfile", "FROM scratch\nCOPY a b /\n")
	checkout.write(t, "web/a", "")
	checkout.write(t, "other/Dockerfile", "FROM debian:stretch\nMAINTAINER me\n")
	checkout.git(t, "init", "--quiet")
	checkout.git(t, "add", "--all")
	checkout.git(t, "commit", "--quiet", "--message=begin")
	head, err := git.Output(t.Context(), checkout.Root, nil, "rev-parse", "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	return dir, publicRepository{Name: "acme/shop", Commit: head}
}

func TestLintPublic(t *testing.T) {
	t.Parallel()
	dir, r := published(t)
	for _, tt := range []struct {
		name          string
		change        func(r *publicRepository)
		has, hasNot   string
		failsWithText string
	}{
		{"all of it", func(*publicRepository) {}, "maintainer 1 1", "sources", ""},
		{"a folder, and its own context", func(r *publicRepository) { r.Folders, r.Context = []string{"web"}, "own" }, "sources 1 1", "maintainer", ""},
		{"from the root", func(r *publicRepository) { r.Context = "root" }, "sources 2 1", "", ""},
		{"another commit", func(r *publicRepository) { r.Commit = strings.Repeat("0", 40) }, "fetch -q --depth=1 https://github.com/acme/shop 0000", "RULE", "1 of 1 are not in"},
		{"not there", func(r *publicRepository) { r.Name = "acme/other" }, "git init -q " + filepath.Join(dir, "acme", "other"), "RULE", "run the commands above"},
		{"no such folder", func(r *publicRepository) { r.Folders = []string{"docs"} }, "", "RULE", "docs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			entry := r
			tt.change(&entry)
			err := Project{Out: &out}.lintPublic(t.Context(), dir, []publicRepository{entry})
			if (err == nil) != (tt.failsWithText == "") || err != nil && !strings.Contains(err.Error(), tt.failsWithText) {
				t.Errorf("error is %v, want %q", err, tt.failsWithText)
			}
			got := strings.Join(strings.Fields(out.String()), " ")
			if !strings.Contains(got, tt.has) || tt.hasNot != "" && strings.Contains(got, tt.hasNot) {
				t.Errorf("output is %q, want %q and not %q", got, tt.has, tt.hasNot)
			}
		})
	}
}
