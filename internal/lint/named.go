package lint

import (
	"strconv"

	"example.com/stagecraft/internal/finding"
)

var named = &rule{Rule: finding.Rule{
	Key:      "named",
	Practice: "A stage is referred to by its name, not by its number.",
	Why:      "COPY --from=0 means another stage as soon as one is put in front, and a name tells the reader what the stage is for.",
	Source:   "https://docs.docker.com/build/building/multi-stage/#name-your-build-stages",
	Fix:      "Write FROM IMAGE AS NAME, and COPY --from=NAME.",
	Bad:      "FROM golang:1.26\nFROM scratch AS runtime\nCOPY --from=0 /server /server\n",
	Good:     "FROM golang:1.26 AS build\nFROM scratch AS runtime\nCOPY --from=build /server /server\n",
}, check: func(d *Dockerfile, found atLine) {
	for s, in := range d.Instructions() {
		for _, ref := range in.Sources() {
			if _, err := strconv.Atoi(ref); err == nil && d.Stage(ref, s.Index) != nil {
				found(in.Line, "stage "+ref+" is referred to by its number", "name it and write from=NAME")
			}
		}
	}
}}
