// Package engine finds the container engine to use and resolves it once, for this process and all that it starts.
package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/command"
)

// Setting is the environment variable that chooses the engine: auto (or unset), private or off.
const Setting = "STAGECRAFT_ENGINE"

// patience is how long a local engine may take to answer; tests have less.
var patience = 5 * time.Second

// defaultHost is where docker looks when nothing is configured; tests put it elsewhere.
var defaultHost = client.DefaultDockerHost

// Engine is a container engine that answers, or buildx alone when it is Absent.
type Engine struct {
	Host    string   // DOCKER_HOST; empty: absent
	Buildx  []string // the command, without a verb: [docker buildx]
	Private bool     // started by us
	certs   string   // DOCKER_CERT_PATH of a docker context; empty: the environment's
	client  *client.Client
}

// Find is the engine that the environment names (DOCKER_HOST, then the docker context in use); where it names none, the
// engine at docker's default address; where none answers there, the private engine, which the program in root/bare
// installs and starts when needed. An engine that is named and does not answer is an error: building elsewhere than told
// would be worse. Announcements and progress go to progress.
func Find(ctx context.Context, root string, progress io.Writer) (*Engine, error) {
	e, setting, err := chosen(ctx)
	if e != nil || err != nil {
		return e, err
	}
	if setting == "off" {
		return nil, fmt.Errorf("no container engine answers at %s, and %s=off disables the private one; start Docker or name an engine in DOCKER_HOST",
			defaultHost, Setting)
	}
	return private(ctx, root, progress)
}

// FindRunning is the engine that Find would find, unless that would start one: then it is buildx alone, which builds
// elsewhere than here.
func FindRunning(ctx context.Context, root string, progress io.Writer) (*Engine, error) {
	e, setting, err := chosen(ctx)
	if e != nil || err != nil {
		return e, err
	}
	if setting != "off" && privateRuns(ctx, root, progress) {
		return private(ctx, root, progress)
	}
	buildx, err := findBuildx(ctx)
	if err != nil {
		return nil, err
	}
	return &Engine{Buildx: buildx}, nil
}

// chosen is the engine that is named, where the setting, its second value, lets it be looked for.
func chosen(ctx context.Context) (*Engine, string, error) {
	switch setting := os.Getenv(Setting); setting {
	case "", "auto", "off":
		e, err := named(ctx)
		return e, setting, err
	case "private":
		return nil, setting, nil
	default:
		return nil, "", fmt.Errorf("choose an engine: %s=%q is not a choice; use auto, private or off", Setting, setting)
	}
}

// named is the engine that the environment or docker's defaults name. It is nil, without an error, when only the default
// address was left to try and nothing listens there. One that is slow or keeps this user out is there.
func named(ctx context.Context) (*Engine, error) {
	e, source, err := locate()
	if err != nil {
		return nil, err
	}
	if err := e.connect(ctx); err != nil {
		if source == "" && !listens(ctx, e.Host) {
			return nil, nil
		}
		if source == "" {
			return nil, fmt.Errorf("reach the engine at %s: %w; wait until it answers, or name another in DOCKER_HOST (%s=private makes one)", e.Host, err, Setting)
		}
		return nil, fmt.Errorf("reach the engine at %s, which %s names: %w; start it, or unset %[2]s to let another be found",
			e.Host, source, err)
	}
	buildx, err := findBuildx(ctx)
	if err != nil {
		return nil, err
	}
	e.Buildx = buildx
	return e, nil
}

// listens reports whether something is at an engine's address, even if it does not answer.
func listens(ctx context.Context, host string) bool {
	address, err := client.ParseHostURL(host)
	if err != nil || address.Scheme != "unix" {
		return false
	}
	connection, err := (&net.Dialer{Timeout: patience}).DialContext(ctx, "unix", address.Host)
	if err == nil {
		_ = connection.Close()
	}
	return !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ECONNREFUSED)
}

// connect makes the client and asks the engine whether it is there.
func (e *Engine) connect(ctx context.Context) error {
	if strings.HasPrefix(e.Host, "ssh://") {
		return errors.New("engines behind ssh:// are not supported; forward the socket (ssh -L) and name it in DOCKER_HOST")
	}
	options := []client.Opt{client.FromEnv, client.WithHost(e.Host)}
	if e.certs != "" {
		options = append(options, client.WithTLSClientConfig(e.certs+"/ca.pem", e.certs+"/cert.pem", e.certs+"/key.pem"))
	}
	c, err := client.New(options...)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if _, err := c.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
		return err
	}
	e.client = c
	return nil
}

// Absent tells that there is no engine, only buildx.
func (e *Engine) Absent() bool { return e.client == nil }

// Client is the engine's API.
func (e *Engine) Client() *client.Client { return e.client }

// Env is the environment for programs that shall use the engine. What could lead them to another one is removed.
func (e *Engine) Env(changes ...string) []string {
	return command.Env(append(e.Changes(), changes...)...)
}

// Changes are what Env changes: "NAME=value" sets, "NAME" alone removes.
func (e *Engine) Changes() []string {
	if e.Absent() {
		return []string{"DOCKER_HOST", "DOCKER_CONTEXT", "BUILDX_BUILDER"}
	}
	changes := []string{"DOCKER_HOST=" + e.Host, "DOCKER_CONTEXT", "BUILDX_BUILDER"}
	if e.certs != "" {
		changes = append(changes, "DOCKER_CERT_PATH="+e.certs, "DOCKER_TLS_VERIFY=1")
	}
	if e.Private { // its programs may be the only ones of their kind here
		changes = append(changes, "PATH="+filepath.Dir(e.Buildx[0])+string(filepath.ListSeparator)+os.Getenv("PATH"))
	}
	return changes
}
