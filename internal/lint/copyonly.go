package lint

import (
	"fmt"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
)

var copyOnly = &rule{Rule: finding.Rule{
	Key:      "copy-only",
	Practice: "The final stage copies what it needs and runs nothing.",
	Why: "A RUN needs a shell and tools in the image that ships, leaves behind what it downloads, and runs on the target platform, " +
		"under emulation if that is not the builder's own.",
	Source: "https://docs.docker.com/build/building/multi-stage/",
	Fix: "Do the work in an earlier stage and COPY --from it. A user does not need adduser, because USER accepts numbers. Packages " +
		"can be unpacked into a folder that is copied.",
	Bad:  "FROM golang:1.26 AS build\nRUN go build -o /server .\nFROM alpine:3.23 AS runtime\nRUN adduser -D app\nCOPY --from=build /server /server\n",
	Good: "FROM golang:1.26 AS build\nRUN go build -o /server .\nFROM scratch AS runtime\nCOPY --from=build /server /server\nUSER 65532:65532\n",
}, check: func(d *Dockerfile, found atLine) {
	if !d.ships() {
		return
	}
	stages := d.final()
	var first *dockerfile.Instruction
	runs := 0
	for _, s := range stages {
		for i, in := range s.Instructions {
			if _, ok := in.Command.(*instructions.RunCommand); ok && !in.OnBuild {
				if first == nil || in.Line < first.Line && s == stages[0] {
					first = &s.Instructions[i]
				}
				runs++
			}
		}
	}
	if first == nil {
		return
	}
	where := "the final stage"
	if len(d.Stages) == 1 {
		where = "the only stage"
	}
	found(first.Line, fmt.Sprintf("%s has %s: what they need and leave behind ships", where, finding.Plural(runs, "RUN")),
		"move the work to a stage above and COPY --from it")
}}
