package rules

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
)

var secrets = &Rule{
	Key:      "secrets",
	Severity: Error,
	Practice: "No secret is in ARG, ENV, COPY, ADD or RUN; builds get them by secret mounts.",
	Why: "Arguments and environment are in the image's history and configuration for everyone who can pull it; a file that a later " +
		"layer removes is still in the earlier one.",
	Source: "https://docs.docker.com/build/building/secrets/",
	Fix:    "RUN --mount=type=secret,id=NAME,env=NAME COMMAND, with `docker build --secret id=NAME`. Settings that a running program needs are given to it when it runs.",
	Bad:    "FROM node:24\nARG NPM_TOKEN\nRUN npm ci\n",
	Good:   "FROM node:24\nRUN --mount=type=secret,id=NPM_TOKEN,env=NPM_TOKEN npm ci\n",
	About:  "the variable or file, or the instruction that holds it: RUN, COPY, ADD",
	checkDockerfile: func(d *Dockerfile, found atLine) {
		for _, a := range d.Args {
			checkPair(a.Line, "ARG", a.Key, a.ValueString(), a.Value == nil, found)
		}
		for _, s := range d.Stages {
			for _, in := range s.Instructions {
				checkSecrets(d, s, in, found)
			}
		}
	},
}

func checkSecrets(d *Dockerfile, s *dockerfile.Stage, in dockerfile.Instruction, found atLine) {
	switch c := in.Command.(type) {
	case *instructions.ArgCommand:
		for _, a := range c.Args {
			checkPair(in.Line, "ARG", a.Key, a.ValueString(), a.Value == nil, found)
		}
	case *instructions.EnvCommand:
		for _, e := range c.Env {
			checkPair(in.Line, "ENV", e.Key, e.Value, false, found)
		}
	case *instructions.CopyCommand:
		checkFiles(d, s, in, "COPY", c.SourcesAndDest, found)
	case *instructions.AddCommand:
		checkFiles(d, s, in, "ADD", c.SourcesAndDest, found)
	case *instructions.RunCommand:
		if kind := secretValue(script(c)); kind != "" {
			found(in.Line, "RUN holds "+kind, "take it from a secret mount", "RUN")
		}
		for _, c := range d.commandsOf(in) {
			if (c.name == "cp" || c.name == "mv" || c.name == "install") && c.hasPrefix("/run/secrets/") {
				found(in.Line, "`"+c.String()+"` writes a secret into a layer", "use it where it is mounted", "RUN")
			}
		}
	}
}

func checkPair(line int, instruction, key, value string, onlyDeclared bool, found atLine) {
	value = unquoted(value)
	switch {
	case secretValue(value) != "":
		found(line, instruction+" "+key+" holds "+secretValue(value), "take it from a secret mount, and revoke this one", key)
	case SecretName(key) && onlyDeclared && instruction == "ARG", holdsSecret(key, value):
		found(line, fmt.Sprintf("%s %s is for a secret, and stays in the image's history", instruction, key),
			"use RUN --mount=type=secret,id="+key+",env="+key, key)
	}
}

var (
	// The last word that means a secret, and what stands behind it.
	secretWord = regexp.MustCompile(`(?i)^(?:.*_)?(?:(?:api|access|account|app|deploy|encryption|master|private|secret|signing|ssh|storage)_?key(?:_base)?|auth|credentials?|pass|password|passphrase|passwd|pword|pw|secret|token)(_.*)?$`)
	// A word behind it says that the variable is about a secret: USER_PASSWORD is one, PASSWORD_USER is not.
	qualifier  = regexp.MustCompile(`(?i)_(fingerprint|id|name|file|path|dir|url|uri|host|port|user|type|mode|method|enabled?|disabled?|required?|ttl|size|length|count|timeout|expiry|version|policy|header|provider|algorithm|server|service|backend|keyring|sha256|checksum)(_|$)`)
	publicName = regexp.MustCompile(`(?i)(^|_)(public|pub|(gpg|pgp)(_signing)?_key)(_|$)`)
	plainValue = regexp.MustCompile(`(?i)^(|true|false|yes|no|on|off|none|null|-?[0-9.]+|/.*|\$.*|https?://[^@]*)$`)

	// Variables of other names hold what `openssl rand -hex` writes, which looks the same.
	signingName = regexp.MustCompile(`(?i)(^|_)(gpg|pgp|signing_?key)(_|$)`)
	fingerprint = regexp.MustCompile(`(?i)^(0x)?([0-9A-F]{16}|[0-9A-F]{40}|([0-9A-F]{4} +){9}[0-9A-F]{4})$`)
)

// SecretName reports whether a variable of that name is meant to hold a secret.
func SecretName(key string) bool {
	key = snake(key)
	m := secretWord.FindStringSubmatch(key)
	return len(m) == 2 && !qualifier.MatchString(m[1]) && !publicName.MatchString(key)
}

var humps = regexp.MustCompile(`([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])`)

// snake separates the words of a name by underscores: dbPassword is db_Password, APIKey is API_Key.
func snake(key string) string { return humps.ReplaceAllString(key, "${1}${3}_${2}${4}") }

// holdsSecret reports whether a variable is for a secret and has one.
func holdsSecret(key, value string) bool {
	return SecretName(key) && (looksSecret(value) || fingerprint.MatchString(value) && !signingName.MatchString(key))
}

// looksSecret reports whether a value can be a secret: a number, a switch, a path, another variable or a fingerprint is none.
func looksSecret(value string) bool {
	return !plainValue.MatchString(value) && !fingerprint.MatchString(value)
}

// secretKinds are texts that are secrets whatever they are called.
var secretKinds = []struct {
	kind string
	is   *regexp.Regexp
}{
	{"a private key", regexp.MustCompile(`-----BEGIN ([A-Z]+ )?PRIVATE KEY-----`)},
	{"a GitHub token", regexp.MustCompile(`\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})\b`)},
	{"a GitLab token", regexp.MustCompile(`\bglpat-[A-Za-z0-9_-]{20,}`)},
	{"an AWS key", regexp.MustCompile(`\b(AKIA|ASIA)[0-9A-Z]{16}\b`)},
	{"an npm token", regexp.MustCompile(`\bnpm_[A-Za-z0-9]{36}\b`)},
	{"a PyPI token", regexp.MustCompile(`\bpypi-AgEI[A-Za-z0-9_-]{50,}`)},
	{"a Slack token", regexp.MustCompile(`\bxox[abprs]-[A-Za-z0-9-]{10,}`)},
	{"a Google key", regexp.MustCompile(`\bAIza[0-9A-Za-z_-]{35}\b`)},
	{"a password in a URL", regexp.MustCompile(`\b[a-z][a-z0-9+]*://[^\s/:@$"'{}]+:[^\s/:@$"'{}<>]+@[A-Za-z0-9]`)},
}

// secretValue says what kind of secret a text holds, or is "".
func secretValue(text string) string {
	for _, k := range secretKinds {
		if k.is.MatchString(text) {
			return k.kind
		}
	}
	return ""
}

// secretFiles are the files that hold secrets by convention; settings may, and do when they are removed again.
var (
	secretFiles  = regexp.MustCompile(`^(id_(rsa|dsa|ecdsa|ed25519)|\.netrc|\.git-credentials|\.pypirc|\.dockerconfigjson|\.htpasswd|.*\.(p12|pfx|jks|keystore|kdbx)|.*[._-]key\.pem|.*\.key|\.env|\.env\.(local|production|prod|staging)|service-account.*\.json|credentials(\.json)?)$`)
	settingFiles = []string{".npmrc", ".yarnrc", ".yarnrc.yml", "pip.conf", "settings.xml", "NuGet.Config", "auth.json", ".aws", ".ssh", ".docker", ".kube"}
)

var (
	publicKeyName  = regexp.MustCompile(`(?i)(^|[._-])(pub|public|pubkeys?|publickeys?)([._-]|$)|[._-](gpg|pgp|asc)\.key$`)
	keyringFolders = regexp.MustCompile(`(^|/)(keyrings|trusted\.gpg\.d|rpm-gpg|apk/keys|etc/apt)(/|$)`)
)

// publicKey reports whether a .key file is a public one: by its name, or because a package manager reads it where it goes.
func publicKey(base, destination string) bool {
	if !strings.HasSuffix(base, ".key") && !strings.HasSuffix(base, "key.pem") || strings.Contains(strings.ToLower(base), "private") {
		return false
	}
	return publicKeyName.MatchString(base) || keyringFolders.MatchString(destination)
}

func checkFiles(d *Dockerfile, s *dockerfile.Stage, in dockerfile.Instruction, name string, c instructions.SourcesAndDest, found atLine) {
	const fix = "use RUN --mount=type=secret in the command that needs it"
	for _, source := range c.SourcePaths {
		base := path.Base(source)
		switch {
		case strings.Contains(source, "://"):
		case publicKey(base, c.DestPath):
		case secretFiles.MatchString(base):
			found(in.Line, name+" "+source+" puts a secret into a layer", fix, source)
		case slices.Contains(settingFiles, base) && d.removedLater(s, in.Line, base):
			found(in.Line, name+" "+source+" puts a file into a layer that is removed later, and stays in the layer", fix, source)
		}
	}
	for _, content := range c.SourceContents {
		if kind := secretValue(content.Data); kind != "" {
			found(in.Line, name+" writes "+kind, "take it from a secret mount", name)
		}
	}
}

// removedLater reports whether a file copied in a line is removed by a later RUN of the stage.
func (d *Dockerfile) removedLater(s *dockerfile.Stage, line int, base string) bool {
	for _, in := range s.Instructions {
		if in.Line <= line {
			continue
		}
		for _, c := range d.commandsOf(in) {
			if c.name == "rm" && slices.ContainsFunc(c.operands(), func(a string) bool { return path.Base(a) == base }) {
				return true
			}
		}
	}
	return false
}
