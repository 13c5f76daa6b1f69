package build

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/render"
)

func TestSelect(t *testing.T) {
	t.Parallel()
	all := catalog.Repository{
		Project:  catalog.Project{Platforms: catalog.Platforms},
		Services: []catalog.Service{{Name: "a"}, {Name: "b"}, {Name: "c"}},
		Examples: []catalog.Service{{Name: "e"}},
	}
	tests := []struct {
		services, platforms string
		want, says          string
	}{
		{"", "", "a b c linux/amd64 linux/arm64", ""},
		{"c, a", "linux/arm64", "a c linux/arm64", ""},
		{"e,a", "linux/arm64", "a e linux/arm64", ""},
		{"d", "", "", `there is no service "d"; choose from a, b, c, e`},
		{"", "linux/riscv64", "", `there is no platform "linux/riscv64"; choose from linux/amd64, linux/arm64`},
	}
	for _, tt := range tests {
		sel, err := Select(all, tt.services, tt.platforms)
		if tt.says != "" {
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Select(%q, %q): error is %v, want %q", tt.services, tt.platforms, err, tt.says)
			}
			continue
		}
		var got []string
		for _, s := range sel.Services {
			got = append(got, s.Name)
		}
		for _, p := range sel.Platforms {
			got = append(got, string(p))
		}
		if err != nil || strings.Join(got, " ") != tt.want {
			t.Errorf("Select(%q, %q) = %v, %v, want %s", tt.services, tt.platforms, got, err, tt.want)
		}
	}
}

// What the manifests already show is reported before anything else is looked for: all of it, and notes on the way.
func TestPlanReportsWhatTheManifestsShow(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, root, "project.yaml", "name: shop\nsource: https://example.com/shop\nlicenses: MIT\n")
	write(t, root, ".dockerignore", "*\n!services/*\n**/.env\n")
	write(t, root, "dockerfiles/go.Dockerfile", "# check=error=true\n# Rendered from dockerfiles/go.Dockerfile: change that, or write `dockerfile: own` in service.yaml.\n"+
		"FROM scratch AS test\nFROM scratch AS runtime\nCOPY {{.Dir}}/go.mod /\n")
	for _, name := range []string{"a", "b"} {
		write(t, root, "services/"+name+"/.env", "A=b\n")
		write(t, root, "services/"+name+"/service.yaml", "language: go\nprotocol: none\ndescription: x\nsize: {linux/amd64: {unpacked: 1MB, pull: 1MB}, linux/arm64: {unpacked: 1MB, pull: 1MB}}\nrun: {memory: 8MB}\n")
	}
	all, err := catalog.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := render.Write(root, all); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	_, err = (&Builder{root: root, progress: &said}).Plan(t.Context(), all, Selection{Services: all.Services, Platforms: catalog.Platforms})
	var problems catalog.Problems
	if !errors.As(err, &problems) || len(problems) != 2 || !strings.HasPrefix(problems[1].String(), "services/b/go.mod: is not there; run ") {
		t.Errorf("got %v, want a line for each missing go.mod", err)
	}
	if got := strings.Count(said.String(), "/.env: is not part of the build"); got != 2 {
		t.Errorf("%d notes instead of 2:\n%s", got, &said)
	}
}

// sized is a result of one service whose ceilings are 100 and 50 bytes on every platform.
func sized(unpacked, pull int64) Result {
	s := catalog.Service{Name: "a", Dir: "services/a", Size: map[catalog.Platform]catalog.Ceiling{}}
	r := Result{Sizes: map[string]map[catalog.Platform]image.Size{"a": {}}}
	for _, p := range catalog.Platforms {
		s.Size[p] = catalog.Ceiling{Unpacked: 100, Pull: 50}
		r.Sizes["a"][p] = image.Size{Unpacked: unpacked, Pull: pull}
	}
	r.Selection = Selection{Services: []catalog.Service{s}, Platforms: catalog.Platforms[:1]}
	return r
}

func TestTable(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	r := sized(101, 25)
	r.Bases.Why = "official images, by digest"
	if err := r.Table(&b); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"OVER", "50.0 %", "nothing changed since the last build", "official images"} {
		if !strings.Contains(b.String(), s) {
			t.Errorf("table lacks %q:\n%s", s, b.String())
		}
	}
	if got := headroom(50, 50); got != "0.0 %" {
		t.Errorf("what takes all of its ceiling has %s left", got)
	}
}

func TestOverlay(t *testing.T) {
	root := t.TempDir()
	write(t, root, "netrc", "")
	write(t, root, "ca.pem", "")
	t.Setenv("NETRC", filepath.Join(root, "netrc"))
	t.Setenv(CASetting, filepath.Join(root, "ca.pem"))
	t.Setenv(CacheFromSetting, "type=registry,ref=r/{service}")
	t.Setenv(CacheToSetting, "type=registry,ref=r/{service}")
	sel := Selection{
		Services:  []catalog.Service{{Name: "a", BuildSecrets: []string{"netrc"}}, {Name: "b"}},
		Platforms: catalog.Platforms,
	}
	bases := Bases{Contexts: map[string]string{"x@sha256:1": "oci-layout://" + root + "@sha256:1"}}
	o, targets, err := newOverlay(sel, bases, "/exports")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a", "b"}; !slices.Equal(targets, want) {
		t.Errorf("targets are %v, want %v", targets, want)
	}
	if n := len(o.Target["a"].Secret); n != 2 {
		t.Errorf("a is offered %v, want its netrc and the CA bundle", o.Target["a"].Secret)
	}
	if n := len(o.Target["b"].Secret); n != 1 {
		t.Errorf("b is offered %v, want the CA bundle alone", o.Target["b"].Secret)
	}
	for _, name := range []string{"a", render.TestTarget(sel.Services[0])} {
		if got := o.Target[name].CacheFrom; !slices.Equal(got, []string{"type=registry,ref=r/a"}) {
			t.Errorf("%s takes steps from %v", name, got)
		}
		if exports := o.Target[name].CacheTo != nil; exports != (name == "a") { // tests would overwrite it
			t.Errorf("%s exports its cache to %v", name, o.Target[name].CacheTo)
		}
	}
	if got, want := o.outside(), []string{root, filepath.Join(root, "ca.pem"), filepath.Join(root, "netrc")}; !slices.Equal(got, want) {
		t.Errorf("bake may read %v, want %v", got, want)
	}
	tagged := overlay{Target: map[string]*target{"a": {Contexts: map[string]string{"x": "oci-layout://" + root + ":1.2"}}}}
	if got := tagged.outside(); !slices.Equal(got, []string{root}) {
		t.Errorf("for a layout with a tag, bake may read %v, want %s", got, root)
	}
	data, err := o.bytes()
	if err != nil || !json.Valid(data) {
		t.Errorf("overlay is not JSON: %v", err)
	}
	t.Setenv(CASetting, filepath.Join(root, "absent.pem"))
	if _, _, err := newOverlay(sel, bases, "/exports"); err == nil || !strings.Contains(err.Error(), CASetting) {
		t.Errorf("a CA bundle that is not there is %v, want an error that names the setting", err)
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	o := newOutputs(root)
	export := func(content string) string {
		dir, done, err := o.work()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(done)
		writeLayout(t, filepath.Join(dir, "a"), content, catalog.Platforms...)
		return filepath.Join(dir, "a")
	}
	content := func() string { return contentOf(t, o.layout("a")) }
	for _, generation := range []string{"one", "two"} {
		exported := export(generation)
		if err := o.publish("a", exported, built{Key: generation, Digest: digestOf(t, exported)}); err != nil {
			t.Fatal(err)
		}
		if got := content(); got != generation || o.last("a").Key != generation {
			t.Errorf("published %s, noted %s, want %s", got, o.last("a").Key, generation)
		}
	}
	if err := o.publish("a", filepath.Join(root, "absent"), built{Key: "three"}); err == nil {
		t.Error("publishing nothing is no error")
	}
	if got := content(); got != "two" {
		t.Errorf("a failed publication left %s, want two", got)
	}
	// A process killed between the two renames leaves this:
	if err := os.Rename(o.layout("a"), o.layout("a")+".old"); err != nil {
		t.Fatal(err)
	}
	if got := o.last("a"); got.Key != "" {
		t.Errorf("a layout that is gone counts as built from %q", got.Key)
	}
	if err := o.publish("a", filepath.Join(root, "absent"), built{}); err == nil {
		t.Error("publishing nothing is no error")
	}
	if got := content(); got != "two" {
		t.Errorf("after a kill and a failure there is %s, want two", got)
	}
}

func TestNoteLeavesAnotherBuildsResultAlone(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	o := newOutputs(root)
	writeLayout(t, o.layout("a"), "one", catalog.Platforms...)
	digest := digestOf(t, o.layout("a"))
	write(t, root, "out/state/a.json", `{"key": "k", "digest": "`+digest+`", "engine": "old"}`)
	if err := o.note("a", built{Key: "k", Digest: digest, Engine: "new"}); err != nil || o.last("a").Engine != "new" {
		t.Errorf("noted %+v, %v, want the new engine", o.last("a"), err)
	}
	if err := o.note("a", built{Key: "k", Digest: "sha256:2", Engine: "late"}); err != nil || o.last("a").Engine != "new" {
		t.Errorf("a note on a layout that was replaced changed %+v, %v", o.last("a"), err)
	}
}
