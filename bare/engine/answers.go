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
