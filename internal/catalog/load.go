package catalog

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Load reads services/*/service.yaml below root, the repository's folder. It returns the services sorted by name, or
// Problems with everything that is wrong with them.
func Load(root string) ([]Service, error) {
	languages, err := Languages(root)
	if err != nil {
		return nil, err
	}
	folders, err := os.ReadDir(filepath.Join(root, "services"))
	if err != nil {
		return nil, fmt.Errorf("reading the catalog: %w; run this in the repository's root", err)
	}
	var services []Service
	var problems Problems
	for _, folder := range folders {
		service, found, err := load(root, folder.Name(), languages)
		problems = append(problems, err...)
		if found && len(err) == 0 {
			services = append(services, service)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	if len(services) == 0 {
		return nil, Problems{{File: "services", Message: "holds no NAME/service.yaml; add a service"}}
	}
	return services, nil
}

// load reads one folder of services/. A folder without a service.yaml is none of the catalog's business.
func load(root, name string, languages []string) (service Service, found bool, _ Problems) {
	// A name that is not ASCII is shown in escapes: a hyphen that is none looks like one.
	dir := "services/" + unquote(name)
	r := &reader{file: dir + "/service.yaml"}
	data, err := readFile(filepath.Join(root, "services", name, "service.yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		return Service{}, false, misnamed(root, name, dir)
	}
	if message := checkName(name); message != "" {
		r.problems = append(r.problems, Problem{File: dir, Message: message})
	}
	if err != nil {
		return Service{}, true, append(r.problems, Problem{File: r.file, Message: err.Error()})
	}
	node, ok := r.document(data)
	if !ok {
		return Service{}, true, r.problems
	}
	service = r.service(node)
	service.Name, service.Dir = name, dir
	r.template(root, node, service, languages)
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
	return service, true, r.problems
}

// readFile reads a service.yaml, unless it is something that no service.yaml is.
func readFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	// A folder of services/ may be a plain file, whose children are "not a directory" rather than absent.
	if err != nil && (errors.Is(err, fs.ErrNotExist) || !isDir(filepath.Dir(name))) {
		return nil, fs.ErrNotExist
	}
	if err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("is not a file; replace it by one")
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", err)
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("is larger than %d KiB; a service.yaml is a page of text", maxFile>>10)
	}
	return data, nil
}

func isDir(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// misnamed finds a service.yaml under the names that people give it by mistake.
func misnamed(root, folder, dir string) Problems {
	for _, name := range []string{"service.yml", "services.yaml", "services.yml"} {
		if exists(root, "services/"+folder+"/"+name) {
			return Problems{{File: dir + "/" + name, Message: "would be passed over; rename it to service.yaml"}}
		}
	}
	return nil
}
