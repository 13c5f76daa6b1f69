package build

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/engine"
)

// container is the name of the builder that is made for an engine with the legacy store: BuildKit in a container.
const container = "stagecraft"

// buildKit is the BuildKit of that container: the version that the private engine has built in, and that all was tried with.
const buildKit = "moby/buildkit:v0.33.0@sha256:6c2fa84a6b61ccd72899dde4239f8d5717f05f9a8ca6f3cad185fb1a95a94de3"

// ensureContainer makes the builder unless buildx has it, made as it would be made now.
func (b *Builder) ensureContainer(ctx context.Context, driver string) error {
	options, config, err := containerOptions()
	if err != nil {
		return err
	}
	// Its configuration includes what it is made from, so that buildx shows whether it is still the same.
	made := fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, b.engine.Host, buildKit, options, config)))[:12]
	current := func() bool {
		said, err := b.buildx(ctx, "inspect", container)
		return err == nil && strings.Contains(said, "env.STAGECRAFT="+`"`+made+`"`)
	}
	b.say("the engine keeps images in the legacy store (%s), which exports no OCI layouts: BuildKit in a container builds instead; `%s rm %s` removes it",
		driver, strings.Join(b.engine.Buildx, " "), container)
	if current() {
		return nil
	}
	image, err := b.buildKitImage(ctx)
	if err != nil {
		return err
	}
	work, done, err := b.outputs.work()
	if err != nil {
		return err
	}
	defer done()
	file := filepath.Join(work, "buildkitd.toml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		return fmt.Errorf("make the builder %s: %w", container, err)
	}
	// One made from other settings goes; what it has cached stays. There may be none, or its engine may be gone.
	_, _ = b.buildx(ctx, "rm", "--keep-state", container)
	create := []string{"create", "--name=" + container, "--driver=docker-container", "--buildkitd-config=" + file}
	for _, o := range append(options, "image="+image, "env.STAGECRAFT="+made) {
		create = append(create, "--driver-opt="+o)
	}
	if _, err := b.buildx(ctx, create...); err != nil && !current() { // another build may have made it meanwhile
		return fmt.Errorf("make the builder %s: %w", container, err)
	}
	return nil
}

// containerOptions let the builder reach what the engine itself can: it shares the machine's network, as the engine does
// when it pulls (a registry or a proxy on this machine is there), has the same proxies, and trusts the same authorities.
func containerOptions() (options []string, config string, err error) {
	options = []string{"network=host"}
	set := proxies()
	for _, name := range slices.Sorted(maps.Keys(set)) {
		options = append(options, quoted("env."+name+"="+set[name]))
	}
	trusted, err := SecretFiles(catalog.Service{})
	if err != nil {
		return nil, "", err
	}
	registries := []string{"docker.io"}
	if mirror := os.Getenv(RegistrySetting); mirror != "" {
		host, _, _ := strings.Cut(mirror, "/")
		registries = append(registries, host)
	}
	bundle, ok := trusted["ca"]
	if !ok {
		return options, "", nil
	}
	authorities, err := os.ReadFile(bundle)
	if err != nil {
		return nil, "", fmt.Errorf("give the builder the CA bundle: %w", err)
	}
	config = fmt.Sprintf("# %x\n", sha256.Sum256(authorities)) // buildx keeps a copy
	for _, host := range registries {
		config += fmt.Sprintf("[registry.%q]\n  ca = [%q]\n", host, bundle)
	}
	return options, config, nil
}

// quoted is one field where buildx takes several with commas between them.
func quoted(option string) string {
	var line strings.Builder
	w := csv.NewWriter(&line)
	_ = w.Write([]string{option}) // a strings.Builder takes all
	w.Flush()
	return strings.TrimSuffix(line.String(), "\n")
}

// buildKitImage is an image of BuildKit that the engine has or can pull; where it cannot, one that is made here.
func (b *Builder) buildKitImage(ctx context.Context) (string, error) {
	if _, err := b.engine.Client().ImageInspect(ctx, buildKit); err == nil {
		return buildKit, nil
	}
	absent := reachable(ctx, []string{buildKit}, "")
	if absent == nil {
		return buildKit, nil
	}
	bare := engine.NewBare(b.root)
	if !bare.Exists() {
		return "", fmt.Errorf("get BuildKit for a container: %w; load %s into the engine, or name a builder in %s", absent, buildKit, BuilderSetting)
	}
	b.say("BuildKit comes from bare/, because %v", absent)
	var made struct{ Image, Root string }
	if err := bare.Run(ctx, b.progress, &made, "buildkit"); err != nil {
		return "", err
	}
	if _, err := b.engine.Client().ImageInspect(ctx, made.Image); err == nil {
		return made.Image, nil
	}
	root, err := os.Open(made.Root)
	if err != nil {
		return "", fmt.Errorf("load BuildKit into the engine: %w", err)
	}
	defer root.Close()
	answer, err := b.engine.Client().ImageImport(ctx, client.ImageImportSource{Source: root, SourceName: "-"}, made.Image,
		client.ImageImportOptions{Changes: []string{`ENTRYPOINT ["buildkitd"]`, "ENV PATH=/usr/bin BUILDKIT_SETUP_CGROUPV2_ROOT=1"}})
	if err != nil {
		return "", fmt.Errorf("load BuildKit into the engine: %w", err)
	}
	defer answer.Close()
	return made.Image, engine.Complaint(answer)
}
