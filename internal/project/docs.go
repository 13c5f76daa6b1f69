package project

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/moby/sys/atomicwriter"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/sizetable"
)

// readme is where the table of sizes stands.
const readme = "README.md"

// Docs writes the measured sizes of all services into the README, after building what changed.
func (p Project) Docs(ctx context.Context) error {
	j, err := p.job(ctx, "", "")
	if err != nil {
		return err
	}
	result, err := p.build(ctx, j)
	if err != nil {
		return err
	}
	text, err := p.readme()
	if err != nil {
		return err
	}
	if text, err = sizetable.Write(text, result.Sizes); err != nil {
		return fmt.Errorf("%s: %w", readme, err)
	}
	if err := atomicwriter.WriteFile(filepath.Join(p.Root, readme), []byte(text), 0o644); err != nil {
		return fmt.Errorf("write the measured sizes: %w", err)
	}
	return nil
}

func (p Project) checkDocs(result build.Result) error {
	text, err := p.readme()
	if err != nil {
		return err
	}
	if err := sizetable.Check(text, result.Sizes); err != nil {
		return fmt.Errorf("%s: %w", readme, err)
	}
	return nil
}

func (p Project) readme() (string, error) {
	text, err := os.ReadFile(filepath.Join(p.Root, readme))
	if err != nil {
		return "", fmt.Errorf("read the table of sizes: %w", err)
	}
	return string(text), nil
}
