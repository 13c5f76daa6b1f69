package lint

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/finding"
)

var ascii = &rule{Rule: finding.Rule{
	Key:      "ascii",
	Severity: finding.Error,
	Practice: "Names, paths, options and commands contain no characters that only look like ASCII.",
	Why: "A typographic hyphen, quote or space, pasted from a web page, makes a different name that looks the same: -static is an " +
		"option, but with U+2011 instead of the hyphen it is a file name. Invisible and direction-changing characters hide what a " +
		"line does.",
	Source: "https://trojansource.codes/",
	Fix: "Retype the character in ASCII. Text in quotes and the values of LABEL and ENV may contain any characters, except an image " +
		"title that is a single word, which is a name.",
	Bad:  "FROM scratch\nCOPY go\u2011app /app\n",
	Good: "FROM scratch\nCOPY go-app /app\n",
}, check: func(d *Dockerfile, found atLine) {
	report := func(line int, word string) {
		if r := lookalike(word); r != 0 {
			found(line, fmt.Sprintf("%q contains U+%04X, which is not %s", word, r, means(r)), "retype it in ASCII")
		}
	}
	for _, s := range d.Stages {
		report(s.Line, s.Written)
		for _, in := range s.Instructions {
			for _, word := range plainWords(in.Command) {
				report(in.Line, word)
			}
			for _, c := range d.commandsOf(in) {
				for i, word := range c.Args {
					if i >= len(c.Quoted) || !c.Quoted[i] {
						report(in.Line, word)
					}
				}
			}
		}
	}
}}

// plainWords are the words of an instruction that are names or paths.
func plainWords(c instructions.Command) []string {
	switch c := c.(type) {
	case *instructions.CopyCommand:
		return append(append([]string{c.From}, c.SourcePaths...), c.DestPath)
	case *instructions.AddCommand:
		return append(append([]string{}, c.SourcePaths...), c.DestPath)
	case *instructions.WorkdirCommand:
		return []string{c.Path}
	case *instructions.UserCommand:
		return []string{c.User}
	case *instructions.ExposeCommand:
		return c.Ports
	case *instructions.CmdCommand:
		return c.CmdLine
	case *instructions.EntrypointCommand:
		return c.CmdLine
	case *instructions.EnvCommand:
		return keys(c.Env)
	case *instructions.LabelCommand:
		words := keys(c.Labels)
		for _, l := range c.Labels {
			if strings.HasSuffix(l.Key, ".image.title") && !strings.Contains(unquoted(l.Value), " ") {
				words = append(words, l.Value) // a name, unlike a title of several words
			}
		}
		return words
	case *instructions.ArgCommand:
		var names []string
		for _, a := range c.Args {
			names = append(names, a.Key)
		}
		return names
	}
	return nil
}

func keys(pairs instructions.KeyValuePairs) []string {
	var names []string
	for _, p := range pairs {
		names = append(names, p.Key)
	}
	return names
}

// lookalikes are the characters that word processors and web pages put in the place of ASCII ones.
var lookalikes = map[string]string{
	"an ASCII hyphen": "\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d",
	"an ASCII quote":  "\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2032\u2033",
	"an ASCII space":  "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000",
}

func lookalike(word string) rune {
	for _, r := range word {
		if r > unicode.MaxASCII && (means(r) != "visible" || unicode.Is(unicode.Cf, r)) {
			return r
		}
	}
	return 0
}

// means says what a reader takes the character for.
func means(r rune) string {
	for meaning, all := range lookalikes {
		if strings.ContainsRune(all, r) {
			return meaning
		}
	}
	return "visible"
}
