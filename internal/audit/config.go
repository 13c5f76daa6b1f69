package audit

import (
	"fmt"
	"path"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/secret"
	"example.com/stagecraft/internal/shell"
)

var config = &rule{Rule: finding.Rule{
	Key:    "config",
	Images: true,
	Practice: "The image's configuration has an entry point, a health check, a port and labels, and no secret; layers that change rarely " +
		"come first.",
	Why: "Without these, everyone who runs the image must guess. A label that changes with each commit makes each commit a new " +
		"image; a layer of dependencies above the application is pulled again after each change of the application.",
	Source: "https://github.com/opencontainers/image-spec/blob/main/annotations.md",
	Fix: "Write ENTRYPOINT and HEALTHCHECK as JSON lists; EXPOSE the port in service.yaml; LABEL org.opencontainers.image.title, " +
		"description, licenses and source, and leave revision and created to annotations at publishing; COPY dependencies first, in " +
		"a layer of their own.",
	Bad:  "FROM scratch AS runtime\nCOPY --from=build /app /app   # dependencies and application in one\nENTRYPOINT /app/server\n",
	Good: "FROM scratch AS runtime\nCOPY --from=dependencies /rootfs /\nCOPY --from=build /app /app\nEXPOSE 8080\nHEALTHCHECK CMD [\"/app/server\", \"--probe\"]\nENTRYPOINT [\"/app/server\"]\n",
}, check: func(i *Image, found atPath) {
	checkForms(i, found)
	checkPorts(i, found)
	checkLabels(i, found)
	checkEnvironment(i, found)
	checkOrder(i, found)
}}

func checkForms(i *Image, found atPath) {
	c := i.RunConfig()
	if words := i.Command(); len(words) > 0 && shell.Wraps(words) {
		found("", "is started by a shell that stays in front of the program", `write ENTRYPOINT ["PROGRAM", "ARGUMENT"]`)
	}
	health := c.Healthcheck
	switch {
	case health == nil || len(health.Test) == 0:
		if i.Service != nil || len(c.ExposedPorts) > 0 {
			found("", "has no health check", `write HEALTHCHECK CMD ["PROGRAM", "ARGUMENT"], or HEALTHCHECK NONE for a service that is asked from outside`)
		}
	case health.Test[0] == "NONE":
		if i.Service != nil {
			break // integration/ asks the service from outside
		}
		found("", "switches its health check off", `write HEALTHCHECK CMD ["PROGRAM", "ARGUMENT"]`)
	case health.Test[0] == "CMD-SHELL" || health.Test[0] == "CMD" && len(health.Test) > 1 && shell.Wraps(health.Test[1:]):
		found("", "has a health check that needs a shell", `write HEALTHCHECK CMD ["PROGRAM", "ARGUMENT"]`)
	}
}

func checkPorts(i *Image, found atPath) {
	if i.Service == nil {
		return
	}
	if i.Service.Port == 0 {
		for p := range i.RunConfig().ExposedPorts {
			found("", "exposes "+p+", and service.yaml declares no port", "remove EXPOSE, or write port: into service.yaml")
		}
		return
	}
	port := fmt.Sprint(i.Service.Port)
	exposed := false
	for p := range i.RunConfig().ExposedPorts {
		if p == port || p == port+"/tcp" {
			exposed = true
		} else {
			found("", "exposes "+p+", and service.yaml declares "+port, "write EXPOSE "+port)
		}
	}
	if !exposed {
		found("", "does not expose "+port+", which service.yaml declares", "write EXPOSE "+port)
	}
}

const labelPrefix = "org.opencontainers.image."

func checkLabels(i *Image, found atPath) {
	labels := i.RunConfig().Labels
	for _, key := range []string{"created", "revision", "version"} {
		if _, ok := labels[labelPrefix+key]; ok && i.Service != nil {
			found("", "has the label "+labelPrefix+key+", which changes with each commit", "make it an annotation when the image is published")
		}
	}
	if i.Service == nil {
		return
	}
	for _, key := range []string{"title", "description", "licenses", "source"} {
		if labels[labelPrefix+key] == "" {
			found("", "has no label "+labelPrefix+key, "write LABEL "+labelPrefix+key+"=...")
		}
	}
	if title := labels[labelPrefix+"title"]; title != "" && title != i.Service.Name {
		found("", "has the title "+title+", and the service is called "+i.Service.Name, "write LABEL "+labelPrefix+"title="+i.Service.Name)
	}
}

func checkEnvironment(i *Image, found atPath) {
	for _, e := range i.RunConfig().Env {
		key, value, _ := strings.Cut(e, "=")
		if kind := secret.Kind(value); kind != "" {
			found("", "ENV "+key+" contains "+kind, "give it to the container when it runs, and revoke this one")
		} else if secret.In(key, value) {
			found("", "ENV "+key+" looks like a secret", "give it to the container when it runs")
		}
	}
	for _, h := range i.Config().History {
		if kind := secret.Kind(h.CreatedBy); kind != "" {
			found("", "its history contains "+kind, "take it from a secret mount, and revoke this one")
		}
	}
}

// much is how many bytes of dependencies are worth a layer of their own.
const much = 256 << 10

// manifests may be with the dependencies that they name, and be larger than a small application.
var manifests = map[string]bool{
	"package.json": true, "package-lock.json": true, "pnpm-lock.yaml": true, "pnpm-workspace.yaml": true, "yarn.lock": true,
	"pyproject.toml": true, "uv.lock": true, "requirements.txt": true,
}

// checkOrder looks for dependencies in or above a layer of the application's own files.
func checkOrder(i *Image, found atPath) {
	own := make([]int64, len(i.Layers()))
	rest := make([]int64, len(i.Layers()))
	for _, e := range i.Regular {
		if manifests[path.Base(e.Path)] {
			continue
		}
		if owner, ok := i.owners.Owned(e); ok && (owner.Kind == "service" || owner.Kind == "note" || owner.Kind == "go") {
			own[e.Layer] += e.Size
		} else if ok {
			rest[e.Layer] += e.Size
		}
	}
	var all int64
	for _, bytes := range own {
		all += bytes
	}
	first := -1
	for n := range own {
		if own[n] > all/4 && first < 0 {
			first = n
		}
		if first >= 0 && rest[n] > much {
			what := fmt.Sprintf("layer %d contains %s of dependencies", n+1, catalog.Bytes(rest[n]))
			if n == first {
				found("", what+" together with the application: each change of a line pulls both", "COPY the dependencies first, in a layer of their own")
			} else {
				found("", fmt.Sprintf("%s above the application in layer %d", what, first+1), "COPY the dependencies before the application")
			}
			return
		}
	}
}
