package outdated

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"example.com/stagecraft/internal/command"
)

// Go are the modules that the go command of this machine finds, with its own settings: GOPROXY, GOPRIVATE, netrc. A module
// path holds its major version, so that what is found fits. The package "go" is Go itself.
func Go() Ecosystem {
	return Ecosystem{Name: "Go modules", Compare: compareNumbers, Latest: latestModules}
}

// toolchain is the module that Go itself is published as. Source: https://go.dev/doc/toolchain
const toolchain = "golang.org/toolchain"

func latestModules(ctx context.Context, names []string) (map[string]Versions, error) {
	args := []string{"go", "list", "-m", "-e", "-versions", "-json=Path,Version,Versions,Error"}
	for _, name := range names {
		if name == "go" {
			args = append(args, toolchain)
			continue
		}
		args = append(args, name+"@latest")
	}
	// No checksum is looked up: of what is found, nothing is used.
	env := command.Env("GOWORK=off", "GOFLAGS=-mod=mod", "GOTOOLCHAIN=local", "GONOSUMDB=*")
	out, err := command.Command{Args: args, Dir: os.TempDir(), Env: env, Stderr: io.Discard}.Output(ctx)
	if err != nil && out == "" {
		return nil, fmt.Errorf("ask the go command: %w", err)
	}
	found := map[string]Versions{}
	for answers := json.NewDecoder(strings.NewReader(out)); ; {
		var m struct {
			Path, Version string
			Versions      []string
			Error         *struct{ Err string }
		}
		if err := answers.Decode(&m); errors.Is(err, io.EOF) {
			return found, nil
		} else if err != nil {
			return nil, fmt.Errorf("understand the go command: %w", err)
		}
		switch {
		case m.Path == toolchain: // for it the go command insists on the checksum database, which may be out of reach
			found["go"] = Versions{Latest: newestGo(m.Versions)}
		case m.Error != nil && !absent.MatchString(m.Error.Err):
			return nil, errors.New(firstLine(m.Error.Err))
		case m.Error == nil:
			found[m.Path] = Versions{Latest: m.Version}
		}
	}
}

// absent is how the go command says that there is no such module, other than that it could not ask.
var absent = regexp.MustCompile(`404 Not Found|410 Gone|no matching versions|unknown revision|malformed module path`)

var goVersion = regexp.MustCompile(`-(go[0-9]+\.[0-9]+(?:\.[0-9]+)?)\.linux-amd64$`)

func newestGo(versions []string) string {
	newest := ""
	for _, v := range versions {
		if m := goVersion.FindStringSubmatch(v); len(m) > 1 && (newest == "" || compareNumbers(newest, m[1]) != "") {
			newest = m[1]
		}
	}
	return newest
}
