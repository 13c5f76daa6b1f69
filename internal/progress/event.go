package progress

import "time"

// event is one line of what buildx writes with --progress=rawjson.
// Source: SolveStatus in https://github.com/moby/buildkit/blob/v0.33.0/client/graph.go
type event struct {
	Vertexes []vertex `json:"vertexes"`
	Logs     []log    `json:"logs"`
}

// vertex is a step; the same one comes again whenever something is new about it.
type vertex struct {
	Digest    string     `json:"digest"`
	Name      string     `json:"name"`
	Started   *time.Time `json:"started"`
	Completed *time.Time `json:"completed"`
	Cached    bool       `json:"cached"`
	Error     string     `json:"error"`
}

// log is a piece of what a step wrote.
type log struct {
	Vertex string `json:"vertex"`
	Data   []byte `json:"data"`
}
