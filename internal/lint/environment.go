package lint

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
)

// environment is what the shell of a RUN finds in its environment.
type environment struct {
	declared []string // by ARG, ENV and mounts
	base     string   // the image that the stage starts from, as written
	known    bool     // the base sets nothing but PATH
	opaque   bool     // the shell reads files that may set more
}

// environmentOf is what the instructions above a RUN declare.
func (d *Dockerfile) environmentOf(s *dockerfile.Stage, at dockerfile.Instruction) environment {
	lineage := s.Lineage()
	root := lineage[len(lineage)-1]
	e := environment{base: root.Written, known: knownVariables(root)}
	for _, stage := range lineage {
		for _, in := range stage.Instructions {
			if stage == s && in.Line >= at.Line {
				break
			}
			switch c := in.Command.(type) {
			case *instructions.ArgCommand:
				for _, a := range c.Args {
					e.declared = append(e.declared, a.Key)
				}
			case *instructions.EnvCommand:
				for _, pair := range c.Env {
					e.declared = append(e.declared, pair.Key)
					e.opaque = e.opaque || pair.Key == "BASH_ENV" || pair.Key == "ENV"
				}
			case *instructions.ShellCommand:
				e.opaque = e.opaque || slices.ContainsFunc(c.Shell, readsProfile)
			}
		}
	}
	if run, ok := at.Command.(*instructions.RunCommand); ok {
		for _, m := range dockerfile.Mounts(run) {
			if m.Env != nil {
				e.declared = append(e.declared, cmp.Or(*m.Env, m.CacheID))
			}
		}
	}
	return e
}

// readsProfile reports whether a shell's flag makes it read files first: -l, -lc, -ic, --login.
func readsProfile(flag string) bool {
	return flag == "--login" || strings.HasPrefix(flag, "-") && !strings.HasPrefix(flag, "--") && strings.ContainsAny(flag, "li")
}

// has reports whether a variable is there: declared, or set by the shell or the build.
func (e environment) has(name string) bool {
	return slices.Contains(e.declared, name) || alwaysThere.MatchString(name)
}

// alwaysThere are the variables of the shell, of a container, and the arguments that need no ARG.
var alwaysThere = regexp.MustCompile(`^(_|HOME|PATH|PWD|OLDPWD|IFS|PS[0-4]|PPID|E?UID|GROUPS|RANDOM|SRANDOM|SECONDS|EPOCH\w+|LINENO|HOSTNAME|HOSTTYPE|MACHTYPE|OSTYPE|` +
	`SHELL|SHLVL|SHELLOPTS|BASH\w*|FUNCNAME|PIPESTATUS|DIRSTACK|COMP_\w+|OPT(ARG|IND|ERR)|REPLY|MAPFILE|COLUMNS|LINES|TERM|SSH_AUTH_SOCK|SOURCE_DATE_EPOCH|` +
	`(?i:(https?|ftp|no|all)_proxy))$`)

// baseVariables are variables that published images set.
var baseVariables = regexp.MustCompile(`^(LANG|LANGUAGE|LC_\w+|TZ|USER|DEBIAN_FRONTEND|GPG_KEYS?|GOPATH|GOROOT|GOLANG_VERSION|GOTOOLCHAIN|(PYTHON|NODE|YARN|RUBY|PHP|JAVA|RUST|NGINX|PG|NJS)_\w+|` +
	`PGDATA|CARGO_HOME|RUSTUP_HOME|GEM_HOME|BUNDLE_\w+|PHPIZE_DEPS|APACHE_\w+|[A-Z0-9_]+_HOME|(NV|NVIDIA|CUDA|CONDA|DOTNET|ASPNET\w*|NUGET|LD|LIBRARY)_\w+|NVARCH|\w*FLAGS|PKG_CONFIG_PATH|CC|CXX)$`)

// knownVariables reports whether a stage starts from nothing, or from an image that sets no variable but PATH.
func knownVariables(root *dockerfile.Stage) bool {
	name, _ := officialName(root.Base)
	return root.Scratch() || slices.Contains(plainImages, name)
}
