package lint

import (
	"example.com/stagecraft/internal/finding"
)

var goFlags = &rule{Rule: finding.Rule{
	Key:      "go-flags",
	Practice: "go build is run without -a and -installsuffix.",
	Why: "Both were needed to build without cgo before Go 1.10. Now -a only ignores the build cache, so that every build compiles " +
		"the standard library again, and -installsuffix does nothing.",
	Source: "https://go.dev/doc/go1.10#build",
	Fix:    "Write CGO_ENABLED=0 go build -trimpath -ldflags=\"-s -w\".",
	Bad:    "FROM golang:1.26\nRUN CGO_ENABLED=0 go build -a -installsuffix cgo -o /server .\n",
	Good:   "FROM golang:1.26\nRUN CGO_ENABLED=0 go build -trimpath -o /server .\n",
}, check: func(d *Dockerfile, found atLine) {
	for _, in := range d.Instructions() {
		for _, c := range d.commandsOf(in) {
			if c.Name != "go" || c.Verb() != "build" && c.Verb() != "install" {
				continue
			}
			if c.Has("-a", "-installsuffix") || c.HasPrefix("-installsuffix=") {
				found(in.Line, "go "+c.Verb()+" has -a or -installsuffix, which Go has not needed since 1.10", "remove them")
			}
		}
	}
}}
