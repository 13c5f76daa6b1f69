package lint

import (
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
)

var stages = &rule{Rule: finding.Rule{
	Key:      "stages",
	Severity: finding.Error,
	Practice: "A Dockerfile that is not rendered has the stages that are built: runtime, which ships, and test.",
	Why: "The bake file names them: without runtime there is no image, and without test the service's own linters and tests do not " +
		"run. BuildKit reports this only when it gets to the missing stage.",
	Source: "https://docs.docker.com/build/building/multi-stage/#stop-at-a-specific-build-stage",
	Fix:    "Write FROM IMAGE AS runtime for what ships, and FROM IMAGE AS test for a stage whose RUN lines are the linters and tests.",
	Bad:    "# services/web/Dockerfile, with `dockerfile: own` in service.yaml\nFROM golang:1.26 AS build\nFROM scratch\nCOPY --from=build /server /server\n",
	Good:   "# services/web/Dockerfile, with `dockerfile: own` in service.yaml\nFROM golang:1.26 AS build\nFROM build AS test\nRUN go test ./...\nFROM scratch AS runtime\nCOPY --from=build /server /server\n",
	Needs:  finding.Service,
}, check: func(d *Dockerfile, found atLine) {
	if d.Service.Dockerfile != catalog.Own { // templates have them
		return
	}
	var missing []string
	for _, name := range []string{"test", "runtime"} {
		if !slices.ContainsFunc(d.Stages, func(s *dockerfile.Stage) bool { return s.Name == name }) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		found(0, "there is no stage "+strings.Join(missing, " and no stage ")+", which the bake file builds", "write FROM IMAGE AS "+missing[0])
	}
}}
