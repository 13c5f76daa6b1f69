package tooling

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/stagecraft/internal/catalog"
)

// TestREADMEs does what the READMEs of the services say: build, run, test, fuzz, attach a debugger. A command
// that cannot be done fails it.
func TestREADMEs(t *testing.T) {
	lab := open(t)
	services, err := catalog.Services(lab.root)
	if err != nil {
		t.Fatal(err)
	}
	for _, service := range services {
		t.Run(service.Name, func(t *testing.T) {
			page, err := os.ReadFile(filepath.Join(lab.root, filepath.FromSlash(service.Dir), "README.md"))
			if err != nil {
				t.Fatal(err)
			}
			done := blocks(string(page))
			if len(done) == 0 {
				t.Fatal("no command is in it")
			}
			g := lab.guide(t, service)
			for _, block := range done {
				start := time.Now()
				if err := g.follow(t.Context(), block); err != nil {
					t.Error(err)
				}
				t.Logf("%v: %s", time.Since(start).Round(100*time.Millisecond), strings.Join(block, "; "))
			}
		})
	}
}

// Negative controls: commands that cannot be done.
func TestREADMEControls(t *testing.T) {
	lab := open(t)
	services, err := catalog.Services(lab.root)
	if err != nil {
		t.Fatal(err)
	}
	if len(services) == 0 {
		t.Skip("needs a service")
	}
	g := lab.guide(t, services[0])
	for line, words := range map[string]string{
		"no-such-program --fast": "not found",
		"docker build -f services/" + services[0].Name + "/Dockerfile --target no-such-stage .": "no-such-stage",
		"docker run --rm -p 8080:8080 " + services[0].Name + ":never-built":                     "never-built",
		"cat /no-such-file": "No such file",
	} {
		if err := g.follow(t.Context(), []string{line}); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: got %v, want %q", line, err, words)
		}
	}
}

func (l *laboratory) guide(t *testing.T, service catalog.Service) *guide {
	t.Helper()
	needsDocker(t)
	file := service.Dir + "/Dockerfile"
	text := read(t, filepath.Join(l.root, filepath.FromSlash(file)))
	g := &guide{lab: l, service: service, build: l.dockerBuild(t, file), file: string(text), images: map[string]bool{}}
	t.Cleanup(func() {
		if err := g.close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return g
}

// container starts what `docker run` would start, expects an answer to GET /, and of a debugger that it can be attached
// to.
func (g *guide) container(ctx context.Context, args []string) error {
	name := g.name(fmt.Sprintf("run%d", len(g.started)))
	how := []string{"run", "--detach", "--name", name}
	debug := false
	for i, word := range args {
		switch {
		case word == "--rm": // its log is wanted
		case word == "-it":
			how = append(how, "--interactive")
		case i > 0 && args[i-1] == "-p":
			how = append(how, anyPort(word))
		case i == len(args)-1:
			debug = strings.HasSuffix(word, ":debug")
			how = append(how, g.ours(word))
		default:
			how = append(how, word)
		}
	}
	g.started = append(g.started, name)
	if _, err := g.lab.docker(ctx, "", how...); err != nil {
		return err
	}
	if err := g.visit(ctx, name, debug); err != nil {
		log, _ := g.lab.docker(ctx, "", "logs", "--tail", "10", name)
		return fmt.Errorf("%w; it wrote last:%s", err, tail(log))
	}
	return nil
}

func (g *guide) visit(ctx context.Context, name string, debug bool) error {
	published, err := g.lab.published(ctx, name)
	if err != nil {
		return err
	}
	service := strconv.Itoa(g.service.Port)
	if address, ok := published[service]; ok { // before a debugger, which may stop it
		delete(published, service)
		if err := answers(ctx, address); err != nil {
			return err
		}
	}
	for port, address := range published {
		attach, known := debuggers[port]
		if !known {
			return fmt.Errorf("port %s is published, and it is not known what listens there", port)
		}
		if err := attach(ctx, address); err != nil {
			return err
		}
	}
	if debug && len(published) == 0 {
		return g.interrupted(ctx, name)
	}
	return nil
}

// interrupted: a debugger at the terminal stops the program at Ctrl-C, and answers at its prompt.
func (g *guide) interrupted(ctx context.Context, name string) error {
	if _, err := g.lab.docker(ctx, "", "kill", "--signal=INT", name); err != nil {
		return err
	}
	if err := g.wrote(ctx, name, "received signal SIGINT"); err != nil {
		return err
	}
	attached, cancel := context.WithTimeout(ctx, 2*time.Second) // it stays until the debugger ends
	defer cancel()
	if _, err := g.lab.docker(attached, "print 6 * 7\n", "attach", "--sig-proxy=false", name); err != nil && attached.Err() == nil {
		return err
	}
	return g.wrote(ctx, name, "$1 = 42")
}

// wrote waits until a container has written some words.
func (g *guide) wrote(ctx context.Context, name, words string) error {
	for start := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		log, err := g.lab.docker(ctx, "", "logs", name)
		if err != nil {
			return err
		}
		if strings.Contains(log, words) {
			return nil
		}
		if time.Since(start) > patience {
			return fmt.Errorf("expected that it writes %q", words)
		}
	}
}
