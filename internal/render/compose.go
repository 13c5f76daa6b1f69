package render

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/limits"
)

// ComposeFile is the rendered Compose file of the services, relative to the repository's root.
const ComposeFile = "compose.yaml"

const composeComment = "# Rendered from services/*/service.yaml by `go tool mage render`: change those. compose.override.yaml is yours.\n" +
	"# docker compose up --watch: every service and its further commands, built again when their sources change.\n"

// compose is compose.yaml. Keys come out in the order of the fields, map keys sorted.
// Source: https://github.com/compose-spec/compose-spec/blob/main/spec.md
type compose struct {
	Name     string                    `yaml:"name"`
	Services map[string]composeService `yaml:"services"`
}

type composeService struct {
	Image       string            `yaml:"image"`
	Build       composeBuild      `yaml:"build,flow"`
	Entrypoint  []string          `yaml:"entrypoint,flow,omitempty"`
	Healthcheck map[string]bool   `yaml:"healthcheck,flow,omitempty"` // without it, the image's HEALTHCHECK holds
	Ports       []string          `yaml:"ports,flow,omitempty"`
	Environment map[string]string `yaml:"environment,omitempty"`
	DependsOn   map[string]needed `yaml:"depends_on,omitempty"`
	ReadOnly    bool              `yaml:"read_only"`
	CapDrop     []string          `yaml:"cap_drop,flow"`
	SecurityOpt []string          `yaml:"security_opt,flow"`
	Memory      catalog.Bytes     `yaml:"mem_limit"`
	MemorySwap  catalog.Bytes     `yaml:"memswap_limit"` // both together, so: no swap
	Tmpfs       []string          `yaml:"tmpfs,flow,omitempty"`
	Develop     develop           `yaml:"develop"`
}

type composeBuild struct {
	Context    string `yaml:"context"`
	Dockerfile string `yaml:"dockerfile"`
	Target     string `yaml:"target"`
}

type needed struct {
	Condition string `yaml:"condition"`
}

// develop has one rule for each folder with sources. All languages rebuild the image that ships: nothing can be copied into
// a container whose root is read-only, and what runs keeps its user, limits and health check. A debug stage has none of them.
type develop struct {
	Watch []watched `yaml:"watch"`
}

type watched struct {
	Action string `yaml:"action"`
	Path   string `yaml:"path"`
}

// composeFile renders the Compose file. healthy tells whether the image of a service has a health check.
func composeFile(project catalog.Project, services []catalog.Service, healthy func(catalog.Service) bool) ([]byte, error) {
	file := compose{Name: project.Name, Services: map[string]composeService{}}
	conditions := map[string]string{}
	for _, s := range services {
		conditions[s.Name] = "service_started"
		if healthy(s) {
			conditions[s.Name] = "service_healthy"
		}
	}
	ports := HostPorts(services)
	var problems []error
	for _, s := range services {
		main := confined(s)
		if s.Port > 0 {
			main.Ports = []string{fmt.Sprintf("127.0.0.1:%d:%d", ports[s.Name], s.Port)}
		}
		main.DependsOn = needs(s, len(s.DependsOn), conditions)
		file.Services[s.Name] = main

		for _, name := range slices.Sorted(maps.Keys(s.Commands)) {
			if _, taken := conditions[CommandService(s, name)]; taken {
				problems = append(problems, fmt.Errorf("%s/service.yaml: commands: %s would be %s in %s, which is another service; rename the command",
					s.Dir, name, CommandService(s, name), ComposeFile))
			}
			command := confined(s)
			command.Entrypoint = make([]string, len(s.Commands[name]))
			for i, word := range s.Commands[name] {
				command.Entrypoint[i] = interpolated.Replace(word)
			}
			// The image's HEALTHCHECK asks its own command.
			command.Healthcheck = map[string]bool{"disable": true}
			// A command waits for what its service waits for, up to itself.
			before := slices.Index(s.DependsOn, name)
			if before < 0 {
				before = len(s.DependsOn)
			}
			command.DependsOn = needs(s, before, conditions)
			file.Services[CommandService(s, name)] = command
		}
	}
	content, err := yaml.Dump(file, yaml.WithV4Defaults(), yaml.WithLineWidth(-1))
	return append([]byte(composeComment), content...), errors.Join(append(problems, err)...)
}

// CommandService is the Compose service of a further command of s. All of them are started with it: a worker is part of
// what a service does, and the tests of this repository start each command too.
func CommandService(s catalog.Service, command string) string { return s.Name + "-" + command }

// confined is what all processes of a service have in common: the image, the variables, and the runtime contract.
func confined(s catalog.Service) composeService {
	allowed := limits.Of(s)
	c := composeService{
		Image:       s.Image(),
		Build:       composeBuild{Context: ".", Dockerfile: s.Dir + "/Dockerfile", Target: "runtime"},
		ReadOnly:    allowed.ReadOnly,
		CapDrop:     allowed.CapDrop,
		SecurityOpt: allowed.SecurityOpt,
		Memory:      allowed.Memory,
		MemorySwap:  allowed.Memory,
		Environment: map[string]string{},
	}
	for name, value := range s.Environment {
		c.Environment[name] = interpolated.Replace(value)
	}
	for _, path := range allowed.Tmpfs {
		c.Tmpfs = append(c.Tmpfs, path+":"+limits.TmpfsOptions)
	}
	for _, folder := range append([]string{s.Dir}, s.Uses...) {
		c.Develop.Watch = append(c.Develop.Watch, watched{"rebuild", folder})
	}
	return c
}

// interpolated escapes what Compose would evaluate in a string.
var interpolated = strings.NewReplacer("$", "$$")

// needs are the first n of what s depends on.
func needs(s catalog.Service, n int, conditions map[string]string) map[string]needed {
	found := map[string]needed{}
	for _, name := range s.DependsOn[:n] {
		if _, own := s.Commands[name]; own {
			found[CommandService(s, name)] = needed{"service_completed_successfully"}
		} else {
			found[name] = needed{conditions[name]}
		}
	}
	return found
}

// HostPorts are the ports of this machine at which services are published, by their names: their own; where several have the same, the first
// by name keeps it, and each other gets the next one that no service has.
func HostPorts(services []catalog.Service) map[string]int {
	ports, taken := map[string]int{}, map[int]bool{}
	var moved []catalog.Service
	for _, s := range services {
		switch {
		case s.Port == 0:
		case taken[s.Port]:
			moved = append(moved, s)
		default:
			ports[s.Name], taken[s.Port] = s.Port, true
		}
	}
	for _, s := range moved {
		port := s.Port
		for taken[port] {
			port++
		}
		ports[s.Name], taken[port] = port, true
	}
	return ports
}
