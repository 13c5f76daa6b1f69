package lint

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/secret"
)

var secrets = &rule{Rule: finding.Rule{
	Key:      "secrets",
	Severity: finding.Error,
	Practice: "No secret is in an instruction, or in a file that COPY, ADD or RUN writes; builds get them by secret mounts.",
	Why: "Arguments and environment are in the image's history and configuration for everyone who can pull it; a file that a later " +
		"layer removes is still in the earlier one. Tokens of well-known services are found by their shape, wherever they stand.",
	Source: "https://docs.docker.com/build/building/secrets/",
	Fix:    "RUN --mount=type=secret,id=NAME,env=NAME COMMAND, with `docker build --secret id=NAME`. Settings that a running program needs are given to it when it runs.",
	Bad:    "FROM node:24\nARG NPM_TOKEN\nRUN npm ci\n",
	Good:   "FROM node:24\nRUN --mount=type=secret,id=NPM_TOKEN,env=NPM_TOKEN npm ci\n",
	About:  "the variable or file, or else the instruction, such as RUN or LABEL",
}, check: func(d *Dockerfile, found atLine) {
	for _, a := range d.Args {
		checkPair(a.Line, "ARG", a.Key, a.ValueString(), found)
	}
	for s, in := range d.Instructions() {
		checkSecrets(d, s, in, found)
	}
}}

func checkSecrets(d *Dockerfile, s *dockerfile.Stage, in dockerfile.Instruction, found atLine) {
	switch c := in.Command.(type) {
	case *instructions.ArgCommand:
		for _, a := range c.Args {
			checkPair(in.Line, "ARG", a.Key, a.ValueString(), found)
		}
	case *instructions.EnvCommand:
		for _, e := range c.Env {
			checkPair(in.Line, "ENV", e.Key, e.Value, found)
		}
	case *instructions.CopyCommand:
		checkFiles(d, s, in, "COPY", c.SourcesAndDest, found)
	case *instructions.AddCommand:
		checkFiles(d, s, in, "ADD", c.SourcesAndDest, found)
	case *instructions.RunCommand:
		checkRun(d, in, c, found)
	default:
		if kind := secret.Kind(in.Text); kind != "" {
			name := strings.ToUpper(in.Name())
			found(in.Line, name+" holds "+kind, "take it from a secret mount, and revoke this one", name)
		}
	}
}

func checkPair(line int, instruction, key, value string, found atLine) {
	value = unquoted(value)
	fromBuild := instruction == "ARG" && placeholder.MatchString(value)
	switch {
	case secret.Kind(value) != "":
		found(line, instruction+" "+key+" holds "+secret.Kind(value), "take it from a secret mount, and revoke this one", key)
	case secret.IsName(key) && fromBuild, secret.In(key, value):
		found(line, fmt.Sprintf("%s %s is for a secret, and stays in the image's history", instruction, key),
			"use RUN --mount=type=secret,id="+key+",env="+key, key)
	}
}

// placeholder stands for a value that comes later.
var placeholder = regexp.MustCompile(`^[\W_]*$`)

// secretFiles are the files that hold secrets by convention; settings may, and do when they are removed again.
var (
	secretFiles  = regexp.MustCompile(`^(id_(rsa|dsa|ecdsa|ed25519)|\.netrc|\.git-credentials|\.pypirc|\.dockerconfigjson|\.htpasswd|.*\.(p12|pfx|jks|keystore|kdbx)|.*[._-]key\.pem|.*\.key|\.env|\.env\.(local|production|prod|staging)|service-account.*\.json|credentials(\.json)?)$`)
	settingFiles = []string{".npmrc", ".yarnrc", ".yarnrc.yml", "pip.conf", "settings.xml", "NuGet.Config", "auth.json", ".aws", ".ssh", ".docker", ".kube"}
)

var (
	publicKeyName  = regexp.MustCompile(`(?i)(^|[._-])(pub|public|pubkeys?|publickeys?)([._-]|$)|[._-](gpg|pgp|asc)\.key$`)
	keyringFolders = regexp.MustCompile(`(^|/)(keyrings|trusted\.gpg\.d|rpm-gpg|apk/keys|etc/apt)(/|$)`)
)

// publicKey reports whether a .key file is a public one: by its name here or in the image, or because a package manager reads
// it where it goes.
func publicKey(base, destination string) bool {
	if !strings.HasSuffix(base, ".key") && !strings.HasSuffix(base, "key.pem") || strings.Contains(strings.ToLower(base), "private") {
		return false
	}
	return publicKeyName.MatchString(base) || publicKeyName.MatchString(path.Base(destination)) || keyringFolders.MatchString(destination)
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
	held := []string{in.Text}
	for _, content := range c.SourceContents {
		held = append(held, content.Data)
	}
	if kind := secret.Kind(strings.Join(held, "\n")); kind != "" {
		found(in.Line, name+" holds "+kind, "take it from a secret mount, and revoke this one", name)
	}
}

// removedLater reports whether a file copied in a line is removed by a later RUN of the stage.
func (d *Dockerfile) removedLater(s *dockerfile.Stage, line int, base string) bool {
	for _, in := range s.Instructions {
		if in.Line <= line {
			continue
		}
		for _, c := range d.commandsOf(in) {
			if c.Name == "rm" && slices.ContainsFunc(c.Operands(), func(a string) bool { return path.Base(a) == base }) {
				return true
			}
		}
	}
	return false
}
