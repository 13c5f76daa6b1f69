package build

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"example.com/stagecraft/internal/command"
)

// BuilderSetting names the builder that bakes, as buildx knows it: any driver, anywhere.
const BuilderSetting = "STAGECRAFT_BUILDER"

// own is buildx's name for an engine's own BuildKit.
const own = "default"

// who is buildx's name of the builder that bakes. It is always given to buildx: `docker buildx use` may have chosen another.
func (b *Builder) who(ctx context.Context) (string, error) {
	if b.named != "" {
		return b.named, nil
	}
	driver, err := b.engine.LegacyStore(ctx)
	if err != nil {
		return "", err
	}
	if driver == "" {
		return own, nil
	}
	return container, b.ensureContainer(ctx, driver)
}

// answers is an error unless there is a builder of the chosen name, and it answers. One in a container or a cluster that
// does not run yet is started by its first build.
func (b *Builder) answers(ctx context.Context) error {
	said, err := b.buildx(ctx, "inspect", b.named)
	if err != nil {
		return fmt.Errorf("find the builder %s: %w; `%s ls` lists the existing ones, and docs/builders.md shows how to create one", b.named, err, strings.Join(b.engine.Buildx, " "))
	}
	if field(said, "Driver") != "remote" || field(said, "Status") == "running" {
		return nil
	}
	// inspect does not say why; this asks the same builder, and does. One that refuses a certificate says so and hangs up:
	// which of the two is seen is a matter of luck.
	for range 10 {
		if _, err = b.buildx(ctx, "du", "--builder="+b.named); err == nil {
			return nil
		}
		if !hungUp.MatchString(err.Error()) {
			break
		}
	}
	return fmt.Errorf("reach the builder %s at %s: %w; start it, or see its address and certificates in `%s inspect %[1]s`",
		b.named, field(said, "Endpoint"), err, strings.Join(b.engine.Buildx, " "))
}

// field is the first value of a name in what buildx writes.
func field(said, name string) string {
	for line := range strings.Lines(said) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// buildx runs a verb of buildx; the error is its last line.
func (b *Builder) buildx(ctx context.Context, verb ...string) (string, error) {
	var complaint strings.Builder
	out, err := command.Command{Args: append(slices.Clone(b.engine.Buildx), verb...), Dir: b.root, Env: b.engine.Env(), Stderr: &complaint}.Output(ctx)
	if err != nil && ctx.Err() == nil {
		lines := strings.Split(strings.TrimSpace(complaint.String()), "\n")
		if last := strings.TrimPrefix(lines[len(lines)-1], "ERROR: "); last != "" {
			err = errors.New(reason(last))
		}
	}
	return out, err
}

var (
	hungUp = regexp.MustCompile(`broken pipe|connection reset|EOF`)
	// layers are the names of those that an error came through, before its reason.
	layers = regexp.MustCompile(`^failed to call diskusage: \w+: (?:connection error: desc = "(?:transport: )?)?(.+?)"?$`)
)

// reason is what a person can use of a complaint.
func reason(complaint string) string { return layers.ReplaceAllString(complaint, "$1") }

func (b *Builder) say(format string, args ...any) {
	fmt.Fprintf(b.progress, "stagecraft: "+format+"\n", args...)
}
