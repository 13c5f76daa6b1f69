package gotest

// event is one line of `go test -json`. Source: `go doc test2json`, and for builds `go help buildjson`
type event struct {
	Action      string
	Package     string
	ImportPath  string // of a build, in place of Package
	Test        string // TestX/sub/test; empty: of the package
	Elapsed     float64
	Output      string
	FailedBuild string // the ImportPath of the build that failed a package
}
