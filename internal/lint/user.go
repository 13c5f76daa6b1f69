package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
)

var user = &rule{Rule: finding.Rule{
	Key:      "user",
	Practice: "The last USER of the final stage is not root, and is a number.",
	Why: "Root in a container is root on the host after any escape, and can change every file in the container even without one. " +
		"Kubernetes does not start a named user under runAsNonRoot, because it cannot know that the name is not root's.",
	Source: "https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
	Fix:    "Write USER 65532:65532 in the final stage. The number needs no entry in /etc/passwd.",
	Bad:    "FROM scratch\nCOPY server /server\nENTRYPOINT [\"/server\"]\n",
	Good:   "FROM scratch\nCOPY server /server\nUSER 65532:65532\nENTRYPOINT [\"/server\"]\n",
}, check: func(d *Dockerfile, found atLine) {
	const fix = "write USER 65532:65532"
	stages := d.final()
	if !d.ships() || d.windows() {
		return
	}
	line, name := d.lastUser(stages)
	base := stages[len(stages)-1]
	switch {
	case name == "" && base.External() && (base.Base == "" || unprivileged.MatchString(base.Base)):
		// Set by the base, or only the build knows.
	case name == "" && base.External() && !runsAsRoot(base.Base):
		found(stages[0].Line, "the final stage has no USER, so that "+base.Base+" decides who it runs as", "write USER with the numbers of the user that is meant")
	case name == "":
		found(stages[0].Line, "the final stage has no USER, so that it runs as root", fix)
	case isRoot(name):
		found(line, "the final stage runs as root", fix)
	case !numeric.MatchString(name) && !strings.Contains(name, "$"):
		found(line, "the user "+name+" is named, not numbered", "write its numbers, such as USER 65532:65532")
	}
}}

// numeric is a user that is a number, whatever its group.
var numeric = regexp.MustCompile(`^[0-9]+(:.*)?$`)

// unprivileged are images known not to run as root: their names say so, or their publisher's images never do.
var unprivileged = regexp.MustCompile(`(?i)non-?root|unprivileged|rootless|chiseled|azurelinux[0-9.]*-distroless|^cgr\.dev/|/chainguard/|^dhi\.io/|^bitnami/|^docker\.io/bitnami/|^registry\.access\.redhat\.com/ubi\d+/(nodejs|python|go-toolset|openjdk)`)

// rootImages are the official images that start as root.
var rootImages = strings.Fields("almalinux alpine amazoncorretto amazonlinux archlinux bash buildpack-deps busybox caddy cassandra centos " +
	"clojure composer couchdb dart debian docker drupal eclipse-temurin elixir erlang fedora friendica gcc ghost " +
	"golang gradle haskell haxe httpd ibm-semeru-runtimes influxdb java joomla jruby julia mageia mariadb matomo maven mediawiki mongo " +
	"mono mysql nats neo4j nextcloud nginx node openjdk oraclelinux perl photon php phpmyadmin postgres pypy python r-base rabbitmq " +
	"redis redmine registry rethinkdb rockylinux ros ruby rust sapmachine storm swift swipl tomcat tomee traefik ubuntu wordpress zookeeper")

// runsAsRoot reports whether an image is one of those. A short name may also be that of an image that was built before.
func runsAsRoot(ref string) bool {
	name, _ := officialName(ref)
	return slices.Contains(rootImages, name)
}

func isRoot(name string) bool {
	uid, _, _ := strings.Cut(name, ":")
	return uid == "root" || strings.Trim(uid, "0") == "" && uid != ""
}

// lastUser is the USER that counts in stages, the last one first, with variables replaced where their defaults are known.
func (d *Dockerfile) lastUser(stages []*dockerfile.Stage) (line int, name string) {
	for _, s := range stages {
		for i := len(s.Instructions) - 1; i >= 0; i-- {
			in := s.Instructions[i]
			if c, ok := in.Command.(*instructions.UserCommand); ok && !in.OnBuild {
				return in.Line, d.expandIn(stages, unquoted(c.User))
			}
		}
	}
	return 0, ""
}

// windows reports whether the image is for Windows, which has neither root nor numbers.
func (d *Dockerfile) windows() bool {
	if d.Escape == '`' {
		return true
	}
	for _, s := range d.final() {
		if strings.Contains(s.Base, "windows") || strings.Contains(s.Base, "nanoserver") || strings.Contains(s.Platform, "windows") {
			return true
		}
	}
	return false
}
