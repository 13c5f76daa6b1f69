package build

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// baseKeys begin the annotations that name an image's base.
// Source: https://github.com/opencontainers/image-spec/blob/main/annotations.md
const baseKeys = "org.opencontainers.image.base."

// checkClaims is an error when an OCI layout that was built from stand-ins says that it comes from the images that these
// stand for: in an annotation, label, history or attestation of any of its documents.
func (b Bases) checkClaims(layout string) error {
	if !b.StandIn {
		return nil
	}
	return filepath.WalkDir(layout, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		content, err := document(file)
		if err != nil {
			return fmt.Errorf("look for claims of %s: %w", layout, err)
		}
		if claim := b.claim("", content); claim != "" {
			return fmt.Errorf("built from stand-ins, but %s says %s: remove that, or build with %s=official",
				filepath.Base(file), claim, BasesSetting)
		}
		return nil
	})
}

// document is the JSON that a file begins with, nil when it holds something else, as layers do.
func document(file string) (content any, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := json.NewDecoder(f).Decode(&content); err != nil {
		return nil, nil // not JSON: not a document of an image
	}
	return content, nil
}

// claim is the first claim in a document's value, which is found under key; empty when it makes no claim. What calls itself a
// stand-in is honest, and so are the arguments of a build (context:NAME=stand-in) that an attestation repeats.
func (b Bases) claim(key string, value any) string {
	switch v := value.(type) {
	case map[string]any:
		for k, inner := range v {
			if strings.HasPrefix(k, baseKeys) {
				return fmt.Sprintf("%s=%v", k, inner)
			}
			if strings.HasPrefix(k, "context:") {
				continue
			}
			if found := b.claim(k, inner); found != "" {
				return found
			}
		}
	case []any:
		for _, inner := range v {
			if found := b.claim(key, inner); found != "" {
				return found
			}
		}
	case string:
		for _, ref := range b.Refs {
			name, digest, _ := strings.Cut(ref, "@")
			named := strings.Contains(v, name) || digest != "" && strings.Contains(v, strings.TrimPrefix(digest, "sha256:"))
			if named && !strings.Contains(v, "stand-in") {
				return fmt.Sprintf("%s=%q", key, v)
			}
		}
	}
	return ""
}
