package bench

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/moby/moby/client"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/httpcheck"
)

const (
	devRounds    = 5
	answerWithin = 10 * time.Minute
)

// edits are the changes that are measured. Not every service has what some of them change: then they do nothing.
var edits = []struct {
	name string
	edit func(root string, s catalog.Service) (did bool, err error)
}{
	{"the service", func(root string, s catalog.Service) (bool, error) {
		return true, change(filepath.Join(root, filepath.FromSlash(s.Dir)), s.Language)
	}},
	{"its library", func(root string, s catalog.Service) (bool, error) {
		if len(s.Uses) == 0 {
			return false, nil
		}
		return true, change(filepath.Join(root, filepath.FromSlash(s.Uses[0])), s.Language)
	}},
	{"its dependencies", func(root string, s catalog.Service) (bool, error) {
		return reinstall(filepath.Join(root, filepath.FromSlash(s.Dir)), s.Language)
	}},
}

// DevReport is how long changes took until the new answer, in seconds.
type DevReport struct {
	Table   Table
	Remarks []string
	widest  float64
}

// NewDevReport has no services yet.
func NewDevReport() *DevReport {
	r := &DevReport{Table: Table{Heading: []string{"a change of"}}}
	for _, e := range edits {
		r.Table.Heading = append(r.Table.Heading, e.name)
	}
	return r
}

// Add measures the changes of a service that loop runs from the copy of a repository at root; api is the engine's.
func (r *DevReport) Add(ctx context.Context, api *client.Client, loop *Loop, root string, s catalog.Service, say func(format string, args ...any)) error {
	d := &developed{api: api, service: s}
	answers := func() error { return loop.Until(answerWithin, func() error { return d.newAnswer(ctx) }) }
	if err := answers(); err != nil {
		return err
	}
	if err := loop.Watching(); err != nil {
		return err
	}
	row := []string{s.Name}
	for _, e := range edits {
		var took []time.Duration
		for range devRounds {
			begin := time.Now()
			did, err := e.edit(root, s)
			if err != nil {
				return err
			}
			if !did {
				break
			}
			if err := answers(); err != nil {
				return fmt.Errorf("after a change of %s: %w", e.name, err)
			}
			took = append(took, time.Since(begin))
			say("%s, a change of %s: %.1f s", s.Name, e.name, time.Since(begin).Seconds())
		}
		cell := "–"
		if len(took) > 0 {
			cell = fmt.Sprintf("%.1f", Median(took).Seconds())
		}
		row = append(row, cell)
		r.widest = max(r.widest, Spread(took))
	}
	r.Table.Rows = append(r.Table.Rows, row)
	r.Remarks = []string{fmt.Sprintf("Seconds, medians of %d changes. No time is further than %.0f %% from its median.", devRounds, 100*r.widest)}
	return nil
}

// developed is a service that Docker Compose runs, one container after the other.
type developed struct {
	api       *client.Client
	service   catalog.Service
	container string // the ID of the one that answered last
}

// newAnswer is an error until a container that has not answered before does.
func (d *developed) newAnswer(ctx context.Context) error {
	list, err := d.api.ContainerList(ctx, client.ContainerListOptions{Filters: client.Filters{}.
		Add("label", "com.docker.compose.project="+d.service.Project, "com.docker.compose.service="+d.service.Name)})
	if err != nil {
		return fmt.Errorf("find the container of %s: %w", d.service.Name, err)
	}
	check := catalog.Check{Method: http.MethodGet, Path: d.service.Health.Live, Expect: catalog.Expect{Status: http.StatusOK}}
	for _, found := range list.Items {
		for _, port := range found.Ports {
			if found.ID == d.container || port.PublicPort == 0 {
				continue
			}
			if err := httpcheck.Check(ctx, fmt.Sprintf("http://127.0.0.1:%d", port.PublicPort), check); err != nil {
				return err
			}
			d.container = found.ID
			return nil
		}
	}
	return fmt.Errorf("no new container of %s runs", d.service.Name)
}

// packages are files that say which packages a service has, and a line that means nothing in them. It is put below the first line.
var packages = map[catalog.Language]struct{ file, line string }{
	"go":     {"go.mod", "// trial %d"},
	"node":   {"package.json", `"// trial %d": "",`},
	"python": {"uv.lock", "# trial %d"},
}

// reinstall changes what packages are installed by, as an update of one of them does, and then a line of the service, without which
// the image would be the same. It does nothing for a language without packages.
func reinstall(dir string, language catalog.Language) (did bool, err error) {
	p, ok := packages[language]
	if !ok {
		return false, nil
	}
	file := filepath.Join(dir, p.file)
	text, err := os.ReadFile(file)
	if err != nil {
		return false, fmt.Errorf("change packages: %w", err)
	}
	first, rest, _ := strings.Cut(string(text), "\n")
	line := fmt.Sprintf(p.line, time.Now().UnixNano())
	if err := os.WriteFile(file, []byte(first+"\n"+line+"\n"+rest), 0o600); err != nil {
		return false, fmt.Errorf("change packages: %w", err)
	}
	return true, change(dir, language)
}
