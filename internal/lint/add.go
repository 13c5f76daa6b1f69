package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/finding"
)

var add = &rule{Rule: finding.Rule{
	Key:      "add",
	Practice: "ADD is for what COPY cannot take: archives to unpack, URLs, repositories.",
	Why: "ADD unpacks whatever it recognises as an archive, and downloads whatever looks like a URL. For a plain file that is a surprise in waiting: " +
		"the reader has to know which files those are, and COPY says that there are none.",
	Source: "https://docs.docker.com/build/building/best-practices/#add-or-copy",
	Fix:    "Write COPY in place of ADD; both have the same arguments.",
	Bad:    "FROM scratch\nADD server /server\nUSER 65532:65532\nENTRYPOINT [\"/server\"]\n",
	Good:   "FROM scratch\nCOPY server /server\nUSER 65532:65532\nENTRYPOINT [\"/server\"]\n",
}, check: func(d *Dockerfile, found atLine) {
	for _, in := range d.Instructions() {
		c, ok := in.Command.(*instructions.AddCommand)
		if !ok || c.Unpack != nil || slices.ContainsFunc(c.SourcePaths, needsADD) {
			continue
		}
		what := "the text"
		if len(c.SourcePaths) > 0 {
			what = strings.Join(c.SourcePaths, " ")
		}
		found(in.Line, "ADD takes "+what+", which needs neither unpacking nor downloading", "write COPY in place of ADD")
	}
}}

var archive = regexp.MustCompile(`(?i)\.(tar|tgz|tbz2?|txz|tlz|tzst|gz|bz2|xz|zst|lzma)(\W|$)`)

// needsADD reports whether COPY cannot take a source: an archive, a URL, a repository, or a variable, which may be any of them.
func needsADD(source string) bool {
	return strings.Contains(source, "$") || strings.Contains(source, "://") || isGit(source) || archive.MatchString(source)
}
