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

// edit is a change that is measured. It does nothing for a service that does not have what it changes.
type edit struct {
	name string
	make func(root string, s catalog.Service) (did bool, err error)
}

var edits = []edit{
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
	d := &developed{api: api, loop: loop, root: root, service: s}
	if err := d.answers(ctx); err != nil {
		return err
	}
	if err := loop.Watching(); err != nil {
		return err
	}
	row := []string{s.Name}
	for _, e := range edits {
		took, err := d.measure(ctx, e)
		if err != nil {
			return fmt.Errorf("after a change of %s: %w", e.name, err)
		}
		cell := "–"
		if len(took) > 0 {
			cell = fmt.Sprintf("%.1f", Median(took).Seconds())
		}
		say("%s, a change of %s: %s s", s.Name, e.name, cell)
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
	loop      *Loop
	root      string
	service   catalog.Service
	container string // the ID of the one that answered last
}

// measure is how long each round of an edit takes until the new answer.
func (d *developed) measure(ctx context.Context, e edit) (took []time.Duration, err error) {
	for range devRounds {
		begin := time.Now()
		if did, err := e.make(d.root, d.service); err != nil || !did {
			return nil, err
		}
		if err := d.answers(ctx); err != nil {
			return nil, err
		}
		took = append(took, time.Since(begin))
	}
	return took, nil
}

// answers waits until a new container answers.
func (d *developed) answers(ctx context.Context) error {
	return d.loop.Until(answerWithin, func() error { return d.newAnswer(ctx) })
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
