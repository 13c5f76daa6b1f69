package foreign

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// documented are the images in the commands of docs/publishing.md: one for all platforms, and one of a platform.
const (
	documented = "registry.example.com/team/hello-go:1.0"
	ofPlatform = "registry.example.com/team/hello-go@sha256:…"
)

// TestDocumentedCommands runs the commands of docs/publishing.md with which strangers verify an image.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	k, tag := newKeys(t), referring(t).Repo("team", "hello-go").Tag("1.0")
	publishTo(t, k, tag, "hello-go")
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "publishing.md"))
	mustNot(t, err)
	_, section, _ := strings.Cut(string(text), "\n## Verify an image with other people's tools\n")
	section, _, _ = strings.Cut(section, "\n## ")
	own := tag.Digest(first(t, tag).Digest.String())
	commands := 0
	for line := range strings.Lines(section) {
		line, ok := strings.CutPrefix(line, "    ")
		if !ok {
			continue
		}
		commands++
		words := strings.Fields(strings.NewReplacer(documented, tag.String(), ofPlatform, own.String(), "cosign.pub", k.publicFile).Replace(line))
		t.Log(must(t, program(t, words[0]), append(words[1:], plain[words[0]]...)...))
	}
	if commands == 0 {
		t.Error("there are no commands")
	}
}

// plain are the options with which programs talk to a registry without TLS, which those in the documentation need not.
var plain = map[string][]string{"cosign": {"--allow-http-registry"}, "crane": {"--insecure"}}
