package project

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/moby/sys/atomicwriter"

	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/outdated"
)

// debian is what Debian had of the packages of a service's image when Outdated asked. Build reads it: no build waits for a
// network only to learn that nothing changed.
type debian struct {
	Asked  time.Time         `json:"asked"`
	Latest map[string]string `json:"latest"` // version by package
}

func (p Project) debianFile(service string) string {
	return filepath.Join(p.Root, "out", "outdated", service+".json")
}

// noteDebian keeps what Debian has of a service's packages.
func (p Project) noteDebian(service string, has map[string]outdated.Versions) error {
	known := debian{Asked: time.Now().UTC().Truncate(time.Second), Latest: map[string]string{}}
	for name, versions := range has {
		known.Latest[name] = versions.Latest
	}
	data, err := json.MarshalIndent(known, "", "  ")
	if err != nil {
		return err
	}
	file := p.debianFile(service)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("keep the newest versions of %s's packages: %w", service, err)
	}
	return atomicwriter.WriteFile(file, data, 0o644)
}

// writeNewer writes a line for each service of which Debian has newer packages than its image, as far as Outdated has learned.
func (p Project) writeNewer(result build.Result) {
	for _, s := range result.Services {
		var known debian
		data, err := os.ReadFile(p.debianFile(s.Name))
		if err != nil || json.Unmarshal(data, &known) != nil {
			continue // Outdated did not ask yet
		}
		if newer := known.newer(result.Packages[s.Name]); len(newer) > 0 {
			fmt.Fprintf(p.Out, "%s: Debian had newer versions of %d packages on %s (%s); %s%s\n",
				s.Name, len(newer), known.Asked.Format(time.DateOnly), few(newer), rebuild, s.Name)
		}
	}
}

// rebuild is the command that gets today's packages of the services whose names follow.
const rebuild = "go tool mage build -no-cache -services="

// newer lists the packages that are older than what Debian had: NAME HAS → LATEST.
func (d debian) newer(packages []build.Package) []string {
	compare := outdated.Debian("", "").Compare // alike in all releases
	var all []string
	for _, has := range packages {
		if latest := d.Latest[has.Name]; latest != "" && compare(has.Version, latest) != "" {
			all = append(all, fmt.Sprintf("%s %s → %s", has.Name, has.Version, latest))
		}
	}
	return all
}

// moved lists the packages whose versions differ between two images: NAME BEFORE → AFTER.
func moved(before, after []build.Package) []string {
	versions := func(packages []build.Package) map[string]string {
		all := map[string]string{}
		for _, p := range packages {
			all[p.Name] += " " + p.Version
		}
		return all
	}
	first, second := versions(before), versions(after)
	var all []string
	for _, name := range slices.Sorted(maps.Keys(first)) {
		if now, ok := second[name]; ok && now != first[name] {
			all = append(all, fmt.Sprintf("%s%s →%s", name, first[name], now))
		}
	}
	return all
}

// few is the beginning of a list, for a line.
func few(list []string) string {
	const most = 3
	if len(list) > most {
		list = append(slices.Clone(list[:most]), "…")
	}
	return strings.Join(list, ", ")
}
