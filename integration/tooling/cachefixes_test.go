package tooling

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/lint"
)

// downloads are steps as people write them, what they start from, and what finds in the cache what they brought.
var downloads = map[string]struct{ base, step, finds string }{
	"apt": {
		base:  "debian:trixie-slim",
		step:  "with-secrets apt-get update && with-secrets apt-get install -y --no-install-recommends python3.13-venv",
		finds: "find /var/cache/apt -name 'python3.13-venv_*.deb'",
	},
	"npm": {base: "node:24-trixie-slim", step: "with-secrets npm install --prefix /app is-number@7.0.0", finds: "grep -rl is-number /root/.npm"},
	"go":  {base: "golang:1.26-trixie", step: "with-secrets go install github.com/magefile/mage@v1.17.2", finds: "find /go/pkg/mod -path '*magefile/mage@*'"},
}

const (
	offered  = "--mount=type=secret,id=ca --mount=type=secret,id=debian-mirror "
	stepLine = 5 // of downloading
)

// downloading is a Dockerfile whose stage done downloads, and whose stage found is built when a later build has that in its mounts.
const downloading = `FROM %[1]s AS base
COPY dockerfiles/bin/ /usr/local/bin/
FROM base AS install
ARG ROUND
RUN %[2]s ` + offered + `%[3]s
FROM base AS look
ARG ROUND
RUN %[2]s %[4]s | grep -q .
FROM scratch AS done
COPY --from=install /etc/os-release /
FROM scratch AS found
COPY --from=look /etc/os-release /
`

// TestCacheFixes: with what the rule cache suggests, the next build finds in the mount what the first one downloaded.
func TestCacheFixes(t *testing.T) {
	lab := open(t)
	for name, d := range downloads {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			mustNot(t, os.CopyFS(filepath.Join(root, "dockerfiles", "bin"), os.DirFS(filepath.Join(lab.root, "dockerfiles", "bin"))))
			mustNot(t, os.Symlink(filepath.Join(lab.root, "bare"), filepath.Join(root, "bare"))) // the stand-in bases
			file := filepath.Join(root, "Dockerfile")
			write := func(mounts, step string) {
				text := fmt.Sprintf(downloading, pin(t, lab.root, d.base), mounts, step, d.finds)
				mustNot(t, os.WriteFile(file, []byte(text), 0o600))
			}
			write("", d.step)
			fix := cacheFix(t, file)
			write(strings.Join(cacheMount.FindAllString(fix, -1), " "), hookRemoved.FindString(fix)+d.step)
			if again := cacheFix(t, file); fix == "" || again != "" {
				t.Fatalf("the fix is %q, and after it %q", fix, again)
			}
			b, err := build.New(t.Context(), root, lab.engine, "", t.Output())
			mustNot(t, err)
			docker, err := b.Commands(t.Context(), "Dockerfile")
			mustNot(t, err)
			rounds := 0
			target := func(stage string) error { // with mounts of its own, empty at first; no step is taken from an earlier build
				rounds++
				return docker("--build-arg=BUILDKIT_CACHE_MOUNT_NS="+unique(name), fmt.Sprintf("--build-arg=ROUND=%s.%d", unique(name), rounds),
					"--target="+stage, ".").Run(t.Context())
			}
			if target("found") == nil {
				t.Fatal("the mount is not empty at first")
			}
			mustNot(t, target("done"))
			if err := target("found"); err != nil {
				t.Errorf("the next build does not find the download: %v\n%s", err, read(t, file))
			}
		})
	}
}

var (
	cacheMount  = regexp.MustCompile(`--mount=type=cache(,[^\s,]+)+`)
	hookRemoved = regexp.MustCompile(`rm -f \S+ && `)
)

// cacheFix is what the rule cache suggests for the step, "" when it finds nothing.
func cacheFix(t *testing.T, file string) string {
	t.Helper()
	report, err := lint.Files([]string{file}, "", nil)
	mustNot(t, err)
	for _, f := range report.Findings {
		if f.Rule == "cache" && f.Line == stepLine {
			return f.Fix
		}
	}
	return ""
}

// pin is a base with the digest that the templates have.
func pin(t *testing.T, root, base string) string {
	t.Helper()
	templates, err := filepath.Glob(filepath.Join(root, "dockerfiles", "*.Dockerfile"))
	mustNot(t, err)
	for _, name := range templates {
		if ref := regexp.MustCompile(regexp.QuoteMeta(base) + `@sha256:\w+`).Find(read(t, name)); ref != nil {
			return string(ref)
		}
	}
	t.Skipf("needs a template that starts from %s", base)
	return ""
}
