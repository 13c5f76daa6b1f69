package render

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"example.com/stagecraft/internal/catalog"
)

// The time per service, reported beside the whole, shows that each step grows linearly.

func BenchmarkFiles(b *testing.B) {
	each(b, func(root string, services []catalog.Service) error {
		_, err := Files(root, services)
		return err
	})
}

func BenchmarkDrift(b *testing.B) {
	each(b, Check)
}

// BenchmarkLoadAndDrift is what a command does before it builds.
func BenchmarkLoadAndDrift(b *testing.B) {
	each(b, func(root string, _ []catalog.Service) error {
		services, err := catalog.Load(root)
		if err != nil {
			return err
		}
		return Check(root, services)
	})
}

func each(b *testing.B, step func(root string, services []catalog.Service) error) {
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
			services := load(b, root)
			if _, err := Write(root, services); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := step(root, services); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*count), "us/service")
		})
	}
}
