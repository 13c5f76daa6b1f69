package engine

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// start runs dockerd and waits until it answers.
func (h Home) start(ctx context.Context) (apiVersion string, err error) {
	log, err := os.Create(h.logFile())
	if err != nil {
		return "", fmt.Errorf("making the engine's log: %w", err)
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(h.bin(), "dockerd"), "--config-file="+h.configFile())
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = daemonEnv(os.Environ(), h.bin())
	// Its own session: it must outlive the terminal and the command that started it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return "", fmt.Errorf("starting the engine: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()

	engine := dial(h.socket())
	deadline := time.After(startTimeout)
	for {
		if v, err := engine.ping(ctx); err == nil {
			return v, nil
		}
		select {
		case err := <-ended:
			return "", fmt.Errorf("starting the engine: it ended (%w): %s; see %s", err, h.lastError(), h.logFile())
		case <-deadline:
			return "", fmt.Errorf("starting the engine: no answer within %s: %s; see %s", startTimeout, h.lastError(), h.logFile())
		case <-ctx.Done():
			return "", errStartInterrupted
		case <-time.After(30 * time.Millisecond):
		}
	}
}

const startTimeout = 60 * time.Second

var errStartInterrupted = errors.New("starting the engine: interrupted; run the same command again to go on")

// daemonEnv puts our programs first, adds the folders of system programs that
// a plain user's PATH lacks, and drops settings meant for Docker's clients.
func daemonEnv(environ []string, bin string) []string {
	var env []string
	path := ""
	for _, kv := range environ {
		switch name, value, _ := strings.Cut(kv, "="); {
		case name == "PATH":
			path = value
		case strings.HasPrefix(name, "DOCKER_"), strings.HasPrefix(name, "BUILDX_"), name == "NOTIFY_SOCKET", name == "LISTEN_FDS", name == "LISTEN_PID":
		default:
			env = append(env, kv)
		}
	}
	return append(env, "PATH="+bin+":"+path+":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin")
}

// lastError returns what the engine's log says last, errors before the rest.
func (h Home) lastError() string {
	f, err := os.Open(h.logFile())
	if err != nil {
		return err.Error()
	}
	defer f.Close()
	last, worst := "its log is empty", ""
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" {
			continue
		}
		last = line
		if strings.Contains(line, "level=fatal") || strings.Contains(line, "failed to start daemon") {
			worst = line
		}
	}
	if worst != "" {
		return worst
	}
	return last
}
