package lint

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/secret"
	"example.com/stagecraft/internal/shell"
)

// checkRun looks for secrets that a RUN holds, or writes into its layer. What the same RUN removes again is in no layer.
func checkRun(d *Dockerfile, in dockerfile.Instruction, run *instructions.RunCommand, found atLine) {
	if kind := secret.Kind(script(run)); kind != "" {
		found(in.Line, "RUN holds "+kind, "take it from a secret mount, and revoke this one", "RUN")
	}
	commands := d.commandsOf(in)
	for n, c := range commands {
		for _, pair := range c.Env {
			if key, value, _ := strings.Cut(pair, "="); secret.In(key, value) && !secret.IsPlaceholder(value) {
				found(in.Line, "RUN sets "+key+", which is for a secret, and stays in the image's history", "replace the assignment by --mount=type=secret,id="+key+",env="+key, key)
			}
		}
		if written := writesSecret(run, c); len(written) > 0 && !slices.ContainsFunc(commands[n+1:], func(later shell.Command) bool { return removesAny(later, written) }) {
			found(in.Line, "`"+c.String()+"` writes a secret into a layer", "use it where it is mounted, or remove the file in the same RUN", "RUN")
		}
	}
}

// writesSecret is where a command puts a secret that it gets from a mount or a variable: files of the layer, or the settings of
// the program.
func writesSecret(run *instructions.RunCommand, c shell.Command) (written []string) {
	fromFile := func() bool { return slices.ContainsFunc(c.Args, func(a string) bool { return isSecretFile(run, a) }) }
	fromVariable := func() bool { return slices.ContainsFunc(c.Uses, secret.IsName) }
	switch c.Name {
	case "cp", "mv", "install":
		if rest := c.Operands(); len(rest) > 1 && fromFile() {
			written = []string{rest[len(rest)-1], rest[len(rest)-2]} // the source, where the target is a folder
		}
	case "cat", "echo", "printf":
		if len(c.Writes) > 0 && (fromVariable() || c.Name == "cat" && fromFile()) {
			written = c.Writes
		}
	case "npm", "yarn", "pnpm", "git", "pip", "pip3", "poetry", "composer", "bundle":
		if c.Has("config") && fromVariable() {
			return []string{c.Name}
		}
	}
	return slices.DeleteFunc(slices.Clone(written), func(file string) bool { return outsideLayer(run, file) })
}

// removesAny reports whether a command removes one of the files, or a setting of the program.
func removesAny(c shell.Command, written []string) bool {
	if c.Has("config") && c.Has("delete", "unset", "--unset", "--unset-all", "--remove-section", "rm") {
		return slices.Contains(written, c.Name)
	}
	return (c.Name == "rm" || c.Name == "shred") && slices.ContainsFunc(c.Operands(), func(removed string) bool {
		return slices.ContainsFunc(written, func(file string) bool {
			return path.Base(removed) == path.Base(file) || path.Base(removed) == path.Base(path.Dir(file))
		})
	})
}

// isSecretFile reports whether a path is that of a secret mount.
func isSecretFile(run *instructions.RunCommand, file string) bool {
	return strings.HasPrefix(file, "/run/secrets/") || slices.ContainsFunc(dockerfile.Mounts(run), func(m *instructions.Mount) bool {
		return m.Type == instructions.MountTypeSecret && m.Target != "" && m.Target == file
	})
}

// outsideLayer reports whether a path is a device, or in a mount.
func outsideLayer(run *instructions.RunCommand, file string) bool {
	return strings.HasPrefix(file, "/dev/") || strings.HasPrefix(file, "/proc/") || slices.ContainsFunc(dockerfile.Mounts(run), func(m *instructions.Mount) bool {
		return m.Target != "" && emptiesFolder(m.Target, file)
	})
}
