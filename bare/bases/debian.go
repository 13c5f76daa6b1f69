package bases

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"example.com/stagecraft/bare/internal/apt"
)

// settings are the files by which the official Debian images differ from a
// plain installation.
//
//go:embed settings
var settings embed.FS

const suite = "trixie"

// debian adds the layers of a minimal Debian with more packages, if any.
func (b *builder) debian(arch string, packages ...string) error {
	if err := b.needMmdebstrap(arch); err != nil {
		return err
	}
	if err := b.add(func(w io.Writer) error { return b.mmdebstrap(w, arch, packages) }); err != nil {
		return err
	}
	return b.add(writeSettings)
}

// mmdebstrap writes a root file system as a tar stream.
func (b *builder) mmdebstrap(w io.Writer, arch string, packages []string) error {
	args := []string{
		"--variant=minbase", "--format=tar", "--mode=root", "--arch=" + arch,
		// Settings that say how this machine reaches Debian serve here and stay here.
		`--customize-hook=rm -f "$1"/etc/apt/apt.conf.d/99mmdebstrap "$1"/etc/resolv.conf "$1"/etc/hostname`,
	}
	if len(packages) > 0 {
		args = append(args, "--include="+strings.Join(packages, ","))
	}
	for _, line := range strings.Split(slim(), "\n") {
		if line != "" && !strings.HasPrefix(line, "#") {
			args = append(args, "--dpkgopt="+line)
		}
	}
	args = append(args, `--customize-hook=rm -f "$1"/etc/dpkg/dpkg.cfg.d/99mmdebstrap`)
	for _, opt := range hostAptOptions() {
		args = append(args, "--aptopt="+opt)
	}
	private, env, err := privateAptOptions()
	if err != nil {
		return err
	}
	args = append(args, private...)
	cmd := exec.CommandContext(b.ctx, "mmdebstrap", append(args, suite, "-")...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("SOURCE_DATE_EPOCH=%d", epoch.Unix()), "LC_ALL=C.UTF-8")
	cmd.Env = append(cmd.Env, env...)
	// Asked to end, it takes down its mounts; killed, it could not.
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 20 * time.Second
	cmd.Stdout = w
	var words strings.Builder
	cmd.Stderr = &words
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("running mmdebstrap %s: %s (%w)", suite, apt.FirstError([]byte(words.String())), err)
	}
	return nil
}

// slim is dpkg's list of what the slim images leave out.
func slim() string {
	data, err := settings.ReadFile("settings/etc/dpkg/dpkg.cfg.d/docker")
	if err != nil {
		panic(err)
	}
	return string(data)
}

// hostAptOptions are this machine's own settings of how packages are fetched:
// proxies, time-outs, dates. mmdebstrap does not read them by itself.
func hostAptOptions() []string {
	out, err := exec.Command("apt-config", "dump", "--format", "%f \"%v\";%n", "Acquire").Output()
	if err != nil {
		return nil
	}
	return fetchOptions(string(out))
}

func fetchOptions(dump string) []string {
	var opts []string
	for _, line := range strings.Split(dump, "\n") {
		name, _, _ := strings.Cut(line, " ")
		lower := strings.ToLower(name)
		switch {
		case strings.HasPrefix(lower, "acquire::http::"), strings.HasPrefix(lower, "acquire::https::"),
			lower == "acquire::check-valid-until", lower == "acquire::check-date", lower == "acquire::retries":
			if !strings.HasSuffix(line, ` "";`) {
				opts = append(opts, line)
			}
		}
	}
	return opts
}

// needMmdebstrap installs it, and the keys of the release, if they are missing.
func (b *builder) needMmdebstrap(arch string) error {
	var missing []string
	if _, err := exec.LookPath("mmdebstrap"); err != nil {
		missing = append(missing, "mmdebstrap")
	}
	if _, err := exec.LookPath("arch-test"); err != nil && arch != runtime.GOARCH {
		missing = append(missing, "arch-test") // mmdebstrap asks it for an emulator
	}
	if !haveKeys() {
		missing = append(missing, "debian-archive-keyring")
	}
	if err := apt.Install(b.ctx, missing, b.tell); err != nil {
		return err
	}
	if !haveKeys() {
		return fmt.Errorf("assembling Debian %s: this system's debian-archive-keyring is older than its keys; upgrade that package", suite)
	}
	return nil
}

func haveKeys() bool {
	keys, _ := filepath.Glob("/usr/share/keyrings/debian-archive-" + suite + "-*")
	return len(keys) > 0
}

func writeSettings(w io.Writer) error {
	t := newTarball(w)
	err := fs.WalkDir(settings, "settings", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := settings.ReadFile(path)
		if err != nil {
			return err
		}
		return t.bytes(strings.TrimPrefix(path, "settings/"), 0o644, data)
	})
	if err != nil {
		return err
	}
	// No service starts while packages are installed.
	if err := t.bytes("usr/sbin/policy-rc.d", 0o755, []byte("#!/bin/sh\nexit 101\n")); err != nil {
		return err
	}
	return t.Close()
}
