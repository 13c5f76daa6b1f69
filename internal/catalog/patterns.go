package catalog

import (
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// pattern is a form that text must have, and how to tell people about it. docs/service.schema.json repeats the
// expressions; a test holds the two together.
type pattern struct {
	*regexp.Regexp
	want string
}

var (
	word       = pattern{regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`), "lower-case letters, digits and single hyphens"}
	oneLine    = pattern{regexp.MustCompile(`^[^\x00-\x20\x7f-\x9f]([^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\x9f])?$`), "one line of text, without blanks around it"}
	variable   = pattern{regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`), "a variable's name: letters, digits and underscores"}
	headerName = pattern{regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"), "a header's name: letters, digits and hyphens"}
	target     = pattern{regexp.MustCompile(`^/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$`), "a path that starts with /, encoded as in a URL"}
	plainPath  = pattern{regexp.MustCompile(`^/[A-Za-z0-9._~/-]*$`), "a path that starts with /, of letters, digits and ._~-"}
	folder     = pattern{regexp.MustCompile(`^(/[A-Za-z0-9._-]+)+$`), "an absolute path such as /tmp"}
)

// matching reads text of a form.
func (r *reader) matching(n *yaml.Node, at string, want pattern) (string, bool) {
	text, ok := r.text(n, at)
	if ok && !want.MatchString(text) {
		r.add(deref(n), at, "is %s; write %s", quote(text), want.want)
		return "", false
	}
	return text, ok
}

// line reads one line of text of at most limit characters.
func (r *reader) line(n *yaml.Node, at string, limit int) string {
	text, ok := r.matching(n, at, oneLine)
	if ok && utf8.RuneCountInString(text) > limit {
		r.add(deref(n), at, "has %d characters; write at most %d", utf8.RuneCountInString(text), limit)
	}
	return text
}

// choice reads one of a few words.
func (r *reader) choice(n *yaml.Node, at string, choices []string) string {
	text, ok := r.text(n, at)
	if !ok {
		return ""
	}
	for _, choice := range choices {
		if text == choice {
			return choice
		}
	}
	r.add(deref(n), at, "is %s; %s", quote(text), Hint(text, choices))
	return ""
}

// size reads a size such as 38MB.
func (r *reader) size(n *yaml.Node, at string) Bytes {
	n = deref(n)
	if tag(n) == tagInt {
		r.add(n, at, "has no unit; write it as %s", suggestSize(n.Value))
		return 0
	}
	text, ok := r.text(n, at)
	if !ok {
		return 0
	}
	value, err := ParseBytes(text)
	if err != nil {
		r.add(n, at, "%s", err)
	}
	return value
}

// expression reads a regular expression.
func (r *reader) expression(n *yaml.Node, at string) string {
	text, ok := r.text(n, at)
	if !ok {
		return ""
	}
	if text == "" {
		r.add(deref(n), at, "is empty and matches everything; write an expression or remove the key")
	}
	if _, err := regexp.Compile(text); err != nil {
		r.add(deref(n), at, "is no regular expression of RE2: %s", unquote(strings.TrimPrefix(err.Error(), "error parsing regexp: ")))
	}
	return text
}

// folder reads the absolute path of a folder, in its shortest form.
func (r *reader) folder(n *yaml.Node, at string) string {
	text, ok := r.text(n, at)
	switch short := path.Clean(text); {
	case !ok:
	case !folder.MatchString(short):
		r.add(deref(n), at, "is %s; write %s", quote(text), folder.want)
	case short != text:
		r.add(deref(n), at, "is %s; write %s", quote(text), short)
	}
	return text
}
