package lint

import (
	"regexp"
	"strings"
	"testing"

	"example.com/stagecraft/internal/finding"
)

var (
	suggestedMount = regexp.MustCompile(`RUN (--mount=\S+?)(,uid=UID)?(,? |$|, )`)
	suggestedFlag  = regexp.MustCompile(`remove the flag (\S+)`)
)

// Each suggestion is applied to its file: the finding goes away, and the rule has no new one.
func TestCacheFixes(t *testing.T) {
	t.Parallel()
	for text, mount := range map[string]string{
		"FROM python\nRUN pip install -r requirements.txt\n":                          "--mount=type=cache,target=/root/.cache/pip",
		"FROM python\nRUN pip install --no-cache-dir -r requirements.txt\n":           "--mount=type=cache,target=/root/.cache/pip",
		"FROM python\nUSER app\nRUN pip install --no-cache-dir -r requirements.txt\n": "--mount=type=cache,target=/home/app/.cache/pip",
		"FROM node\nRUN npm ci\n":                                             "--mount=type=cache,target=/root/.npm",
		"FROM node\nUSER node\nRUN npm ci\n":                                  "--mount=type=cache,target=/home/node/.npm",
		"FROM node\nUSER node\nUSER 0\nRUN npm ci\n":                          "--mount=type=cache,target=/root/.npm",
		"FROM golang\nRUN go install example.com/x@v1\n":                      "--mount=type=cache,target=/go/pkg/mod",
		"FROM rust\nRUN cargo build --release\n":                              "--mount=type=cache,target=/usr/local/cargo/registry",
		"FROM debian\nRUN cargo build --release\n":                            "--mount=type=cache,target=/root/.cargo/registry",
		"FROM debian\nENV CARGO_HOME=/opt/cargo\nRUN cargo build --release\n": "--mount=type=cache,target=/opt/cargo/registry",
		"FROM alpine\nRUN apk add --no-cache curl\n":                          "--mount=type=cache,target=/var/cache/apk",
	} {
		lint := func(text string) []finding.Finding {
			return lintDockerfile(&Dockerfile{Path: "Dockerfile", Now: today}, []byte(text), []*rule{cache}, nil).Findings
		}
		found := lint(text)
		if len(found) != 1 {
			t.Errorf("%q: %v, want one finding", text, found)
			continue
		}
		fix := found[0].Fix
		suggested := suggestedMount.FindStringSubmatch(fix)
		if len(suggested) < 2 || suggested[1] != mount {
			t.Errorf("%q: the fix is %s, want the mount %s", text, fix, mount)
			continue
		}
		fixed := strings.Replace(text, "RUN ", "RUN "+mount+" ", 1)
		if flag := suggestedFlag.FindStringSubmatch(fix); flag != nil {
			fixed = strings.Replace(fixed, flag[1]+" ", "", 1)
		}
		if left := lint(fixed); len(left) > 0 {
			t.Errorf("%q: after the fix %v", fixed, left)
		}
	}
}
