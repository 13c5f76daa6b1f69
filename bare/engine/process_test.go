package engine

import "testing"

func TestOwns(t *testing.T) {
	h := Home("/c/engine")
	for _, c := range []struct {
		name string
		args []string
		want bool
	}{
		{"our dockerd", []string{"/p/dockerd", "--config-file=/c/engine/daemon.json"}, true},
		{"our containerd", []string{"containerd", "--config", "/c/engine/run/containerd/containerd.toml"}, true},
		{"our shim", []string{"/p/containerd-shim-runc-v2", "-namespace", "moby", "-id", "1", "-address", "/c/engine/run/containerd/containerd.sock"}, true},
		{"the system's dockerd", []string{"/usr/bin/dockerd", "-H", "fd://", "--containerd=/run/containerd/containerd.sock"}, false},
		{"another home's dockerd", []string{"/p/dockerd", "--config-file=/c/engine2/daemon.json"}, false},
		{"another home's containerd", []string{"containerd", "--config", "/c/engine/run2/containerd.toml"}, false},
		{"an editor", []string{"vi", "/c/engine/daemon.json"}, false},
		{"our folder as data of another", []string{"dockerd", "--data-root=/c/engine"}, false},
		{"no arguments", []string{"dockerd"}, false},
	} {
		if got := h.owns(process{1, c.args}); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestProcessFlag(t *testing.T) {
	p := process{1, []string{"shim", "-id", "abc", "-last"}}
	if p.flag("-id") != "abc" || p.flag("-last") != "" || p.flag("-none") != "" {
		t.Errorf("flags %q %q %q", p.flag("-id"), p.flag("-last"), p.flag("-none"))
	}
}

func TestMountsBelow(t *testing.T) {
	const info = `29 1 254:0 / / rw - ext4 /dev/vda rw
70 29 0:5 / /c/engine/run/netns/1 rw - nsfs nsfs rw
71 29 0:6 / /c/engine/data/rootfs/a rw - overlay overlay rw
72 71 0:7 / /c/engine/data/rootfs/a/in\040side rw - tmpfs tmpfs rw
73 29 0:8 / /c/engine2/data rw - tmpfs tmpfs rw
`
	got := mountsBelow(info, "/c/engine")
	want := []string{"/c/engine/run/netns/1", "/c/engine/data/rootfs/a/in side", "/c/engine/data/rootfs/a"}
	if len(got) != len(want) {
		t.Fatalf("mounts %q, want %q", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("mount %d is %q, want %q", i, got[i], want[i])
		}
	}
}
