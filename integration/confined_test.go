package integration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/catalog"
)

// isConfined proves the runtime contract from outside: by the settings that the engine has, and by what the kernel shows of
// the process, where its /proc can be read.
func isConfined(ctx context.Context, s subject) error {
	seen, err := s.Inspect(ctx)
	if err != nil {
		return err
	}
	found := append(beyondContract(seen.HostConfig, s.memory()), checkUser(seen.Config.User))
	if s.isJob(seen.State) { // it has no process any more
		return errors.Join(found...)
	}
	if process, ok := hostProcess(seen.State.Pid, seen.ID); ok {
		found = append(found, process.confined(s.service.Run.Tmpfs)...)
	} else {
		found = append(found, notRootByEngine(ctx, s, seen))
	}
	return errors.Join(found...)
}

// beyondContract lists where the settings that the engine has for a container differ from the contract.
func beyondContract(host *container.HostConfig, memory catalog.Bytes) []error {
	var found []error
	wrong := func(format string, args ...any) { found = append(found, fmt.Errorf(format, args...)) }

	if !host.ReadonlyRootfs {
		wrong("the root file system is not read-only")
	}
	if !slices.Equal(host.CapDrop, []string{"ALL"}) || len(host.CapAdd) > 0 || host.Privileged {
		wrong("capabilities: dropped %v, added %v, privileged %v", host.CapDrop, host.CapAdd, host.Privileged)
	}
	if !slices.Contains(host.SecurityOpt, "no-new-privileges") {
		wrong("new privileges may be gained: security options are %v", host.SecurityOpt)
	}
	if want := int64(memory); host.Memory != want {
		wrong("memory: the limit is %d bytes, not %d", host.Memory, want)
	}
	for exposed, bindings := range host.PortBindings {
		for _, binding := range bindings {
			if !binding.HostIP.IsLoopback() {
				wrong("port %s is published on %s, for the whole network", exposed, binding.HostIP)
			}
		}
	}
	return found
}

// checkUser checks the user of an image's configuration: a number, so that a platform can see that it is not root. No test
// and no platform sets another.
func checkUser(configured string) error {
	user, _, _ := strings.Cut(configured, ":")
	switch id, err := strconv.ParseUint(user, 10, 32); {
	case err != nil:
		return fmt.Errorf("the image runs as user %q: a number is needed, which a platform can check: write `USER 65532:65532`", configured)
	case id == 0:
		return fmt.Errorf("the image runs as root (user %q): write `USER 65532:65532`", configured)
	}
	return nil
}

// notRootByEngine asks the engine who owns the processes; for engines in a virtual machine, whose /proc is not this one.
func notRootByEngine(ctx context.Context, s subject, seen *container.InspectResponse) error {
	top, err := s.api.ContainerTop(ctx, seen.ID, client.ContainerTopOptions{Arguments: []string{"-eo", "pid,uid"}})
	if err != nil {
		return fmt.Errorf("asking the engine who owns the processes: %w", err)
	}
	if len(top.Processes) == 0 {
		return errors.New("the engine lists no process")
	}
	for _, process := range top.Processes {
		if owner := strings.TrimSpace(process[len(process)-1]); owner == "0" {
			return fmt.Errorf("process %s runs as root", process[0])
		}
	}
	return nil
}
