package dockerfile

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	const digest = "@sha256:0000000000000000000000000000000000000000000000000000000000000000"
	tests := []struct {
		name, text string
		bases      []string // REF or REF (PLATFORM)
		problems   []string // LINE: part of the message
	}{
		{
			name:  "stages, by name in any case and by number, are no bases",
			text:  "FROM go AS Build\nFROM build\nCOPY --from=0 /a /\nCOPY --from=BUILD /a /\nCOPY --from=1 /a /\n",
			bases: []string{"go", "1"},
		},
		{
			name:  "a stage below is not yet there",
			text:  "FROM later\nFROM a AS later\n",
			bases: []string{"later", "a"},
		},
		{
			name:  "scratch is nothing to pull",
			text:  "FROM scratch\nCOPY --from=scratch / /\n",
			bases: nil,
		},
		{
			name:  "mounts and copies name images too",
			text:  "FROM a" + digest + "\nRUN --mount=type=bind,from=b,target=/b true\nCOPY --from=c:1 /x /\n",
			bases: []string{"a" + digest, "b", "c:1"},
		},
		{
			name:  "platform is kept as written",
			text:  "FROM --platform=$BUILDPLATFORM a AS b\nFROM --platform=linux/arm64 c\n",
			bases: []string{"a ($BUILDPLATFORM)", "c (linux/arm64)"},
		},
		{
			name:  "arguments, with arguments in their defaults",
			text:  "ARG V=1.26\nARG TAG=${V}-x OTHER\nFROM golang:${TAG}\nFROM b:${OTHER:-9}\n",
			bases: []string{"golang:1.26-x", "b:9"},
		},
		{
			name:  "an argument without a default is known to the build only",
			text:  "ARG BASE\nFROM $BASE\nFROM a\n",
			bases: []string{"a"},
		},
		{
			name:  "an argument of a stage is not seen by FROM",
			text:  "FROM a\nARG B=b\nFROM $B\n",
			bases: []string{"a"},
		},
		{
			name:  "an argument may name a stage",
			text:  "ARG KIND=x\nFROM a AS from-x\nFROM from-${KIND}\n",
			bases: []string{"a"},
		},
		{
			name:  "a stage chosen by the platform",
			text:  "FROM a AS for-linux\nFROM for-$TARGETOS AS b\nFROM c-${TARGETARCH}${TARGETVARIANT}\n",
			bases: []string{"a", "c-amd64"},
		},
		{
			name:  "byte-order mark and CRLF",
			text:  "\xef\xbb\xbf# escape=`\r\nFROM a AS b\r\nRUN one `\r\n  two\r\nFROM c\r\n",
			bases: []string{"a", "c"},
		},
		{
			name:  "heredocs are data",
			text:  "FROM a\nRUN <<E1 cat <<E2\nFROM not\nE1\nCOPY --from=not x y\nE2\nCOPY <<-EOF /f\n\tFROM not\n\tEOF\nFROM b\n",
			bases: []string{"a", "b"},
		},
		{
			name:  "ONBUILD",
			text:  "FROM a\nONBUILD COPY --from=tools /x /\nONBUILD RUN <<E\nFROM not\nE\n",
			bases: []string{"a", "tools"},
		},
		{
			name:     "an unknown instruction does not hide the rest",
			text:     "FROM a\nINCLUDE x\nFROM b\nRUN --mount=type=nope true\n",
			bases:    []string{"a", "b"},
			problems: []string{"2: unknown instruction: INCLUDE", "4: unsupported mount type"},
		},
		{
			name:     "forbidden triggers",
			text:     "FROM a\nONBUILD FROM b\nONBUILD ONBUILD RUN x\n",
			bases:    []string{"a"},
			problems: []string{"2: FROM isn't allowed", "3: ONBUILD ONBUILD"},
		},
		{
			name:     "instructions above FROM",
			text:     "RUN x\nFROM a\n",
			bases:    []string{"a"},
			problems: []string{"1: no build stage"},
		},
		{
			name:     "no FROM at all",
			text:     "ARG A=1\n",
			problems: []string{"0: it has no FROM"},
		},
		{
			name:  "a mount whose number is a variable",
			text:  "FROM a\nRUN --mount=type=cache,target=/c,uid=$UID true\n",
			bases: []string{"a"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f, err := Parse("Dockerfile", []byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			var bases []string
			for _, b := range f.Bases() {
				ref := b.Ref
				if b.Platform != "" {
					ref += " (" + b.Platform + ")"
				}
				bases = append(bases, ref)
			}
			if !slices.Equal(bases, tt.bases) {
				t.Errorf("bases are %q, want %q", bases, tt.bases)
			}
			if len(f.Problems) != len(tt.problems) {
				t.Fatalf("problems are %v, want %q", f.Problems, tt.problems)
			}
			for i, p := range f.Problems {
				got := strings.TrimPrefix(p.Error(), "Dockerfile:")
				if p.Line == 0 {
					got = "0:" + strings.TrimPrefix(p.Error(), "Dockerfile:")
				}
				if !strings.HasPrefix(got, tt.problems[i]) {
					t.Errorf("problem %q, want %q", got, tt.problems[i])
				}
			}
		})
	}
}

func TestTooManyStages(t *testing.T) {
	f, err := Parse("D", []byte(strings.Repeat("FROM a AS b\n", maxStages+2)))
	if err != nil || len(f.Stages) != maxStages || len(f.Problems) != 2 {
		t.Errorf("%v: %d stages, %d problems", err, len(f.Stages), len(f.Problems))
	}
}

func TestUnreadable(t *testing.T) {
	for name, text := range map[string]string{
		"empty":                "",
		"comments only":        "# a\n\n# b",
		"unterminated heredoc": "FROM a\nRUN <<EOF\nx\n",
		"bad escape directive": "# escape=x\nFROM a\n",
		"a line beyond limits": "FROM a\nRUN " + strings.Repeat("x", 1<<17),
		"huge":                 strings.Repeat("# x\n", maxSize/4+1) + "FROM a\n",
	} {
		f, err := Parse("D", []byte(text))
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Message == "" || f != nil {
			t.Errorf("%s: file %v, error %v", name, f, err)
		}
	}
}

func TestLines(t *testing.T) {
	text := "# top\nARG A\nFROM a AS b\n  # inside\nRUN one \\\n# between\n  two\nCOPY <<E /x\n# data\nE\n# last\n"
	f, err := Parse("D", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []Comment{{1, "top"}, {4, "inside"}, {6, "between"}, {11, "last"}}
	if !reflect.DeepEqual(f.Comments, want) {
		t.Errorf("comments %v, want %v", f.Comments, want)
	}
	stage := f.Final()
	if stage.Line != 3 || stage.Title() != "b" || len(stage.Instructions) != 2 {
		t.Fatalf("stage %+v", stage)
	}
	if run := stage.Instructions[0]; run.Line != 5 || run.End != 7 || run.Text != "RUN one   two" {
		t.Errorf("RUN is %d-%d %q", run.Line, run.End, run.Text)
	}
	if c := stage.Instructions[1]; c.Line != 8 || c.End != 10 {
		t.Errorf("COPY is %d-%d", c.Line, c.End)
	}
}

func TestLineage(t *testing.T) {
	f, err := Parse("D", []byte("FROM a AS one\nFROM scratch AS two\nFROM one\n"))
	if err != nil {
		t.Fatal(err)
	}
	final := f.Final()
	if got := final.Lineage(); len(got) != 2 || got[0] != final || got[1].Name != "one" {
		t.Errorf("lineage %v", got)
	}
	if final.External() || final.Scratch() || !f.Stages[0].External() || !f.Stages[1].Scratch() {
		t.Error("External or Scratch is wrong")
	}
	if final.Title() != "2" {
		t.Errorf("title of an unnamed stage is %q", final.Title())
	}
}

func TestBasesFor(t *testing.T) {
	const text = "ARG TAG=1-$TARGETARCH\nFROM --platform=$BUILDPLATFORM a:1 AS b\nFROM c:$TAG\n"
	all, err := BasesFor("D", []byte(text), []string{"linux/amd64", "linux/arm64"})
	want := []Base{{"a:1", 2, "$BUILDPLATFORM"}, {"c:1-amd64", 3, ""}, {"c:1-arm64", 3, ""}}
	if err != nil || !slices.Equal(all, want) {
		t.Errorf("bases are %v, %v, want %v", all, err, want)
	}
	if _, err := BasesFor("D", nil, []string{"linux/amd64"}); err == nil {
		t.Error("an empty file has bases")
	}
}

func TestInstructionsAndArguments(t *testing.T) {
	f, err := Parse("D", []byte("ARG A=1\nFROM a AS one\nARG B C=3\nONBUILD ARG D\nFROM b\nARG E\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for s, in := range f.Instructions() {
		got = append(got, s.Title()+": "+in.Text)
		if in.Text == "ARG E" {
			break
		}
	}
	if want := []string{"one: ARG B C=3", "one: ONBUILD ARG D", "1: ARG E"}; !slices.Equal(got, want) {
		t.Errorf("instructions %q, want %q", got, want)
	}
	got = nil
	for _, a := range f.Arguments() { // ONBUILD's are another build's
		got = append(got, a.Key)
	}
	if want := []string{"A", "B", "C", "E"}; !slices.Equal(got, want) {
		t.Errorf("arguments %q, want %q", got, want)
	}
}
