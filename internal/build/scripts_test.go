package build

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"example.com/stagecraft/internal/dockerfile"
)

// folders are the folders of the build context that steps mount: a change to anything in one reruns the step. Tests may
// want all of a folder.
func folders(root string, file *dockerfile.File) []string {
	var found []string
	for _, stage := range file.Stages {
		for _, i := range stage.Instructions {
			run, ok := i.Command.(*instructions.RunCommand)
			if !ok || stage.Name == "test" {
				continue
			}
			for _, m := range instructions.GetMounts(run) {
				if m.Type == instructions.MountTypeBind && m.From == "" && !isFile(filepath.Join(root, m.Source)) {
					found = append(found, m.Source)
				}
			}
		}
	}
	return found
}

// Steps mount the scripts that they run, one by one.
func TestScriptsAreMountedOneByOne(t *testing.T) {
	t.Parallel()
	root := "../.."
	files, err := filepath.Glob(filepath.Join(root, "dockerfiles", "*.Dockerfile"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no templates: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		file, err := dockerfile.Parse(name, data)
		if err != nil {
			t.Fatal(err)
		}
		if found := folders(root, file); len(found) > 0 {
			t.Errorf("%s mounts %v whole, or what is not there; mount the files that the step runs", name, found)
		}
	}
	// The control: a folder, beside a file and a test.
	file, err := dockerfile.Parse("Dockerfile", []byte("FROM scratch AS a\nRUN --mount=type=bind,source=dockerfiles/bin,target=/b true\n"+
		"RUN --mount=type=bind,source=dockerfiles/bin/with-secrets,target=/w true\nFROM a AS test\nRUN --mount=type=bind,source=dockerfiles,target=/d true\n"))
	if err != nil {
		t.Fatal(err)
	}
	if found := folders(root, file); !slices.Equal(found, []string{"dockerfiles/bin"}) {
		t.Errorf("found %v, want the folder alone", found)
	}
}
