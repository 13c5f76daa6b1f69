package render

import (
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

const head = "# check=error=true\n# Rendered from dockerfiles/c.Dockerfile: change that, or write `dockerfile: own` in service.yaml.\n"

// All faulty templates are reported at once, each with its line.
func TestTemplateErrorsNameTemplateAndLine(t *testing.T) {
	only := "is not a value; a template fills in {{.Name}}, {{.Dir}}, {{.Description}}, {{.Source}}, {{.Licenses}}, {{.Port}}, {{.Live}}, {{.Ready}}, {{.Arguments}}, {{.BuildPackages}}, {{.Command}}, {{.Commands}}, {{.Files}}, {{.Listen}}, {{.Packages}}, {{.Probe}}, {{.Program}}, {{.Sources}}, with a default {{or .Command `DEFAULT`}}, and nothing else"
	for name, c := range map[string]struct {
		template string
		want     []string
	}{
		"an unknown field":      {head + "FROM scratch\nLABEL a={{.Nam}}\n", []string{"4: {{.Nam}} " + only}},
		"a field of a field":    {head + "FROM {{.Name.Length}}\n", []string{"3: {{.Name.Length}} " + only}},
		"a condition":           {head + "{{if .Port}}\nEXPOSE {{.Port}}\n{{end}}\n", []string{"3: {{if .Port}} " + only}},
		"a loop":                {head + "\n{{range .Name}}x{{end}}\n", []string{"4: {{range .Name}} " + only}},
		"a function":            {head + "FROM {{printf .Name}}\n", []string{"3: {{printf .Name}} " + only}},
		"a pipe":                {head + "FROM {{.Name | printf}}\n", []string{"3: {{.Name | printf}} " + only}},
		"a variable":            {head + "{{$x := .Name}}\n", []string{"3: {{$x := .Name}} " + only}},
		"several":               {head + "{{.A}}\n{{.Name}}\n{{.B}}\n", []string{"3: {{.A}} " + only, "5: {{.B}} " + only}},
		"bad syntax":            {head + "FROM scratch\nLABEL a={{.Name}\n", []string{"4: bad character U+007D '}'"}},
		"an unknown function":   {head + "{{nothing}}\n", []string{`3: function "nothing" not defined`}},
		"without the mark":      {"FROM scratch\n", []string{"2: must be the line \"# Rendered from dockerfiles/c.Dockerfile: change that, or write `dockerfile: own` in service.yaml.\""}},
		"another template mark": {strings.Replace(head, "c.Dockerfile", "go.Dockerfile", 1), []string{"2: must be the line \"# Rendered from dockerfiles/c.Dockerfile: change that, or write `dockerfile: own` in service.yaml.\""}},
	} {
		t.Run(name, func(t *testing.T) {
			root := copyGolden(t)
			repository := load(t, root)
			write(t, root, "dockerfiles/c.Dockerfile", c.template)
			edit(t, root, "dockerfiles/go.Dockerfile", "ENV PORT={{.Port}}", "ENV PORT={{.Prot}}")
			want := "dockerfiles/go.Dockerfile:8: {{.Prot}} " + only
			for _, line := range c.want {
				want += "\ndockerfiles/c.Dockerfile:" + line
			}
			if _, err := Files(root, repository); message(err) != want {
				t.Errorf("got\n%v\nwant\n%s", err, want)
			}
			if _, err := Drift(root, repository); message(err) != want {
				t.Errorf("Drift: got\n%v\nwant\n%s", err, want)
			}
			if changed, err := Write(root, repository); err == nil || changed != nil {
				t.Errorf("Write changed %v in spite of a faulty template", changed)
			}
		})
	}
}

func TestFilesWithoutTheTemplate(t *testing.T) {
	root := copyGolden(t)
	repository := load(t, root)
	remove(t, root, "dockerfiles/c.Dockerfile")
	if _, err := Files(root, repository); err == nil || !strings.HasPrefix(err.Error(), "reading a template: ") {
		t.Errorf("got %v", err)
	}
}

var descriptions = []string{
	"plain", `"quoted"`, `it's`, `back\slash`, `\`, `\\"`, `ends in \`, `$HOME ${HOME} \$HOME $$ $`, "`command`", "$(command)", "# not a comment",
	"a=b c=d", "<<EOF", "äöü", "{{.Name}}", "100%{x}", "' \" '", "\u00a0 and \u2028",
}

// Whatever a description holds, BuildKit reads it back from the label.
func TestDescriptionIsReadBack(t *testing.T) {
	for _, description := range descriptions {
		readBack(t, description)
	}
}

// FuzzDescription looks for a description that escapes from its label.
func FuzzDescription(f *testing.F) {
	for _, description := range descriptions {
		f.Add(description)
	}
	f.Fuzz(func(t *testing.T, description string) {
		// The catalog accepts neither control characters nor blanks around the text, and no bytes that are not UTF-8.
		if strings.TrimSpace(description) != description || strings.ContainsFunc(description, func(r rune) bool { return r < ' ' || r >= 0x7f && r <= 0x9f || r == '\ufffd' }) {
			t.Skip()
		}
		readBack(t, description)
	})
}

func readBack(t *testing.T, description string) {
	t.Helper()
	root := golden
	repository := load(t, root)
	repository.Services[0].Description = description
	files, err := Files(root, repository)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := parser.Parse(strings.NewReader(string(files["services/alpha/Dockerfile"])))
	if err != nil {
		t.Fatalf("%q: %v", description, err)
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		t.Fatalf("%q: %v", description, err)
	}
	var labels []instructions.KeyValuePair
	for _, command := range stages[0].Commands {
		if label, ok := command.(*instructions.LabelCommand); ok {
			labels = append(labels, label.Labels...)
		}
	}
	if len(labels) != 1 {
		t.Fatalf("%q: %d labels, want 1", description, len(labels))
	}
	value, err := shell.NewLex(parsed.EscapeToken).ProcessWordWithMatches(labels[0].Value, shell.EnvsFromSlice([]string{"HOME=/root"}))
	if err != nil || value.Result != description {
		t.Errorf("%q is read back as %q, %v", description, value.Result, err)
	}
}
