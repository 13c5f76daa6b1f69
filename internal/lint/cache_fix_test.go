package lint

import (
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/finding"
)

// The mount is where the manager of that image and user keeps its cache, and what would keep it empty goes.
func TestCacheFixes(t *testing.T) {
	t.Parallel()
	for text, mount := range map[string]string{
		"FROM python\nRUN pip install -r requirements.txt\n":                          "--mount=type=cache,target=/root/.cache/pip",
		"FROM python\nRUN pip install --no-cache-dir -r requirements.txt\n":           "--mount=type=cache,target=/root/.cache/pip",
		"FROM python\nUSER app\nRUN pip install --no-cache-dir -r requirements.txt\n": "--mount=type=cache,target=/home/app/.cache/pip",
		"FROM node\nRUN npm ci\n":                                                  "--mount=type=cache,target=/root/.npm",
		"FROM node\nUSER node\nRUN npm ci\n":                                       "--mount=type=cache,target=/home/node/.npm",
		"FROM node\nUSER node\nUSER 0\nRUN npm ci\n":                               "--mount=type=cache,target=/root/.npm",
		"FROM golang\nRUN go install example.com/x@v1\n":                           "--mount=type=cache,target=/go/pkg/mod",
		"FROM rust\nRUN cargo build --release\n":                                   "--mount=type=cache,target=/usr/local/cargo/registry",
		"FROM debian\nRUN cargo build --release\n":                                 "--mount=type=cache,target=/root/.cargo/registry",
		"FROM debian\nENV CARGO_HOME=/opt/cargo\nRUN cargo build --release\n":      "--mount=type=cache,target=/opt/cargo/registry",
		"FROM golang\nUSER app\nRUN go install example.com/x@v1\n":                 "--mount=type=cache,target=/go/pkg/mod,uid=UID, with the number of app",
		"FROM rust\nRUN xx-cargo build --release\n":                                "--mount=type=cache,target=/usr/local/cargo/registry",
		"FROM php\nRUN composer install --no-cache\n":                              "--mount=type=cache,target=/root/.composer/cache",
		"FROM composer\nRUN composer install && composer clear-cache\n":            "--mount=type=cache,target=/tmp/cache",
		"FROM elixir\nRUN mix deps.get\n":                                          "--mount=type=cache,target=/root/.hex",
		"FROM condaforge/miniforge3\nRUN mamba install -y a && mamba clean -afy\n": "--mount=type=cache,target=/opt/conda/pkgs",
		"FROM alpine\nRUN apk add --no-cache curl\n":                               "--mount=type=cache,target=/var/cache/apk",
	} {
		before := lintText(text)
		i := slices.IndexFunc(before, func(f finding.Finding) bool { return f.Rule == cache.Key })
		if i < 0 || !strings.Contains(before[i].Fix, mount) {
			t.Errorf("%q: %v, want the fix %s", text, before, mount)
			continue
		}
		if fault := fixFault(t, text, before, before[i]); fault != "" {
			t.Errorf("%s\n%s", before[i], fault)
		}
	}
}
