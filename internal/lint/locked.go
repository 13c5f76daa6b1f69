package lint

import (
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/shell"
)

var locked = &rule{Rule: finding.Rule{
	Key:      "locked",
	Practice: "Dependencies are installed from a lockfile, with hashes.",
	Why: "Without one, the same commit installs whatever was published last: builds break on their own, and one hijacked release is " +
		"in every image within the hour. A hash makes what is downloaded what was reviewed.",
	Source: "https://docs.npmjs.com/cli/v11/commands/npm-ci",
	Fix: "npm ci; yarn install --immutable; pnpm install --frozen-lockfile; pip install --require-hashes -r requirements.txt; uv sync --locked; bundle install with BUNDLE_FROZEN=1; mix deps.get --check-locked; " +
		"cargo build --locked; go install MODULE@VERSION; ADD --checksum=... for a URL. Packages of the distribution are of its release and are not judged.",
	Bad:  "FROM node:24 AS build\nCOPY package.json ./\nRUN npm install\n",
	Good: "FROM node:24 AS build\nCOPY package.json package-lock.json ./\nRUN npm ci\n",
}, check: func(d *Dockerfile, found atLine) {
	for s, in := range d.Instructions() {
		if run, ok := in.Command.(*instructions.RunCommand); ok && d.isPowerShell(run) && runsDownload.MatchString(script(run)) {
			found(in.Line, "PowerShell runs whatever the server sends", "download a version, compare its checksum, then run it")
		}
		if add, ok := in.Command.(*instructions.AddCommand); ok && add.Checksum == "" {
			for _, source := range add.SourcePaths {
				switch source = d.expandIn(s.Lineage(), source); {
				case !isDownload(source):
				case isGit(source):
					found(in.Line, "ADD takes "+source+" by a name that can be moved", "name the commit: ADD --checksum=COMMIT")
				default:
					found(in.Line, "ADD takes "+source+" whatever it is by then", "write ADD --checksum=sha256:...")
				}
			}
		}
		commands := d.commandsOf(in)
		exported := slices.ContainsFunc(commands, func(c shell.Command) bool { return c.Name == "uv" && c.Verb() == "export" && !c.Has("--no-hashes") })
		for _, c := range commands {
			if exported && c.Name == "uv" && c.Verb() == "pip" {
				continue // the list that uv export has just written has hashes, and uv checks those it finds
			}
			if shell.Manager(c) == "bundler" && d.freezesBundle(s.Lineage()) {
				continue
			}
			if what, fix := unlocked(c); what != "" {
				found(in.Line, "`"+c.String()+"` "+what, fix)
				break
			}
		}
	}
}}

// freezesBundle reports whether Bundler's settings keep it from changing Gemfile.lock.
func (d *Dockerfile) freezesBundle(lineage []*dockerfile.Stage) bool {
	values := d.valuesIn(lineage)
	if values["BUNDLE_FROZEN"] != "" || values["BUNDLE_DEPLOYMENT"] != "" {
		return true
	}
	for _, s := range lineage {
		for _, in := range s.Instructions {
			if slices.ContainsFunc(d.commandsOf(in), func(c shell.Command) bool {
				return strings.HasPrefix(c.Name, "bundle") && c.Verb() == "config" && c.Has("frozen", "deployment")
			}) {
				return true
			}
		}
	}
	return false
}

// isPowerShell reports whether a RUN may be for PowerShell.
func (d *Dockerfile) isPowerShell(run *instructions.RunCommand) bool {
	words := strings.Join(run.CmdLine, " ")
	return d.isForeign(run) || strings.Contains(words, "powershell") || strings.Contains(words, "pwsh")
}

// runsDownload finds PowerShell that runs what it downloads: iwr URL | iex, iex ((New-Object ...).DownloadString(URL)).
var runsDownload = regexp.MustCompile(`(?i)\b(iwr|irm|Invoke-WebRequest|Invoke-RestMethod|DownloadString)\b[^;|\n]*\|\s*(iex|Invoke-Expression)\b|` +
	`\b(iex|Invoke-Expression)\b[^;|\n]*\b(iwr|irm|Invoke-WebRequest|Invoke-RestMethod|DownloadString)\b`)

var (
	commitID = regexp.MustCompile(`(#|\bref=|\bcommit=)[0-9a-f]{40}`)
	gitURL   = regexp.MustCompile(`^(git@|git://|ssh://)|^https?://[^?#]*\.git([?#]|$)`)
)

// isGit reports whether BuildKit takes ADD's source for a repository.
func isGit(source string) bool { return gitURL.MatchString(source) }

// isDownload reports whether ADD's source is a URL whose content can change. A git URL may name a commit.
func isDownload(source string) bool {
	if !isGit(source) && !strings.HasPrefix(source, "http://") && !strings.HasPrefix(source, "https://") {
		return false
	}
	return !commitID.MatchString(source) && !strings.Contains(source, "checksum=")
}

// unlocked says what is wrong with how a command installs, and how to do it; "" when nothing is.
func unlocked(c shell.Command) (what, fix string) {
	if isDownloader(c) && slices.Contains(append(shell.Names, "eval", "source", ".", "python", "python3", "perl", "node"), c.Piped) {
		return "runs whatever the server sends", "download a version, compare its checksum, then run it"
	}
	title, verb := shell.Manager(c), c.Action()
	named := c.Operands()
	named = named[min(len(strings.Fields(verb)), len(named)):]
	switch title {
	case "npm":
		if verb == "ci" || verb == "clean-install" || verb == "install-clean" || exact(named, "@") {
			return "", ""
		}
		if len(named) > 0 {
			return "installs whatever version is the latest", "put it into package.json and use npm ci, or name a version: NAME@1.2.3"
		}
		return "may change the lockfile", "use npm ci"
	case "yarn":
		if c.Has("--immutable", "--frozen-lockfile", "--immutable-cache") || shell.OnlyPrints(c) || verb == "workspaces" || (verb == "add" || verb == "global add") && exact(named, "@") {
			return "", ""
		}
		if strings.HasPrefix(verb, "global ") {
			return "installs whatever version is the latest", "name a version: NAME@1.2.3"
		}
		return "may change the lockfile", "add --immutable, or --frozen-lockfile for Yarn 1"
	case "pnpm":
		inCI := slices.Contains(c.Env, "CI=1") || slices.Contains(c.Env, "CI=true") // where pnpm freezes the lockfile by itself
		if c.Has("--frozen-lockfile", "--prefer-frozen-lockfile", "--offline") || inCI || verb == "fetch" || exact(named, "@") {
			return "", ""
		}
		return "may change the lockfile", "add --frozen-lockfile"
	case "bun":
		if c.Has("--frozen-lockfile") {
			return "", ""
		}
		return "may change the lockfile", "add --frozen-lockfile"
	case "pip":
		return unlockedPip(c)
	case "uv":
		return unlockedUV(c)
	case "cargo":
		if c.Has("--locked", "--frozen", "chef") || verb == "fetch" && c.Has("--locked") || c.Has("--git") && c.Has("--rev") {
			return "", ""
		}
		return "may change Cargo.lock", "add --locked"
	case "go":
		if slices.ContainsFunc(named, func(a string) bool {
			return strings.HasSuffix(a, "@latest") || strings.HasSuffix(a, "@master") || strings.HasSuffix(a, "@main")
		}) {
			return "installs whatever version is the latest", "name a version: MODULE@v1.2.3"
		}
		if verb == "get" && !exact(named, "@") {
			return "changes go.mod", "commit go.mod and go.sum, and use go mod download"
		}
	case "bundler":
		if !c.Has("--frozen", "--deployment", "--local") {
			return "may change Gemfile.lock", "write ENV BUNDLE_FROZEN=1 above this line"
		}
	case "mix":
		if !c.Has("--check-locked") {
			return "may change mix.lock", "add --check-locked"
		}
	case "conda":
		if (verb == "install" || verb == "create") && len(named) > 0 && !exact(named, "=") {
			return "installs whatever version is the latest", "name a version: NAME=1.2.3, or install a list that conda-lock wrote"
		}
	case "composer":
		if verb == "update" {
			return "changes composer.lock", "use composer install"
		}
		if strings.HasSuffix(verb, "require") && !exact(named, ":") {
			return "installs whatever version is the latest", "name a version: NAME:1.2.3"
		}
	case "gem":
		if !c.Has("-v", "--version") && !c.HasPrefix("--version=", "-v") && !exact(named, ":") && len(named) > 0 && !c.Has("--local", "-g", "--file") {
			return "installs whatever version is the latest", "add -v VERSION, or use a Gemfile.lock and bundle install"
		}
	}
	return "", ""
}

// exact reports whether each named package has a version behind the separator, or is a file or a variable, which cannot be judged.
func exact(named []string, separator string) bool {
	for _, n := range named {
		i := strings.LastIndex(n, separator)
		local := strings.HasPrefix(n, "$") || strings.HasPrefix(n, ".") || strings.HasPrefix(n, "/") || strings.HasSuffix(n, ".tgz")
		if !local && (i <= 0 || strings.HasSuffix(n, "@latest")) {
			return false
		}
	}
	return len(named) > 0
}
