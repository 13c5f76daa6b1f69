package render

import (
	"strings"
	"testing"

	"example.com/stagecraft/internal/catalog"
	reader "example.com/stagecraft/internal/dockerfile"
)

// BuildKit does a step once for all services when it is the same to the letter: what toolchains install must not depend on
// the service. Only what follows the last RUN, such as a WORKDIR, may.
func TestToolchainsAreShared(t *testing.T) {
	const root = "../.."
	repository, err := catalog.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range repository.All() {
		if s.Dockerfile != catalog.Rendered {
			continue
		}
		parsed, err := readTemplate(root, s.Language.TemplatePath())
		if err != nil {
			t.Fatal(err)
		}
		other := s
		other.Name, other.Description, other.Port = "another", "Another", s.Port+1
		other.Health = catalog.Health{Live: "/l", Ready: "/r"}
		texts := [2]string{}
		for i, service := range []catalog.Service{s, other} {
			content, err := dockerfile(parsed, newValues(root, repository.Project, service))
			if err != nil {
				t.Fatal(err)
			}
			texts[i] = toolchain(t, content)
		}
		if texts[0] != texts[1] {
			t.Errorf("%s: the toolchain of two services differs:\n%s\n%s", s.Language.TemplatePath(), texts[0], texts[1])
		}
	}
}

// Negative control: a service's name above a RUN is found.
func TestToolchainOfOneServiceAlone(t *testing.T) {
	shared := "FROM a AS toolchain\nRUN x\nWORKDIR /src/"
	alone := "FROM a AS toolchain\nWORKDIR /src/"
	if toolchain(t, []byte(shared+"one\n")) != toolchain(t, []byte(shared+"two\n")) {
		t.Error("a name below the last RUN counts")
	}
	if toolchain(t, []byte(alone+"one\nRUN x\n")) == toolchain(t, []byte(alone+"two\nRUN x\n")) {
		t.Error("a name above a RUN does not count")
	}
}

// toolchain is the stage of that name, up to its last RUN.
func toolchain(t *testing.T, content []byte) string {
	t.Helper()
	file, err := reader.Parse("Dockerfile", content)
	if err != nil {
		t.Fatal(err)
	}
	stage := file.Stage("toolchain", len(file.Stages))
	if stage == nil {
		t.Fatalf("no stage toolchain in\n%s", content)
	}
	var text, last strings.Builder
	for _, i := range stage.Instructions {
		text.WriteString(i.Text + "\n")
		if strings.HasPrefix(i.Text, "RUN") {
			last.WriteString(text.String())
			text.Reset()
		}
	}
	return stage.Written + "\n" + last.String()
}
