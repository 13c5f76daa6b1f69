package lint

import (
	"fmt"
	"slices"
	"strings"

	"example.com/stagecraft/internal/finding"
)

// maxLayers is what a runtime needs with room to spare: system, interpreter, dependencies, application, configuration.
const maxLayers = 8

var layers = &rule{Rule: finding.Rule{
	Key:      "layers",
	Practice: fmt.Sprintf("The final stage adds at most %d layers.", maxLayers),
	Why: "Each layer is one more request when an image is pulled, and one more mount when it runs; a file that a later layer " +
		"removes is pulled anyway. More layers than kinds of content do not improve caching.",
	Source: "https://docs.docker.com/build/building/best-practices/#minimize-the-number-of-layers",
	Fix:    "Collect files in a folder of an earlier stage and copy that folder; one COPY takes several sources.",
	Bad:    "FROM scratch\n" + strings.Repeat("COPY a /a\n", maxLayers+1) + "ENTRYPOINT [\"/a\"]\n",
	Good:   "FROM scratch\nCOPY a b c d e f g h i /\nENTRYPOINT [\"/a\"]\n",
}, check: checkLayers}

func checkLayers(d *Dockerfile, found atLine) {
	count := 0
	for _, s := range d.final() {
		for _, in := range s.Instructions {
			if !in.OnBuild && slices.Contains([]string{"run", "copy", "add"}, strings.ToLower(in.Name())) {
				count++
			}
		}
	}
	if count > maxLayers && d.ships() {
		found(d.Final().Line, fmt.Sprintf("the final stage adds %d layers, %d are enough", count, maxLayers),
			"gather files in a stage above and copy the folder")
	}
}
