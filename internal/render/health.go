package render

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	reader "example.com/stagecraft/internal/dockerfile"
)

// hasHealthCheck reports whether a Dockerfile gives its runtime stage a HEALTHCHECK. What cannot be read has none.
func hasHealthCheck(content []byte) bool {
	file, err := reader.Parse("Dockerfile", content)
	if err != nil {
		return false
	}
	for _, stage := range file.Stage("runtime", len(file.Stages)).Lineage() {
		for _, in := range slices.Backward(stage.Instructions) {
			if check, ok := in.Command.(*instructions.HealthCheckCommand); ok && !in.OnBuild {
				return !strings.EqualFold(check.Health.Test[0], "NONE")
			}
		}
	}
	return false
}
