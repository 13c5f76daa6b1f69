package audit

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/owners"
	"example.com/stagecraft/internal/rootfs"
)

var lean = &rule{Rule: finding.Rule{
	Key:      "lean",
	Images:   true,
	Practice: "The image contains what the service needs to run, and nothing that is for building, installing, testing or documenting it.",
	Why: "A shell and a package manager make it easy to exploit a small vulnerability. Files that are never used must still be " +
		"pulled, scanned and patched.",
	Source: "https://docs.docker.com/build/building/best-practices/#dont-install-unnecessary-packages",
	Fix: "COPY single files and folders from the builder instead of everything, and remove the rest there, in the RUN that made it. " +
		"Licence texts stay, because they must be distributed with the files. Less than 8 kB of documentation, tests, sources, " +
		"headers or caches from one package are ignored.",
	Bad:  "FROM node:24-trixie-slim AS runtime\nCOPY . /app\n",
	Good: "FROM scratch AS runtime\nCOPY --from=build /rootfs /\n",
}, check: checkLean}

// ballast is a kind of file that no service needs while it runs.
type ballast struct {
	title string
	is    func(p, dir, base string) bool
	floor int64 // how many bytes of one owner are ignored
}

var ballasts = []ballast{
	{title: "a shell", is: inBin(regexp.MustCompile(`^(ba|da|a|z|k|c|tc|fi)?sh$|^busybox$`))},
	{title: "a package manager", is: isPackageManager},
	{title: "a compiler", is: inBin(regexp.MustCompile(`^(.*-)?(gcc|g\+\+|cc|c\+\+|clang|clang\+\+|cpp|ld|ld\.bfd|ld\.gold|ld\.lld|lld|as|cc1)(-[0-9.]+)?$|^(go|gofmt|rustc|rustup|javac|make|cmake|ninja|swiftc|tsc|esbuild)$`))},
	{title: "headers", is: byExt(".h", ".hh", ".hpp", ".hxx", ".pc"), floor: littleBallast},
	{title: "static libraries", is: byExt(".a", ".la", ".o"), floor: littleBallast},
	{title: "documentation", is: isDocumentation, floor: littleBallast},
	{title: "caches", is: isCache, floor: littleBallast},
	{title: "version control data", is: func(_, dir, _ string) bool { return hasPart(dir, ".git", ".hg", ".svn") }},
	{title: "tests", is: isTest, floor: littleBallast},
	{title: "sources of compiled languages", is: isSource, floor: littleBallast},
}

// littleBallast is what is not worth a waiver: the README.md that a wheel must keep because its RECORD lists it.
const littleBallast = 8_000

// maxShown is how many files of a kind one finding names.
const maxShown = 5

func checkLean(i *Image, found atPath) {
	type key struct {
		*ballast
		owner owners.Owner
	}
	groups := map[key][]image.Entry{}
	var order []key
	tests := pythonTests(i.Names)
	for _, e := range i.Names { // each name of a file: busybox is a shell by one of many
		if b := ballastOf(e, tests); b != nil && !i.loadedByNode(e.Path) {
			k := key{b, i.owners.OwnerOf(e)}
			if b.floor > 0 && k.owner.Kind == "os" {
				k.owner = osPackages // one finding for all of them: they are fixed together
			}
			if groups[k] == nil {
				order = append(order, k)
			}
			groups[k] = append(groups[k], e)
		}
	}
	for _, k := range order {
		files := groups[k]
		total := bytesOf(files)
		switch {
		case total < k.floor:
		case len(files) == 1:
			found(files[0].Path, fmt.Sprintf("is %s, of %s", singular(k.title), i.owners.OwnerOf(files[0])), "leave it out in the builder")
		default:
			found(commonFolder(files), fmt.Sprintf("contains %s: %d files, %s, of %s", k.title, len(files), catalog.Bytes(total), k.owner),
				"leave them out in the builder", largest(files)...)
		}
	}
}

// osPackages stands for all packages of the distribution.
var osPackages = owners.Owner{Kind: "os", Name: "the distribution's packages"}

// bytesOf is what files take, one with several names once.
func bytesOf(files []image.Entry) int64 {
	var total int64
	seen := map[string]bool{}
	for _, e := range files {
		if file := rootfs.FirstPath(e); !seen[file] {
			seen[file] = true
			total += e.Size
		}
	}
	return total
}

// ballastOf is the kind of a file that no service needs, or nil. Tests are the folders of tests of Python packages.
func ballastOf(e image.Entry, tests map[string]bool) *ballast {
	if e.Size == 0 {
		return nil
	}
	dir, base := path.Split(e.Path)
	dir = path.Clean(dir)
	for n := range ballasts {
		b := &ballasts[n]
		if b.is(e.Path, dir, base) || b.title == "tests" && isBelow(dir, tests) {
			return b
		}
	}
	return nil
}

// isBelow reports whether one of the folders is dir or above it.
func isBelow(dir string, folders map[string]bool) bool {
	for ; dir != "/" && dir != "."; dir = path.Dir(dir) {
		if folders[dir] {
			return true
		}
	}
	return false
}

// isPythonPackage reports whether a folder is inside an installed Python package.
func isPythonPackage(dir string) bool { return hasPart(dir, "site-packages", "dist-packages") }

var pythonTestFile = regexp.MustCompile(`^(test_.*|.*_test|conftest)\.py$`)

// pythonTests are the folders called test or tests in Python packages that have files such as test_a.py in or below them. A
// folder without any is part of the package: django.test is what its users write tests with.
func pythonTests(files []image.Entry) map[string]bool {
	found := map[string]bool{}
	for _, e := range files {
		if !pythonTestFile.MatchString(path.Base(e.Path)) {
			continue
		}
		for dir := path.Dir(e.Path); isPythonPackage(path.Dir(dir)); dir = path.Dir(dir) {
			if base := path.Base(dir); base == "test" || base == "tests" {
				found[dir] = true
			}
		}
	}
	return found
}

// largest names some of the files, the largest first.
func largest(files []image.Entry) []string {
	sorted := slices.SortedStableFunc(slices.Values(files), func(a, b image.Entry) int { return cmp.Compare(b.Size, a.Size) })
	var lines []string
	for _, e := range sorted[:min(maxShown, len(sorted))] {
		lines = append(lines, fmt.Sprintf("%10s  %s", catalog.Bytes(e.Size), e.Path))
	}
	if more := len(files) - maxShown; more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", more))
	}
	return lines
}

func singular(title string) string {
	switch title {
	case "headers":
		return "a header"
	case "static libraries":
		return "a static library"
	case "caches":
		return "a cache"
	case "tests":
		return "a test"
	case "sources of compiled languages":
		return "a source of a compiled language"
	}
	return title
}

func commonFolder(files []image.Entry) string {
	dir := path.Dir(files[0].Path)
	for _, e := range files {
		for dir != "/" && !strings.HasPrefix(e.Path, dir+"/") {
			dir = path.Dir(dir)
		}
	}
	return dir
}

var binFolder = regexp.MustCompile(`^(/usr(/local)?)?/s?bin$|^/busybox$|/\.?bin$`)

func inBin(names *regexp.Regexp) func(p, dir, base string) bool {
	return func(_, dir, base string) bool { return binFolder.MatchString(dir) && names.MatchString(base) }
}

func byExt(exts ...string) func(p, dir, base string) bool {
	return func(_, _, base string) bool { return slices.Contains(exts, path.Ext(base)) }
}

// hasPart reports whether a folder of the path has one of the names.
func hasPart(dir string, names ...string) bool {
	return slices.ContainsFunc(strings.Split(dir, "/"), func(part string) bool { return slices.Contains(names, part) })
}

var managerPrograms = inBin(regexp.MustCompile(`^(apt|apt-get|apt-cache|aptitude|dpkg|dpkg-deb|apk|rpm|dnf|yum|microdnf|tdnf|zypper|pacman|npm|npx|yarn|yarnpkg|pnpm|corepack|pip[0-9.]*|uv|poetry|gem|bundle|cargo|composer|conda|mvn|gradle)$`))

func isPackageManager(p, dir, base string) bool {
	return managerPrograms(p, dir, base) || strings.Contains(p, "/lib/node_modules/npm/") || strings.Contains(p, "/lib/node_modules/corepack/") ||
		strings.Contains(p, "-packages/pip/")
}

var licence = regexp.MustCompile(`(?i)^(copyright|licen[cs]es?|copying|notice|authors|patents)([._-].*)?$|licen[cs]e`)

func isDocumentation(p, dir, base string) bool {
	if licence.MatchString(base) || hasPart(dir, "licenses", "license") {
		return false
	}
	for _, top := range []string{"/usr/share/doc/", "/usr/share/man/", "/usr/share/info/", "/usr/local/share/man/", "/usr/local/share/doc/", "/usr/share/gtk-doc/"} {
		if strings.HasPrefix(p, top) {
			return true
		}
	}
	// Among the modules of a Python package a text may be what the package shows or reads, as in scikit-learn.
	return slices.Contains([]string{".md", ".markdown", ".rst", ".adoc"}, strings.ToLower(path.Ext(base))) && !isPythonPackage(dir)
}

func isCache(p, dir, _ string) bool {
	for _, top := range []string{"/var/cache/", "/var/lib/apt/lists/", "/tmp/", "/var/tmp/", "/var/log/"} {
		if strings.HasPrefix(p, top) {
			return true
		}
	}
	return hasPart(dir, ".cache", ".npm", "_cacache") || strings.HasPrefix(p, "/root/.") && hasPart(dir, "cache")
}

var (
	testFile   = regexp.MustCompile(`_test\.go$|\.(test|spec)\.[cm]?[jt]sx?$|^_test.*\.so$`) // the last: of CPython itself
	testFolder = []string{"test", "tests", "__tests__"}
)

// isTest reports whether a file belongs to the tests of something but a Python package. A package may be called test itself.
func isTest(_, dir, base string) bool {
	if isPythonPackage(dir) {
		return false
	}
	if testFile.MatchString(base) {
		return true
	}
	if below, ok := belowNodePackage(path.Join(dir, base)); ok {
		first, _, deeper := strings.Cut(below, "/")
		return deeper && slices.Contains(testFolder, first) // further down it is a module like any other
	}
	parts := strings.Split(dir, "/")
	for n, part := range parts {
		if slices.Contains(testFolder, part) && n > 0 && strings.HasPrefix(parts[n-1], "python3") {
			return true
		}
	}
	return false
}

var (
	sourceFile       = regexp.MustCompile(`\.(c|cc|cpp|cxx|go|rs|java|kt|swift|zig|pyx|pxd|tsx?|[cm]ts)$|\.[cm]?(js|ts|css)\.map$`)
	pythonSourceFile = regexp.MustCompile(`\.(c|cc|cpp|cxx|pyx|pxd)$`) // others are data: what a package serves to browsers, for example
)

func isSource(_, dir, base string) bool {
	if isPythonPackage(dir) {
		return pythonSourceFile.MatchString(base)
	}
	return sourceFile.MatchString(base)
}
