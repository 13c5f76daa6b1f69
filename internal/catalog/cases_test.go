package catalog

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// badCase is testdata's full service.yaml with one edit, and every problem that the edit must cause, without the file's
// name.
type badCase struct {
	old, new string
	want     []string
}

var badCases = []badCase{
	// The whole document.
	{old: "port: 3000", new: "prot: 3000", want: []string{
		"2: port: is missing; add it, or write protocol: grpc or none",
		"5: prot: is not a key here; did you mean port?",
	}},
	{old: "port: 3000", new: "port: 3000\nvolumes: []", want: []string{
		"6: volumes: is not a key here; choose one of allow, build_packages, build_secrets, checks, command, commands, depends_on, description, dockerfile, environment, files, health, jobs, language, packages, port, protocol, run, size, uses",
	}},
	{old: "port: 3000", new: "port: 3000\nport: 3001", want: []string{
		"6: port: is written twice, first on line 5; remove one",
	}},
	{old: "port: 3000", new: "port: 3000\n[a]: b", want: []string{
		"6: has a key that is a list; keys are words",
	}},

	// language
	{old: "language: node\n", new: "", want: []string{"2: language: is missing; add it"}},
	{old: "language: node", new: "language: [node]", want: []string{"2: language: must be text, not a list"}},
	{old: "language: node", new: "language:", want: []string{"2: language: must be text, not nothing"}},
	{old: "language: node", new: "language: Node", want: []string{
		`2: language: is "Node"; write lower-case letters, digits and single hyphens`,
	}},
	{old: "language: node", new: "language: pyhton", want: []string{
		`2: language: "pyhton" has no template, dockerfiles/pyhton.Dockerfile; did you mean python?`,
	}},
	{old: "language: node", new: "language: rust", want: []string{
		`2: language: "rust" has no template, dockerfiles/rust.Dockerfile; choose one of node, python`,
	}},

	// description
	{old: "description: Hashes and verifies passwords\n", new: "", want: []string{"2: description: is missing; add it"}},
	{old: "description: Hashes", new: "description: |\n  Hashes", want: []string{
		`3: description: is "Hashes and verifies passwords\n"; write one line of text, without blanks around it`,
	}},
	{old: "Hashes and verifies passwords", new: strings.Repeat("long", 51), want: []string{
		"3: description: has 204 characters; write at most 200",
	}},
	{old: "description: Hashes and verifies passwords", new: "description: 7", want: []string{
		`3: description: must be text, not the number 7; write it in quotes: "7"`,
	}},

	{old: "description: Hashes and verifies passwords", new: "description: !!str [a]", want: []string{
		"3: description: must be text, not a list",
	}},

	// dockerfile
	{old: "dockerfile: rendered", new: "dockerfile: rendred", want: []string{
		`4: dockerfile: is "rendred"; did you mean rendered?`,
	}},
	{old: "dockerfile: rendered", new: "dockerfile: Dockerfile.prod", want: []string{
		`4: dockerfile: is "Dockerfile.prod"; choose one of rendered, own`,
	}},
	{old: "dockerfile: rendered", new: "dockerfile: 5", want: []string{
		`4: dockerfile: must be text, not the number 5; write it in quotes: "5"`,
	}},
	{old: "dockerfile: rendered", new: "dockerfile: own", want: []string{
		"4: dockerfile: is own, but services/full/Dockerfile is not there; write it, or use rendered",
	}},

	// port
	{old: "port: 3000", new: "port: 80", want: []string{"5: port: is 80; write a number from 1024 to 65535"}},
	{old: "port: 3000", new: "port: 65536", want: []string{"5: port: is 65536; write a number from 1024 to 65535"}},
	{old: "port: 3000", new: `port: "3000"`, want: []string{"5: port: must be a number, not text; remove the quotes"}},
	{old: "port: 3000", new: "port: 3000:3000", want: []string{
		`5: port: must be a whole number from 1024 to 65535, not the text "3000:3000"`,
	}},
	{old: "port: 3000", new: "port: 0xBB8", want: []string{
		"5: port: is the number 0xBB8 in a form that JSON does not have; write it as JSON does, or in quotes",
	}},

	// health
	{old: "health: {live: /healthz, ready: /readyz, probe: [node, probe.js]}", new: "health: /healthz", want: []string{
		`6: health: must be a mapping (key: value), not the text "/healthz"`,
	}},
	{old: "live: /healthz", new: "lively: /healthz", want: []string{"6: health.lively: is not a key here; did you mean live?"}},
	{old: "live: /healthz", new: "live: healthz", want: []string{
		`6: health.live: is "healthz"; write a path that starts with /, of letters, digits and ._~-`,
	}},
	{old: "ready: /readyz", new: `ready: '/ready"z'`, want: []string{
		`6: health.ready: is "/ready\"z"; write a path that starts with /, of letters, digits and ._~-`,
	}},

	// environment
	{old: "environment: {LOG_LEVEL: info, WORKERS: 2}", new: "environment: [LOG_LEVEL=info]", want: []string{
		"7: environment: must be a mapping (key: value), not a list",
	}},
	{old: "LOG_LEVEL", new: "LOG-LEVEL", want: []string{
		`7: environment.LOG-LEVEL: is "LOG-LEVEL"; write a variable's name: letters, digits and underscores`,
	}},
	{old: "LOG_LEVEL: info", new: "PORT: 3000", want: []string{"7: environment.PORT: comes from the key port; remove it here"}},
	{old: "LOG_LEVEL: info", new: "DEBUG: true", want: []string{
		`7: environment.DEBUG: must be text, not true or false; write it in quotes: "true"`,
	}},
	{old: "LOG_LEVEL: info", new: "MODE: 017", want: []string{
		"7: environment.MODE: is the number 017 in a form that JSON does not have; write it as JSON does, or in quotes",
	}},

	// build_secrets
	{old: "[npmrc]", new: "npmrc", want: []string{`8: build_secrets: must be a list, not the text "npmrc"`}},
	{old: "[npmrc]", new: "[npmcr]", want: []string{`8: build_secrets[0]: is "npmcr"; did you mean npmrc?`}},
	{old: "[npmrc]", new: "[ca]", want: []string{"8: build_secrets[0]: ca is offered to every build; remove it here"}},
	{old: "[npmrc]", new: "[uv, uv]", want: []string{"8: build_secrets[1]: lists uv a second time; remove it"}},

	// size
	{old: "size:\n  linux/amd64: {unpacked: 118MB, pull: 38MB}\n  linux/arm64: {unpacked: 112MB, pull: 37.5MB}\n", new: "", want: []string{
		"2: size: is missing; add it",
	}},
	{old: "  linux/arm64: {unpacked: 112MB, pull: 37.5MB}\n", new: "", want: []string{"10: size.linux/arm64: is missing; add it, or remove the platform from project.yaml"}},
	{old: "linux/arm64: {unpacked", new: "linux/arm: {unpacked", want: []string{
		"10: size.linux/arm64: is missing; add it, or remove the platform from project.yaml",
		"11: size.linux/arm: is not a key here; did you mean linux/arm64?",
	}},
	{old: "{unpacked: 118MB, pull: 38MB}", new: "38MB", want: []string{
		`10: size.linux/amd64: must be a mapping (key: value), not the text "38MB"`,
	}},
	{old: "pull: 38MB", new: "pull: 38XB", want: []string{`10: size.linux/amd64.pull: "38XB" is not a size; write it as 38MB`}},
	{old: "unpacked: 118MB, ", new: "", want: []string{"10: size.linux/amd64.unpacked: is missing; add it"}},
	{old: "unpacked: 118MB", new: "unpacked: 118", want: []string{
		"10: size.linux/amd64.unpacked: has no unit; write it as 118B or 118MB",
	}},
	{old: "unpacked: 112MB", new: "unpacked: 112M", want: []string{
		`11: size.linux/arm64.unpacked: "112M" is not a size; write it as 112MB (SI) or 112MiB (binary)`,
	}},
	{old: ", pull: 37.5MB", new: "", want: []string{"11: size.linux/arm64.pull: is missing; add it"}},
	{old: "37.5MB", new: "0.0MB", want: []string{`11: size.linux/arm64.pull: "0.0MB" is not above zero; write a larger size`}},
	{old: "37.5MB", new: "37.5B", want: []string{
		`11: size.linux/arm64.pull: "37.5B" is not a whole number of bytes; leave out some decimals`,
	}},
	{old: "pull: 37.5MB", new: "pull: 113MB", want: []string{
		"11: size.linux/arm64: pull is larger than unpacked, but what is pulled is compressed; swap the two",
	}},

	// run
	{old: "run: {memory: 256MB, tmpfs: [/tmp]}\n", new: "", want: []string{"2: run: is missing; add it"}},
	{old: "memory: 256MB, ", new: "", want: []string{"12: run.memory: is missing; add it"}},
	{old: "memory: 256MB", new: "memory: 256m", want: []string{
		`12: run.memory: "256m" is not a size; write it as 256MB (SI) or 256MiB (binary)`,
	}},
	{old: "memory: 256MB", new: "memory: 5MiB", want: []string{
		"12: run.memory: is 5.243 MB; Docker gives no container less than 6MiB",
	}},
	{old: "memory: 256MB", new: "memory: [256MB]", want: []string{"12: run.memory: must be text, not a list"}},
	{old: "[/tmp]", new: "[5]", want: []string{`12: run.tmpfs[0]: must be text, not the number 5; write it in quotes: "5"`}},
	{old: "tmpfs: [/tmp]", new: "tmpfs: /tmp", want: []string{`12: run.tmpfs: must be a list, not the text "/tmp"`}},
	{old: "[/tmp]", new: "[tmp]", want: []string{`12: run.tmpfs[0]: is "tmp"; write an absolute path such as /tmp`}},
	{old: "[/tmp]", new: "[/tmp/]", want: []string{`12: run.tmpfs[0]: is "/tmp/"; write /tmp`}},
	{old: "[/tmp]", new: "[/var/../tmp]", want: []string{`12: run.tmpfs[0]: is "/var/../tmp"; write /tmp`}},
	{old: "[/tmp]", new: "[/]", want: []string{`12: run.tmpfs[0]: is "/"; write an absolute path such as /tmp`}},
	{old: "[/tmp]", new: "[/tmp, /tmp]", want: []string{"12: run.tmpfs[1]: lists /tmp a second time; remove it"}},

	// checks
	{old: "checks:\n", new: "checks: []\n_:\n", want: []string{
		"13: checks: is empty; add a check, such as {name: greets, get: /, expect: {status: 200}}",
		"14: _: is not a key here; choose one of allow, build_packages, build_secrets, checks, command, commands, depends_on, description, dockerfile, environment, files, health, jobs, language, packages, port, protocol, run, size, uses",
	}},
	{old: "{name: greets, get: /, ex", new: "{get: /, ex", want: []string{"14: checks[0].name: is missing; add it"}},
	{old: "  - {name: heads, head: /, expect: {status: 200}}", new: "  - /", want: []string{
		`21: checks[3]: must be a mapping (key: value), not the text "/"`,
	}},
	{old: "name: greets", new: "name: ''", want: []string{
		`14: checks[0].name: is ""; write one line of text, without blanks around it`,
	}},
	{old: "name: greets", new: "name: " + strings.Repeat("x", 81), want: []string{"14: checks[0].name: has 81 characters; write at most 80"}},
	{old: "name: heads", new: "name: hashes", want: []string{
		`21: checks[3].name: "hashes" is the name of the check on line 15 too; write another one`,
	}},
	{old: "get: /, ", new: "", want: []string{
		"14: checks[0]: must have exactly one of get, head, post, put, patch, delete, with a path, such as get: /",
	}},
	{old: "get: /, ", new: "get: /, put: /, ", want: []string{"14: checks[0]: must have exactly one of get, head, post, put, patch, delete, with a path, such as get: /"}},
	{old: "get: /,", new: "get: hash,", want: []string{
		`14: checks[0].get: is "hash"; write a path that starts with /, encoded as in a URL`,
	}},
	{old: "head: /", new: "head: http://x/", want: []string{
		`21: checks[3].head: is "http://x/"; write a path that starts with /, encoded as in a URL`,
	}},
	{old: "    post: /hash", new: "    post: /a b", want: []string{
		`16: checks[1].post: is "/a b"; write a path that starts with /, encoded as in a URL`,
	}},
	{old: "put: /x", new: "put: /#x", want: []string{
		`22: checks[4].put: is "/#x"; write a path that starts with /, encoded as in a URL`,
	}},
	{old: "patch: /x", new: "patch: 5", want: []string{`23: checks[5].patch: must be text, not the number 5; write it in quotes: "5"`}},
	{old: "delete: /x", new: "delete:", want: []string{"24: checks[6].delete: must be text, not nothing"}},
	{old: "put: /x", new: "putt: /x", want: []string{
		"22: checks[4]: must have exactly one of get, head, post, put, patch, delete, with a path, such as get: /",
		"22: checks[4].putt: is not a key here; did you mean put?",
	}},
	{old: "get: /,", new: "get: /, body: x,", want: []string{
		"14: checks[0].body: is the body of a request with get or head; use post, put, patch or delete, or remove it",
	}},
	{old: "head: /,", new: "head: /, json: 1,", want: []string{
		"21: checks[3].json: is the body of a request with get or head; use post, put, patch or delete, or remove it",
	}},
	{old: "body: plain", new: "body: plain, json: 1", want: []string{"20: checks[2]: has both json and body; remove one"}},
	{old: "body: plain", new: "body: [plain]", want: []string{"20: checks[2].body: must be text, not a list"}},
	{old: "json: {password: correct horse}", new: "json: {password: .inf}", want: []string{
		"18: checks[1].json.password: is the number .inf in a form that JSON does not have; write it as JSON does, or in quotes",
	}},
	{old: "json: {password: correct horse}", new: "json: 0x10", want: []string{
		"18: checks[1].json: is the number 0x10 in a form that JSON does not have; write it as JSON does, or in quotes",
	}},
	{old: "headers: {accept: application/json}", new: "headers: [accept]", want: []string{
		"17: checks[1].headers: must be a mapping (key: value), not a list",
	}},
	{old: "accept: application/json", new: `"acc ept": x`, want: []string{
		`17: checks[1].headers.acc ept: is "acc ept"; write a header's name: lower-case letters, digits and hyphens`,
	}},
	{old: "accept: application/json", new: `accept: "a\r\nb: c"`, want: []string{
		`17: checks[1].headers.accept: is "a\r\nb: c"; write one line of text, without blanks around it`,
	}},
	{old: "accept: application/json", new: "accept: x, Accept: y", want: []string{
		`17: checks[1].headers.Accept: is "Accept"; write a header's name: lower-case letters, digits and hyphens`,
	}},

	// checks[].expect
	{old: "get: /, expect: {status: 200, json: {message: Hello from multi-stage Node.js!}}", new: "get: /", want: []string{
		"14: checks[0].expect: is missing; add it",
	}},
	{old: "status: 200, json", new: "json", want: []string{"14: checks[0].expect.status: is missing; add it"}},
	{old: "status: 200, json", new: "status: 20, json", want: []string{"14: checks[0].expect.status: is 20; write a number from 200 to 599"}},
	{old: "status: 200, json", new: "stauts: 200, json", want: []string{
		"14: checks[0].expect.status: is missing; add it",
		"14: checks[0].expect.stauts: is not a key here; did you mean status?",
	}},
	{old: "{message: Hello from multi-stage Node.js!}", new: "null", want: []string{
		`14: checks[0].expect.json: is null, which is not compared; write body: "null"`,
	}},
	{old: "{message: Hello from multi-stage Node.js!}", new: "{}, body: '{}'", want: []string{
		"14: checks[0].expect: has both json and body; remove one",
	}},
	{old: "body: ''", new: "body: {}", want: []string{"22: checks[4].expect.body: must be text, not a mapping"}},
	{old: "{content-type: '^application/json'}", new: "application/json", want: []string{
		`19: checks[1].expect.headers: must be a mapping (key: value), not the text "application/json"`,
	}},
	{old: "'^application/json'", new: "''", want: []string{
		"19: checks[1].expect.headers.content-type: is empty and matches everything; write an expression or remove the key",
	}},
	{old: "'^application/json'", new: "'['", want: []string{
		"19: checks[1].expect.headers.content-type: is not a regular expression of RE2: missing closing ]: `[`",
	}},
	{old: `matches: '"hash":"\$2b\$'`, new: "matches: 2", want: []string{
		`19: checks[1].expect.matches: must be text, not the number 2; write it in quotes: "2"`,
	}},
	{old: `'"hash":"\$2b\$'`, new: "(?!x)", want: []string{
		"19: checks[1].expect.matches: is not a regular expression of RE2: invalid or unsupported Perl syntax: `(?!`",
	}},
	{old: "head: /, expect: {status: 200}", new: "head: /, expect: {status: 200, matches: x}", want: []string{
		"21: checks[3].expect.matches: compares a body, which an answer to HEAD never has; use get",
	}},

	// allow
	{old: "allow:\n", new: "allow: {}\n_:\n", want: []string{
		"25: allow: must be a list, not a mapping",
		"26: _: is not a key here; choose one of allow, build_packages, build_secrets, checks, command, commands, depends_on, description, dockerfile, environment, files, health, jobs, language, packages, port, protocol, run, size, uses",
	}},
	{old: "rule: loads, ", new: "", want: []string{"26: allow[0]: must have either rule or promise, such as rule: lean"}},
	{old: "rule: loads", new: "rule: Loads!", want: []string{
		`26: allow[0].rule: is "Loads!"; write lower-case letters, digits and single hyphens`,
	}},
	{old: "path: /app/node_modules/x/optional.node", new: "path: ''", want: []string{
		`26: allow[0].path: is ""; write one line of text, without blanks around it`,
	}},
	{old: "reason: only loaded on musl, ", new: "", want: []string{"26: allow[0].reason: is missing; add it"}},
	{old: "reason: only loaded on musl", new: `reason: ""`, want: []string{
		`26: allow[0].reason: is ""; write one line of text, without blanks around it`,
	}},
	{old: "2027-06-01", new: "2027-02-30", want: []string{`26: allow[0].until: is "2027-02-30"; write a day such as 2027-06-01`}},
	{old: "2027-06-01", new: "soon", want: []string{`26: allow[0].until: is "soon"; write a day such as 2027-06-01`}},
	{old: "until: 2027-06-01}", new: "until: 2027-06-01}\n  - {rule: loads, path: /app/node_modules/x/optional.node, reason: again}", want: []string{
		"27: allow[1]: waives the same as line 26; remove one",
	}},
	{old: "promise: drains", new: "promise: drain", want: []string{`27: allow[1].promise: is "drain"; did you mean drains?`}},
	{old: "promise: drains", new: "promise: drains, rule: lean", want: []string{
		"27: allow[1]: must have either rule or promise, such as rule: lean",
	}},
	{old: "promise: drains", new: "promise: drains, path: /x", want: []string{
		"27: allow[1].path: belongs to a rule, not to a promise; remove it",
	}},

	// protocol
	{old: "protocol: http", new: "protocol: htpp", want: []string{`28: protocol: is "htpp"; did you mean http?`}},
	{old: "protocol: http", new: "protocol: tcp", want: []string{`28: protocol: is "tcp"; choose one of http, grpc, none`}},
	{old: "protocol: http", new: "protocol: none", want: []string{
		"6: health: needs a protocol, but protocol is none; remove it, or write protocol: http or grpc",
		"14: checks: are HTTP requests, but protocol is none; remove them, or write protocol: http",
	}},
	{old: "protocol: http", new: "protocol: grpc", want: []string{
		`6: health.live: is "/healthz"; write the full name of a gRPC service, such as greeter.v1.Greeter, or "" for the whole server`,
		`6: health.ready: is "/readyz"; write the full name of a gRPC service, such as greeter.v1.Greeter, or "" for the whole server`,
		"14: checks: are HTTP requests, but protocol is grpc; remove them",
	}},

	// command, commands and health.probe
	{old: "command: [node, server.js]", new: "command: node server.js", want: []string{
		`29: command: must be a list, not the text "node server.js"`,
	}},
	{old: "command: [node, server.js]", new: "command: []", want: []string{
		"29: command: is empty; list the program and its arguments, such as [/app/server, --verbose]",
	}},
	{old: "command: [node, server.js]", new: "command: ['', server.js]", want: []string{
		`29: command[0]: is ""; write one line of text, without blanks around it`,
	}},
	{old: "command: [node, server.js]", new: "command: [node, 8080]", want: []string{
		`29: command[1]: must be text, not the number 8080; write it in quotes: "8080"`,
	}},
	{old: "probe: [node, probe.js]", new: "probe: probe.js", want: []string{`6: health.probe: must be a list, not the text "probe.js"`}},
	{old: "commands:\n  worker: [node, worker.js, --queue=mail]\n  migrate: [node, migrate.js]\n", new: "commands: [worker]\n", want: []string{
		"30: commands: must be a mapping (key: value), not a list",
		`34: depends_on[0]: "migrate" is neither a service nor one of this service's commands; there are none yet`,
		`36: jobs[0]: "migrate" is none of this service's commands; there are none yet`,
	}},
	{old: "worker: [node", new: "Worker_1: [node", want: []string{
		`31: commands.Worker_1: is "Worker_1"; write lower-case letters, digits and single hyphens`,
	}},
	{old: "--queue=mail", new: `"--queue=a\0b"`, want: []string{
		`31: commands.worker[2]: is "--queue=a\x00b"; write text without null characters`,
	}},

	// jobs
	{old: "jobs: [migrate]", new: "jobs: migrate", want: []string{`38: jobs: must be a list, not the text "migrate"`}},
	{old: "jobs: [migrate]", new: "jobs: [migrat]", want: []string{
		`38: jobs[0]: "migrat" is none of this service's commands; did you mean migrate?`,
	}},
	{old: "jobs: [migrate]", new: "jobs: [full]", want: []string{
		"38: jobs[0]: full is this service, which serves http until it is stopped; remove it, or write protocol: none",
	}},

	// uses, files, packages
	{old: "uses: [libs/node]", new: "uses: libs/node", want: []string{`33: uses: must be a list, not the text "libs/node"`}},
	{old: "uses: [libs/node]", new: "uses: [../libs/node]", want: []string{
		`33: uses[0]: is "../libs/node"; write a folder of shared code, such as libs/go`,
	}},
	{old: "uses: [libs/node]", new: "uses: [libs/node/]", want: []string{`33: uses[0]: is "libs/node/"; write libs/node`}},
	{old: "uses: [libs/node]", new: "uses: [libs/node, libs/nodes]", want: []string{
		"33: uses[1]: libs/nodes is not a folder of this repository; create it, or remove the line",
	}},
	{old: "uses: [libs/node]", new: "uses: [examples/libs/node]", want: []string{
		"33: uses[0]: examples/libs/node may be deleted with the examples; move the folder to libs/",
	}},
	{old: "uses: [libs/node]", new: "uses: [libs/node, libs/node]", want: []string{"33: uses[1]: lists libs/node a second time; remove it"}},
	{old: "files: [templates, data/words.txt]", new: "files: {templates: data}", want: []string{"34: files: must be a list, not a mapping"}},
	{old: "data/words.txt", new: "data/../words.txt", want: []string{`34: files[1]: is "data/../words.txt"; write words.txt`}},
	{old: "data/words.txt", new: "/etc/passwd", want: []string{
		`34: files[1]: is "/etc/passwd"; write a path below the service's folder, of letters, digits and ._@+-; name the folder that holds files with other characters`,
	}},
	{old: "data/words.txt", new: "../other", want: []string{
		`34: files[1]: is "../other"; write a path below the service's folder, of letters, digits and ._@+-; name the folder that holds files with other characters`,
	}},
	{old: "data/words.txt", new: "'$(id)'", want: []string{
		`34: files[1]: is "$(id)"; write a path below the service's folder, of letters, digits and ._@+-; name the folder that holds files with other characters`,
	}},
	{old: "[libmagic-dev]", new: "libmagic-dev", want: []string{`37: build_packages: must be a list, not the text "libmagic-dev"`}},
	{old: "[libmagic-dev]", new: "[-dev]", want: []string{
		`37: build_packages[0]: is "-dev"; write the name of a Debian package, such as libsqlite3-dev`,
	}},
	{old: "[libmagic1t64]", new: "libmagic1t64", want: []string{`35: packages: must be a list, not the text "libmagic1t64"`}},
	{old: "[libmagic1t64]", new: "[libMagic]", want: []string{
		`35: packages[0]: is "libMagic"; write the name of a Debian package, such as libmagic1t64`,
	}},

	// depends_on
	{old: "depends_on: [migrate]", new: "depends_on: migrate", want: []string{`36: depends_on: must be a list, not the text "migrate"`}},
	{old: "depends_on: [migrate]", new: "depends_on: [migrat]", want: []string{
		`36: depends_on[0]: "migrat" is neither a service nor one of this service's commands; did you mean migrate?`,
	}},
	{old: "depends_on: [migrate]", new: "depends_on: [full]", want: []string{"36: depends_on[0]: full is this service; remove it"}},
}

// goodCases are edits that change nothing about the document's being valid.
var goodCases = []struct{ name, old, new string }{
	{"as it is", "port: 3000", "port: 3000"},
	{"without defaults", "dockerfile: rendered\n", ""},
	{"without health", "health: {live: /healthz, ready: /readyz, probe: [node, probe.js]}\n", ""},
	{"without tmpfs", ", tmpfs: [/tmp]", ""},
	{"no secrets", "[npmrc]", "[]"},
	{"two waivers", "until: 2027-06-01}", "until: 2027-06-01}\n  - {rule: loads, path: /x, reason: another file}\n  - {rule: lean, path: /x, reason: another rule}"},
	{"a quoted date", "2027-06-01", `"2027-06-01"`},
	{"a date without end", ", until: 2027-06-01", ""},
	{"a number as a variable", "WORKERS: 2", "WORKERS: 2.5"},
	{"a date as a description", "Hashes and verifies passwords", "2027-06-01"},
	{"quotes and more", "Hashes and verifies passwords", `'It''s "quoted" $HOME \ and umlauts: äöü'`},
	{"binary units", "256MB", "256MiB"},
	{"a blank before the unit", "118MB", "118 MB"},
	{"pull equals unpacked", "pull: 37.5MB", "pull: 112MB"},
	{"an alias", "  linux/amd64: {unpacked: 118MB, pull: 38MB}\n  linux/arm64: {unpacked: 112MB, pull: 37.5MB}", "  linux/amd64: &both {unpacked: 118MB, pull: 38MB}\n  linux/arm64: *both"},
	{"no protocol", "protocol: http\n", ""},
	{"an empty argument", "--queue=mail", "''"},
	{"hidden files", "data/words.txt", ".next/standalone"},
	{"a query", "get: /,", "get: '/a?b=c&d=%20',"},
	{"a large number as a request", "json: {password: correct horse}", "json: 9007199254740993"},
	{"null as a request", "json: {password: correct horse}", "json: null"},
	{"false as an answer", "{message: Hello from multi-stage Node.js!}", "false"},
	{"a byte order mark", "# Every key", "\ufeff# Every key"},
	{"Windows line ends", "port: 3000\n", "port: 3000\r\n"},
}

// fullDocument is testdata's service.yaml with every key.
func fullDocument(t testing.TB) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "repository", "services", "full", "service.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// edited replaces the one place of the full document that holds old.
func edited(t testing.TB, from, to string) string {
	t.Helper()
	full := fullDocument(t)
	if count := strings.Count(full, from); count != 1 {
		t.Fatalf("the full document holds %q %d times, want once", from, count)
	}
	return strings.Replace(full, from, to, 1)
}

// repository makes a root with testdata's templates and the given service.yaml of each service.
func repository(t testing.TB, services map[string]string) string {
	t.Helper()
	root := t.TempDir()
	if err := os.CopyFS(filepath.Join(root, "dockerfiles"), os.DirFS(filepath.Join("testdata", "repository", "dockerfiles"))); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "project.yaml"), "name: shop\nsource: https://example.com/team/shop\nlicenses: Apache-2.0\n")
	write(t, filepath.Join(root, "libs", "node", "package.json"), "{}")
	for name, document := range services {
		write(t, filepath.Join(root, "services", name, "service.yaml"), document)
	}
	return root
}

func write(t testing.TB, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
