package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/render"
)

// counts are how many services the repositories have that are measured: growth shows whether it is linear.
var counts = []int{50, 200, 800}

// tries is how often each step is measured; the median is told.
const tries = 5

// Scale measures what a command does before it builds, for repositories with many copies of the samples of the one at root.
// They are made below dir.
func Scale(root, dir string, say func(format string, args ...any)) (Table, error) {
	samples, err := catalog.Services(root)
	if err != nil {
		return Table{}, err
	}
	table := Table{Heading: []string{"services", "load ms", "render ms", "drift ms", "plan ms", "together ms", "ms a service"}}
	for _, count := range counts {
		say("%d services", count)
		to := filepath.Join(dir, fmt.Sprint(count))
		if err := multiply(root, to, samples, count); err != nil {
			return Table{}, err
		}
		row, err := scale(to, count)
		if err != nil {
			return Table{}, err
		}
		table.Rows = append(table.Rows, row)
	}
	return table, nil
}

// multiply makes a repository of count services, each a copy of a sample.
func multiply(root, to string, samples []catalog.Service, count int) error {
	if err := build.Copy(root, to); err != nil {
		return err
	}
	for _, s := range samples {
		from := filepath.Join(to, filepath.FromSlash(s.Dir))
		for i := range count {
			if samples[i%len(samples)].Name != s.Name {
				continue
			}
			if err := os.CopyFS(filepath.Join(to, "services", fmt.Sprintf("service-%d", i)), os.DirFS(from)); err != nil {
				return fmt.Errorf("copy %s: %w", s.Name, err)
			}
		}
		if err := os.RemoveAll(from); err != nil {
			return fmt.Errorf("remove %s from the copy: %w", s.Name, err)
		}
	}
	repository, err := catalog.Load(to)
	if err == nil {
		_, err = render.Write(to, repository)
	}
	return err
}

func scale(root string, count int) ([]string, error) {
	var repository catalog.Repository
	steps := []func() error{
		func() (err error) { repository, err = catalog.Load(root); return err },
		func() error { _, err := render.Files(root, repository); return err },
		func() error { return render.Check(root, repository) },
		func() error { _, err := build.Keys(root, repository.Services); return err },
	}
	row := []string{fmt.Sprint(count)}
	var together time.Duration
	for _, step := range steps {
		var took []time.Duration
		for range tries {
			begin := time.Now()
			if err := step(); err != nil {
				return nil, err
			}
			took = append(took, time.Since(begin))
		}
		median := Median(took)
		together += median
		row = append(row, fmt.Sprintf("%.1f", float64(median)/1e6))
	}
	return append(row, fmt.Sprintf("%.0f", float64(together)/1e6), fmt.Sprintf("%.2f", float64(together)/1e6/float64(count))), nil
}
