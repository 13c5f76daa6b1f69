package build

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/image/imagetest"
	"example.com/stagecraft/internal/progress"
	"example.com/stagecraft/internal/render"
)

// writeLayout writes an OCI layout as a build of platforms would export it; content is what contentOf finds in it, and the version
// of the package that it records.
func writeLayout(t *testing.T, dir, content string, platforms ...catalog.Platform) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	index := mutate.Annotations(empty.Index, map[string]string{"content": content}).(v1.ImageIndex)
	for _, p := range platforms {
		program := imagetest.File("app", content)
		program.Mode = 0o755
		record := imagetest.File("var/lib/dpkg/status.d/libx", "Package: libx\nVersion: "+content+"\n")
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: imagetest.Image(t, p.Arch(), v1.Config{Entrypoint: []string{"/app"}}, imagetest.Layer(t, program, record)),
		})
	}
	if _, err := layout.Write(dir, index); err != nil {
		t.Fatal(err)
	}
}

func openLayout(t *testing.T, dir string) image.Index {
	t.Helper()
	idx, err := image.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = idx.Close() })
	return idx
}

func contentOf(t *testing.T, dir string) string { return openLayout(t, dir).Annotations()["content"] }
func digestOf(t *testing.T, dir string) string  { return openLayout(t, dir).Digest().String() }

// bakery is a repository of two services, a and b, whose builder is a fake buildx. It exports, for each target, what lies
// under its name in exports/PLATFORMS, and runs a script before.
type bakery struct {
	*Builder
	sel     Selection
	exports string
	buildx  string // the fake's file, next to which it writes
	said    strings.Builder
}

const source = "services/a/main.txt"

// exporter finds the overlay among the arguments, notes who may read it, and exports layouts into its folder.
const exporter = `
for word; do case $word in --file=*overlay.json) overlay=${word#--file=};; esac; done
ls -l "$overlay" | cut -c1-10 > "$0.mode"
cp "$overlay" "$0.overlay"
case $(cat "$overlay") in *linux/amd64*linux/arm64*) for=both;; *linux/amd64*) for=amd64;; *) for=arm64;; esac
for word; do
	if [ -d "$EXPORTS/$for/$word" ]; then cp -R "$EXPORTS/$for/$word" "${overlay%/*}"; fi
done
`

func newBakery(t *testing.T) *bakery {
	t.Helper()
	root := t.TempDir()
	b := &bakery{exports: filepath.Join(t.TempDir(), "exports")}
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	quiet(t)
	t.Setenv("GOCACHE", cmp.Or(os.Getenv("GOCACHE"), filepath.Join(cache, "go-build"))) // of the home that quiet hides
	t.Setenv("EXPORTS", b.exports)
	t.Setenv(progress.Setting, "")
	// A stand-in is made by a program that is compiled.
	compiler, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	b.buildx = strings.TrimSuffix(buildx(t, exporter), "calls") + "buildx"
	t.Setenv("PATH", os.Getenv("PATH")+":"+filepath.Dir(compiler))
	write(t, root, "project.yaml", "name: shop\nsource: https://example.com/shop\nlicenses: MIT\n")
	write(t, root, ".dockerignore", "*\n!services/*\n")
	write(t, root, "dockerfiles/go.Dockerfile", "# check=error=true\n# Rendered from dockerfiles/go.Dockerfile: change that, or write `dockerfile: own` in service.yaml.\n"+
		"FROM scratch AS test\nFROM scratch AS runtime\nCOPY {{.Dir}}/main.txt /\n")
	for _, name := range []string{"a", "b"} {
		write(t, root, "services/"+name+"/go.mod", "module "+name+"\n\ngo 1.26\n")
		write(t, root, "services/"+name+"/main.txt", "")
		write(t, root, "services/"+name+"/service.yaml", "language: go\nprotocol: none\ndescription: x\nbuild_secrets: [netrc]\n"+
			"size: {linux/amd64: {unpacked: 1MB, pull: 1MB}, linux/arm64: {unpacked: 1MB, pull: 1MB}}\nrun: {memory: 8MB}\n")
	}
	b.Builder = &Builder{root: root, engine: &engine.Engine{Buildx: []string{"buildx"}}, named: "b", outputs: newOutputs(root), progress: &b.said}
	b.render(t)
	b.export(t, "one")
	return b
}

// build plans and builds, as a verb does.
func (b *bakery) build(ctx context.Context, sel Selection) (Result, error) {
	plan, err := b.plan(ctx, sel)
	if err != nil {
		return Result{}, err
	}
	return b.Build(ctx, plan)
}

func (b *bakery) plan(ctx context.Context, sel Selection) (Plan, error) {
	repository, err := catalog.Load(b.root)
	if err != nil {
		return Plan{}, err
	}
	return b.Plan(ctx, repository, sel)
}

func (b *bakery) planned(t *testing.T) Plan {
	t.Helper()
	plan, err := b.plan(t.Context(), b.sel)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// render renders the repository, and selects all of it.
func (b *bakery) render(t *testing.T) {
	t.Helper()
	all, err := catalog.Load(b.root)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := render.Write(b.root, all); err != nil {
		t.Fatal(err)
	}
	if b.sel, err = Select(all, "", ""); err != nil {
		t.Fatal(err)
	}
}

// standIn gives services a base that is a stand-in.
func (b *bakery) standIn(t *testing.T) {
	t.Helper()
	t.Setenv(BasesSetting, "standin")
	fakeBareIn(t, b.root)
	template := read(t, b.root, "dockerfiles/go.Dockerfile")
	write(t, b.root, "dockerfiles/go.Dockerfile", strings.Replace(template, "FROM scratch AS test", "FROM debian:trixie-slim@sha256:"+digits+" AS test", 1))
	b.render(t)
}

// script makes the fake run something before it exports.
func (b *bakery) script(t *testing.T, lines string) {
	t.Helper()
	if err := os.WriteFile(b.buildx, []byte("#!/bin/sh\n"+lines+exporter), 0o755); err != nil {
		t.Fatal(err)
	}
}

// export is what the next builds export.
func (b *bakery) export(t *testing.T, content string) {
	t.Helper()
	for platforms, list := range map[string][]catalog.Platform{"both": catalog.Platforms, "amd64": {"linux/amd64"}, "arm64": {"linux/arm64"}} {
		for _, name := range []string{"a", "b"} {
			writeLayout(t, filepath.Join(b.exports, platforms, name), content, list...)
		}
	}
}

// builds builds, and is an error unless it built exactly these services.
func (b *bakery) builds(t *testing.T, want ...string) {
	t.Helper()
	result, err := b.build(t.Context(), b.sel)
	if err != nil {
		t.Fatalf("%v\n%s", err, &b.said)
	}
	if !slices.Equal(result.Built, want) {
		t.Errorf("built %v, want %v", result.Built, want)
	}
	for _, s := range b.sel.Services {
		if len(result.Sizes[s.Name]) != len(catalog.Platforms) {
			t.Errorf("sizes of %s are %v, want one for each platform", s.Name, result.Sizes[s.Name])
		}
	}
}

func (b *bakery) content(t *testing.T, service string) string {
	t.Helper()
	return contentOf(t, b.outputs.layout(service))
}

func TestBuildOnlyWhatChanged(t *testing.T) {
	b := newBakery(t)
	b.builds(t, "a", "b")
	if want := "no engine runs here: a is in " + b.outputs.layout("a") + ", and not loaded\n"; !strings.Contains(b.said.String(), want) {
		t.Errorf("it says %q, want %q", &b.said, want)
	}
	b.said.Reset()
	write(t, b.root, "out/work/build-killed/a/index.json", "{}") // by a build that was killed after it had published
	write(t, b.root, "out/work/build-killed.lock", "")
	b.builds(t)
	if b.said.Len() > 0 {
		t.Errorf("nothing changed, and it says %q", &b.said)
	}
	if left, err := os.ReadDir(filepath.Join(b.root, "out", "work")); err != nil || len(left) > 0 {
		t.Errorf("what a killed build left is still there: %v, %v", left, err)
	}

	b.export(t, "two")
	write(t, b.root, source, "changed")
	b.builds(t, "a")
	if got := b.content(t, "a") + " " + b.content(t, "b"); got != "two one" {
		t.Errorf("there are images %s, want two one", got)
	}
	b.builds(t)

	for what, damage := range map[string]func() error{
		"the layout is gone":         func() error { return os.RemoveAll(b.outputs.layout("b")) },
		"what is known of it":        func() error { return os.Remove(b.outputs.state("b")) },
		"it is not what is known of": func() error { writeLayout(t, b.outputs.layout("b"), "three", catalog.Platforms...); return nil },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		t.Log(what)
		b.builds(t, "b")
	}
}

// Packages are not in the key: only a build from nothing gets newer ones.
func TestBuildFromNothing(t *testing.T) {
	b := newBakery(t)
	b.standIn(t)
	b.script(t, `echo "buildx $* "`)
	b.builds(t, "a", "b")
	if said := b.said.String(); strings.Contains(said, "--no-cache") || strings.Contains(said, "-again") {
		t.Errorf("a build is from nothing: %s", said)
	}
	b.export(t, "two")
	b.builds(t)
	usual := b.Builder
	b.Builder = usual.FromNothing()
	result, err := b.build(t.Context(), b.sel)
	b.Builder = usual
	if err != nil || !slices.Equal(result.Built, []string{"a", "b"}) {
		t.Fatalf("rebuilt %v, %v, want a and b", result.Built, err)
	}
	if said := b.said.String(); !strings.Contains(said, " --no-cache ") || !strings.Contains(said, "bare [bases -again debian:") {
		t.Errorf("steps may come from the cache, or stand-ins are old: %s", said)
	}
	want := []Package{{"libx", "two"}}
	if got := result.Packages["a"]; !slices.Equal(got, want) {
		t.Errorf("packages of what was built are %v, want %v", got, want)
	}
	if result, err = b.build(t.Context(), b.sel); err != nil || len(result.Built) > 0 || !slices.Equal(result.Packages["a"], want) {
		t.Errorf("then it built %v with packages %v, %v; want nothing with %v", result.Built, result.Packages["a"], err, want)
	}
}

// Whether the image has what changed while it was built, nobody knows.
func TestBuildAgainWhatChangedMeanwhile(t *testing.T) {
	b := newBakery(t)
	b.script(t, "echo changed > "+filepath.Join(b.root, source))
	b.builds(t, "a", "b")
	b.builds(t, "a")
	b.builds(t)
}

// The overlay may hold passwords, and bake needs permission to read the files that it names.
func TestBuildKeepsSecrets(t *testing.T) {
	b := newBakery(t)
	netrc := filepath.Join(t.TempDir(), "with, comma")
	write(t, filepath.Dir(netrc), filepath.Base(netrc), "machine example.com")
	t.Setenv("NETRC", netrc)
	b.script(t, `echo "$*" > "$0.arguments"`)
	b.builds(t, "a", "b")
	for file, want := range map[string]string{
		"mode":      "-rw-------\n",
		"arguments": " --allow=fs.read=" + netrc + " ",
		"overlay":   `"type=file,id=netrc,\"src=` + netrc + `\""`,
	} {
		data, err := os.ReadFile(b.buildx + "." + file)
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %q, %v, want %q", file, data, err, want)
		}
	}
	if left, err := filepath.Glob(filepath.Join(b.outputs.dir, "work", "*")); err != nil || len(left) > 0 {
		t.Errorf("left after the build: %v, %v", left, err)
	}
}

// Who chose how BuildKit shows its progress sees that; everybody else sees ours, which reads the events.
func TestBakeShowsItsProgress(t *testing.T) {
	for setting, events := range map[string]bool{"": true, "plain": false} {
		b := newBakery(t)
		t.Setenv(progress.Setting, setting)
		b.script(t, `echo "$* " > "$0.arguments"; echo said >&2`+"\n")
		b.builds(t, "a", "b")
		arguments := read(t, filepath.Dir(b.buildx), "buildx.arguments")
		if !strings.Contains(arguments, " --file=docker-bake.json ") || strings.Contains(arguments, " "+progress.Flag+" ") != events {
			t.Errorf("%q: buildx is called with %s", setting, arguments)
		}
		if !events && !strings.HasPrefix(b.said.String(), "said\n") {
			t.Errorf("%q: it shows %q", setting, &b.said)
		}
		write(t, b.root, source, "changed")
		b.script(t, "echo why >&2; exit 1\n")
		_, err := b.build(t.Context(), b.sel)
		if !strings.Contains(b.said.String(), "why\n") {
			t.Errorf("%q: buildx fails, and it shows only %q", setting, &b.said)
		}
		if want := "build a: the step that failed is above"; !events && (err == nil || err.Error() != want) {
			t.Errorf("%q: error is %v, want %s", setting, err, want)
		}
	}
}

// What fails leaves the last good images and what is known of them, and is tried again.
func TestFailedBuildLeavesTheLastImage(t *testing.T) {
	for what, tt := range map[string]struct {
		standIn bool
		script  string
		layout  func(t *testing.T, dir string)
		says    string
	}{
		"a step fails":       {script: "exit 1\n", says: "build a: buildx ended without a reason: exit status 1"},
		"nothing exported":   {layout: func(t *testing.T, dir string) { t.Helper(); _ = os.RemoveAll(dir) }, says: "read OCI layout"},
		"half of it is gone": {layout: func(t *testing.T, dir string) { t.Helper(); _ = os.RemoveAll(filepath.Join(dir, "blobs")) }, says: "read OCI layout"},
		"it cannot start": {
			layout: func(t *testing.T, dir string) {
				t.Helper()
				img := imagetest.Image(t, "amd64", v1.Config{Entrypoint: []string{"/gone"}})
				_ = os.RemoveAll(dir)
				if _, err := layout.Write(dir, mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: img})); err != nil {
					t.Fatal(err)
				}
			},
			says: "build a: the image of a for linux/amd64 cannot start",
		},
		"it claims to be official": {
			standIn: true,
			layout: func(t *testing.T, dir string) {
				t.Helper()
				write(t, dir, "index.json", strings.Replace(read(t, dir, "index.json"), `"content"`, `"org.opencontainers.image.base.name":"debian:trixie-slim","content"`, 1))
			},
			says: "publish the image of a: built from stand-ins, but index.json says org.opencontainers.image.base.name=debian:trixie-slim",
		},
	} {
		t.Run(what, func(t *testing.T) {
			b := newBakery(t)
			if tt.standIn {
				b.standIn(t)
			}
			b.builds(t, "a", "b")
			before := read(t, b.outputs.dir, "state/a.json")

			write(t, b.root, source, "changed")
			b.script(t, tt.script)
			b.export(t, "two")
			if tt.layout != nil {
				tt.layout(t, filepath.Join(b.exports, "both", "a"))
			}
			if _, err := b.build(t.Context(), b.sel); err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error is %v, want %q", err, tt.says)
			}
			if got := b.content(t, "a"); got != "one" || read(t, b.outputs.dir, "state/a.json") != before {
				t.Errorf("it left the image %s, known as %s, want the last good one", got, read(t, b.outputs.dir, "state/a.json"))
			}
			b.script(t, "")
			b.export(t, "three")
			b.builds(t, "a")
		})
	}
}

// An interrupted build publishes nothing, even when buildx ends well all the same.
func TestInterruptedBuild(t *testing.T) {
	for _, shown := range []string{"", "plain"} {
		for _, code := range []string{"exit 1", ":"} {
			b := newBakery(t)
			t.Setenv(progress.Setting, shown)
			b.builds(t, "a", "b")
			write(t, b.root, source, "changed")
			b.export(t, "two")
			b.script(t, `trap 'over=1' INT; : > "$0.runs"; while [ -z "$over" ]; do sleep 0.02; done; `+code+"\n")
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				for !isFile(b.buildx+".runs") && t.Context().Err() == nil {
					time.Sleep(10 * time.Millisecond)
				}
				cancel()
			}()
			_, err := b.build(ctx, b.sel)
			if err == nil || err.Error() != "build a: interrupted; the last good images are untouched" {
				t.Errorf("%s, %s: error is %v", shown, code, err)
			}
			if got := b.content(t, "a"); got != "one" {
				t.Errorf("%s, %s: it left the image %s, want one", shown, code, got)
			}
			b.script(t, "")
			b.builds(t, "a")
		}
	}
}

// An image of two platforms stays one when a build is for one of them.
func TestBuildForFewerPlatforms(t *testing.T) {
	b := newBakery(t)
	all := b.sel.Platforms
	few := b.sel
	few.Platforms = []catalog.Platform{"linux/arm64"}
	built := func(sel Selection, want ...string) (platforms []string) {
		t.Helper()
		result, err := b.build(t.Context(), sel)
		if err != nil || !slices.Equal(result.Built, want) {
			t.Errorf("built %v, %v, want %v", result.Built, err, want)
		}
		for _, i := range openLayout(t, b.outputs.layout("a")).Images() {
			platforms = append(platforms, i.Platform())
		}
		return platforms
	}
	if got := built(few, "a", "b"); !slices.Equal(got, []string{"linux/arm64"}) {
		t.Errorf("the first build for one platform has %v", got)
	}
	built(few)
	if got := built(b.sel, "a", "b"); len(got) != len(all) {
		t.Errorf("a build for all platforms has %v", got)
	}
	built(few)
	write(t, b.root, source, "changed")
	if got := built(few, "a"); len(got) != len(all) {
		t.Errorf("after a build for one platform, the image has only %v", got)
	}
	if want := "stagecraft: for linux/amd64 too, which images in out/images have\n"; !strings.Contains(b.said.String(), want) {
		t.Errorf("it is not said that it builds for another platform too:\n%s", &b.said)
	}
	built(b.sel)
}

func read(t *testing.T, root, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return string(data)
}

// Only images of the present sources that passed every test on all platforms are proven.
func TestProven(t *testing.T) {
	b := newBakery(t)
	refused := func(when string, want ...string) {
		t.Helper()
		_, err := b.Proven(b.planned(t))
		if err == nil || err.Error() != strings.Join(want, "\n") {
			t.Errorf("%s: got\n%v\nwant\n%s", when, err, strings.Join(want, "\n"))
		}
	}
	refused("nothing is built",
		"a: there is no image of the current sources; run `go tool mage test -services=a`",
		"b: there is no image of the current sources; run `go tool mage test -services=b`")
	result, err := b.build(t.Context(), b.sel)
	if err != nil {
		t.Fatal(err)
	}
	note := func(services []catalog.Service, platforms ...catalog.Platform) {
		t.Helper()
		if err := b.NoteProven(Selection{Services: services, Platforms: platforms}, result.Digests); err != nil {
			t.Fatal(err)
		}
	}
	note(b.sel.Services[1:], catalog.Platforms...)
	note(b.sel.Services[:1], "linux/amd64")
	refused("one platform is not proven", "a: its image for linux/arm64 is not proven; run `go tool mage test -services=a`")
	note(b.sel.Services[:1], "linux/arm64")
	proofs, err := b.Proven(b.planned(t))
	if err != nil || len(proofs) != 2 || proofs[0].Layout != Layout(b.root, "a") {
		t.Errorf("got %v, %v", proofs, err)
	}

	write(t, b.root, source, "changed")
	refused("sources changed", "a: there is no image of the current sources; run `go tool mage test -services=a`")
	b.export(t, "two")
	if _, err := b.build(t.Context(), b.sel); err != nil {
		t.Fatal(err)
	}
	note(b.sel.Services[:1], catalog.Platforms...) // the tests were of the image before
	refused("another image was proven",
		"a: its image for linux/amd64 is not proven; run `go tool mage test -services=a`",
		"a: its image for linux/arm64 is not proven; run `go tool mage test -services=a`")
}
