package catalog

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The folders whose folders are services.
const (
	services = "services"
	examples = "examples"
)

// Folders are the catalogs: the folders whose folders are services, relative to the repository's root.
var Folders = []string{services, examples}

// Repository is everything that a repository's facts say.
type Repository struct {
	Project  Project
	Services []Service // services/*, sorted by name
	Examples []Service // examples/*, sorted by name: built and proven only when they are named
}

// All are the services and the examples.
func (r Repository) All() []Service { return slices.Concat(r.Services, r.Examples) }

// Services are those of the repository at root.
func Services(root string) ([]Service, error) {
	repository, err := Load(root)
	return repository.Services, err
}

// Load reads project.yaml and the service.yaml of each folder of services/ and examples/ below root, the repository's
// folder. The error is Problems with everything that is wrong with them.
func Load(root string) (Repository, error) {
	languages, err := Languages(root)
	if err != nil {
		return Repository{}, err
	}
	project, problems, err := loadProject(root)
	if err != nil {
		return Repository{}, err
	}
	repository := Repository{Project: project}
	var documents []*document
	var all []Service
	for _, catalog := range Folders {
		folders, err := os.ReadDir(filepath.Join(root, catalog))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Repository{}, fmt.Errorf("reading the catalog: %w", err)
		}
		for _, folder := range folders {
			if !isDir(filepath.Join(root, catalog, folder.Name())) {
				continue
			}
			d, service := loadService(root, catalog, folder.Name(), project)
			if d.root != nil {
				d.surroundings(root, service, languages)
				documents, all = append(documents, d), append(all, service)
			} else {
				problems = append(problems, d.problems...)
			}
		}
	}
	byName := make(map[string]Service, len(all))
	for i, service := range all {
		if first, ok := byName[service.Name]; ok {
			documents[i].problems = append(documents[i].problems, Problem{File: service.Dir, Message: "has the name of " + first.Dir + "; rename one of the two"})
		} else {
			byName[service.Name] = service
		}
	}
	for i, service := range all {
		documents[i].neighbours(service, byName)
		problems = append(problems, documents[i].sorted()...)
		if service.Catalog() == examples {
			repository.Examples = append(repository.Examples, service)
		} else {
			repository.Services = append(repository.Services, service)
		}
	}
	if len(problems) > 0 {
		return Repository{}, problems
	}
	return repository, nil
}

// loadProject reads project.yaml.
func loadProject(root string) (Project, Problems, error) {
	const name = "project.yaml"
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		return Project{}, nil, fmt.Errorf("reading the project's facts: %w; run this in the repository's root", err)
	}
	project, problems := ReadProject(name, data)
	return project, problems, nil
}

// ReadProject reads the facts of a project from data; problems name the file.
func ReadProject(file string, data []byte) (Project, Problems) {
	d, project := read(file, data), Project{}
	if d.root != nil {
		d.validate(projectSchema)
		d.decode(&project)
	}
	if project.Platforms == nil {
		project.Platforms = slices.Clone(Platforms)
	}
	project.Scan.Severity = cmp.Or(project.Scan.Severity, "high")
	return project, d.sorted()
}

// loadService reads one folder of services/ or examples/. The document has no root and no problems for a folder without a
// service.yaml: it is not a service.
func loadService(root, catalog, name string, project Project) (*document, Service) {
	// A name that is not ASCII is shown in escapes: some characters look like a hyphen and are not.
	service := Service{Name: name, Dir: catalog + "/" + unquote(name), Project: project.Name, Dockerfile: Rendered, Protocol: HTTP}
	d := &document{file: service.Dir + "/service.yaml"}
	data, err := os.ReadFile(filepath.Join(root, catalog, name, "service.yaml"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		d.problems = misnamed(root, service.Dir)
		return d, service
	case err != nil:
		d.fail(0, "cannot be read: "+err.Error()+"; replace it with a file")
	default:
		d = read(d.file, data)
	}
	if message := checkName(name); message != "" {
		d.problems = slices.Insert(d.problems, 0, Problem{File: service.Dir, Message: message})
	}
	if d.root == nil {
		return d, service
	}
	d.validate(serviceSchema)
	d.decode(&service)
	if service.Protocol == HTTP {
		service.Health.Live = cmp.Or(service.Health.Live, "/healthz")
		service.Health.Ready = cmp.Or(service.Health.Ready, "/readyz")
	}
	for i := range service.Allow {
		service.Allow[i].Line = d.find("allow", strconv.Itoa(i)).node.Line
	}
	d.facts(service, project)
	return d, service
}

// sorted are the document's problems in the order of its lines.
func (d *document) sorted() Problems {
	slices.SortStableFunc(d.problems, func(a, b Problem) int {
		return cmp.Or(a.Line-b.Line, strings.Compare(a.Key, b.Key), strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(d.problems)
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// misnamed finds a service.yaml under the names that people give it by mistake.
func misnamed(root, dir string) Problems {
	for _, name := range []string{"service.yml", "services.yaml", "services.yml"} {
		if exists(root, dir+"/"+name) {
			return Problems{{File: dir + "/" + name, Message: "is ignored under this name; rename it to service.yaml"}}
		}
	}
	return nil
}

// Line is the line of service.yaml on which the value at a path of keys and indexes begins, or the last one on the way that is
// written there; 0 when the file cannot be read.
func (s Service) Line(root string, path ...string) int {
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(s.Dir), "service.yaml"))
	if err != nil {
		return 0
	}
	d := read("", data)
	if d.root == nil {
		return 0
	}
	return d.find(path...).node.Line
}
