// Package outdated compares the packages that images were made of with what their registries have now. It only tells: what
// is newer may need work, and a build of today gets what is pinned.
package outdated

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// patience is how long all answers of one ecosystem may take together; tests have less of it.
var patience = time.Minute

// Package is something that an image has.
type Package struct {
	Service   string
	Ecosystem string // the Name of one
	Name, Has string
}

// Ecosystem is where packages of one kind come from.
type Ecosystem struct {
	Name string // as people say it: npm, Go modules
	// Latest are the versions of each package. One that the registry does not have is left out; an error is that the
	// registry could not be asked.
	Latest func(ctx context.Context, names []string) (map[string]Versions, error)
	// Compare tells how far apart two versions are; "" when the second is not newer.
	Compare func(has, latest string) Kind
}

// Versions are what a registry has of a package.
type Versions struct {
	Latest string
	Older  []string // no pre-releases, nothing withdrawn; empty where only the latest is of interest
}

// Kind is how far apart two versions are.
type Kind string

// The kinds.
const (
	Patch Kind = "patch"
	Minor Kind = "minor"
	Major Kind = "major"
)

// Check asks all ecosystems at once.
func Check(ctx context.Context, packages []Package, ecosystems ...Ecosystem) Report {
	report := Report{Outdated: []Row{}, Unknown: []Row{}, Unreachable: []Failure{}, Latest: map[string]map[string]Versions{}} // never null in JSON
	var mutex sync.Mutex
	var wait sync.WaitGroup
	for _, e := range ecosystems {
		rows := rowsOf(packages, e.Name)
		if len(rows) == 0 {
			continue
		}
		wait.Go(func() {
			latest, err := ask(ctx, e, rows)
			mutex.Lock()
			defer mutex.Unlock()
			if err != nil {
				report.Unreachable = append(report.Unreachable, Failure{e.Name, err.Error()})
				return
			}
			report.add(e, rows, latest)
		})
	}
	wait.Wait()
	byName := func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Ecosystem, b.Ecosystem), cmp.Compare(a.Package, b.Package), cmp.Compare(a.Has, b.Has))
	}
	slices.SortFunc(report.Outdated, byName)
	slices.SortFunc(report.Unknown, byName)
	slices.SortFunc(report.Unreachable, func(a, b Failure) int { return cmp.Compare(a.Ecosystem, b.Ecosystem) })
	return report
}

func ask(ctx context.Context, e Ecosystem, rows []Row) (map[string]Versions, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no answer within %v", patience))
	defer cancel()
	var names []string
	for _, r := range rows {
		names = append(names, r.Package)
	}
	slices.Sort(names)
	latest, err := e.Latest(ctx, slices.Compact(names))
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return nil, context.Cause(ctx)
	}
	return latest, err
}

func (r *Report) add(e Ecosystem, rows []Row, found map[string]Versions) {
	r.Latest[e.Name] = found
	for _, row := range rows {
		versions := found[row.Package]
		row.Latest = versions.Latest
		if row.Latest == "" {
			r.Unknown = append(r.Unknown, row)
			continue
		}
		if row.Kind = e.Compare(row.Has, row.Latest); row.Kind == "" {
			r.Current++
			continue
		}
		for _, v := range append(versions.Older, versions.Latest) {
			if kind := e.Compare(row.Has, v); (kind == Patch || kind == Minor) && (row.SameMajor == "" || e.Compare(row.SameMajor, v) != "") {
				row.SameMajor = v
			}
		}
		r.Outdated = append(r.Outdated, row)
	}
}

// rowsOf are the packages of an ecosystem, each once, with all services that have it.
func rowsOf(packages []Package, ecosystem string) []Row {
	var rows []Row
	at := map[[2]string]int{}
	for _, p := range packages {
		if p.Ecosystem != ecosystem || p.Has == "" {
			continue
		}
		key := [2]string{p.Name, p.Has}
		n, ok := at[key]
		if !ok {
			n, at[key] = len(rows), len(rows)
			rows = append(rows, Row{Ecosystem: ecosystem, Package: p.Name, Has: p.Has})
		}
		if !slices.Contains(rows[n].Services, p.Service) {
			rows[n].Services = append(rows[n].Services, p.Service)
		}
	}
	return rows
}

// firstLine is what fits into a message of one line.
func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
