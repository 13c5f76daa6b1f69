package catalog

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// The types that YAML gives to a scalar by its looks.
const (
	tagText  = "!!str"
	tagDate  = "!!timestamp"
	tagInt   = "!!int"
	tagFloat = "!!float"
	tagBool  = "!!bool"
	tagNull  = "!!null"
	tagMerge = "!!merge"
)

// tag is the type of a scalar; "" for a list or a mapping.
func tag(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.ShortTag()
}

// text reads a string. A plain date counts as one, as in YAML 1.2.
func (r *reader) text(n *yaml.Node, at string) (string, bool) {
	n = deref(n)
	switch tag(n) {
	case tagText, tagDate:
		return n.Value, true
	case tagInt, tagFloat, tagBool:
		r.add(n, at, "must be text, not %s; write it in quotes: %s", describe(n), quote(n.Value))
	default:
		r.add(n, at, "must be text, not %s", describe(n))
	}
	return "", false
}

// number reads a whole number from low to high, written with decimal digits only; it is 0 when there is none.
func (r *reader) number(n *yaml.Node, at string, low, high int) int {
	n = deref(n)
	value, err := strconv.Atoi(n.Value)
	switch {
	case tag(n) == tagText && isDigits(n.Value):
		r.add(n, at, "must be a number, not text; remove the quotes")
	case tag(n) != tagInt || err != nil || !isDigits(n.Value):
		r.add(n, at, "must be a whole number from %d to %d, not %s", low, high, describe(n))
	case value < low || value > high:
		r.add(n, at, "is %d; write a number from %d to %d", value, low, high)
	default:
		return value
	}
	return 0
}

func isDigits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

// describe names what a person wrote, for a message about a wrong type.
func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch tag(n) {
	case tagNull:
		return "nothing"
	case tagBool:
		return "true or false"
	case tagInt, tagFloat:
		return "the number " + unquote(n.Value)
	case tagText, tagDate:
		return "the text " + quote(n.Value)
	}
	return "a value with the tag " + unquote(n.ShortTag())
}

// quote shows what a file holds, on one line whatever it is.
func quote(text string) string { return strconv.QuoteToASCII(clip(text)) }

// unquote is quote without the quotation marks.
func unquote(text string) string {
	quoted := quote(text)
	return quoted[1 : len(quoted)-1]
}

func clip(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:57]) + "..."
	}
	return text
}
