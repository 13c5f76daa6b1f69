package project

import (
	"context"
	"fmt"
	"os"

	"example.com/stagecraft/internal/bench"
)

// BenchScale measures how loading, rendering, drift and planning grow with the number of services. With write, the table goes
// to docs/benchmarks.md too.
func (p Project) BenchScale(_ context.Context, write bool) error {
	dir, err := os.MkdirTemp("", "stagecraft-scale-")
	if err != nil {
		return fmt.Errorf("make a folder for copies: %w", err)
	}
	defer os.RemoveAll(dir)
	table, err := bench.Scale(p.Root, dir, p.say)
	if err != nil {
		return err
	}
	if err := table.Write(p.Out); err != nil || !write {
		return err
	}
	return p.writeBench("scale", table.Markdown()+"\n"+p.machine())
}
