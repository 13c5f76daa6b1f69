package dockerfile

import "testing"

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"FROM a\n", "\xef\xbb\xbfFROM a AS b\r\nRUN x\r\n", "# escape=`\nFROM a`\nRUN `\n x", "FROM a\nRUN <<E\nx\nE\n",
		"ARG A=${A:-b}\nFROM $A\n", "FROM a\nONBUILD ONBUILD RUN x", "FROM a\nCOPY --from=0 <<X /\n#\nX\n", "#!/x\n# syntax=a\nFROM",
		"FROM a\nHEALTHCHECK --interval=1s CMD x\n", "FROM a\nRUN --mount=type=cache,uid=$U x", "FROM a\nENV a b=c\nLABEL =", "\x00\xff<<",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("Dockerfile", data)
		if (file == nil) == (err == nil) {
			t.Fatalf("file %v, error %v", file, err)
		}
		if file == nil {
			return
		}
		file.Bases()
		for _, s := range file.Stages {
			if len(s.Lineage()) > len(file.Stages) {
				t.Fatal("a stage starts from itself")
			}
		}
	})
}
