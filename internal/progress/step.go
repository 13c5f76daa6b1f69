package progress

import (
	"regexp"
	"strings"
	"time"
)

// outputLimit is how much of a step's output is kept for the case that it fails, in bytes; the last counts.
const outputLimit = 64 << 10

// Step is one instruction of a Dockerfile, or a chore of the builder, as it ran.
type Step struct {
	Target   string // of the bake file; empty when only one was built
	Platform string // linux/arm64, or linux/amd64->arm64 where it runs on the one for the other; empty when there is one only
	Stage    string // with the step's number: build 1/2; empty for a chore of the builder
	Command  string // RUN, COPY and so on; or what the chore is

	started  time.Time
	running  bool
	done     bool
	failed   string
	output   []byte
	internal bool
}

// The names that buildx gives to steps: "[hello-go linux/amd64->arm64 build 1/2] RUN go build", "[internal] load …",
// "[hello-go] exporting to image".
var (
	numbered = regexp.MustCompile(`^\[(?:(\S+) )??(?:([a-z0-9]+/\S+) )?((?:\S+ )?\d+/\d+)\] (.*)`)
	chore    = regexp.MustCompile(`^\[([^\] ]+)\] (.*)`)
	hidden   = regexp.MustCompile(`^\[(\S+ )?(internal|context .*|auth)\]`)
)

func newStep(name string) *Step {
	name = strings.Join(strings.Fields(name), " ")
	if m := numbered.FindStringSubmatch(name); m != nil {
		return &Step{Target: m[1], Platform: m[2], Stage: m[3], Command: m[4]}
	}
	s := &Step{Command: name, internal: hidden.MatchString(name)}
	if m := chore.FindStringSubmatch(name); m != nil && !s.internal {
		s.Target, s.Command = m[1], m[2]
	}
	return s
}

// String is where the step is; a chore has its name.
func (s *Step) String() string {
	words := make([]string, 0, 4)
	for _, word := range []string{s.Target, s.Platform, s.Stage} {
		if word != "" {
			words = append(words, word)
		}
	}
	if s.Stage == "" {
		words = append(words, s.Command)
	}
	return strings.Join(words, " ")
}

func (s *Step) write(data []byte) {
	s.output = append(s.output, data...)
	if over := len(s.output) - outputLimit; over > 0 {
		s.output = s.output[over:]
	}
}
