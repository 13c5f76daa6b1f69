package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/manifest"
)

// LaunchFile and TasksFile let VS Code debug each service in a container of its stage `debug`; relative to the repository's root.
const (
	LaunchFile = ".vscode/launch.json"
	TasksFile  = ".vscode/tasks.json"
)

const vscodeComment = "// Rendered from services/*/service.yaml by `go tool mage render`: change those. Your own go to a *.code-workspace file.\n"

// debugPorts are where the debuggers of the debug stages listen. In those of C, gdb is started instead of the program.
var debugPorts = map[catalog.Language]int{"go": 2345, "go-cgo": 2345, "python": 5678, "node": 9229, "c": 0, "cmake": 0}

// launches is launch.json. What the configurations of each extension may have is theirs alone, hence the maps.
// Sources: https://github.com/golang/vscode-go/blob/master/docs/debugging.md, https://code.visualstudio.com/docs/python/debugging,
// https://code.visualstudio.com/docs/nodejs/nodejs-debugging and https://code.visualstudio.com/docs/cpp/pipe-transport
type launches struct {
	Version        string           `json:"version"`
	Configurations []map[string]any `json:"configurations"`
}

// tasks is tasks.json. Source: https://code.visualstudio.com/docs/reference/tasks-appendix
type tasks struct {
	Version string       `json:"version"`
	Tasks   []vscodeTask `json:"tasks"`
}

type vscodeTask struct {
	Label          string   `json:"label"`
	Type           string   `json:"type"`
	Command        string   `json:"command"`
	Args           []string `json:"args"`
	DependsOn      string   `json:"dependsOn,omitempty"`
	IsBackground   bool     `json:"isBackground,omitempty"`
	ProblemMatcher any      `json:"problemMatcher"`
}

// untilItWrites ends the wait for a task in the background with its first line: debuggers listen before the program starts.
var untilItWrites = map[string]any{
	"pattern":    map[string]any{"regexp": "^(?!)"},
	"background": map[string]any{"activeOnStart": true, "beginsPattern": "^(?!)", "endsPattern": "."},
}

// vscode renders launch.json and tasks.json.
func vscode(root string, services []catalog.Service) (map[string][]byte, error) {
	launch, task := launches{Version: "0.2.0", Configurations: []map[string]any{}}, tasks{Version: "2.0.0", Tasks: []vscodeTask{}}
	ports := HostPorts(services)
	for _, s := range services {
		port, known := debugPorts[s.Language]
		if !known {
			continue
		}
		image := s.Project + "/" + s.Name + ":debug"
		build := vscodeTask{
			Label: "build " + s.Name + " for a debugger", Type: "process", Command: "docker", ProblemMatcher: []string{},
			Args: []string{"build", "--file=" + s.Dir + "/Dockerfile", "--target=debug", "--tag=" + image, "."},
		}
		task.Tasks = append(task.Tasks, build)
		run := []string{"run", "--rm", "--interactive", "--name=" + s.Project + "-" + s.Name + "-debug"}
		if s.Port > 0 {
			run = append(run, fmt.Sprintf("--publish=127.0.0.1:%d:%d", ports[s.Name], s.Port))
		}
		for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
			run = append(run, "--env="+name+"="+s.Environment[name])
		}
		if port == 0 {
			launch.Configurations = append(launch.Configurations, gdb(root, s, append(run, "--entrypoint=/bin/sh", image, "-c"), build.Label))
			continue
		}
		start := vscodeTask{
			Label: "run " + s.Name + " under a debugger", Type: "process", Command: "docker", DependsOn: build.Label,
			IsBackground: true, ProblemMatcher: untilItWrites,
			Args: append(run, fmt.Sprintf("--publish=127.0.0.1:%d:%[1]d", port), image),
		}
		stop := vscodeTask{
			Label: "stop " + s.Name, Type: "process", Command: "docker", ProblemMatcher: []string{},
			Args: []string{"rm", "--force", s.Project + "-" + s.Name + "-debug"},
		}
		task.Tasks = append(task.Tasks, start, stop)
		attach := attached(s.Language, port)
		attach["name"], attach["request"] = s.Name, "attach"
		attach["preLaunchTask"], attach["postDebugTask"] = start.Label, stop.Label
		launch.Configurations = append(launch.Configurations, attach)
	}
	files := map[string][]byte{}
	for name, content := range map[string]any{LaunchFile: launch, TasksFile: task} {
		var text bytes.Buffer
		text.WriteString(vscodeComment)
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(content); err != nil {
			return nil, fmt.Errorf("rendering %s: %w", name, err)
		}
		files[name] = text.Bytes()
	}
	return files, nil
}

// attached is what the extension of a language needs to attach to the debugger that listens on port; sources are in /src there.
func attached(language catalog.Language, port int) map[string]any {
	switch language {
	case "python":
		return map[string]any{
			"type": "debugpy", "connect": map[string]any{"host": "127.0.0.1", "port": port},
			"pathMappings": []map[string]string{{"localRoot": "${workspaceFolder}", "remoteRoot": "/src"}},
		}
	case "node":
		return map[string]any{
			"type": "node", "address": "127.0.0.1", "port": port, "restart": true,
			"localRoot": "${workspaceFolder}", "remoteRoot": "/src",
		}
	default:
		return map[string]any{
			"type": "go", "mode": "remote", "host": "127.0.0.1", "port": port,
			"substitutePath": []map[string]string{{"from": "${workspaceFolder}", "to": "/src"}},
		}
	}
}

// gdb starts the program under gdb in a container, whose standard input and output VS Code talks to.
func gdb(root string, s catalog.Service, run []string, build string) map[string]any {
	command := s.Command
	if len(command) == 0 {
		command = []string{"/" + manifest.Program(filepath.Join(root, filepath.FromSlash(s.Dir)))}
	}
	return map[string]any{
		"name": s.Name, "type": "cppdbg", "request": "launch", "preLaunchTask": build,
		"program": command[0], "args": append([]string{}, command[1:]...), "cwd": "/app", "MIMode": "gdb",
		"pipeTransport": map[string]any{"pipeProgram": "docker", "pipeArgs": run, "debuggerPath": "gdb", "pipeCwd": "${workspaceFolder}"},
		"sourceFileMap": map[string]string{"/src": "${workspaceFolder}"},
	}
}
