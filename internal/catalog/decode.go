package catalog

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v4"
)

// SecretNames are the build secrets that a service may ask for. The CA bundle, id=ca, is not among them: every build is
// offered it.
var SecretNames = []string{"goenv", "netrc", "npmrc", "pip", "uv"}

// Limits of values. Docker gives no container less than 6 MiB.
const (
	minMemory      = 6 << 20
	maxDescription = 200
	maxCheckName   = 80
)

const required = true

// service reads the whole document.
func (r *reader) service(n *yaml.Node) Service {
	s := Service{Dockerfile: Rendered, Health: Health{Live: "/healthz", Ready: "/readyz"}}
	r.object(
		n, "",
		field{"language", required, func(n *yaml.Node, at string) {
			text, _ := r.text(n, at)
			s.Language = Language(text)
		}},
		field{"description", required, func(n *yaml.Node, at string) { s.Description = r.line(n, at, maxDescription) }},
		field{"dockerfile", !required, func(n *yaml.Node, at string) {
			s.Dockerfile = DockerfileKind(r.choice(n, at, []string{string(Rendered), string(Own)}))
		}},
		field{"port", required, func(n *yaml.Node, at string) { s.Port = r.number(n, at, 1024, 65535) }},
		field{"health", !required, func(n *yaml.Node, at string) { r.health(n, at, &s.Health) }},
		field{"environment", !required, func(n *yaml.Node, at string) { s.Environment = r.environment(n, at) }},
		field{"build_secrets", !required, func(n *yaml.Node, at string) { s.BuildSecrets = r.secrets(n, at) }},
		field{"size", required, func(n *yaml.Node, at string) { s.Size = r.ceilings(n, at) }},
		field{"run", required, func(n *yaml.Node, at string) { s.Run = r.run(n, at) }},
		field{"checks", required, func(n *yaml.Node, at string) { s.Checks = r.checks(n, at) }},
		field{"allow", !required, func(n *yaml.Node, at string) { s.Allow = r.excuses(n, at) }},
	)
	return s
}

func (r *reader) health(n *yaml.Node, at string, h *Health) {
	r.object(
		n, at,
		field{"live", !required, func(n *yaml.Node, at string) { h.Live, _ = r.matching(n, at, plainPath) }},
		field{"ready", !required, func(n *yaml.Node, at string) { h.Ready, _ = r.matching(n, at, plainPath) }},
	)
}

// environment reads variables. A number counts as text, as in Compose; true and false do not, since YAML's versions
// disagree on what yes and on are.
func (r *reader) environment(n *yaml.Node, at string) map[string]string {
	entries, _ := r.entries(n, at)
	variables := make(map[string]string, len(entries))
	for _, e := range entries {
		at := join(at, e.name)
		if !variable.MatchString(e.name) {
			r.add(e.key, at, "is %s; write %s", quote(e.name), variable.want)
		}
		if e.name == "PORT" {
			r.add(e.key, at, "comes from the key port; remove it here")
		}
		if isNumber(e.value) {
			variables[e.name] = e.value.Value
			continue
		}
		variables[e.name], _ = r.text(e.value, at)
	}
	return variables
}

func isNumber(n *yaml.Node) bool {
	_, ok := literal(n.Value)
	return ok && (tag(n) == tagInt || tag(n) == tagFloat)
}

func (r *reader) secrets(n *yaml.Node, at string) []string {
	var names []string
	r.list(n, at, func(n *yaml.Node, at string) {
		if n.Kind == yaml.ScalarNode && n.Value == "ca" {
			r.add(n, at, "ca is offered to every build; remove it here")
			return
		}
		name := r.choice(n, at, SecretNames)
		if name != "" && slices.Contains(names, name) {
			r.add(n, at, "lists %s a second time; remove it", name)
		}
		names = append(names, name)
	})
	return names
}

func (r *reader) ceilings(n *yaml.Node, at string) map[Platform]Ceiling {
	ceilings := make(map[Platform]Ceiling, len(Platforms))
	var fields []field
	for _, platform := range Platforms {
		fields = append(fields, field{string(platform), required, func(n *yaml.Node, at string) {
			ceilings[platform] = r.ceiling(n, at)
		}})
	}
	r.object(n, at, fields...)
	return ceilings
}

func (r *reader) ceiling(n *yaml.Node, at string) Ceiling {
	var c Ceiling
	r.object(
		n, at,
		field{"unpacked", required, func(n *yaml.Node, at string) { c.Unpacked = r.size(n, at) }},
		field{"pull", required, func(n *yaml.Node, at string) { c.Pull = r.size(n, at) }},
	)
	if c.Unpacked > 0 && c.Pull > c.Unpacked {
		r.add(n, at, "pull is larger than unpacked, but what is pulled is compressed; swap the two")
	}
	return c
}

func (r *reader) run(n *yaml.Node, at string) Run {
	var run Run
	r.object(
		n, at,
		field{"memory", required, func(n *yaml.Node, at string) {
			if run.Memory = r.size(n, at); run.Memory > 0 && run.Memory < minMemory {
				r.add(n, at, "is %s; Docker gives no container less than 6MiB", run.Memory)
			}
		}},
		field{"tmpfs", !required, func(n *yaml.Node, at string) {
			r.list(n, at, func(n *yaml.Node, at string) {
				folder := r.folder(n, at)
				if folder != "" && slices.Contains(run.Tmpfs, folder) {
					r.add(n, at, "lists %s a second time; remove it", folder)
				}
				run.Tmpfs = append(run.Tmpfs, folder)
			})
		}},
	)
	return run
}

func (r *reader) excuses(n *yaml.Node, at string) []Excuse {
	var excuses []Excuse
	r.list(n, at, func(n *yaml.Node, at string) {
		e := r.excuse(n, at)
		for _, earlier := range excuses {
			if e.Rule != "" && earlier.Rule == e.Rule && earlier.Path == e.Path {
				r.add(n, at, "excuses the same as line %d; remove one", earlier.Line)
			}
		}
		excuses = append(excuses, e)
	})
	return excuses
}

func (r *reader) excuse(n *yaml.Node, at string) Excuse {
	e := Excuse{Line: n.Line}
	r.object(
		n, at,
		field{"rule", required, func(n *yaml.Node, at string) { e.Rule, _ = r.matching(n, at, word) }},
		field{"path", !required, func(n *yaml.Node, at string) { e.Path, _ = r.matching(n, at, oneLine) }},
		field{"reason", required, func(n *yaml.Node, at string) { e.Reason, _ = r.matching(n, at, oneLine) }},
		field{"until", !required, func(n *yaml.Node, at string) {
			text, ok := r.text(n, at)
			day, err := time.Parse(time.DateOnly, text)
			if ok && err != nil {
				r.add(n, at, "is %s; write a day such as 2027-06-01", quote(text))
			}
			e.Until = day
		}},
	)
	return e
}
