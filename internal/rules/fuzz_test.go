package rules

import (
	"os"
	"path/filepath"
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
		alone := lintDockerfile(&Dockerfile{Path: "Dockerfile", Now: today}, data, All, nil)
		known := lintDockerfile(&Dockerfile{Path: "Dockerfile", Name: "Dockerfile", Context: context, Service: service, Now: today}, data, All, nil)
		for _, finding := range append(alone.Findings, known.Findings...) {
			if finding.What == "" || finding.Mend == "" || finding.Line < 0 {
				t.Fatalf("a finding that says nothing: %+v", finding)
			}
		}
	})
}
