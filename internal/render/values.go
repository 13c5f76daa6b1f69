package render

import (
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/manifest"
)

// Values are what a template may fill in: the exported fields and methods. The catalog limits all but the texts to characters
// that are safe anywhere in a Dockerfile.
type Values struct {
	Name        string
	Dir         string // of the service: services/NAME
	Description string // escaped, like Source and Licenses, for use between double quotes
	Source      string
	Licenses    string
	Port        int
	Live        string
	Ready       string

	root    string
	service catalog.Service
}

// quoted escapes what is special between double quotes, in a LABEL instruction for example.
var quoted = strings.NewReplacer(`\`, `\\`, `"`, `\"`, `$`, `\$`)

func newValues(root string, project catalog.Project, service catalog.Service) Values {
	return Values{
		Name:        service.Name,
		Dir:         service.Dir,
		Description: quoted.Replace(service.Description),
		Source:      quoted.Replace(project.Source),
		Licenses:    quoted.Replace(project.Licenses),
		Port:        service.Port,
		Live:        service.Health.Live,
		Ready:       service.Health.Ready,
		root:        root,
		service:     service,
	}
}

// Sources are the service's folder and the shared folders that it uses; with names, those files in each of them. They are the
// sources of a COPY --parents, which takes wildcards.
func (v Values) Sources(names ...string) string {
	folders := append([]string{v.Dir}, v.service.Uses...)
	if len(names) == 0 {
		return strings.Join(folders, " ")
	}
	var files []string
	for _, folder := range folders {
		for _, name := range names {
			files = append(files, path.Join(folder, name))
		}
	}
	return strings.Join(files, " ")
}

// Files are the paths that the service ships next to its program, relative to its folder.
func (v Values) Files() string { return strings.Join(v.service.Files, " ") }

// Packages are the Debian packages that the service asks for.
func (v Values) Packages() string { return strings.Join(v.service.Packages, " ") }

// BuildPackages are the Debian packages for the target that the build compiles and links against.
func (v Values) BuildPackages() string { return strings.Join(v.service.BuildPackages, " ") }

// Command is the service's command in exec form; empty when it has none, so that a template can give a default.
func (v Values) Command() string { return exec(v.service.Command) }

// Arguments are the words of the command after the first, in exec form; empty when there is no command.
func (v Values) Arguments() string {
	if len(v.service.Command) == 0 {
		return ""
	}
	return exec(append([]string{}, v.service.Command[1:]...))
}

// Commands are the commands of all processes of the service, in exec form, one a line: its own (where it has
// none, the given words, or the compiled program), those in `commands`, and that of the health check. They are for a script's
// standard input, where no word needs quotes.
func (v Values) Commands(words ...string) string {
	own := v.Program()
	if len(v.service.Command) > 0 {
		own = v.Command()
	} else if len(words) > 0 {
		own = exec(words)
	}
	lines := []string{own}
	for _, name := range slices.Sorted(maps.Keys(v.service.Commands)) {
		lines = append(lines, exec(v.service.Commands[name]))
	}
	if probe := v.service.Health.Probe; len(probe) > 0 {
		lines = append(lines, exec(probe))
	}
	return strings.Join(lines, "\n")
}

// Program is the compiled program in exec form. It is called like the service; a Go program, as the go command has it, like the
// last element of its module's path.
func (v Values) Program() string {
	return exec([]string{"/" + manifest.Program(filepath.Join(v.root, filepath.FromSlash(v.Dir)))})
}

// Listen are the instructions that name the service's port; a comment for a service that has none.
func (v Values) Listen() string {
	if v.Port == 0 {
		return "# It listens on no port."
	}
	return fmt.Sprintf("ENV PORT=%d\nEXPOSE %[1]d", v.Port)
}

// Probe is what follows HEALTHCHECK: the service's own probe, else the one whose words the template gives, with the path of
// health.live at its end. NONE, where there is neither or HTTP is not spoken: such a service is probed from outside.
func (v Values) Probe(words ...string) string {
	if probe := v.service.Health.Probe; len(probe) > 0 {
		words = probe
	} else if v.service.Protocol != catalog.HTTP {
		words = nil
	}
	if len(words) == 0 {
		return "NONE"
	}
	if v.service.Protocol == catalog.HTTP {
		words = append(slices.Clone(words), v.Live)
	}
	return "--interval=10s --timeout=5s --start-period=10s CMD " + exec(words)
}

// exec is the exec form of a command, as RUN, ENTRYPOINT and HEALTHCHECK take it; empty for nil.
func exec(words []string) string {
	if words == nil {
		return ""
	}
	var list []string
	for _, word := range words {
		list = append(list, quoteJSON(word))
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// quoteJSON writes a text as JSON.
func quoteJSON(word string) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(word) // a strings.Builder takes all
	return strings.TrimSuffix(text.String(), "\n")
}
