package build

import (
	"fmt"
	"slices"
	"strings"

	"example.com/stagecraft/internal/catalog"
)

// Selection is what to build: services for platforms, which are some of the project's.
type Selection struct {
	Services  []catalog.Service
	Platforms []catalog.Platform
	Project   []catalog.Platform
}

// Names are the names of the services.
func (s Selection) Names() []string {
	names := make([]string, len(s.Services))
	for i, service := range s.Services {
		names[i] = service.Name
	}
	return names
}

// String names the services.
func (s Selection) String() string { return strings.Join(s.Names(), ", ") }

// Select narrows a repository's services and platforms to those that are named in comma-separated lists. An empty list is all
// platforms, or all services; examples have to be named.
func Select(repository catalog.Repository, services, platforms string) (Selection, error) {
	var all, names []string
	byName := map[string]catalog.Service{}
	for _, s := range repository.All() {
		names, byName[s.Name] = append(names, s.Name), s
	}
	for _, s := range repository.Services {
		all = append(all, s.Name)
	}
	chosen := all
	if services != "" {
		var err error
		if chosen, err = choose("service", services, names); err != nil {
			return Selection{}, err
		}
	}
	sel := Selection{Project: repository.Project.Platforms}
	for _, name := range chosen {
		sel.Services = append(sel.Services, byName[name])
	}
	known := make([]string, len(repository.Project.Platforms))
	for i, p := range repository.Project.Platforms {
		known[i] = string(p)
	}
	chosen, err := choose("platform", platforms, known)
	if err != nil {
		return Selection{}, err
	}
	for _, name := range chosen {
		sel.Platforms = append(sel.Platforms, catalog.Platform(name))
	}
	return sel, nil
}

// choose is the known values that list names, in the order of known.
func choose(kind, list string, known []string) ([]string, error) {
	if list == "" {
		return known, nil
	}
	asked := strings.Split(list, ",")
	for i, a := range asked {
		asked[i] = strings.TrimSpace(a)
		if !slices.Contains(known, asked[i]) {
			return nil, fmt.Errorf("select %ss: there is no %s %q; choose from %s", kind, kind, asked[i], strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(known), func(k string) bool { return !slices.Contains(asked, k) }), nil
}
