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
	"strconv"
	"strings"
	"testing"
	"time"

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
	needsDocker(t)
	var launches struct{ Configurations []launch }
	var all struct{ Tasks []vscodeTask }
	mustNot(t,
		commented(t, filepath.Join(lab.root, render.LaunchFile)).Decode(&launches),
		commented(t, filepath.Join(lab.root, render.TasksFile)).Decode(&all),
	)
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
			i := slices.IndexFunc(repository.Services, func(s catalog.Service) bool { return s.Name == config.Name })
			s := &session{t: t, lab: lab, config: config, service: repository.Services[i]}
			s.file = filepath.Join(lab.root, filepath.FromSlash(s.service.Dir), filepath.FromSlash(file))
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
	service catalog.Service
	config  launch
	file    string // of the breakpoint; an absolute path
	line    int
}

// own gives containers and images names of this test, and published ports free numbers.
func (s *session) own(args []string) []string {
	args = slices.Clone(args)
	for i, word := range args {
		switch name, value, _ := strings.Cut(word, "="); {
		case name == "--publish":
			args[i] = "--publish=" + anyPort(value)
		case strings.HasSuffix(word, ":debug"), strings.HasSuffix(word, "-"+s.service.Name+"-debug"):
			args[i] += "-" + unique("vscode")
		}
	}
	return args
}

func (s *session) docker(args ...string) {
	s.t.Helper()
	_, err := s.lab.docker(context.WithoutCancel(s.t.Context()), "", s.own(args)...)
	mustNot(s.t, err)
}

// build builds the debug stage.
func (s *session) build(task vscodeTask) {
	s.t.Helper()
	if task.Command != "docker" || task.Args[0] != "build" {
		s.t.Fatalf("%s builds nothing: %s", task.Label, task.Args)
	}
	commands := s.lab.dockerBuild(s.t, s.service.Dir+"/Dockerfile")
	mustNot(s.t, perform(s.t.Context(), commands(s.own(task.Args[1:])...)))
	for _, word := range s.own(task.Args) {
		if image, ok := strings.CutPrefix(word, "--tag="); ok {
			s.lab.discard(s.t, image)
		}
	}
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

// address is where this machine reaches a port of the container.
func (s *session) address(port int) string {
	s.t.Helper()
	container := s.own([]string{s.service.Project + "-" + s.service.Name + "-debug"})[0]
	addresses, err := s.lab.published(s.t.Context(), container)
	mustNot(s.t, err)
	address, ok := addresses[strconv.Itoa(port)]
	if !ok {
		s.t.Fatalf("%s does not publish port %d, only %v", container, port, addresses)
	}
	return address
}

// visit asks for GET / as soon as the service listens, and sends the status once that is answered: a breakpoint delays it.
func (s *session) visit() <-chan int {
	s.t.Helper()
	url := "http://" + s.address(s.service.Port) + "/"
	status := make(chan int, 1)
	go func() {
		defer close(status)
		for ; s.t.Context().Err() == nil; time.Sleep(100 * time.Millisecond) {
			request, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, url, http.NoBody)
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

func (s *session) expectAnswer(status <-chan int) {
	s.t.Helper()
	if got := <-status; got != http.StatusOK {
		s.t.Errorf("GET / is answered with %d", got)
	}
}

// local is a path of VS Code's with its variable filled in.
func (s *session) local(path string) string {
	return strings.ReplaceAll(path, "${workspaceFolder}", s.lab.root)
}

// commented decodes JSON that has lines of comments.
func commented(t *testing.T, file string) *json.Decoder {
	t.Helper()
	var text bytes.Buffer
	for line := range bytes.Lines(read(t, file)) {
		if !bytes.HasPrefix(bytes.TrimSpace(line), []byte("//")) {
			text.Write(line)
		}
	}
	return json.NewDecoder(&text)
}
