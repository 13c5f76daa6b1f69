package engine

// Address is how to reach a running engine.
type Address struct {
	Host   string `json:"host"`
	Buildx string `json:"buildx"`
	API    string `json:"api"`
}

// Status describes an engine.
type Status struct {
	State   string `json:"state"` // running, stopped or absent
	Host    string `json:"host,omitempty"`
	Version string `json:"version,omitempty"`
	API     string `json:"api,omitempty"`
	Uptime  int64  `json:"uptime_seconds,omitempty"`
	Disk    Disk   `json:"disk"`
}

// Disk is the space that an engine takes, in bytes.
type Disk struct {
	Programs   int64  `json:"programs"`
	Images     int64  `json:"images"`                      // known while it runs
	BuildCache int64  `json:"build_cache"`                 // known while it runs
	CacheLimit string `json:"build_cache_limit,omitempty"` // as dockerd's settings have it
	Data       int64  `json:"data,omitempty"`              // all that it stored, when it is stopped
}

// Compose is Docker Compose for a machine that has none.
type Compose struct {
	Program string `json:"program"`
	Config  string `json:"config"` // DOCKER_CONFIG for it: docker's settings, with the buildx that it needs
}

// BuildKit is what a BuildKit of its own is made from: its programs, and a
// root file system with all that they need, to be imported as an image.
type BuildKit struct {
	Image    string `json:"image"`    // the name for it, which changes with its content
	Root     string `json:"root"`     // a tar file
	Programs string `json:"programs"` // the folder of buildkitd and buildctl
	Runc     string `json:"runc"`     // what both need to run anything
}
