package integration

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/stagecraft/internal/catalog"
)

// TestServices proves every service of the catalog on every platform.
func TestServices(t *testing.T) {
	t.Parallel()
	lab := open(t)
	services, err := catalog.Load(lab.root)
	if err != nil {
		t.Fatal(err)
	}
	prove(t, lab, services, &summary)
}

// prove tries all that the services promise on every platform. It knows of a service what its service.yaml says.
func prove(t *testing.T, lab *laboratory, services []catalog.Service, into *report) {
	for _, service := range services {
		t.Run(service.Name, func(t *testing.T) {
			t.Parallel()
			for _, platform := range catalog.Platforms {
				t.Run(platform.Arch(), func(t *testing.T) {
					t.Parallel()
					r := &result{service: service.Name, platform: platform}
					defer into.add(r)
					if r.skipped = lab.whyNot[platform]; r.skipped != "" {
						t.Skip(r.skipped)
					}
					start := time.Now()
					lab.target(service, platform).prove(t, r)
					r.took = time.Since(start)
				})
			}
		})
	}
}

func (target target) prove(t *testing.T, r *result) {
	target.fact = func(format string, args ...any) { r.facts = append(r.facts, fmt.Sprintf(format, args...)) }
	container, err := target.runner.Start(t.Context(), target.spec())
	if err != nil {
		r.promises.broken = append(r.promises.broken, "starts")
		t.Error(err)
	} else {
		t.Cleanup(func() {
			if err := container.Remove(context.Background()); err != nil {
				t.Error(err)
			}
		})
		subject := target.subject(t.Context(), container)
		each(t, declared(target.service), subject, &r.checks)
		each(t, together, subject, &r.promises)
		if t.Failed() {
			t.Log(container.Explain(t.Context(), errors.New("not all is well with the container that these were asked of")))
		}
	}
	each(t, alone, target, &r.promises)
}

func each[T any](t *testing.T, promises []promise[T], of T, count *tally) {
	for _, p := range promises {
		t.Run(p.name, func(t *testing.T) {
			var not notHereError
			switch err := p.keep(t.Context(), of); {
			case errors.As(err, &not):
				count.notTried = append(count.notTried, p.name+": "+string(not))
				t.Skip(not)
			case err != nil:
				count.broken = append(count.broken, p.name)
				t.Error(err)
			default:
				count.kept++
			}
		})
	}
}

// What cannot run here is skipped in the open: the table and a line below it say so.
func TestSkipped(t *testing.T) {
	lab := &laboratory{whyNot: map[catalog.Platform]string{}}
	for _, platform := range catalog.Platforms {
		lab.whyNot[platform] = "no emulator"
	}
	var report report
	t.Run("proof", func(t *testing.T) { prove(t, lab, []catalog.Service{fixture("some")}, &report) })
	for _, platform := range catalog.Platforms {
		if line := "SKIPPED some on " + string(platform) + ": no emulator\n"; !strings.Contains(report.String(), line) {
			t.Errorf("%q is not in\n%s", line, report.String())
		}
	}
}
