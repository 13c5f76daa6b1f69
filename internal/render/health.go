package render

import (
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	reader "example.com/stagecraft/internal/dockerfile"
)

// healthCheck is the command of the HEALTHCHECK that a Dockerfile gives its runtime stage; nil if there is none. What cannot
// be read has none.
func healthCheck(content []byte) []string {
	file, err := reader.Parse("Dockerfile", content)
	if err != nil {
		return nil
	}
	for _, stage := range file.Stage("runtime", len(file.Stages)).Lineage() {
		for _, in := range slices.Backward(stage.Instructions) {
			check, ok := in.Command.(*instructions.HealthCheckCommand)
			if !ok || in.OnBuild {
				continue
			}
			switch kind, words := check.Health.Test[0], check.Health.Test[1:]; strings.ToUpper(kind) {
			case "NONE":
				return nil
			case "CMD-SHELL":
				return append([]string{"/bin/sh", "-c"}, words...)
			default:
				return words
			}
		}
	}
	return nil
}
