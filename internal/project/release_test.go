package project

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// inspector is a docker command that shows a manifest from the folder blobs, as `docker buildx imagetools inspect --raw IMAGE@DIGEST`.
const inspector = `#!/bin/sh
exec cat "$BLOBS/${5##*:}"
`

// TestRelease runs the step of the release workflow that compares what is published with what another machine built.
func TestRelease(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"jq", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	step := workflowStep(t, "release.yml", "verify", "compare")
	for _, tt := range []struct {
		name    string
		built   []string // configurations, by platform
		missing bool     // nothing was built
		fails   bool
	}{
		{name: "the same", built: []string{"amd64", "arm64"}},
		{name: "other content", built: []string{"amd64", "arm64, but with another file"}, fails: true},
		{name: "the other order", built: []string{"arm64", "amd64"}, fails: true},
		{name: "one platform less", built: []string{"amd64"}, fails: true},
		{name: "nothing", missing: true, fails: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			published := filepath.Join(root, "registry")
			index := store(t, published, "published, ", []string{"amd64", "arm64"})
			if !tt.missing {
				blobs := filepath.Join(root, "out", "images", "one", "blobs", "sha256")
				layout := fmt.Sprintf(`{"manifests": [{"digest": "sha256:%s"}]}`, store(t, blobs, "built, ", tt.built))
				if err := os.WriteFile(filepath.Join(root, "out", "images", "one", "index.json"), []byte(layout), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(root, "docker"), []byte(inspector), 0o700); err != nil {
				t.Fatal(err)
			}
			run := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step)
			run.Dir = root
			run.Env = append(os.Environ(), "PATH="+root+":"+os.Getenv("PATH"), "BLOBS="+published, "IMAGES=one: ghcr.io/team/one:1.4@sha256:"+index)
			if output, err := run.CombinedOutput(); (err != nil) != tt.fails {
				t.Errorf("%v\n%s", err, output)
			}
		})
	}
}

// store writes an index whose images have those configurations, and are otherwise apart from those of other indexes; it returns its digest.
func store(t *testing.T, dir, apart string, configs []string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	put := func(content string) string {
		sum := sha256.Sum256([]byte(content))
		digest := hex.EncodeToString(sum[:])
		if err := os.WriteFile(filepath.Join(dir, digest), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return digest
	}
	var manifests []string
	for _, config := range configs {
		manifest := put(fmt.Sprintf(`{"config": {"digest": "sha256:%s"}, "layers": [%q]}`, put(config), apart))
		manifests = append(manifests, fmt.Sprintf(`{"digest": "sha256:%s"}`, manifest))
	}
	return put(`{"manifests": [` + strings.Join(manifests, ", ") + `]}`)
}
