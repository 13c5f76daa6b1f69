package render

import (
	"encoding/json"
	"strings"
	"testing"

	"example.com/stagecraft/internal/catalog"
)

// bake evaluates ${...} and %{...} in every string.
func TestBakeFileIsLiteral(t *testing.T) {
	services := []catalog.Service{{Name: "x", Project: "shop", Dir: "services/x", Description: "costs ${HOME}, 100%{x} and $5, <b>&"}}
	content, err := bakeFile("services", catalog.Platforms, services)
	if err != nil {
		t.Fatal(err)
	}
	if want := `"description": "costs $${HOME}, 100%%{x} and $5, <b>&",`; !strings.Contains(string(content), want) {
		t.Errorf("the bake file lacks %s:\n%s", want, content)
	}
}

// bake refuses a file with an empty list of targets, also where another file has some.
func TestBakeFileWithoutServices(t *testing.T) {
	content, err := bakeFile("services", catalog.Platforms, nil)
	if err != nil || strings.Contains(string(content), `"target"`) {
		t.Errorf("%v; the bake file of no services is\n%s", err, content)
	}
}

// The file must work in any checkout: nothing of this machine, no secrets, no stand-ins, and no target of it runs more
// than the build platform's tests.
func TestBakeFile(t *testing.T) {
	var file bake
	if err := json.Unmarshal([]byte(read(t, golden, "docker-bake.json")), &file); err != nil {
		t.Fatal(err)
	}
	services := load(t, golden).Services
	if len(file.Target) != 2*len(services) || len(file.Group) != 2 {
		t.Errorf("%d targets and %d groups for %d services", len(file.Target), len(file.Group), len(services))
	}
	for i, service := range services {
		image, test := file.Target[service.Name], file.Target[TestTarget(service)]
		if file.Group["default"].Targets[i] != service.Name || file.Group["test"].Targets[i] != TestTarget(service) {
			t.Errorf("%s is not in its groups: %v", service.Name, file.Group)
		}
		if image.Target != "runtime" || len(image.Platforms) != len(catalog.Platforms) || image.Output != nil || image.Tags[0] != "shop/"+service.Name+":dev" {
			t.Errorf("the image's target is %+v", image)
		}
		if test.Target != "test" || test.Platforms != nil || test.Tags != nil || len(test.Output) != 1 || test.Output[0] != "type=cacheonly" {
			t.Errorf("the tests' target is %+v", test)
		}
		for _, target := range []target{image, test} {
			if target.Context != "." || target.Dockerfile != service.Dir+"/Dockerfile" || target.Args["SOURCE_DATE_EPOCH"] != "1767225600" || target.Attest[0] != "type=provenance,disabled=true" {
				t.Errorf("a target of %s is %+v", service.Name, target)
			}
		}
	}
	for _, forbidden := range []string{`"secret"`, `"contexts"`, `"/`, "oci-layout"} {
		if strings.Contains(strings.Replace(read(t, golden, "docker-bake.json"), `"//"`, "", 1), forbidden) {
			t.Errorf("the bake file holds %s", forbidden)
		}
	}
}
