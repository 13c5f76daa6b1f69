// Package secretscan searches what a build left behind (layers, configuration, attestations, exported cache, log) for secrets
// that it was given: every secret in every form that tools write it in, all in one pass, without
// unpacking anything. What a file itself compresses, an archive in a layer, is not opened.
package secretscan

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
)

// Secret is a value to look for. Reports have its name, never its value.
type Secret struct{ Name, Value string }

// pattern is a text to find: one form of one secret.
type pattern struct {
	secret, form string
	text         string
}

// shortest is the length below which a form would be found by chance.
const shortest = 8

// patterns are all forms of all secrets, each text once.
func patterns(secrets []Secret) []pattern {
	var all []pattern
	seen := map[string]bool{}
	for _, s := range secrets {
		for _, f := range forms(s.Value) {
			f.secret, f.text = s.Name, unwrapped.Replace(f.text)
			if len(f.text) < shortest || seen[f.text] {
				continue
			}
			seen[f.text] = true
			all = append(all, f)
		}
	}
	return all
}

// unwrapped removes line breaks: base64 and dumps are wrapped at any column, so the search does not see them.
var unwrapped = strings.NewReplacer("\r", "", "\n", "")

func forms(value string) []pattern {
	all := []pattern{{form: "raw", text: value}}
	for offset := range 3 {
		for _, alphabet := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			all = append(all, pattern{form: "base64", text: aligned(alphabet, value, offset)})
		}
	}
	for _, escaped := range []string{url.QueryEscape(value), url.PathEscape(value), strings.ReplaceAll(url.QueryEscape(value), "+", "%20")} {
		all = append(all,
			pattern{form: "URL-encoded", text: escaped},
			pattern{form: "URL-encoded", text: percent.ReplaceAllStringFunc(escaped, strings.ToLower)})
	}
	digits := hex.EncodeToString([]byte(value))
	all = append(all, pattern{form: "hex", text: digits}, pattern{form: "hex", text: strings.ToUpper(digits)})
	for _, html := range []bool{false, true} {
		all = append(all, pattern{form: "JSON-escaped", text: jsonEscaped(value, html)})
	}
	return all
}

var percent = regexp.MustCompile(`%[0-9A-F]{2}`)

// aligned is what base64 makes of value wherever it stands in a longer text: offset bytes, modulo three, come before it. The
// characters that depend on its neighbours too are left out.
func aligned(alphabet *base64.Encoding, value string, offset int) string {
	text := alphabet.EncodeToString([]byte(strings.Repeat("\x00", offset) + value))
	return text[(offset*8+5)/6 : (offset+len(value))*8/6]
}

func jsonEscaped(value string, html bool) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(html)
	if encoder.Encode(value) != nil { // no string fails
		return ""
	}
	return strings.Trim(strings.TrimSpace(text.String()), `"`)
}
