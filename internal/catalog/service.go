// Package catalog reads the facts of every service, services/NAME/service.yaml, into typed and validated values.
package catalog

import (
	"strings"
	"time"
)

// Service is one folder of services/ that has a service.yaml. Its values are validated: a Service from Load can be used
// without further checks.
type Service struct {
	// Name is the folder's name: lower-case ASCII letters, digits and hyphens, so that it can be part of an image tag.
	Name string
	// Dir is the folder, relative to the repository's root, with forward slashes: services/NAME.
	Dir string

	Language     Language
	Description  string
	Dockerfile   DockerfileKind
	Port         int // TCP, 1024 to 65535: the service does not run as root
	Health       Health
	Environment  map[string]string // given to the container when it runs, never baked into the image
	BuildSecrets []string          // offered to its build beside the CA bundle; each one of SecretNames
	Size         map[Platform]Ceiling
	Run          Run
	Checks       []Check
	Allow        []Excuse
}

// Language names a template: dockerfiles/LANGUAGE.Dockerfile.
type Language string

// DockerfileKind says who writes a service's Dockerfile.
type DockerfileKind string

// The two kinds: rendered from its language's template, or kept by hand.
const (
	Rendered DockerfileKind = "rendered"
	Own      DockerfileKind = "own"
)

// Health holds the paths of the two health endpoints.
type Health struct {
	Live  string
	Ready string
}

// Platform is an OCI platform in the form that Docker prints, such as linux/amd64.
type Platform string

// Platforms are the platforms that every service is built for, in the order in which reports list them.
var Platforms = []Platform{"linux/amd64", "linux/arm64"}

// Arch is the platform's architecture in Go's and OCI's spelling: amd64, arm64.
func (p Platform) Arch() string {
	_, arch, _ := strings.Cut(string(p), "/")
	return arch
}

// Ceiling is the largest size that an image may have on one platform.
type Ceiling struct {
	Unpacked Bytes // all files of the final root file system
	Pull     Bytes // compressed layers, config and manifest
}

// Bytes is a size in bytes. In service.yaml and in reports it is written in SI units: 7.5MB is 7,500,000 bytes.
type Bytes int64

// Run is what a container of the service may use. The rest of the runtime contract is the same for all: read-only root
// file system, no capabilities, no new privileges, not root.
type Run struct {
	Memory Bytes    // hard limit
	Tmpfs  []string // absolute paths that may be written
}

// Check is one request to a running container and what must come back.
type Check struct {
	Name    string
	Method  string            // GET, HEAD, POST, PUT, PATCH or DELETE
	Path    string            // starts with /
	Headers map[string]string // of the request; with json: a content-type is among them
	Body    []byte            // of the request
	Expect  Expect
}

// Expect describes an answer. Zero fields are not looked at.
type Expect struct {
	Status  int
	Headers map[string]string // name to regular expression (RE2) that the value must match
	JSON    any               // equal as JSON values, in the types that encoding/json decodes into an any, numbers as json.Number
	Body    *string           // equal byte for byte
	Matches string            // regular expression (RE2) that the body must match
}

// Excuse lets one finding of one rule pass.
type Excuse struct {
	Rule   string
	Path   string // in the image or the Dockerfile; empty for a finding that has none
	Reason string
	Until  time.Time // last day on which it holds; zero: no end
	Line   int       // in service.yaml
}
