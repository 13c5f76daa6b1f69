// Package catalog reads the facts of a repository, project.yaml and services/NAME/service.yaml, into typed and validated
// values.
package catalog

import (
	"path"
	"slices"
	"strings"
	"time"
)

// Project is project.yaml: what all services of a repository have in common.
type Project struct {
	Name      string     `json:"name"`      // prefix of image names, and the Compose project
	Source    string     `json:"source"`    // URL of the repository, for the label org.opencontainers.image.source
	Licenses  string     `json:"licenses"`  // SPDX expression, for the label org.opencontainers.image.licenses
	Registry  string     `json:"registry"`  // where images are published: registry.example.com/team; empty: nowhere
	Platforms []Platform `json:"platforms"` // that every service is built for, in the order in which reports list them
	Scan      Scan       `json:"scan"`
}

// Scan says which vulnerabilities fail a scan.
type Scan struct {
	Severity Severity `json:"severity"` // the lowest that fails
}

// Severity is how bad a vulnerability is, as CVSS rates it.
type Severity string

// Severities are all of them, the lowest first.
var Severities = []Severity{"low", "medium", "high", "critical"}

// Service is one folder of services/ or examples/ that has a service.yaml. Its values are validated: a Service from Load can
// be used without further checks.
type Service struct {
	// Name is the folder's name: lower-case ASCII letters, digits and hyphens, so that it can be part of an image tag.
	Name string `json:"-"`
	// Dir is the folder, relative to the repository's root, with forward slashes: services/NAME.
	Dir string `json:"-"`
	// Project is the name from project.yaml.
	Project string `json:"-"`

	Language      Language             `json:"language"`
	Protocol      Protocol             `json:"protocol"`
	Description   string               `json:"description"`
	Dockerfile    DockerfileKind       `json:"dockerfile"`
	Port          int                  `json:"port"` // TCP, 1024 to 65535: the service does not run as root; 0: none
	Health        Health               `json:"health"`
	Command       []string             `json:"command"`        // exec form; empty: the template's default
	Commands      map[string][]string  `json:"commands"`       // other processes of the same image, by name
	Jobs          []string             `json:"jobs"`           // processes that end by themselves: names of Commands, or Name for the service's own
	Uses          []string             `json:"uses"`           // folders of shared code, relative to the repository's root
	Files         []string             `json:"files"`          // shipped in the image below /app, relative to Dir
	Packages      []string             `json:"packages"`       // Debian packages that the program opens by name
	BuildPackages []string             `json:"build_packages"` // Debian packages for the target that the build compiles and links against
	DependsOn     []string             `json:"depends_on"`     // services that must be healthy, or Commands that must have succeeded, before this one starts
	Environment   Variables            `json:"environment"`    // given to the container when it runs, never baked into the image
	BuildSecrets  []string             `json:"build_secrets"`  // offered to its build in addition to the CA bundle; each one of SecretNames
	Size          map[Platform]Ceiling `json:"size"`
	Run           Run                  `json:"run"`
	Checks        []Check              `json:"checks"`
	Allow         []Waiver             `json:"allow"`
}

// Image is the name of the service's image for all platforms in an engine: PROJECT/NAME:dev.
func (s Service) Image() string { return s.Project + "/" + s.Name + ":dev" }

// IsJob reports whether a process ends by itself: that of one of the service's Commands, or its own, which has the service's name.
func (s Service) IsJob(process string) bool {
	_, command := s.Commands[process]
	return slices.Contains(s.Jobs, process) || command && slices.Contains(s.DependsOn, process)
}

// Waives reports whether the service need not keep a promise.
func (s Service) Waives(promise string) bool {
	return slices.ContainsFunc(s.Allow, func(w Waiver) bool { return w.Promise == promise })
}

// Tag is the name of its image for one platform. An engine asked for one platform of a tag that holds several answers with
// its own: hence a tag for each.
func (s Service) Tag(p Platform) string { return s.Image() + "-" + p.Arch() }

// Catalog is the folder that the service's folder is in: services or examples.
func (s Service) Catalog() string { return path.Dir(s.Dir) }

// Language names a template: dockerfiles/LANGUAGE.Dockerfile.
type Language string

// Protocol is how clients speak to a service. Which promises apply follows from it.
type Protocol string

// The protocols.
const (
	HTTP       Protocol = "http"
	GRPC       Protocol = "grpc"
	NoProtocol Protocol = "none" // a worker or a job
)

// DockerfileKind says who writes a service's Dockerfile.
type DockerfileKind string

// The two kinds: rendered from its language's template, or kept by hand.
const (
	Rendered DockerfileKind = "rendered"
	Own      DockerfileKind = "own"
)

// Health is how the health of a service is asked for. Live and Ready are paths for HTTP, and names of services in the gRPC
// health protocol for gRPC, where "" stands for the whole server.
type Health struct {
	Live  string   `json:"live"`
	Ready string   `json:"ready"`
	Probe []string `json:"probe"` // HEALTHCHECK in exec form, without the path; empty: the template's
}

// Platform is an OCI platform in the form that Docker prints, such as linux/amd64.
type Platform string

// Platforms are the platforms that can be built for.
var Platforms = []Platform{"linux/amd64", "linux/arm64"}

// Arch is the platform's architecture in Go's and OCI's spelling: amd64, arm64.
func (p Platform) Arch() string {
	_, arch, _ := strings.Cut(string(p), "/")
	return arch
}

// Ceiling is the largest size that an image may have on one platform.
type Ceiling struct {
	Unpacked Bytes `json:"unpacked"` // all files of the final root file system
	Pull     Bytes `json:"pull"`     // compressed layers, config and manifest
}

// Bytes is a size in bytes. In service.yaml and in reports it is written in SI units: 7.5MB is 7,500,000 bytes.
type Bytes int64

// Run is what a container of the service may use. The rest of the runtime contract is the same for all: read-only root
// file system, no capabilities, no new privileges, not root.
type Run struct {
	Memory Bytes    `json:"memory"` // hard limit
	Tmpfs  []string `json:"tmpfs"`  // absolute paths that may be written
}

// Check is one request to a running container and what must come back.
type Check struct {
	Name    string            `json:"name"`
	Method  string            `json:"-"`       // GET, HEAD, POST, PUT, PATCH or DELETE
	Path    string            `json:"-"`       // starts with /
	Headers map[string]string `json:"headers"` // of the request; with json: a content-type is among them
	Body    []byte            `json:"-"`       // of the request
	Expect  Expect            `json:"expect"`
}

// Expect describes an answer. Zero fields are not compared.
type Expect struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"` // name to regular expression (RE2) that the value must match
	JSON    any               `json:"json"`    // equal as JSON values, in the types that encoding/json decodes into an any, numbers as json.Number
	Body    *string           `json:"body"`    // equal byte for byte
	Matches string            `json:"matches"` // regular expression (RE2) that the body must match
}

// Waiver lets findings of one rule pass, or lets a service break one promise. Exactly one of Rule and Promise is set.
type Waiver struct {
	Rule    string    `json:"rule"`
	Promise string    `json:"promise"`
	Path    string    `json:"path"` // in the image or the Dockerfile; empty for a finding that has none
	Reason  string    `json:"reason"`
	Until   time.Time `json:"-"` // last day on which it holds; zero: no end
	Line    int       `json:"-"` // in service.yaml
}
