// Package bases assembles stand-ins for base images from package registries,
// for machines that no image registry reaches. A stand-in is an OCI layout,
// handed to BuildKit as a named context in place of the image.
package bases

import (
	"fmt"
	"runtime"
	"sort"
	"strings"
)

// recipe says how the stand-in of one image is made.
type recipe struct {
	// digest is the image that the recipe imitates; an image of the same name
	// and another digest gets the same stand-in, and a line that says so.
	digest string
	title  string
	env    []string
	dir    string
	cmd    []string
	// on is the stand-in whose layers come first, on this machine's platform.
	on string
	// layers makes the layers for a platform of the index, lowest first.
	layers func(b *builder, arch string) error
	// foreign tells that the index has the other platform as well.
	foreign bool
}

// version changes when a recipe's code makes something else of the same pins:
// stand-ins made before are then made again.
const version = "1"

const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

var recipes = map[string]recipe{
	"debian:trixie-slim": {
		digest: "sha256:a29215f6a35e51e22adffa17f89e9d2ef06214e64a2bad10d765c46aea49f11f",
		title:  "Debian 13, minimal",
		env:    []string{"PATH=" + systemPath},
		cmd:    []string{"bash"},
		layers: func(b *builder, arch string) error { return b.debian(arch) },
	},
	"golang:1.26-trixie": {
		digest: "sha256:bdca99a00bc16590cb1a0bb4e698f5fc5d6a64e4d5eef13d9f18a0ee08e5fa65",
		title:  "Go " + goVersion + " on Debian 13 with a C compiler and git",
		env: []string{
			"PATH=/go/bin:/usr/local/go/bin:" + systemPath,
			"GOLANG_VERSION=" + goVersion, "GOTOOLCHAIN=local", "GOPATH=/go",
		},
		dir:    "/go",
		cmd:    []string{"bash"},
		layers: func(b *builder, arch string) error { return b.golang(arch) },
	},
	"node:24-trixie-slim": {
		digest:  "sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe",
		title:   "Node.js " + nodeVersion + " with npm " + npmVersion + " on Debian 13",
		env:     []string{"PATH=" + systemPath, "NODE_VERSION=" + nodeVersion},
		cmd:     []string{"node"},
		on:      "debian:trixie-slim",
		layers:  func(b *builder, arch string) error { return b.node(arch) },
		foreign: true,
	},
}

// arches are the platforms of the stand-in's index: all, where they are asked
// for or where builders copy from the other one.
func (r recipe) arches(all bool) []string {
	if all || r.foreign {
		return []string{"amd64", "arm64"}
	}
	return []string{runtime.GOARCH}
}

// find returns the recipe of a reference as FROM lines have it.
func find(ref string) (name string, r recipe, err error) {
	name, _, _ = strings.Cut(ref, "@")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "docker.io/"), "library/")
	r, ok := recipes[name]
	if !ok {
		return "", recipe{}, fmt.Errorf("assembling a stand-in for %s: no recipe; there are recipes for %s (bare/bases/recipe.go)", ref, strings.Join(known(), ", "))
	}
	return name, r, nil
}

func known() []string {
	var names []string
	for name := range recipes {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
