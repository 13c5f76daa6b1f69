package tooling

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// devcontainer is what devcontainer.json may have: one more key needs a reason, and a test.
// Source: https://containers.dev/implementors/json_reference
type devcontainer struct {
	Name              string            `json:"name"`
	Build             map[string]string `json:"build"`
	WorkspaceMount    string            `json:"workspaceMount"`
	WorkspaceFolder   string            `json:"workspaceFolder"`
	Mounts            []string          `json:"mounts"`
	RunArgs           []string          `json:"runArgs"`
	ContainerEnv      map[string]string `json:"containerEnv"`
	PostCreateCommand string            `json:"postCreateCommand"`
	Customizations    struct {
		VSCode struct {
			Extensions []string `json:"extensions"`
		} `json:"vscode"`
	} `json:"customizations"`
}

// TestDevcontainer builds the development container and starts it as its configuration says: what mage starts is there, and
// reaches the engine.
func TestDevcontainer(t *testing.T) {
	lab := open(t)
	socket, unix := strings.CutPrefix(lab.engine.Host, "unix://")
	needsDocker(t)
	if !unix {
		t.Skip("needs an engine at a socket")
	}
	var config devcontainer
	decoder := commented(t, filepath.Join(lab.root, ".devcontainer", "devcontainer.json"))
	decoder.DisallowUnknownFields()
	mustNot(t, decoder.Decode(&config))

	file := ".devcontainer/" + config.Build["dockerfile"]
	image := "stagecraft/" + unique("devcontainer") + ":test"
	build := lab.dockerBuild(t, file)("--file="+file, "--tag="+image, filepath.Join(lab.root, ".devcontainer", config.Build["context"]))
	mustNot(t, perform(t.Context(), build))
	lab.discard(t, image)

	args := []string{"run", "--rm"}
	for _, mount := range append(slices.Clone(config.Mounts), config.WorkspaceMount) {
		if strings.Contains(mount, "type=volume") {
			continue // what is kept there would stay in the engine
		}
		mount = strings.ReplaceAll(mount, "${localWorkspaceFolder}", lab.root)
		args = append(args, "--mount="+strings.Replace(mount, "source=/var/run/docker.sock", "source="+socket, 1))
	}
	for name, value := range config.ContainerEnv {
		args = append(args, "--env="+name+"="+value)
	}
	args = append(append(args, config.RunArgs...), "--workdir="+strings.ReplaceAll(config.WorkspaceFolder, "${localWorkspaceFolder}", lab.root), image)
	for _, line := range []string{
		"docker version", "docker buildx bake --print", "docker compose config --quiet", "go version -m $(which go)", "gcc --version",
		"git config --global --add safe.directory $PWD && git --no-optional-locks status --short",
	} {
		if _, err := lab.docker(t.Context(), "", append(args, "sh", "-c", line)...); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if out, err := lab.docker(t.Context(), "", append(args, "sh", "-c", "docker no-such-command")...); err == nil {
		t.Errorf("a command that is not there works: %s", out)
	}
}
