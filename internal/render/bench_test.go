package render

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"example.com/stagecraft/internal/catalog"
)

// The time per service, reported next to the whole, shows that each step grows linearly.

func BenchmarkFiles(b *testing.B) {
	each(b, func(root string, repository catalog.Repository) error {
		_, err := Files(root, repository)
		return err
	})
}

func BenchmarkDrift(b *testing.B) {
	each(b, Check)
}

// BenchmarkLoadAndDrift is what a command does before it builds.
func BenchmarkLoadAndDrift(b *testing.B) {
	each(b, func(root string, _ catalog.Repository) error {
		repository, err := catalog.Load(root)
		if err != nil {
			return err
		}
		return Check(root, repository)
	})
}

func each(b *testing.B, step func(root string, repository catalog.Repository) error) {
	for _, count := range []int{50, 200, 800} {
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			root := b.TempDir()
			if err := os.CopyFS(filepath.Join(root, "dockerfiles"), os.DirFS(filepath.Join(golden, "dockerfiles"))); err != nil {
				b.Fatal(err)
			}
			for i := range count {
				source := []string{"alpha", "beta"}[i%2]
				if err := os.CopyFS(filepath.Join(root, "services", fmt.Sprintf("service-%d", i)), os.DirFS(filepath.Join(golden, "services", source))); err != nil {
					b.Fatal(err)
				}
			}
			if err := os.WriteFile(filepath.Join(root, "project.yaml"), []byte("name: shop\nsource: https://example.com/shop\nlicenses: MIT\n"), 0o600); err != nil {
				b.Fatal(err)
			}
			repository := load(b, root)
			if _, err := Write(root, repository); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := step(root, repository); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*count), "us/service")
		})
	}
}
