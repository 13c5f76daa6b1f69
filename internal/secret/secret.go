// Package secret recognises secrets by the names of variables and by the shape of values.
package secret

import (
	"regexp"
	"strings"
)

var (
	// The last word that means a secret, and what stands behind it.
	word = regexp.MustCompile(`(?i)^(?:.*_)?(?:(?:api|access|account|app|deploy|encryption|master|private|secret|signing|ssh|storage)_?key(?:_base)?|auth|credentials?|pass|password|passphrase|passwd|pword|pw|secret|token)(_.*)?$`)
	// A word behind it says that the variable is about a secret: USER_PASSWORD is one, PASSWORD_USER is not.
	qualifier  = regexp.MustCompile(`(?i)_(fingerprint|id|name|file|path|dir|url|uri|host|port|user|type|mode|method|enabled?|disabled?|required?|ttl|size|length|count|timeout|expiry|version|policy|header|provider|algorithm|server|service|backend|keyring|sha256|checksum)(_|$)`)
	publicName = regexp.MustCompile(`(?i)(^|_)(public|pub|(gpg|pgp)(_signing)?_key)(_|$)`)
	plainValue = regexp.MustCompile(`(?i)^([\W_]*|true|false|yes|no|on|off|none|null|-?[0-9.]+|/.*|\$.*|https?://[^@]*)$`)

	// Variables of other names hold what `openssl rand -hex` writes, which looks the same.
	signingName = regexp.MustCompile(`(?i)(^|_)(gpg|pgp|signing_?key)(_|$)`)
	fingerprint = regexp.MustCompile(`(?i)^(0x)?([0-9A-F]{16}|[0-9A-F]{40}|([0-9A-F]{4} +){9}[0-9A-F]{4})$`)
)

// IsName reports whether a variable of that name is meant to hold a secret.
func IsName(key string) bool {
	key = snake(key)
	m := word.FindStringSubmatch(key)
	return len(m) == 2 && !qualifier.MatchString(m[1]) && !publicName.MatchString(key)
}

var humps = regexp.MustCompile(`([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])`)

// snake separates the words of a name by underscores: dbPassword is db_Password, APIKey is API_Key.
func snake(key string) string { return humps.ReplaceAllString(key, "${1}${3}_${2}${4}") }

// In reports whether a variable is for a secret and has one.
func In(key, value string) bool {
	return IsName(key) && (IsValue(value) || fingerprint.MatchString(value) && !signingName.MatchString(key))
}

// IsValue reports whether a value can be a secret: a number, a switch, a path, another variable or a fingerprint is none.
func IsValue(value string) bool {
	return !plainValue.MatchString(value) && !fingerprint.MatchString(value)
}

// standIn is part of what people write where a tool wants a secret and any will do.
var standIn = regexp.MustCompile(`(?i)dummy|place.?holder|\bbuild\b|fake|change.?me|example|unused|not.?(used|needed|set|real|a.?secret)|^(x+|test|none|secret|password|foo|bar|abc)$`)

// IsPlaceholder reports whether a value only stands for a secret.
func IsPlaceholder(value string) bool { return standIn.MatchString(value) }

// kinds are texts that are secrets whatever they are called. Each has one of the hints, which are quicker to look for.
var kinds = []struct {
	kind, hints string
	is          *regexp.Regexp
}{
	{"a private key", "PRIVATE", regexp.MustCompile(`-----BEGIN ([A-Z]+ )?PRIVATE KEY( BLOCK)?-----`)},
	{"a GitHub token", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", regexp.MustCompile(`\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b`)},
	{"a GitLab token", "glpat-", regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{20,}`)},
	{"an AWS key", "AKIA ASIA", regexp.MustCompile(`\b(AKIA|ASIA)[0-9A-Z]{16}\b`)},
	{"an npm token", "npm_", regexp.MustCompile(`\bnpm_[A-Za-z0-9]{36}\b`)},
	{"a PyPI token", "pypi-", regexp.MustCompile(`\bpypi-AgEI[A-Za-z0-9_-]{50,}`)},
	{"a Slack token", "xox xapp-", regexp.MustCompile(`\b(xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,}`)},
	{"a Docker Hub token", "dckr_pat_", regexp.MustCompile(`\bdckr_pat_[A-Za-z0-9_-]{27}`)},
	{"a Hugging Face token", "hf_", regexp.MustCompile(`\bhf_[A-Za-z]{34}\b`)},
	{"a Stripe key", "k_live_", regexp.MustCompile(`\b[rs]k_live_[A-Za-z0-9]{24,}`)},
	{"a Google key", "AIza", regexp.MustCompile(`\bAIza[0-9A-Za-z_-]{35}\b`)},
	{"a password in a URL", "://", regexp.MustCompile(`\b[a-z][a-z0-9+]*://[^\s/:@$"'{}]+:[^\s/:@$"'{}<>]+@[A-Za-z0-9]`)},
}

// Kind says what kind of secret a text holds, or is "".
func Kind(text string) string {
	for _, k := range kinds {
		for hint := range strings.FieldsSeq(k.hints) {
			if strings.Contains(text, hint) && k.is.MatchString(text) {
				return k.kind
			}
		}
	}
	return ""
}
