package render

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/limits"
)

// drainDelay is how long a pod serves after it was asked to end: the others in the cluster need that to notice it.
const drainDelay = 5 * time.Second

// drainSetting is the variable that a service which drains reads it from.
const drainSetting = "DRAIN_DELAY"

// workload is a service for Kubernetes: its processes, and who may call whom.
type workload struct {
	catalog.Service

	Processes []process
	Callers   []string          // services that depend on it
	Needs     []catalog.Service // that it depends on
}

// process is what a Deployment or a Job runs.
type process struct {
	catalog.Service

	Name      string // unique among all processes
	Component string // server, worker or job
	Words     []string
	Variables []variable
	Port      int
	Drain     time.Duration // after SIGTERM, while it serves
	Sleep     time.Duration // before SIGTERM, while it serves
	Live      string        // probe, as YAML; empty: none
	Ready     string
}

type variable struct{ Name, Value string }

// newWorkload is what Kubernetes needs of one of all services. probe is the command of its image's HEALTHCHECK.
func newWorkload(s catalog.Service, all []catalog.Service, probe []string) (workload, error) {
	w := workload{Service: s}
	for _, other := range all {
		if s.Port > 0 && slices.Contains(other.DependsOn, s.Name) {
			w.Callers = append(w.Callers, other.Name)
		}
		if other.Port > 0 && slices.Contains(s.DependsOn, other.Name) {
			w.Needs = append(w.Needs, other)
		}
	}
	main, err := newProcess(s, s.Name)
	main.Name, main.Port = s.Name, s.Port
	main.Live, main.Ready = probes(s, probe)
	if s.Protocol != catalog.NoProtocol {
		main.serve()
	}
	w.Processes = []process{main}
	for _, name := range slices.Sorted(maps.Keys(s.Commands)) {
		p, _ := newProcess(s, name) // what is wrong with one is wrong with all
		p.Name = CommandService(s, name)
		for _, word := range s.Commands[name] {
			p.Words = append(p.Words, interpolated.Replace(word))
		}
		w.Processes = append(w.Processes, p)
	}
	return w, err
}

// newProcess is what all processes of a service have in common. It does not say what they serve.
func newProcess(s catalog.Service, name string) (p process, err error) {
	p = process{Service: s, Component: "worker"}
	if s.IsJob(name) {
		p.Component = "job"
	}
	for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
		p.Variables = append(p.Variables, variable{name, interpolated.Replace(s.Environment[name])})
	}
	if delay, ok := s.Environment[drainSetting]; ok {
		if p.Drain, err = time.ParseDuration(delay); err != nil {
			err = fmt.Errorf("%s/service.yaml: environment: %s is %q; write a duration such as 5s", s.Dir, drainSetting, delay)
		}
	}
	return p, err
}

// serve makes a process a server, which goes on serving until all others know that it is about to end: by itself, or with the
// help of Kubernetes, which then sends SIGTERM later.
func (p *process) serve() {
	p.Component = "server"
	if p.Protocol != catalog.HTTP || p.Waives("drains") {
		p.Sleep = drainDelay
		return
	}
	if _, ok := p.Environment[drainSetting]; !ok {
		p.Drain = drainDelay
		p.Variables = append([]variable{{drainSetting, drainDelay.String()}}, p.Variables...)
	}
}

// probes are those of a service: what its protocol has, else the HEALTHCHECK of its image, else whether its port is open.
func probes(s catalog.Service, command []string) (live, ready string) {
	switch {
	case s.Protocol == catalog.HTTP && !s.Waives("healthy"):
		return httpProbe(s.Health.Live), httpProbe(s.Health.Ready)
	case s.Protocol == catalog.GRPC && !s.Waives("healthy"):
		return grpcProbe(s.Port, s.Health.Live), grpcProbe(s.Port, s.Health.Ready)
	case s.Protocol == catalog.NoProtocol && len(command) > 0:
		words := make([]string, len(command))
		for i, word := range command {
			words[i] = interpolated.Replace(word)
		}
		live = "exec: {command: " + exec(words) + "}"
	case s.Port > 0:
		live = "tcpSocket: {port: " + portName(s) + "}"
	}
	return live, live
}

func httpProbe(path string) string { return "httpGet: {path: " + path + ", port: http}" }

// grpcProbe asks for the health of one of a server's services; of the whole server where it is "".
func grpcProbe(port int, service string) string {
	if service != "" {
		service = ", service: " + service
	}
	return fmt.Sprintf("grpc: {port: %d%s}", port, service)
}

func portName(s catalog.Service) string {
	if s.Protocol == catalog.NoProtocol {
		return "tcp"
	}
	return string(s.Protocol)
}

// PortName is the name of the port.
func (p process) PortName() string { return portName(p.Service) }

// Image is the name of the image, which an overlay replaces.
func (p process) Image() string { return placeholder + p.Service.Name }

// Contract is what a container of the process may use.
func (p process) Contract() limits.Container { return limits.Of(p.Service) }

// Privileges reports whether a container may gain some.
func (p process) Privileges() bool {
	return !slices.Contains(p.Contract().SecurityOpt, "no-new-privileges")
}

// Memory is the limit as Kubernetes writes it.
func (p process) Memory() string {
	const mega, mebi = 1_000_000, 1 << 20
	switch size := p.Contract().Memory; {
	case size%mebi == 0:
		return fmt.Sprintf("%dMi", size/mebi)
	case size%mega == 0:
		return fmt.Sprintf("%dM", size/mega)
	default:
		return strconv.Itoa(int(size))
	}
}

// Grace is the time that the process has to end, in seconds.
func (p process) Grace() int {
	return int((p.Sleep + p.Drain + limits.Stop + time.Second - 1) / time.Second)
}

// StartAttempts is how many startup probes, one every two seconds, may fail.
func (p process) StartAttempts() int { return int(limits.Start / (2 * time.Second)) }
