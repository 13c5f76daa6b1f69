package project

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"example.com/stagecraft/internal/affected"
)

// Affected writes which services, examples among them, what changed since a revision affects, as a table or as JSON.
func (p Project) Affected(ctx context.Context, since string, asJSON bool) error {
	if since == "" {
		return errors.New("list affected services: a revision to compare with is missing; add -since=origin/main")
	}
	report, err := affected.Since(ctx, p.Root, since)
	if err != nil {
		return err
	}
	if asJSON {
		return p.writeJSON(report)
	}
	table := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
	for _, line := range report.Lines() {
		fmt.Fprintln(table, line)
	}
	if len(report.Services) == 0 {
		p.say("what changed since %s affects no service", since)
	}
	return table.Flush()
}

// narrow leaves of the named services (comma-separated; empty: all) those that changes since p.Since affect. A change of the
// tooling leaves the list as it is, so that an empty one proves the tooling too. It is not ok to go on when none is left, which
// it says, or when it fails.
func (p Project) narrow(ctx context.Context, services string) (named string, ok bool, err error) {
	if p.Since == "" {
		return services, true, nil
	}
	sel, err := p.selection(services)
	if err != nil {
		return "", false, err
	}
	report, err := affected.Since(ctx, p.Root, p.Since)
	if err != nil {
		return "", false, err
	}
	if report.Tooling {
		return services, true, nil
	}
	var left []string
	for _, s := range sel.Services {
		if slices.Contains(report.Names(), s.Name) {
			left = append(left, s.Name)
		}
	}
	if len(left) == 0 {
		p.say("what changed since %s affects none of %s", p.Since, sel)
		return "", false, nil
	}
	return strings.Join(left, ","), true, nil
}
