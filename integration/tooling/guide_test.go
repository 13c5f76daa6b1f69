package tooling

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"mvdan.cc/sh/v3/shell"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/command"
)

// elsewhere are commands that other tests do, with the words by which they are found there.
var elsewhere = map[string][2]string{
	"npm ci --ignore-scripts":                          {"dockerfiles/node/node-install", `npm ci $quiet`},
	"npm ci --ignore-scripts --prefix ../../libs/node": {"dockerfiles/node/node-install", `npm ci $quiet`},
}

// typed are commands that wait for a person's words, and such words.
var typed = map[string]string{"dlv connect": "version\nexit -c\n"}

// shorter are settings of time, and what is enough to see that a command works.
var shorter = strings.NewReplacer("FUZZ_SECONDS=600", "FUZZ_SECONDS=3")

// guide does what a README says, in the order of its lines, as far from the user's own things as possible: commands
// of a shell in a container with the service's toolchain and sources, published ports on free ones, images under our names.
type guide struct {
	lab       *laboratory
	service   catalog.Service
	build     func(args ...string) command.Command // docker build, with the project's bases
	file      string                               // the service's Dockerfile, its text
	workbench string                               // the container with the test stage
	started   []string                             // containers of the block
	images    map[string]bool
}

// follow does one block.
func (g *guide) follow(ctx context.Context, block []string) (err error) {
	defer func() {
		if len(g.started) > 0 {
			_, removed := g.lab.docker(ctx, "", append([]string{"rm", "--force"}, g.started...)...)
			g.started, err = nil, errors.Join(err, removed)
		}
	}()
	for i, line := range block {
		asked := i+1 < len(block) && strings.HasPrefix(block[i+1], "curl ")
		if err := g.do(ctx, shorter.Replace(line), asked); err != nil {
			return fmt.Errorf("%s: %w", line, err)
		}
	}
	return nil
}

// do does one command. When the next one asks it, it is a server and goes on.
func (g *guide) do(ctx context.Context, line string, asked bool) error {
	words, err := shell.Fields(line, func(name string) string {
		if name == "PWD" {
			return g.lab.root
		}
		return "$" + name
	})
	if err != nil {
		return err
	}
	if proof, ok := elsewhere[line]; ok {
		text, err := os.ReadFile(filepath.Join(g.lab.root, filepath.FromSlash(proof[0])))
		if err != nil || !strings.Contains(string(text), proof[1]) {
			return fmt.Errorf("expected %s in %s: %w", proof[1], proof[0], err)
		}
		return nil
	}
	switch {
	case strings.HasPrefix(line, "docker build "):
		return g.image(ctx, words[2:]...)
	case strings.HasPrefix(line, "docker run "):
		return g.container(ctx, words[2:])
	case strings.HasPrefix(line, "curl "):
		return g.curl(ctx, words[1:])
	case strings.HasPrefix(line, "dlv "):
		_, err := g.lab.docker(ctx, typed["dlv connect"], append([]string{"exec", "--interactive", g.started[len(g.started)-1]}, words...)...)
		return err
	case strings.Contains(g.file, line): // a stage of the Dockerfile does it, and is built here
		return nil
	}
	return g.inWorkbench(ctx, line, asked)
}

func (g *guide) image(ctx context.Context, args ...string) error {
	for i, word := range args {
		if i > 0 && args[i-1] == "-t" {
			args[i] = g.ours(word)
			g.images[args[i]] = true
		}
	}
	return perform(ctx, g.build(args...))
}

// ours is an image's name that is not the user's.
func (g *guide) ours(image string) string {
	if rest, ok := strings.CutPrefix(image, g.service.Name); ok {
		return "stagecraft/" + g.service.Name + ":readme" + strings.ReplaceAll(rest, ":", "-")
	}
	return image
}

// inWorkbench runs a line in a shell of the service's test stage.
func (g *guide) inWorkbench(ctx context.Context, line string, asked bool) error {
	if g.workbench == "" {
		if err := g.image(ctx, "-f", g.service.Dir+"/Dockerfile", "--target", "test", "-t", g.service.Name+":workbench", "."); err != nil {
			return err
		}
		g.workbench = g.name("workbench")
		// What the lock file says is installed there; nothing needs the network.
		_, err := g.lab.docker(ctx, "", "run", "--detach", "--name", g.workbench, "--env", "UV_PROJECT_ENVIRONMENT=/venv", "--env", "UV_NO_SYNC=1",
			"--workdir", "/src/"+g.service.Dir, "--entrypoint", "sleep", g.ours(g.service.Name+":workbench"), "infinity")
		if err != nil {
			return err
		}
	}
	how := []string{"exec", g.workbench}
	if asked {
		how = []string{"exec", "--detach", g.workbench}
	}
	_, err := g.lab.docker(ctx, "", append(how, "sh", "-c", line)...)
	return err
}

// curl asks the server that was started last.
func (g *guide) curl(ctx context.Context, args []string) error {
	addr, err := g.lab.docker(ctx, "", "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", g.workbench)
	if err != nil {
		return err
	}
	patiently := []string{
		"curl", "--connect-to", "::" + strings.TrimSpace(addr) + ":", "--fail", "--max-time", "60",
		"--retry", "100", "--retry-connrefused", "--retry-delay", "1",
	}
	return perform(ctx, command.Command{Args: append(patiently, args...)})
}

func (g *guide) name(what string) string {
	return fmt.Sprintf("stagecraft-%s-%s-%d", g.service.Name, what, os.Getpid())
}

// close removes what is left.
func (g *guide) close(ctx context.Context) error {
	var errs []error
	if g.workbench != "" {
		_, err := g.lab.docker(ctx, "", "rm", "--force", g.workbench)
		errs = append(errs, err)
	}
	for image := range g.images {
		_, err := g.lab.docker(ctx, "", "rmi", "--force", image)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// perform runs a command; its error holds the end of what it wrote.
func perform(ctx context.Context, c command.Command) error {
	var output strings.Builder
	c.Stdout, c.Stderr = &output, &output
	err := c.Run(ctx)
	var exit *exec.ExitError
	if errors.As(err, &exit) { // without the command, which is long and not what the page has
		err = exit
	}
	if err != nil {
		return fmt.Errorf("%w: %s", err, tail(output.String()))
	}
	return nil
}

func tail(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return "\n    " + strings.Join(lines[max(0, len(lines)-40):], "\n    ")
}

// answers waits until a server at addr answers GET / with 200.
func answers(ctx context.Context, addr string) error {
	for start := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/", http.NoBody)
		if err != nil {
			return err
		}
		answer, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
			err = fmt.Errorf("GET / is answered with %d", answer.StatusCode)
		}
		if time.Since(start) > time.Minute {
			return err
		}
	}
}
