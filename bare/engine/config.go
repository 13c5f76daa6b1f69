package engine

import (
	"encoding/json"
	"fmt"
	"os"
)

// writeConfig writes dockerd's settings: everything below the one folder, and
// nothing that the machine or another engine could share.
func (h Home) writeConfig(n network, overlay bool) error {
	config := map[string]any{
		"hosts":     []string{h.Host()},
		"data-root": h.dataRoot(),
		"exec-root": h.execRoot(),
		"pidfile":   h.pidFile(),
		"bridge":    h.bridge(),
		"mtu":       n.MTU,
		// dockerd empties the firewall chains named DOCKER when it starts,
		// a neighbour's too. We bring a chain of our own (firewall_linux.go);
		// docker-proxy publishes ports.
		"iptables":  false,
		"ip6tables": false,
		"default-address-pools": []map[string]any{
			{"base": n.Pool, "size": 24},
		},
		"default-network-opts": map[string]any{
			"bridge": map[string]string{"com.docker.network.driver.mtu": fmt.Sprint(n.MTU)},
		},
		// Without this, a dockerd that has address pools deletes docker0 when it
		// starts for the second time, whoever made it. It also makes stopping
		// the containers our task (stop_linux.go).
		"live-restore": true,
		"group":        "root",
		"exec-opts":    []string{"native.cgroupdriver=cgroupfs"},
		"features":     map[string]bool{"containerd-snapshotter": true},
		"builder": map[string]any{"gc": map[string]any{
			"enabled":              true,
			"defaultReservedSpace": "10GB",
			"defaultMaxUsedSpace":  buildCacheLimit,
			"defaultMinFreeSpace":  "3GB",
		}},
		"log-opts": map[string]string{"max-size": "10m", "max-file": "2"},
	}
	if !overlay {
		config["storage-driver"] = "native" // copies whole layers: slow, but works everywhere
	}
	if legacy() {
		config["features"] = map[string]bool{"containerd-snapshotter": false}
		config["init-path"] = "/usr/bin/tini-static" // a builder in a container wants it; Docker's packages bring one
		config["storage-driver"] = "overlay2"
		if !overlay {
			config["storage-driver"] = "vfs"
		}
	}
	data, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(h.configFile(), append(data, '\n'), 0o644); err != nil {
		return fmt.Errorf("writing the engine's settings: %w", err)
	}
	return nil
}

// legacy asks for the image store that Docker had before containerd's, as
// engines have that were upgraded: for tests alone.
func legacy() bool { return os.Getenv("STAGECRAFT_STORE") == "legacy" }

// buildCacheLimit is where the engine starts to forget the oldest build steps.
const buildCacheLimit = "20GB"
