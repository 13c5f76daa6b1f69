package lint

import (
	"regexp"
	"slices"
	"strings"

	"example.com/stagecraft/internal/dockerfile"
)

// splitRef is the name and the tag of a reference, without registry and digest: library/golang:1.26@sha256:... is golang
// and 1.26, ghcr.io/a/b is a/b and no tag.
func splitRef(ref string) (name, tag string) {
	ref, _, _ = strings.Cut(ref, "@")
	if i := strings.LastIndex(ref, ":"); i > strings.LastIndex(ref, "/") {
		ref, tag = ref[:i], ref[i+1:]
	}
	if host, rest, ok := strings.Cut(ref, "/"); ok && (strings.ContainsAny(host, ".:") || host == "localhost") {
		ref = rest
	}
	return strings.TrimPrefix(ref, "library/"), tag
}

// officialName is the name of a Docker official image, on Docker Hub or in a mirror that keeps its library/, or "".
func officialName(ref string) (name, tag string) {
	name, tag = splitRef(ref)
	host, rest, ok := strings.Cut(ref, "/")
	elsewhere := ok && (strings.ContainsAny(host, ".:") || host == "localhost") && host != "docker.io" && host != "index.docker.io"
	switch i := strings.LastIndex(name, "/"); {
	case i >= 0 && (name[:i] == "library" || strings.HasSuffix(name[:i], "/library")):
		return name[i+1:], tag
	case i >= 0, elsewhere && !strings.HasPrefix(rest, "library/"):
		return "", tag
	}
	return name, tag
}

// libcKind is the C library of an image: glibc, musl, or "" for one that is not known.
func libcKind(ref string) string {
	name, tag := splitRef(ref)
	base := name[strings.LastIndex(name, "/")+1:]
	switch {
	case strings.Contains(tag, "alpine") || base == "alpine" || strings.HasSuffix(base, "-alpine") || strings.Contains(tag, "musl"):
		return "musl"
	case debianTag.MatchString(tag):
		return "glibc"
	case slices.Contains(glibcImages, base) && officialOrKnown(ref):
		return "glibc"
	case strings.HasPrefix(name, "distroless/") && base != "static" && !strings.HasPrefix(base, "static-"):
		return "glibc"
	}
	return ""
}

var debianTag = regexp.MustCompile(`(^|-)(slim|trixie|bookworm|bullseye|buster|stretch|jessie|noble|jammy|focal|bionic)(-|$)`)

// glibcImages are images that are glibc unless their tag says otherwise.
var glibcImages = []string{
	"debian", "ubuntu", "golang", "node", "python", "ruby", "rust", "gcc", "openjdk", "eclipse-temurin", "php", "perl",
	"buildpack-deps", "maven", "gradle", "fedora", "centos", "rockylinux", "almalinux", "amazonlinux", "oraclelinux", "ubi8", "ubi9",
	"ubi-minimal", "ubi8-minimal", "ubi9-minimal", "photon", "nginx", "httpd", "postgres", "mysql", "mariadb", "redis", "swift", "elixir",
	"erlang", "haskell", "opensuse", "wolfi-base",
}

func officialOrKnown(ref string) bool {
	name, _ := splitRef(ref)
	official, _ := officialName(ref)
	return official != "" || strings.HasPrefix(name, "ubi") || strings.HasPrefix(name, "chainguard/")
}

// baseOf is the image that a stage, or the stage it starts from, starts from; "" for scratch and what is not known.
func baseOf(s *dockerfile.Stage) string {
	lineage := s.Lineage()
	last := lineage[len(lineage)-1]
	if last.Scratch() {
		return ""
	}
	return last.Base
}
