package tooling

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/render"
)

// launch is a configuration of launch.json: what the four debuggers' extensions read of it.
type launch struct {
	Name, Type, Request, PreLaunchTask, PostDebugTask string

	Mode                  string              // go
	SubstitutePath        []map[string]string // go
	PathMappings          []map[string]string // debugpy
	LocalRoot, RemoteRoot string              // node
	Port                  int                 // go, node
	Connect               struct{ Port int }  // debugpy
	Program, Cwd          string              // cppdbg
	SourceFileMap         map[string]string   // cppdbg
	PipeTransport         struct {            // cppdbg
		PipeProgram, DebuggerPath string
		PipeArgs                  []string
	}
}

type vscodeTask struct {
	Label, Command, DependsOn string
	Args                      []string
	IsBackground              bool
}

// greeting is a line of each sample that GET / runs: a debugger must stop there.
var greeting = map[string]string{
	"hello-c": "src/routes.c", "hello-go": "main.go", "hello-node": "src/routes.ts", "hello-python": "src/service/app.py",
}

// TestVSCode does what VS Code does for each configuration: its tasks, then a session in the debugger's own protocol, which stops
// at a breakpoint in a file of this repository.
func TestVSCode(t *testing.T) {
	lab := open(t)
	if _, err := exec.LookPath("docker"); err != nil {
		t.Skip("the tasks run docker, which is not here")
	}
	var launches struct{ Configurations []launch }
	var all struct{ Tasks []vscodeTask }
	readCommented(t, filepath.Join(lab.root, render.LaunchFile), &launches)
	readCommented(t, filepath.Join(lab.root, render.TasksFile), &all)
	tasks := map[string]vscodeTask{}
	for _, task := range all.Tasks {
		tasks[task.Label] = task
	}
	repository, err := catalog.Load(lab.root)
	mustNot(t, err)
	for _, config := range launches.Configurations {
		t.Run(config.Name, func(t *testing.T) {
			file, known := greeting[config.Name]
			if !known {
				t.Skip("it is not known which of its lines answers GET /")
			}
			s := &session{t: t, lab: lab, config: config, project: repository.Project.Name}
			s.file = filepath.Join(lab.root, "services", config.Name, filepath.FromSlash(file))
			above, _, found := bytes.Cut(read(t, s.file), []byte("Hello from"))
			if !found {
				t.Fatalf("%s does not say hello", s.file)
			}
			s.line = 1 + bytes.Count(above, []byte("\n"))
			task := tasks[config.PreLaunchTask]
			if task.DependsOn != "" {
				s.build(tasks[task.DependsOn])
				s.start(task)
			} else {
				s.build(task)
			}
			s.debug()
			if config.PostDebugTask != "" {
				s.docker(tasks[config.PostDebugTask].Args...)
			}
		})
	}
}

// session is one debugging session. Names and ports are not those that a person may use now.
type session struct {
	t       *testing.T
	lab     *laboratory
	project string
	config  launch
	file    string // of the breakpoint, as an editor has it
	line    int
}

// own gives containers and images names of this test, and published ports free numbers.
func (s *session) own(args []string) []string {
	args = slices.Clone(args)
	for i, word := range args {
		switch name, value, _ := strings.Cut(word, "="); {
		case name == "--publish":
			args[i] = "--publish=127.0.0.1::" + value[strings.LastIndex(value, ":")+1:]
		case strings.HasSuffix(word, ":debug"), strings.HasSuffix(word, "-"+s.config.Name+"-debug"):
			args[i] += "-" + unique("vscode")
		}
	}
	return args
}

func (s *session) docker(args ...string) string {
	s.t.Helper()
	c := exec.CommandContext(context.WithoutCancel(s.t.Context()), "docker", s.own(args)...)
	c.Env = s.lab.engine.Env()
	out, err := c.CombinedOutput()
	if err != nil {
		s.t.Fatalf("docker %s: %v: %s", args, err, out)
	}
	return string(out)
}

// build builds the debug stage with the bases of this machine.
func (s *session) build(task vscodeTask) {
	s.t.Helper()
	var said strings.Builder
	builder, err := build.New(s.t.Context(), s.lab.root, s.lab.engine, "", &said)
	mustNot(s.t, err)
	commands, err := builder.Commands(s.t.Context(), "services/"+s.config.Name+"/Dockerfile")
	mustNot(s.t, err)
	if task.Command != "docker" || task.Args[0] != "build" {
		s.t.Fatalf("%s builds nothing: %s", task.Label, task.Args)
	}
	if err := commands(s.own(task.Args[1:])...).Run(s.t.Context()); err != nil {
		s.t.Fatalf("%v%s", err, tail(said.String()))
	}
	s.t.Cleanup(func() {
		for _, word := range task.Args {
			if image, ok := strings.CutPrefix(word, "--tag="); ok {
				s.docker("rmi", "--force", image)
			}
		}
	})
}

// start runs a task in the background, until it writes something, as VS Code does.
func (s *session) start(task vscodeTask) {
	s.t.Helper()
	c := exec.CommandContext(s.t.Context(), task.Command, s.own(task.Args)...)
	c.Env = s.lab.engine.Env()
	input, err := c.StdinPipe() // open, as a terminal's is
	mustNot(s.t, err)
	output, write := io.Pipe()
	c.Stdout, c.Stderr = write, write
	mustNot(s.t, c.Start())
	go func() { write.CloseWithError(c.Wait()) }()
	s.t.Cleanup(func() { _ = input.Close() })
	line, err := bufio.NewReader(output).ReadString('\n')
	if !task.IsBackground || err != nil {
		s.t.Fatalf("%s: %v", task.Label, err)
	}
	s.t.Logf("%s: %s", task.Label, line)
	go func() { _, _ = io.Copy(io.Discard, output) }()
}

// address is where a port of the container is reached.
func (s *session) address(port string) string {
	s.t.Helper()
	published, _, _ := strings.Cut(s.docker("port", s.project+"-"+s.config.Name+"-debug", port), "\n")
	return published
}

// visit asks for GET / as soon as the service listens, and gives the status when that is answered: a breakpoint holds it up.
func (s *session) visit(port string) <-chan int {
	s.t.Helper()
	address := s.address(port)
	status := make(chan int, 1)
	go func() {
		defer close(status)
		for ; s.t.Context().Err() == nil; time.Sleep(100 * time.Millisecond) {
			request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, "http://"+address+"/", http.NoBody)
			if err != nil {
				return
			}
			if answer, err := http.DefaultClient.Do(request); err == nil {
				_ = answer.Body.Close()
				status <- answer.StatusCode
				return
			}
		}
	}()
	return status
}

// local is a path of VS Code's with its variable filled in.
func (s *session) local(path string) string {
	return strings.ReplaceAll(path, "${workspaceFolder}", s.lab.root)
}

// readCommented reads JSON with lines of comments.
func readCommented(t *testing.T, file string, into any) {
	t.Helper()
	var text strings.Builder
	for line := range strings.Lines(string(read(t, file))) {
		if !strings.HasPrefix(strings.TrimSpace(line), "//") {
			text.WriteString(line)
		}
	}
	if err := json.Unmarshal([]byte(text.String()), into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
