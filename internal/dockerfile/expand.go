package dockerfile

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// native is the platform that builds run on, and are for, unless another is given.
const native = "linux/amd64"

// maxWord bounds what ARGs that contain each other can grow to.
const maxWord = 4096

// bare is a variable that has no value of its own and none for want of one, such as ${NAME:-value}.
var bare = regexp.MustCompile(`\$(\w+|\{\w+\})`)

// defaults are the build arguments whose values are known without a build.
type defaults map[string]string

// newDefaults has the arguments that every build on linux/amd64 for another platform of Linux sets.
func newDefaults(platform string) defaults {
	d := defaults{}
	for of, platform := range map[string]string{"BUILD": native, "TARGET": platform} {
		system, arch, _ := strings.Cut(platform, "/")
		arch, variant, _ := strings.Cut(arch, "/")
		d[of+"PLATFORM"], d[of+"OS"], d[of+"ARCH"], d[of+"VARIANT"] = platform, system, arch, variant
	}
	return d
}

// set takes the default of an ARG; one without a default keeps its value.
func (d defaults) set(name string, value *string, escape rune) {
	if value == nil {
		return
	}
	if word, ok := d.expand(*value, escape); ok {
		d[name] = word
	} else {
		delete(d, name)
	}
}

// expand replaces the variables of a word. It fails when only the build knows the value.
func (d defaults) expand(word string, escape rune) (string, bool) {
	lex := shell.NewLex(escape)
	lex.SkipUnsetEnv = true
	value, _, err := lex.ProcessWord(word, d)
	if err != nil || bare.MatchString(value) {
		return "", false
	}
	lex.SkipUnsetEnv = false
	value, _, err = lex.ProcessWord(word, d)
	return value, err == nil && len(value) <= maxWord
}

// Get implements shell.EnvGetter.
func (d defaults) Get(name string) (string, bool) {
	value, ok := d[name]
	return value, ok
}

// Keys implements shell.EnvGetter.
func (d defaults) Keys() []string { return slices.Collect(maps.Keys(d)) }

// expand replaces the variables of a FROM line by the defaults of the ARGs above the first one. It returns "" when only the
// build knows them.
func (f *File) expand(word string) string {
	if !strings.ContainsAny(word, "$\"'"+string(f.Escape)) {
		return word
	}
	value, _ := f.known.expand(word, f.Escape)
	return value
}
