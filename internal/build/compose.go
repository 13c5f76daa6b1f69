package build

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/command"
	"example.com/stagecraft/internal/render"
)

// composeOverride is a person's own Compose file, which Compose adds to compose.yaml.
const composeOverride = "compose.override.yaml"

// composeOverlay is a Compose file that adds to the committed one what depends on the machine, as overlay does for bake.
// Source: https://github.com/compose-spec/compose-spec/blob/main/build.md
type composeOverlay struct {
	Services map[string]composeService    `json:"services"`
	Secrets  map[string]map[string]string `json:"secrets,omitempty"`
}

type composeService struct {
	Build composeBuild `json:"build"`
}

type composeBuild struct {
	Contexts map[string]string `json:"additional_contexts,omitempty"`
	Args     map[string]string `json:"args,omitempty"`
	Secrets  []string          `json:"secrets,omitempty"`
}

// Compose makes commands of Docker Compose for sel and what it depends on: their builds get the same bases, proxies and
// secrets as all others. The arguments begin with a verb; done removes what the commands need.
func (b *Builder) Compose(ctx context.Context, repository catalog.Repository, sel Selection) (compose func(args ...string) command.Command, done func(), err error) {
	sel.Services = withNeeds(sel.Services, repository.Services)
	plan, err := b.Plan(ctx, repository, sel)
	if err != nil {
		return nil, nil, err
	}
	overlay, err := newComposeOverlay(sel.Services, plan.bases)
	if err != nil {
		return nil, nil, err
	}
	who, err := b.who(ctx)
	if err != nil {
		return nil, nil, err
	}
	words, env, err := b.engine.Compose(ctx, b.root, b.progress)
	if err != nil {
		return nil, nil, err
	}
	work, done, err := b.outputs.work()
	if err != nil {
		return nil, nil, err
	}
	file := filepath.Join(work, "compose.json")
	// In it may be the password of a proxy.
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		done()
		return nil, nil, fmt.Errorf("write the Compose overlay: %w", err)
	}
	words = append(words, "--file="+render.ComposeFile)
	if isFile(filepath.Join(b.root, composeOverride)) {
		words = append(words, "--file="+composeOverride)
	}
	words = append(words, "--file="+file)
	// Compose builds by bake, which asks for permission to read what is not below this folder; Compose cannot give it.
	env = append(env, "BUILDX_BUILDER="+who, "BUILDX_BAKE_ENTITLEMENTS_FS=0")
	return func(args ...string) command.Command {
		return command.Command{Args: slices.Concat(words, args), Dir: b.root, Env: env}
	}, done, nil
}

// withNeeds is services with all that they depend on, directly or not.
func withNeeds(services, all []catalog.Service) []catalog.Service {
	found := slices.Clone(services)
	for i := 0; i < len(found); i++ {
		for _, s := range all {
			known := slices.ContainsFunc(found, func(f catalog.Service) bool { return f.Name == s.Name })
			if slices.Contains(found[i].DependsOn, s.Name) && !known {
				found = append(found, s)
			}
		}
	}
	return found
}

func newComposeOverlay(services []catalog.Service, bases Bases) ([]byte, error) {
	o := composeOverlay{Services: map[string]composeService{}, Secrets: map[string]map[string]string{}}
	for _, s := range services {
		given, err := inputs(s, bases)
		if err != nil {
			return nil, err
		}
		added := composeBuild{Contexts: given.Contexts, Args: given.Args}
		for _, secret := range given.Secret {
			id, source, err := composeSecret(secret)
			if err != nil {
				return nil, err
			}
			added.Secrets, o.Secrets[id] = append(added.Secrets, id), source
		}
		o.Services[s.Name] = composeService{added}
		for name := range s.Commands {
			o.Services[render.CommandService(s, name)] = composeService{added}
		}
	}
	data, err := json.MarshalIndent(o, "", "  ")
	// Compose evaluates $ in every string.
	return []byte(strings.ReplaceAll(string(data), "$", "$$")), err
}

// composeSecret is a secret as bake takes it, type=file,id=ca,src=/ca.pem for example, as Compose has it.
func composeSecret(offered string) (id string, source map[string]string, err error) {
	fields, err := csv.NewReader(strings.NewReader(offered)).Read() // paths may have commas
	if err != nil {
		return "", nil, fmt.Errorf("hand the secret %s to Compose: %w", offered, err)
	}
	source = map[string]string{}
	for _, field := range fields {
		switch name, value, _ := strings.Cut(field, "="); name {
		case "id":
			id = value
		case "src":
			source["file"] = value
		case "env":
			source["environment"] = value
		}
	}
	return id, source, nil
}
