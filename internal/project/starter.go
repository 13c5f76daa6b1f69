package project

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"example.com/stagecraft/internal/starter"
)

// New makes services/NAME from another service or an example, hello-go where none is named, and writes what it did and what
// comes next.
func (p Project) New(ctx context.Context, name, from string) error {
	if name == "" {
		return errors.New("make a service: its name is missing; add -name=greeter")
	}
	made, err := starter.New(ctx, p.Root, cmp.Or(from, "hello-go"), name)
	if err != nil {
		return err
	}
	dir := made.Service.Dir
	fmt.Fprintf(p.Out, "made %s from %s: %d files", dir, made.From.Dir, made.Files)
	if made.Service.Port > 0 {
		fmt.Fprintf(p.Out, ", port %d", made.Service.Port)
	}
	fmt.Fprintf(p.Out, "\nrendered %s\n", strings.Join(made.Rendered, ", "))
	p.kept(made.Kept, "the old name stands where it may mean something else, or where a program wrote it")
	fmt.Fprintf(p.Out, `next: write its description, checks and sizes into %s/service.yaml, then
    go tool mage render
    go tool mage test:service -name=%s
    go tool mage docs     # its row in the README's table of sizes
`, dir, name)
	return nil
}

// kept writes what was left as it is, and why.
func (p Project) kept(places []string, why string) {
	if len(places) == 0 {
		return
	}
	fmt.Fprintf(p.Out, "kept, since %s:\n", why)
	for _, place := range places {
		fmt.Fprintln(p.Out, "   ", place)
	}
}
