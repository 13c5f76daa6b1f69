package lint

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/finding"
)

// Services checks the Dockerfile of each service against all rules for Dockerfiles, and waivers in service.yaml but those for
// others, which are for images. The repository's root is what they are built from.
func Services(root string, services []catalog.Service, others finding.Rules) (finding.Report, error) {
	now := time.Now()
	report := finding.Report{Noun: "Dockerfile", Explain: finding.Here, Rules: Rules}
	for i := range services {
		s := &services[i]
		name := path.Join(s.Dir, "Dockerfile")
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if err != nil {
			return finding.Report{}, fmt.Errorf("lint %s: %w; `go tool mage render` writes it unless service.yaml says dockerfile: own", s.Name, err)
		}
		allowed := finding.WaiversOf(s, func(key string) bool { return others.Find(key) == nil })
		d := &Dockerfile{Path: name, Name: name, Service: s, Context: os.DirFS(root), Now: now}
		report.Add(lintDockerfile(d, data, checks, allowed))
		report.Findings = append(report.Findings, allowed.Faults(slices.Concat(Rules, others), now, true)...)
	}
	finish(&report)
	return report, nil
}

// Stdin is the path that stands for standard input.
const Stdin = "-"

// Files checks Dockerfiles against the rules that need no service.yaml. A path that is a folder stands for the Dockerfiles in
// and below it, and Stdin for what stdin holds. context is the folder that they are built from; "" when it is not known.
func Files(paths []string, context string, stdin io.Reader) (finding.Report, error) {
	report := finding.Report{Noun: "Dockerfile", Rules: Rules}
	names, err := FindDockerfiles(paths)
	if err != nil {
		return finding.Report{}, err
	}
	reports := make([]finding.Report, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		d := &Dockerfile{Path: filepath.ToSlash(name), Now: time.Now()}
		data, err := read(name, stdin)
		if err != nil {
			return finding.Report{}, fmt.Errorf("lint: %w", err)
		}
		d.locate(name, context)
		all.Go(func() { reports[i] = lintDockerfile(d, data, checks, nil) })
	}
	all.Wait()
	for _, one := range reports {
		report.Add(one)
	}
	finish(&report)
	return report, nil
}

// finish completes a report: the .dockerignore that several Dockerfiles share is in it once.
func finish(report *finding.Report) {
	report.Finish()
	report.Findings = slices.CompactFunc(report.Findings, func(a, b finding.Finding) bool {
		return a.Rule == contextKey && b.Rule == contextKey && a.File == b.File
	})
}

func read(name string, stdin io.Reader) ([]byte, error) {
	if name == Stdin {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(name)
}

// locate notes what the file of that name is built from, "" when that is not known, and where it lies.
func (d *Dockerfile) locate(name, context string) {
	inside := false
	if context != "" {
		d.Context, d.Root = os.DirFS(context), filepath.ToSlash(context)
		d.Name, inside = within(context, name)
	}
	if !inside && name != Stdin {
		d.Folder = os.DirFS(filepath.Dir(name))
	}
}

// within is name as a path in the context; the Dockerfile's own name, and false, when it lies outside.
func within(context, name string) (string, bool) {
	absolute, err1 := filepath.Abs(name)
	root, err2 := filepath.Abs(context)
	if rel, err := filepath.Rel(root, absolute); cmp.Or(err1, err2, err) == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel), true
	}
	return filepath.Base(name), false
}

// FindDockerfiles are the files that paths stand for: a folder for the Dockerfiles in and below it. A folder without any is an
// error.
func FindDockerfiles(paths []string) ([]string, error) {
	var names []string
	for _, p := range paths {
		if p == Stdin {
			names = append(names, p)
			continue
		}
		info, err := os.Stat(p)
		if err != nil {
			return nil, fmt.Errorf("lint: %w", err)
		}
		if !info.IsDir() {
			names = append(names, p)
			continue
		}
		before := len(names)
		err = filepath.WalkDir(p, func(name string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && name != p && slices.Contains([]string{".git", "node_modules", "vendor"}, entry.Name()):
				return filepath.SkipDir
			case entry.Type().IsRegular() && isDockerfile(entry.Name()):
				names = append(names, name)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("lint: %w", err)
		}
		if len(names) == before {
			return nil, fmt.Errorf("lint: there is no Dockerfile in %s; if it has another name, name the file itself", p)
		}
	}
	return names, nil
}

// notDockerfiles are what Dockerfile.EXT ends with where it is something else: a template, a policy, a text about one.
var notDockerfiles = []string{".dockerignore", ".erb", ".gotmpl", ".in", ".j2", ".jinja", ".jinja2", ".md", ".mustache", ".rego", ".template", ".tmpl", ".tpl"}

// isDockerfile reports whether a file is a Dockerfile, by its name: Dockerfile, Dockerfile.web, web.Dockerfile, Containerfile.
func isDockerfile(name string) bool {
	lower := strings.ToLower(name)
	if slices.Contains(notDockerfiles, filepath.Ext(lower)) {
		return false
	}
	return lower == "dockerfile" || lower == "containerfile" ||
		strings.HasPrefix(name, "Dockerfile.") || strings.HasPrefix(name, "Containerfile.") ||
		strings.HasSuffix(lower, ".dockerfile") || strings.HasSuffix(lower, ".containerfile")
}
