package manifest

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/catalog"
)

// facts are a service.yaml without the keys that the cases add.
const facts = "description: x\nport: 8080\nsize:\n  linux/amd64: {unpacked: 2MB, pull: 1MB}\n  linux/arm64: {unpacked: 2MB, pull: 1MB}\n" +
	"run: {memory: 64MB}\nchecks: [{name: x, get: /, expect: {status: 200}}]\n"

// good is a repository without a problem: a service of each kind, each with a shared folder. Cases are edits of it.
var good = map[string]string{
	"project.yaml":  "name: shop\nsource: https://example.com/shop\nlicenses: MIT\n",
	".dockerignore": "*\n!services/*\n!libs/*\n**/.env\n**/.env.*\n**/.npmrc\n**/.next\n*/*/dist\n",

	"dockerfiles/go.Dockerfile":     "COPY --parents {{.Sources \"go.mod\" \"go.sum*\"}} /src/\nENTRYPOINT {{or .Command .Program}}\n",
	"dockerfiles/python.Dockerfile": "COPY --parents {{.Sources \"pyproject.toml\" \"uv.lock*\"}} /src/\nENTRYPOINT {{or .Command `[\"python3\", \"-m\", \"service\"]`}}\n",
	"dockerfiles/node.Dockerfile":   "COPY --parents {{.Sources \"package.json\" \"package-lock.json*\"}} /src/\nENTRYPOINT {{or .Command `[\"node\", \"dist/server.js\"]`}}\n",
	"dockerfiles/c.Dockerfile":      "COPY --parents {{.Sources}} /src/\n",

	"services/g/service.yaml": "language: go\n" + facts + "uses: [libs/money]\nfiles: [templates]\n",
	"services/g/go.mod": "module example.com/shop/services/g/v2\n\ngo 1.26\n\nrequire (\n\texample.com/chi/v5 v5.1.0\n\texample.com/shop/libs/money v0.0.0\n)\n\n" +
		"replace example.com/shop/libs/money => ../../libs/money\n",
	"services/g/go.sum":           "example.com/chi/v5 v5.1.0 h1:x\nexample.com/chi/v5 v5.1.0/go.mod h1:x\n",
	"services/g/main.go":          "package main\n\nfunc main() {}\n",
	"services/g/templates/x.html": "x",
	"libs/money/go.mod":           "module example.com/shop/libs/money\n\ngo 1.26\n",
	"libs/money/money.go":         "package money\n",

	"services/p/service.yaml": "language: python\n" + facts + "uses: [libs/py]\n",
	"services/p/pyproject.toml": "[project]\nname = \"p\"\nversion = \"1\"\ndependencies = [\"Fast_API[all] >=0.1\", \"shop-py\"]\n\n" +
		"[tool.uv.sources]\nshop-py = {path = \"../../libs/py\", editable = true}\n",
	"services/p/uv.lock": "version = 1\n\n[[package]]\nname = \"fast-api\"\nversion = \"0.2\"\nsource = {registry = \"https://pypi.org/simple\"}\n\n" +
		"[[package]]\nname = \"p\"\nsource = {virtual = \".\"}\n\n[package.metadata]\nrequires-dist = [{name = \"fast-api\", extras = [\"all\"]}, {name = \"shop-py\"}]\n",
	"services/p/service/__main__.py": "",
	"libs/py/pyproject.toml":         "[project]\nname = \"shop-py\"\nversion = \"1\"\n",

	"services/n/service.yaml":      "language: node\n" + facts + "uses: [libs/js]\n",
	"services/n/package.json":      "{\n  \"name\": \"n\",\n  \"scripts\": {\"build\": \"tsc\"},\n  \"dependencies\": {\n    \"express\": \"^5.0.0\",\n    \"@shop/js\": \"file:../../libs/js\"\n  }\n}\n",
	"services/n/package-lock.json": "{\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {\"express\": \"^5.0.0\", \"@shop/js\": \"file:../../libs/js\"}}}}",
	"libs/js/package.json":         "{\n  \"name\": \"@shop/js\",\n  \"version\": \"1.0.0\"\n}\n",

	"services/x/service.yaml": "language: c\n" + facts + "uses: [libs/headers]\n",
	"libs/headers/x.h":        "\n",
}

// edit changes files of the good repository: FILE: content, FILE: "" to remove it, and FILE#OLD: new to replace a part.
type edit map[string]string

func repository(t *testing.T, e edit) string {
	t.Helper()
	files := maps.Clone(good)
	for _, key := range slices.Sorted(maps.Keys(e)) {
		name, old, isPart := strings.Cut(key, "#")
		if isPart {
			if strings.Count(files[name], old) != 1 {
				t.Fatalf("%s holds %q %d times, want once", name, old, strings.Count(files[name], old))
			}
			files[name] = strings.Replace(files[name], old, e[key], 1)
		} else {
			files[name] = e[key]
		}
	}
	root := t.TempDir()
	for name, content := range files {
		if content == "" && e[name] == "" && !strings.HasSuffix(name, "__main__.py") {
			continue // removed
		}
		if _, edited := e[name]; edited && content == "" {
			continue
		}
		write(t, filepath.Join(root, name), content)
	}
	return root
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, root string) (problems, notes []string) {
	t.Helper()
	services, err := catalog.Services(root)
	if err != nil {
		t.Fatal(err)
	}
	found, noted := Check(root, services)
	for _, p := range found {
		problems = append(problems, p.String())
	}
	for _, n := range noted {
		notes = append(notes, n.String())
	}
	return problems, notes
}

func TestCheck(t *testing.T) {
	for name, c := range map[string]struct {
		edit edit
		want []string
	}{
		"as it is": {},

		// uses, both ways
		"go: a path that is not in uses": {edit{"services/g/service.yaml#uses: [libs/money]\n": ""}, []string{
			"services/g/go.mod:10: replace example.com/shop/libs/money: libs/money is not among the folders that g uses; write uses: [libs/money] in services/g/service.yaml",
		}},
		"go: a use that nothing points to": {edit{
			"services/g/go.mod#replace example.com/shop/libs/money => ../../libs/money\n": "",
			"services/g/go.mod#\texample.com/shop/libs/money v0.0.0\n":                    "",
		}, []string{
			"services/g/service.yaml:9: uses[0]: libs/money is not a path dependency of services/g/go.mod; write `require example.com/shop/libs/money v0.0.0` and `replace example.com/shop/libs/money => ../../libs/money` there, or remove it here",
		}},
		"go: a shared module without replace": {edit{"services/g/go.mod#replace example.com/shop/libs/money => ../../libs/money\n": "", "services/g/service.yaml#uses: [libs/money]\n": ""}, []string{
			"services/g/go.mod:7: require example.com/shop/libs/money: is libs/money of this repository, which no proxy has; write `replace example.com/shop/libs/money => ../../libs/money`",
		}},
		"go: a shared module that uses another one": {edit{
			"libs/money/go.mod": "module example.com/shop/libs/money\n\ngo 1.26\n\nrequire example.com/shop/libs/tax v0.0.0\n\nreplace example.com/shop/libs/tax => ../tax\n",
			"libs/tax/go.mod":   "module example.com/shop/libs/tax\n",
		}, []string{
			"libs/money/go.mod:7: replace example.com/shop/libs/tax: libs/tax is not among the folders that g uses; write uses: [libs/money, libs/tax] in services/g/service.yaml",
		}},
		"go: a path in the module": {edit{
			"services/g/go.mod#replace":              "replace example.com/own => ./internal/own\n\nreplace",
			"services/g/internal/own/go.mod":         "module example.com/own\n",
			"services/g/internal/own/cmd/x/main.go":  "package main\n",
			"services/g/testdata/cmd/main.go":        "package main\n",
			"services/g/internal/generate/main.go":   "//go:build ignore\n\npackage main\n",
			"services/g/internal/generate/helper.go": "package generate\n",
		}, nil},
		"go: out of the repository": {edit{"services/g/go.mod#../../libs/money": "../../../money"}, []string{
			"services/g/go.mod:10: replace example.com/shop/libs/money: ../../../money is outside the repository, which a build does not see; move the folder to libs/",
			"services/g/service.yaml:9: uses[0]: libs/money is not a path dependency of services/g/go.mod; write `require example.com/shop/libs/money v0.0.0` and `replace example.com/shop/libs/money => ../../libs/money` there, or remove it here",
		}},
		"go: an absolute path": {edit{"services/g/go.mod#../../libs/money": "/home/me/money", "services/g/service.yaml#uses: [libs/money]\n": ""}, []string{
			"services/g/go.mod:10: replace example.com/shop/libs/money: /home/me/money is an absolute path, which other machines do not have; write a relative one",
		}},
		"go: another service": {edit{"services/g/go.mod#../../libs/money": "../h", "services/h/go.mod": "module h\n", "services/g/service.yaml#uses: [libs/money]\n": ""}, []string{
			"services/g/go.mod:10: replace example.com/shop/libs/money: services/h is not a folder of shared code; move it to libs/h and write uses: [libs/h] in services/g/service.yaml",
		}},
		"go: a path that leads nowhere": {edit{"services/g/go.mod#../../libs/money": "../../libs/mony", "services/g/service.yaml#uses: [libs/money]\n": ""}, []string{
			"services/g/go.mod:10: replace example.com/shop/libs/money: libs/mony is not there; correct the path",
		}},
		"go: not a go.mod": {edit{"services/g/go.mod": "module x\n\nreqire y v1\n"}, []string{
			"services/g/go.mod:3: cannot be read: unknown directive: reqire",
		}},
		"python: a path that is not in uses": {edit{"services/p/service.yaml#uses: [libs/py]\n": ""}, []string{
			"services/p/pyproject.toml:7: tool.uv.sources.shop-py: libs/py is not among the folders that p uses; write uses: [libs/py] in services/p/service.yaml",
		}},
		"python: a use that nothing points to": {edit{"services/p/pyproject.toml#[tool.uv.sources]\nshop-py = {path = \"../../libs/py\", editable = true}\n": ""}, []string{
			"services/p/service.yaml:9: uses[0]: libs/py is not a path dependency of services/p/pyproject.toml; add \"shop-py\" to dependencies and write `shop-py = {path = \"../../libs/py\"}` below [tool.uv.sources] there, or remove it here",
		}},
		"python: sources with markers": {edit{"services/p/pyproject.toml#{path = \"../../libs/py\", editable = true}": "[{path = \"../../libs/py\", marker = \"sys_platform == 'linux'\"}]"}, nil},
		"python: a workspace": {edit{"services/p/pyproject.toml#{path = \"../../libs/py\", editable = true}": "{workspace = true}", "services/p/service.yaml#uses: [libs/py]\n": ""}, []string{
			"services/p/pyproject.toml:4: tool.uv.sources.shop-py: is a member of a workspace, which the build does not have; write {path = \"../../libs/shop-py\"} for a folder that is in uses",
		}},
		"python: not TOML": {edit{"services/p/pyproject.toml": "[project]\nname = p\n"}, []string{
			"services/p/pyproject.toml:2: cannot be read: toml: unexpected character U+0070 'p' at start of value",
		}},
		"node: a path that is not in uses": {edit{"services/n/service.yaml#uses: [libs/js]\n": ""}, []string{
			"services/n/package.json:6: dependencies.@shop/js: libs/js is not among the folders that n uses; write uses: [libs/js] in services/n/service.yaml",
		}},
		"node: a use that nothing points to": {edit{"services/n/package.json#,\n    \"@shop/js\": \"file:../../libs/js\"": ""}, []string{
			"services/n/service.yaml:9: uses[0]: libs/js is not a path dependency of services/n/package.json; add \"@shop/js\": \"file:../../libs/js\" to dependencies there, or remove it here",
		}},
		"node: a link": {edit{"services/n/package.json#file:../../libs/js": "link:../../libs/js"}, nil},
		"node: a workspace": {edit{"services/n/package.json#file:../../libs/js": "workspace:*", "services/n/service.yaml#uses: [libs/js]\n": ""}, []string{
			"services/n/package.json:6: @shop/js: is a member of a workspace, which the build does not have; write \"file:../../libs/NAME\" for a folder that is in uses",
		}},
		"node: names of several lines": {edit{"services/n/package.json#\"express\": \"^5.0.0\"": "\"a\\nb\": \"../../libs/c\\nd\""}, []string{
			"services/n/package-lock.json: is older than package.json: it lacks a\\nb; run `npm install --package-lock-only` in services/n",
			"services/n/package.json:1: dependencies.a\\nb: libs/c\\nd is not there; correct the path",
		}},
		"node: not JSON": {edit{"services/n/package.json": "{\n  \"name\": n\n}\n"}, []string{
			"services/n/package.json:2: cannot be read: invalid character '\\\\n' in literal null (expecting 'u')",
		}},

		// Manifests and lock files
		"go: no go.mod": {edit{"services/g/go.mod": "", "services/g/service.yaml#uses: [libs/money]\n": ""}, []string{
			"services/g/go.mod: is not there; run `go -C services/g mod init MODULE` and `go -C services/g mod tidy`",
		}},
		"go: no go.sum": {edit{"services/g/go.sum": ""}, []string{
			"services/g/go.sum: is not there, but go.mod requires example.com/chi/v5; run `go -C services/g mod tidy`",
		}},
		"go: an old go.sum": {edit{"services/g/go.mod#v5.1.0": "v5.2.0"}, []string{
			"services/g/go.sum: is older than go.mod: it lacks example.com/chi/v5; run `go -C services/g mod tidy`",
		}},
		"go: no go.sum, and nothing to have a sum of": {edit{"services/g/go.sum": "", "services/g/go.mod#\texample.com/chi/v5 v5.1.0\n": ""}, nil},
		"go: a fork": {edit{
			"services/g/go.mod#replace": "replace example.com/chi/v5 v5.1.0 => example.com/fork v1.0.0\n\nreplace",
			"services/g/go.sum":         "example.com/fork v1.0.0/go.mod h1:x\n",
		}, nil},
		"python: no uv.lock": {edit{"services/p/uv.lock": ""}, []string{
			"services/p/uv.lock: is not there: the template installs what uv.lock names; run `uv lock` in services/p",
		}},
		"python: Poetry": {edit{"services/p/uv.lock": "", "services/p/poetry.lock": "x"}, []string{
			"services/p/poetry.lock: is Poetry's; run `uvx migrate-to-uv` in services/p: the template installs what uv.lock names",
		}},
		"python: Pipenv": {edit{"services/p/uv.lock": "", "services/p/Pipfile.lock": "{}"}, []string{
			"services/p/Pipfile.lock: is Pipenv's; run `uvx migrate-to-uv` in services/p: the template installs what uv.lock names",
		}},
		"python: requirements.txt alone": {edit{"services/p/uv.lock": "", "services/p/pyproject.toml": "", "services/p/requirements.txt": "x", "services/p/service.yaml#uses: [libs/py]\n": ""}, []string{
			"services/p/requirements.txt: is pip's; run `uv init --bare && uv add -r requirements.txt` in services/p: the template installs what uv.lock names",
		}},
		"python: an old uv.lock": {edit{"services/p/pyproject.toml#\"Fast_API[all] >=0.1\"": "\"fast.api\", \"httpx>=1\""}, []string{
			"services/p/uv.lock: is older than pyproject.toml: it lacks httpx; run `uv lock` in services/p",
		}},
		"python: not a uv.lock": {edit{"services/p/uv.lock": "version = 1\nx\n"}, []string{
			"services/p/uv.lock:2: cannot be read: toml: expected '=' after key; run `uv lock` in services/p",
		}},
		"python: a template that installs otherwise": {edit{"dockerfiles/python.Dockerfile": "COPY {{.Dir}}/pyproject.toml {{.Dir}}/poetry.lock ./\n", "services/p/uv.lock": ""}, nil},
		"node: no lock file": {edit{"services/n/package-lock.json": ""}, []string{
			"services/n/package-lock.json: is not there: the template installs what the lock file of npm or pnpm names; run `npm install --package-lock-only` in services/n",
		}},
		"node: nothing to lock": {edit{"services/n/package-lock.json": "", "services/n/package.json": "{\"scripts\": {\"build\": \"x\"}}", "services/n/service.yaml#uses: [libs/js]\n": ""}, nil},
		"node: a shared package without a lock file": {edit{"libs/js/package.json": "{\"name\": \"@shop/js\", \"dependencies\": {\"ms\": \"2\"}}"}, []string{
			"libs/js/package-lock.json: is not there: the template installs what the lock file of npm or pnpm names; run `npm install --package-lock-only` in libs/js",
		}},
		"node: Yarn": {edit{"services/n/package-lock.json": "", "services/n/yarn.lock": "x"}, []string{
			"services/n/yarn.lock: is Yarn's; run `npm install --package-lock-only` and remove it in services/n: the template installs what the lock file of npm or pnpm names",
		}},
		"node: pnpm": {edit{
			"services/n/package-lock.json": "",
			"services/n/pnpm-lock.yaml":    "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      express: {specifier: ^5.0.0, version: 5.1.0}\n      '@shop/js': {specifier: 'file:../../libs/js', version: 'file:../../libs/js'}\n",
		}, nil},
		"node: an old lock file of pnpm": {edit{"services/n/package-lock.json": "", "services/n/pnpm-lock.yaml": "lockfileVersion: '9.0'\nimporters:\n  .: {}\n"}, []string{
			"services/n/pnpm-lock.yaml: is older than package.json: it lacks @shop/js, express; run `pnpm install --lockfile-only` in services/n",
		}},
		"node: an old package-lock.json": {edit{"services/n/package-lock.json#\"express\": \"^5.0.0\", ": ""}, []string{
			"services/n/package-lock.json: is older than package.json: it lacks express; run `npm install --package-lock-only` in services/n",
		}},
		"node: not a package-lock.json": {edit{"services/n/package-lock.json": "<<<<<<<"}, []string{
			"services/n/package-lock.json: cannot be read; run `npm install --package-lock-only` in services/n",
		}},
		"node: two lock files": {edit{"services/n/pnpm-lock.yaml": "lockfileVersion: '9.0'\n"}, []string{
			"services/n: has lock files of npm and pnpm; remove package-lock.json or pnpm-lock.yaml",
		}},
		"node: no package.json": {edit{"services/n/package.json": "", "services/n/service.yaml#uses: [libs/js]\n": ""}, []string{
			"services/n/package.json: is not there; run `npm init` in services/n",
		}},

		// Commands
		"go: no program of the module's name": {edit{"services/g/main.go": "", "services/g/cmd/api/main.go": "package main\n", "services/g/cmd/migrate/main.go": "package main\n"}, []string{
			"services/g/service.yaml:1: command: is missing: the module does not build /g; write command: [/api] or [/migrate]",
		}},
		"go: a program of the module's name below cmd": {edit{"services/g/main.go": "", "services/g/cmd/g/main.go": "package main\n"}, nil},
		"go: no program at all": {edit{"services/g/main.go": "package g\n"}, []string{
			"services/g: has no package main for Linux, so that nothing can be run; write one",
		}},
		"go: commands": {edit{
			"services/g/cmd/api/main.go":     "package main\n",
			"services/g/cmd/migrate/main.go": "package main\n",
			"services/g/service.yaml#files":  "command: [/api, --x]\ncommands:\n  migrate: [/migrate]\n  other: [/usr/bin/ffmpeg]\nhealth: {probe: [/api, --probe]}\nfiles",
		}, nil},
		"go: commands that are not built": {edit{
			"services/g/cmd/api/main.go":    "package main\n",
			"services/g/service.yaml#files": "command: [/apy]\ncommands:\n  migrate: [/migrations]\nhealth: {probe: [/probe]}\nfiles",
		}, []string{
			"services/g/service.yaml:10: command[0]: is /apy, which the module does not build; did you mean /api?",
			"services/g/service.yaml:12: commands.migrate[0]: is /migrations, which the module does not build; choose one of /api, /g",
			"services/g/service.yaml:13: health.probe[0]: is /probe, which the module does not build; choose one of /api, /g",
		}},
		"python: another package": {edit{"services/p/service/__main__.py": "", "services/p/src/api/__main__.py": "x"}, []string{
			"services/p/service.yaml:1: command: is missing, and there is no package service to run; write command: [python3, -m, api]",
		}},
		"python: a package in src": {edit{"services/p/service/__main__.py": "", "services/p/src/service.py": "x"}, nil},
		"node: no build": {edit{"services/n/package.json#\"build\": \"tsc\"": "\"start\": \"node server.js --x\""}, []string{
			"services/n/service.yaml:1: command: is missing: there is no dist/server.js, and no script build in package.json that makes it; write command: [node, server.js, --x]",
		}},
		"node: scripts": {edit{
			"services/n/package.json#\"build\": \"tsc\"": "\"test\": \"x\"",
			"services/n/server.js":                       "x",
			"services/n/worker.js":                       "x",
			"services/n/service.yaml#language": "command: [node, /app/server.js]\nhealth: {probe: [node, -e, x]}\n" +
				"commands:\n  a: [node, worker]\n  b: [node, worke.js]\n  c: [node, node_modules/next/dist/bin/next]\nlanguage",
		}, []string{
			"services/n/service.yaml:5: commands.b[1]: is worke.js, which is not in services/n; did you mean worker.js?",
		}},
		"python: modules and scripts": {edit{
			"services/p/manage.py":      "x",
			"services/p/src/api/web.py": "x",
			"services/p/service.yaml#language": "command: [python3, -m, uvicorn, \"api.web:app\"]\nhealth: {probe: [/usr/bin/python3.13, manag.py]}\n" +
				"commands:\n  a: [python3, -m, api.web]\n  b: [python3, -m, api.worker]\n  c: [python3, manage.py, migrate]\n  d: [python3, -m, api]\nlanguage",
		}, []string{
			"services/p/service.yaml:2: health.probe[1]: is manag.py, which is not in services/p; did you mean manage.py?",
			"services/p/service.yaml:5: commands.b[2]: is api.worker, but neither api/worker.py nor api/worker/__main__.py is in services/p",
			"services/p/service.yaml:7: commands.d[2]: is api, but neither api.py nor api/__main__.py is in services/p",
		}},
		"tools that no image has": {edit{
			"services/n/service.yaml#language: node":   "command: [npm, start]\ncommands: {worker: [sh, -c, node worker.js]}\nlanguage: node",
			"services/p/service.yaml#language: python": "command: [uv, run, api]\nlanguage: python",
		}, []string{
			"services/n/service.yaml:1: command[0]: is npm, which is not in the image; write what the script runs, such as [node, server.js]",
			"services/n/service.yaml:2: commands.worker[0]: is sh, and the image has no shell; write the program and its arguments",
			"services/p/service.yaml:1: command[0]: is uv, which is not in the image; write [python3, -m, PACKAGE]",
		}},
		"a shell from a package": {edit{"services/n/service.yaml#language: node": "command: [bash, -c, node x.js]\npackages: [bash]\nlanguage: node"}, nil},

		// files
		"a file that is not there": {edit{"services/g/service.yaml#[templates]": "[template]"}, []string{
			"services/g/service.yaml:10: files[0]: template is not in services/g; did you mean templates?",
		}},
		"a file that is left out": {edit{"services/g/service.yaml#[templates]": "[templates, .env]", "services/g/.env": "A=b"}, []string{
			"services/g/service.yaml:10: files[1]: .env is left out of builds by .dockerignore; ship it under another name, or remove it here and set variables in service.yaml (environment)",
		}},
		"files that the build makes": {edit{"services/n/service.yaml#language: node": "files: [.next/standalone, dist, public/assets]\nlanguage: node", "services/n/dist/x.js": "x"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			problems, notes := check(t, repository(t, c.edit))
			if !slices.Equal(problems, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(problems, "\n"), strings.Join(c.want, "\n"))
			}
			if notes != nil {
				t.Errorf("notes: %q", notes)
			}
		})
	}
}

// A link leads out of the build context, whatever it is called.
func TestCheckFollowsLinks(t *testing.T) {
	root := repository(t, edit{"services/g/service.yaml#[templates]": "[templates, words.txt]", "words.txt": "x"})
	if err := os.Symlink("../../words.txt", filepath.Join(root, "services", "g", "words.txt")); err != nil {
		t.Skip("this system has no symbolic links for us")
	}
	problems, _ := check(t, root)
	want := "services/g/service.yaml:10: files[1]: words.txt is a link out of services/g, which a build does not follow; copy what it links to"
	if len(problems) != 1 || problems[0] != want {
		t.Errorf("got %q, want %s", problems, want)
	}
}

func TestCheckNotesWhatABuildDoesNotSee(t *testing.T) {
	root := repository(t, edit{
		"services/n/.npmrc": "x", "services/n/.env.local": "x", "libs/js/.env": "x",
		"services/p/.npmrc": "x", "services/p/service.yaml#language": "build_secrets: [npmrc]\nlanguage",
	})
	problems, notes := check(t, root)
	want := []string{
		"services/n/.env.local: is not part of the build, as .dockerignore says; set variables in service.yaml (environment)",
		"services/n/.npmrc: is not part of the build, as .dockerignore says; builds get it as the secret npmrc (docs/private-networks.md)",
		"libs/js/.env: is not part of the build, as .dockerignore says; set variables in service.yaml (environment)",
	}
	if problems != nil || !slices.Equal(notes, want) {
		t.Errorf("problems %q, notes\n%s\nwant\n%s", problems, strings.Join(notes, "\n"), strings.Join(want, "\n"))
	}
}

// A Dockerfile of one's own installs with whatever it likes.
func TestCheckLeavesOwnDockerfilesAlone(t *testing.T) {
	root := repository(t, edit{"services/p/service.yaml#uses: [libs/py]\n": "dockerfile: own\n", "services/p/Dockerfile": "FROM scratch\n", "services/p/uv.lock": ""})
	if problems, _ := check(t, root); problems != nil {
		t.Errorf("got %q", problems)
	}
}

func TestProgram(t *testing.T) {
	for module, want := range map[string]string{
		"module example.com/shop/api\n":       "api",
		"module example.com/shop/api/v3\n":    "api",
		"// x\nmodule \"example.com/quoted\"": "quoted",
		"module api":                          "api",
		"":                                    "folder",
		"not a go.mod":                        "folder",
	} {
		folder := filepath.Join(t.TempDir(), "folder")
		write(t, filepath.Join(folder, "go.mod"), module)
		if got := Program(folder); got != want {
			t.Errorf("%q: %s, want %s", module, got, want)
		}
	}
	if got := Program(filepath.Join(t.TempDir(), "without")); got != "without" {
		t.Errorf("without a go.mod: %s", got)
	}
}

// The templates are of the kinds that their languages have, so that nothing is silently left unchecked.
func TestTemplatesAreOfAKind(t *testing.T) {
	for language, want := range map[string]string{"go": "go.mod", "python": "pyproject.toml", "node": "package.json", "c": ""} {
		template := string(contents("../..", "dockerfiles/"+language+".Dockerfile"))
		var got []string
		for _, k := range kinds {
			if strings.Contains(template, k.file) {
				got = append(got, k.file)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("dockerfiles/%s.Dockerfile is of the kinds %q, want %q", language, got, want)
		}
	}
}
