package engine

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
)

// Each set of programs has a module of its own: built from one shared module,
// dockerd would silently get another program's BuildKit. The files are not
// called go.mod because go:embed leaves out folders that hold one.
//
//go:embed modules
var modules embed.FS

// program is one executable of the engine.
type program struct {
	name   string // the executable's file name
	module string // modules/NAME.mod and .sum pin its sources
	pkg    string
	cgo    bool
	tags   string
}

// programs are in the order in which they are compiled.
var programs = []program{
	{name: "dockerd", module: "dockerd", pkg: "github.com/moby/moby/v2/cmd/dockerd"},
	{name: "docker-proxy", module: "dockerd", pkg: "github.com/moby/moby/v2/cmd/docker-proxy"},
	{name: "containerd", module: "containerd", pkg: "github.com/containerd/containerd/v2/cmd/containerd"},
	{name: "containerd-shim-runc-v2", module: "containerd", pkg: "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2"},
	// runc needs C for its first steps in a new namespace, and libseccomp for
	// --security-opt. Its optional libpathrs is not in Debian.
	{name: "runc", module: "runc", pkg: "github.com/opencontainers/runc", cgo: true, tags: "seccomp,urfave_cli_no_docs"},
	{name: "buildx", module: "buildx", pkg: "github.com/docker/buildx/cmd/buildx"},
}

// setKey names the set of the engine's programs.
func setKey() string { return keyOf(programs) }

// keyOf names a set of programs: it changes with every pin and build flag.
func keyOf(set []program) string {
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.GOARCH)
	for _, p := range set {
		fmt.Fprintf(sum, "%+v\n", p)
		if variable, known := versions[p.name]; known {
			fmt.Fprintln(sum, variable)
		}
		for _, ext := range []string{".mod", ".sum"} {
			sum.Write(moduleFile(p.module + ext))
		}
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}

func moduleFile(name string) []byte {
	data, err := modules.ReadFile("modules/" + name)
	if err != nil {
		panic(err) // a name of the table above without its file
	}
	return data
}

func mobyVersion() string { return pinned("dockerd", "github.com/moby/moby/v2") }

// modulePath is the module that the program's package belongs to.
func (p program) modulePath() string {
	at := p.pkg
	for at != "." {
		if pinned(p.module, at) != "unknown" {
			return at
		}
		at = path.Dir(at)
	}
	return p.pkg
}

// bin is the folder of the programs that this source pins.
func (h Home) bin() string { return filepath.Join(h.programs(), setKey()) }

// missing lists the engine's programs that are not compiled yet.
func (h Home) missing() []program { return missingIn(h.bin(), programs) }

// missingIn lists the programs that a folder lacks.
func missingIn(dir string, set []program) []program {
	var todo []program
	for _, p := range set {
		if _, err := os.Stat(filepath.Join(dir, p.name)); err != nil {
			todo = append(todo, p)
		}
	}
	return todo
}

// pinned returns the version that a module file requires of a module.
func pinned(module, requirement string) string {
	m := regexp.MustCompile(`(?m)^\s*(?:require )?` + regexp.QuoteMeta(requirement) + ` (\S+)`).
		FindSubmatch(moduleFile(module + ".mod"))
	if m == nil {
		return "unknown"
	}
	return string(m[1])
}
