package lint

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// BenchmarkLint lints a repository of 600 Dockerfiles: copies of the test data.
func BenchmarkLint(b *testing.B) {
	const wanted = 600
	files, err := filepath.Glob("testdata/*/*.Dockerfile")
	if err != nil || len(files) == 0 {
		b.Fatal("no test data", err)
	}
	root := b.TempDir()
	for n := range wanted {
		data, err := os.ReadFile(files[n%len(files)])
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, fmt.Sprintf("%03d.Dockerfile", n)), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, err := Files([]string{root}, "", nil); err != nil {
			b.Fatal(err)
		}
	}
}
