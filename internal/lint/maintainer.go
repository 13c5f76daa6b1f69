package lint

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/finding"
)

var maintainer = &rule{Rule: finding.Rule{
	Key:      "maintainer",
	Practice: "The label org.opencontainers.image.authors may have an image's author; there is no MAINTAINER and no label maintainer.",
	Why: "MAINTAINER is deprecated, and the label maintainer is not a standard: tools do not read it, and the person may change " +
		"jobs. It helps readers more to know where the source is: org.opencontainers.image.source.",
	Source: "https://docs.docker.com/reference/build-checks/maintainer-deprecated/",
	Fix: "Write LABEL org.opencontainers.image.source=URL, and org.opencontainers.image.authors=... if you want to publish a " +
		"contact.",
	Bad:  "FROM scratch\nLABEL maintainer=\"devops@example.com\"\n",
	Good: "FROM scratch\nLABEL org.opencontainers.image.source=\"https://example.com/app\"\n",
}, check: func(d *Dockerfile, found atLine) {
	const fix = "write LABEL org.opencontainers.image.authors=... or remove it"
	for _, in := range d.Instructions() {
		switch c := in.Command.(type) {
		case *instructions.MaintainerCommand:
			found(in.Line, "MAINTAINER is deprecated", fix)
		case *instructions.LabelCommand:
			for _, l := range c.Labels {
				if strings.EqualFold(unquoted(l.Key), "maintainer") {
					found(in.Line, "the label maintainer is no standard", fix)
				}
			}
		}
	}
}}
