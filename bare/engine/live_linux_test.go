package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestLive starts an engine of its own next to a neighbour, does to it what
// happens to engines, and removes it. It shares only compiled programs.
func TestLive(t *testing.T) {
	if testing.Short() {
		t.Skip("starts an engine; not in -short")
	}
	if os.Geteuid() != 0 {
		t.Skip("a private engine needs root")
	}
	shared, err := FindHome()
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.MkdirTemp("/tmp", "sc") //nolint:usetesting // t.TempDir has too long a name for sockets
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(root)
	t.Setenv("STAGECRAFT_ENGINE", "")
	t.Setenv("STAGECRAFT_PROGRAMS", shared.programs())
	t.Setenv("STAGECRAFT_HOME", root)
	home, err := FindHome()
	if err != nil {
		t.Fatal(err)
	}
	l := &live{t: t, home: home}
	bare := filepath.Join(root, "bare")
	if out, err := exec.Command("go", "build", "-o", bare, "..").CombinedOutput(); err != nil {
		t.Fatalf("building the program: %v\n%s", err, out)
	}
	neighbour(t)
	before := machine(t)
	defer l.home.Remove(context.Background(), l.say)

	for _, step := range []struct {
		name string
		do   func(t *testing.T)
	}{
		{"two ups at once give one engine", func(t *testing.T) { l.twoUps(t, bare) }},
		{"it outlives who started it", l.ownSession},
		{"its bridge has an address of its own", l.bridgeAddress},
		{"a container runs, also in a network of its own", l.containers},
		{"after kill -9 the next up recovers", l.killed},
		{"a pid file with a stranger's number harms nobody", l.strangersPID},
		{"a frozen engine is started again", l.frozen},
		{"stop lets containers end", l.stopped},
		{"what was stored survives", l.survived},
		{"its docker0 is not ours", func(t *testing.T) { same(t, before, machine(t), l.home) }},
		{"remove leaves nothing", func(t *testing.T) { l.removed(t, root, before) }},
	} {
		if !t.Run(step.name, step.do) {
			return // the later steps build on it
		}
	}
}

// live is an engine under test.
type live struct {
	t    *testing.T
	home Home
	api  api
}

func (l *live) say(format string, args ...any) { l.t.Logf(format, args...) }

func (l *live) up(t *testing.T) Address {
	t.Helper()
	a, err := l.home.Up(context.Background(), l.say)
	if err != nil {
		t.Fatal(err)
	}
	l.api = dial(l.home.socket())
	return a
}

// bridgeAddress holds the bridge to an address that it keeps while containers come and go.
func (l *live) bridgeAddress(t *testing.T) {
	const set = "3" // NET_ADDR_SET in the kernel's if_link.h: given, not taken from a port
	got, err := os.ReadFile("/sys/class/net/" + l.home.bridge() + "/addr_assign_type")
	if err != nil || strings.TrimSpace(string(got)) != set {
		t.Errorf("the bridge's address is of type %q, %v, want %s", got, err, set)
	}
}

func (l *live) twoUps(t *testing.T, bare string) {
	type result struct {
		out []byte
		err error
	}
	results := make(chan result)
	for range 2 {
		go func() {
			out, err := exec.Command(bare, "engine", "up").Output()
			results <- result{out, err}
		}()
	}
	for range 2 {
		r := <-results
		var a Address
		if err := json.Unmarshal(r.out, &a); err != nil || r.err != nil || a.Host != l.home.Host() {
			t.Errorf("up: %q, %v, %v", r.out, r.err, err)
		}
	}
	daemons := 0
	for _, p := range l.home.owned() {
		if p.name() == "dockerd" {
			daemons++
		}
	}
	if daemons != 1 {
		t.Errorf("%d daemons run", daemons)
	}
	start := time.Now()
	l.up(t)
	if d := time.Since(start); d > 200*time.Millisecond {
		t.Errorf("up of a running engine took %s", d)
	}
}

func (l *live) ownSession(t *testing.T) {
	pid := l.home.find("dockerd")
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := bytes.Cut(stat, []byte(") "))
	if session := strings.Fields(string(after))[3]; session != strconv.Itoa(pid) {
		t.Errorf("session %s of process %d: it would end with its terminal", session, pid)
	}
}

func (l *live) containers(t *testing.T) {
	l.post(t, "/images/create?fromSrc=-&repo=idle&tag=1", "application/x-tar", idleImage(t))
	l.post(t, "/networks/create", "application/json", strings.NewReader(`{"Name":"own"}`))
	l.run(t, "plain", "bridge")
	l.run(t, "apart", "own")
	routed := false
	for _, name := range l.home.bridges() {
		if dev, err := net.InterfaceByName(name); err != nil || dev.Flags&net.FlagUp == 0 {
			t.Errorf("the bridge %s is not there: %v", name, err)
		}
		routed = routed || strings.HasPrefix(name, "br-")
	}
	if !routed {
		t.Errorf("the bridge of the network is not known as ours: %v", l.home.bridges())
	}
}

func (l *live) killed(t *testing.T) {
	kill(t, l.home.find("dockerd"), syscall.SIGKILL)
	if _, err := os.Stat(l.home.socket()); err != nil {
		t.Fatalf("this test wants a stale socket: %v", err)
	}
	l.up(t)
	if state := l.state(t, "plain"); state != "exited" {
		t.Errorf("a container of the killed engine is %s", state)
	}
	l.post(t, "/containers/plain/start", "application/json", nil)
	l.post(t, "/containers/apart/start", "application/json", nil)
}

func (l *live) strangersPID(t *testing.T) {
	kill(t, l.home.find("dockerd"), syscall.SIGKILL)
	stranger := exec.Command("sleep", "60")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer stranger.Process.Kill()
	number := []byte(strconv.Itoa(stranger.Process.Pid))
	for _, file := range []string{l.home.pidFile(), l.home.path("run/containerd/containerd.pid")} {
		if err := os.WriteFile(file, number, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	l.up(t)
	if !alive(stranger.Process.Pid) {
		t.Error("the stranger was ended")
	}
}

func (l *live) frozen(t *testing.T) {
	pid := l.home.find("dockerd")
	kill(t, pid, syscall.SIGSTOP)
	l.up(t)
	if now := l.home.find("dockerd"); now == pid || now == 0 {
		t.Errorf("process %d, the frozen one was %d", now, pid)
	}
	l.post(t, "/containers/plain/start", "application/json", nil)
	l.post(t, "/containers/apart/start", "application/json", nil)
}

func (l *live) stopped(t *testing.T) {
	if err := l.home.Stop(context.Background(), l.say); err != nil {
		t.Fatal(err)
	}
	if left := l.home.owned(); len(left) != 0 {
		t.Errorf("still there: %v", left)
	}
	s, err := l.home.Status(context.Background())
	if err != nil || s.State != "stopped" || s.Disk.Data == 0 {
		t.Errorf("status %+v, %v", s, err)
	}
	for _, name := range l.home.bridges() {
		if _, err := net.InterfaceByName(name); err == nil {
			t.Errorf("the bridge %s is left", name)
		}
	}
}

func (l *live) survived(t *testing.T) {
	l.up(t)
	var c struct{ State struct{ ExitCode int } }
	l.get(t, "/containers/plain/json", &c)
	// The program in the container ends with 7 when it is asked to end.
	if c.State.ExitCode != 7 {
		t.Errorf("the container ended with %d: it was not asked, it was killed", c.State.ExitCode)
	}
	s, err := l.home.Status(context.Background())
	if err != nil || s.State != "running" || s.Disk.Images == 0 || s.API == "" {
		t.Errorf("status %+v, %v", s, err)
	}
	if started := l.home.readState().Started; time.Since(started) > time.Hour {
		t.Errorf("the state says that it started at %s", started)
	}
	l.post(t, "/containers/apart/start", "application/json", nil)
}

func (l *live) removed(t *testing.T, root string, before map[string]string) {
	bridges := l.home.bridges()
	if err := l.home.Remove(context.Background(), l.say); err != nil {
		t.Fatal(err)
	}
	if left := l.home.owned(); len(left) != 0 {
		t.Errorf("processes left: %v", left)
	}
	for _, name := range bridges {
		if _, err := net.InterfaceByName(name); err == nil {
			t.Errorf("the bridge %s is left", name)
		}
	}
	if mounts, _ := os.ReadFile("/proc/self/mountinfo"); strings.Contains(string(mounts), root) {
		t.Errorf("mounts are left below %s", root)
	}
	if _, err := os.Stat(string(l.home)); err == nil {
		t.Error("the folder is left")
	}
	if _, err := os.Stat(l.home.lockFile()); err == nil {
		t.Error("the lock is left")
	}
	after := machine(t)
	same(t, before, after, l.home)
	if strings.Contains(after["firewall"], l.home.chain()) {
		t.Error("firewall rules are left")
	}
}
