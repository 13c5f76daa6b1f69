package shell

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// summary writes a command as a test wants it: [NAME=VALUE] PROGRAM ARGUMENTS | READER > FILE.
func summary(c Command) string {
	words := append(slices.Clone(c.Env), c.Name)
	words = append(words, c.Args...)
	if c.InPipe {
		words = append(words, "|", c.Piped)
	}
	for _, file := range c.Writes {
		words = append(words, ">", file)
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

func TestParse(t *testing.T) {
	t.Parallel()
	for _, group := range []struct {
		name  string
		cases map[string]string // a script and its commands, one a line
	}{
		{"quoting", map[string]string{
			`echo "a b" 'c d' e\ f`:   `echo a b c d e\ f`,
			`echo "$A ${B:-x}" '$C'`:  `echo $A $B $C`,
			"echo \"$(date)\" `id`":   "echo $() $()\ndate\nid",
			`\rm -f x`:                `rm -f x`,
			`/usr/bin/apt-get update`: `apt-get update`,
			`# a comment`:             ``,
			`echo "not closed`:        ``,
		}},
		{"lists and blocks", map[string]string{
			"a && b || c; d":                    "a\nb\nc\nd",
			"if a; then b; else c; fi":          "a\nb\nc",
			"for x in 1 2; do echo $x; done":    "echo $x",
			"f() { a; }; (b) & c":               "a\nb\nc",
			"set -e \\\n  && make \\\n install": "set -e\nmake install",
		}},
		{"variables", map[string]string{
			"A=1 B=\"x y\" make all":     "A=1 B=x y make all",
			"A=1":                        "A=1",
			"export A=1 B; readonly C=2": "A=1 export\nC=2 readonly",
		}},
		{"pipelines and files", map[string]string{
			"curl x | tar xz":                  "curl x | tar\ntar xz",
			"curl x | sudo -E bash -":          "curl x | bash\nbash -",
			"a && curl x | (cd y; tar x)":      "a\ncurl x |\ncd y\ntar x",
			"curl x | xargs sh -c 'wget $0'":   "curl x | xargs\nwget $0",
			"a > x 2>&1; b >>y; c &>z; d <in":  "a > x\nb > y\nc > z\nd",
			`sh -c "$(curl x)"`:                "$()\ncurl x",
			"bash <(wget -O- x)":               "bash $()\nwget -O- x",
			"diff <(a) <(b)":                   "diff $() $()\na\nb",
			"curl x | tee y | sha256sum -c f":  "curl x | tee\ntee y | sha256sum\nsha256sum -c f",
			"{ curl x; } | tar x":              "curl x\ntar x",
			"VERSION=$(curl x | jq .v) make v": "VERSION=$() make v\ncurl x | jq\njq .v",
		}},
		{"wrappers", map[string]string{
			"sudo -u app -E env A=1 make":           "A=1 make",
			"timeout -k 5 60 nice -n 10 make":       "make",
			"chroot /mnt apt-get update":            "apt-get update",
			"setarch i386 --verbose make":           "make",
			"linux32 make":                          "make",
			"su -s /bin/sh -c 'make x' app":         "make x",
			"su - app -lc 'make x'":                 "make x",
			"su app":                                "su app",
			"runuser -u app -- make":                "make",
			"sh -c 'a; bash -ec \"b\"'":             "a\nb",
			"xargs -r -n 1 --max-procs 4 npm i -g":  "npm i -g $()",
			"xargs":                                 "",
			"sudo A=1":                              "A=1",
			"sh script -c":                          "sh script -c",
			"busybox sh -c 'a'":                     "a",
			"sh -c \"sh -c 'sh -c \\\"sh -c a\\\"'": "",
		}},
		{"heredocs", map[string]string{
			"bash <<E\na $X\nE":                  "bash\na $X",
			"sudo mksh -eo pipefail <<'E'\na\nE": "mksh -eo pipefail\na",
			"bash -s <<-E\n\ta\n\tE":             "bash -s\na",
			"su - app <<E\na\nE":                 "su - app\na",
			"cat <<E | sh\na\nE":                 "cat | sh\na\nsh",
			"cat <<E >f\na\nE":                   "cat > f",
			"python3 <<E\na\nE":                  "python3",
			"bash script <<E\na\nE":              "bash script",
			"#!/usr/bin/env bash\na":             "a",
			"#!/bin/sh -e\na":                    "a",
			"#!/usr/bin/python3\nimport a":       "",
		}},
	} {
		for script, want := range group.cases {
			var got []string
			for _, c := range Parse(script) {
				got = append(got, summary(c))
			}
			if s := strings.Join(got, "\n"); s != want {
				t.Errorf("%s: %q is\n%s\nwant\n%s", group.name, script, s, want)
			}
		}
	}
}

// A script that is too long, or that nests too deep for the parser, has no commands; it does not end the program.
func TestHugeScripts(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{"long": "a;" + strings.Repeat("#", maxScript), "deep": strings.Repeat("(", maxScript)} {
		if all := Parse(script); all != nil {
			t.Errorf("%s: %d commands", name, len(all))
		}
	}
}

func TestUses(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		`echo "$A ${B:-x}" '$C' \$D`: "A B",
		"cat <<E\n$A \\$B\nE":        "A",
		"cat <<'E'\n$A\nE":           "",
		"cat <<E\nE":                 "",
	} {
		if got := strings.Join(Parse(script)[0].Uses, " "); got != want {
			t.Errorf("%q uses %q, want %q", script, got, want)
		}
	}
}

func TestOperands(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"apt-get -o Dpkg::Use-Pty=0 install -y curl": "install curl",
		"apk add --virtual .build gcc":               "add gcc",
		"cargo +nightly build --target x":            "build",
		"python3.13 -m pip install -r x flask":       "install flask",
		"other -o value":                             "value",
	} {
		if got := strings.Join(Parse(script)[0].Operands(), " "); got != want {
			t.Errorf("%q has the operands %q, want %q", script, got, want)
		}
	}
}

func TestManager(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"apt-get install curl":         "apt",
		"apt-get update":               "",
		"python3 -m pip install flask": "pip",
		"python3 -m build":             "",
		"yarn":                         "yarn",
		"yarn build":                   "",
		"./gradlew jar":                "gradle",
		"go vet ./...":                 "",
		"xx-cargo build --release":     "cargo",
		"cargo chef cook --release":    "cargo",
		"mix deps.get --only prod":     "mix",
		"mix compile":                  "",
		"mamba install -y numpy":       "conda",
		"conda env create -f x.yaml":   "conda",
		"conda env export":             "",
		"yarn global add serve":        "yarn",
		"yarn global bin":              "",
		"composer global require a/b":  "composer",
		"composer dump-autoload":       "",
		"echo apt-get install":         "",
	} {
		if got := Manager(Parse(script)[0]); got != want {
			t.Errorf("%q is of %q, want %q", script, got, want)
		}
	}
}

func TestVariables(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{ // what it uses, sets and tests
		`echo $A "${B}" '$C' ${D:-x} ${E#y}`: "A B E; D;",
		"A=1; export B=$A":                   "A; A B;",
		"for x in 1; do echo $x; done":       "x; x;",
		"read -r line && echo $line":         "line; -r line;",
		`[ -z "$A" ] && echo $A`:             "A; ; A",
		"((n++)); echo $n $1 $?":             "n; n;",
		". venv/bin/activate && a":           "; VIRTUAL_ENV;",
	} {
		v := VariablesOf(script)
		got := strings.Join(v.Used, " ") + "; " + keys(v.Set) + "; " + keys(v.Tested)
		if strings.TrimSpace(got) != want || v.Opaque {
			t.Errorf("%q: %q, want %q; opaque: %v", script, got, want, v.Opaque)
		}
	}
	for _, script := range []string{`eval "$X"`, ". ./settings", "export $(cat settings)"} {
		if !VariablesOf(script).Opaque {
			t.Errorf("%q may set anything", script)
		}
	}
}

func keys(set map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), " ")
}

func TestWraps(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]bool{
		"sh,-c,server": true, "/bin/bash,-lc,a && server": true, "sh,-c,a && exec server": false, "sh,/entrypoint": false, "server,-c,x": false,
	} {
		if Wraps(strings.Split(words, ",")) != want {
			t.Errorf("Wraps(%q) is %t", words, !want)
		}
	}
}
