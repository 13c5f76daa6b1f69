package lint

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"example.com/stagecraft/internal/catalog"
)

// Any bytes are linted without a crash, in every way that a Dockerfile can be looked at.
func FuzzLint(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.Dockerfile")
	if err != nil || len(files) == 0 {
		f.Fatal("no test data", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, text := range []string{
		"", "\xef\xbb\xbfFROM a\r\nRUN x\r\n", "# escape=`\nFROM a\nRUN dir `\n /s\n", "FROM a\nRUN <<E\n#!/usr/bin/env\nE\n", "FROM a\nRUN sh -c \"sh -c 'sh -c x'\"\n",
		"FROM a\nRUN timeout\nRUN env -u\nRUN sudo -u\nRUN python -m\nRUN bash -c\n", "FROM a\nCMD []\nENTRYPOINT [\"\"]\nHEALTHCHECK CMD [\"sh\"]\nCMD [\"sh\",\"-c\"]\n",
		"FROM a\nUSER :\n", "FROM @\nFROM :\nFROM /\n", "FROM $\nFROM ${", "# stagecraft:\n# stagecraft: allow=\nFROM a", "FROM a\nONBUILD RUN npm ci\nSHELL []\nRUN x\n",
	} {
		f.Add([]byte(text))
	}
	context := fstest.MapFS{".dockerignore": {Data: []byte("*\n!a\n")}, "a/b": {}}
	service := &catalog.Service{Name: "demo", Dir: "services/demo", Dockerfile: catalog.Own}
	f.Fuzz(func(t *testing.T, data []byte) {
		alone := lintDockerfile(&Dockerfile{Path: "Dockerfile", Now: today}, data, checks, nil)
		known := lintDockerfile(&Dockerfile{Path: "Dockerfile", Name: "Dockerfile", Context: context, Service: service, Now: today}, data, checks, nil)
		for _, finding := range append(alone.Findings, known.Findings...) {
			if finding.Message == "" || finding.Fix == "" || finding.Line < 0 {
				t.Fatalf("a finding that says nothing: %+v", finding)
			}
		}
	})
}

// What would take a parser's stack, or time that grows with the square of the file, is passed over.
func TestLintOfTheUnreasonable(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"brackets": "FROM a\nRUN " + strings.Repeat("$((\\\n", 120_000) + "x\n",
		"stages":   "FROM a AS s\n" + strings.Repeat("FROM s AS s\nRUN x\n", 20_000),
		"values":   "FROM a\n" + strings.Repeat("ENV A=$A$A$A B=$A\nADD https://$A /x\n", 5_000) + "USER $A\n",
	} {
		d := &Dockerfile{Path: "Dockerfile", Now: today}
		if r := lintDockerfile(d, []byte(text), checks, nil); r.Subjects != 1 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
