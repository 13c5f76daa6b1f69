package lint

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
	"example.com/stagecraft/internal/finding"
	"example.com/stagecraft/internal/shell"
)

var downloadsRule = &rule{Rule: finding.Rule{
	Key:      "downloads",
	Practice: "A download has a version in its URL, and is checked against a digest or a signature.",
	Why: "Anyone who can change the file on the server, or the release that `latest` means, decides what runs in the build; and the " +
		"same commit builds something else tomorrow.",
	Source: "https://docs.docker.com/reference/dockerfile/#add---checksum",
	Fix: "Write ADD --checksum=sha256:DIGEST URL FILE, or `echo \"DIGEST  FILE\" | sha256sum -c` before the file is used. Keys, " +
		"signatures and lists of digests need no check themselves, nor do files that a later RUN of the stage checks.",
	Bad:  "FROM debian:trixie-slim AS build\nRUN curl -fsSLo /tool https://example.com/tool-1.2 && chmod +x /tool\n",
	Good: "FROM debian:trixie-slim AS build\nADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/tool-1.2 /tool\n",
}, check: func(d *Dockerfile, found atLine) {
	for _, s := range d.Stages {
		last := -1 // the last instruction that checks files
		for n, in := range s.Instructions {
			if d.verifies(in) {
				last = n
			}
		}
		for n, in := range s.Instructions {
			checkDownloads(d, in, n <= last, found)
		}
	}
}}

// checkDownloads looks at one instruction; checked says that it or a later one of its stage checks files.
func checkDownloads(d *Dockerfile, in dockerfile.Instruction, checked bool, found atLine) {
	var urls []string
	if c, ok := in.Command.(*instructions.AddCommand); ok && !in.OnBuild {
		urls = slices.DeleteFunc(slices.Clone(c.SourcePaths), func(s string) bool { return !isRemoteFile(s) })
		checked = checked || c.Checksum != ""
	}
	for _, c := range d.commandsOf(in) {
		if isDownloader(c) && keepsDownload(c) {
			urls = append(urls, slices.DeleteFunc(slices.Clone(c.Args), func(s string) bool { return !isRemoteFile(s) })...)
		}
	}
	unchecked, moving := "", ""
	for _, url := range urls {
		if !checked && unchecked == "" && !verifying.MatchString(path.Base(url)) {
			unchecked = url
		}
		if moving == "" && latest.MatchString(url) {
			moving = url
		}
	}
	if unchecked != "" {
		found(in.Line, "nothing checks what is downloaded from "+unchecked, "write ADD --checksum=sha256:DIGEST URL FILE, or check it with sha256sum -c before it is used")
	}
	if moving != "" {
		found(in.Line, moving+" names no version: latest is another one tomorrow", "write the version in place of latest")
	}
}

var (
	// Files that other files are checked with.
	verifying = regexp.MustCompile(`(?i)\.(asc|gpg|pgp|key|pub|pem|crt|sig|minisig|sigstore|sha(1|256|512)(sums?)?|md5|list|repo)([?#].*)?$|^(sha(256|512)?sums?|checksums?)\b|gpgkey|\bgpg$`)
	latest    = regexp.MustCompile(`(?i)[/@:_=-]latest([/.?&_-]|$)`)
	ownHost   = regexp.MustCompile(`^[a-z]+://(localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker\.internal)`)
)

// checksums are the programs that compare digests; a pipe into one fails on half a file.
var checksums = []string{"sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "shasum", "b2sum", "md5sum"}

var verifiers = append([]string{"gpgv", "gpgv2", "cosign", "minisign", "signify", "slsa-verifier"}, checksums...)

// verifies reports whether an instruction checks files.
func (d *Dockerfile) verifies(in dockerfile.Instruction) bool {
	return slices.ContainsFunc(d.commandsOf(in), func(c shell.Command) bool {
		return slices.Contains(verifiers, c.Name) || strings.HasPrefix(c.Name, "gpg") && c.Has("--verify") ||
			c.Name == "openssl" && c.Has("dgst", "sha256", "sha384", "sha512")
	})
}

func isDownloader(c shell.Command) bool { return c.Name == "curl" || c.Name == "wget" }

// isRemoteFile reports whether a word is the address of a file elsewhere; repositories have commits.
func isRemoteFile(word string) bool {
	isURL := strings.HasPrefix(word, "https://") || strings.HasPrefix(word, "http://") || strings.HasPrefix(word, "ftp://")
	repository, _, _ := strings.Cut(word, "#")
	return isURL && !ownHost.MatchString(word) && !strings.HasSuffix(repository, ".git")
}

// keepsDownload reports whether what a command downloads is used: written to a file, or given to another program. A script
// that a shell runs at once is found by the rule locked.
func keepsDownload(c shell.Command) bool {
	if c.Has("-I", "--head", "--spider", "-X", "--request", "-d", "--data", "--post-data") || c.Piped == "gpg" || slices.Contains(shell.Names, c.Piped) || c.Has("/dev/null") {
		return false
	}
	if c.Piped != "" || c.InPipe || len(c.Writes) > 0 && !slices.Contains(c.Writes, "/dev/null") {
		return true
	}
	if c.Name == "wget" {
		return !c.Has("-", "-O-", "-qO-", "--output-document=-")
	}
	return slices.ContainsFunc(c.Args, func(a string) bool {
		return strings.HasPrefix(a, "--output") || strings.HasPrefix(a, "--remote-name") ||
			strings.HasPrefix(a, "-") && !strings.HasPrefix(a, "--") && strings.ContainsAny(a, "oO")
	})
}
