package secret

import (
	"strings"
	"testing"
)

func TestIsName(t *testing.T) {
	t.Parallel()
	for names, want := range map[string]bool{
		"PASSWORD DB_PASSWORD dbPassword app__certificatePassword PGPASS_PASSWD passphrase":      true,
		"API_KEY apiKey APIKey AWS_SECRET_ACCESS_KEY SECRET_KEY_BASE GITHUB_TOKEN npmToken":      true,
		"USER_PASSWORD SERVER_SECRET BACKEND_API_KEY":                                            true, // words in front do not make it harmless
		"PASSWORD_FILE SECRET_NAME TOKEN_TTL AUTH_URL AUTH_ENABLED passwordMinLength":            false,
		"PUBLIC_KEY NEXT_PUBLIC_API_KEY GPG_KEY SIGNING_KEY_ID":                                  false,
		"KEY CACHE_KEY KEYMAP monkeyName tokenizerModel COMPASS AUTHOR secretary PATH VERSION a": false,
	} {
		for name := range strings.FieldsSeq(names) {
			if IsName(name) != want {
				t.Errorf("IsName(%q) is %t", name, !want)
			}
		}
	}
}

func TestIn(t *testing.T) {
	t.Parallel()
	const hex40, hex64 = "0123456789abcdef0123456789abcdef01234567", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for _, tt := range []struct {
		key, value string
		want       bool
	}{
		{"DB_PASSWORD", "hunter2", true},
		{"API_KEY", hex40, true},
		{"JWT_SECRET", hex64, true},
		{"PORT", "hunter2", false},
		{"DB_PASSWORD", "", false},
		{"DB_PASSWORD", "$OTHER", false},
		{"DB_PASSWORD", "***", false},
		{"AUTH", "true", false},
		{"TOKEN", "3600", false},
		{"TOKEN", "/run/secrets/token", false},
		{"AUTH", "https://example.com/login", false},
		{"AUTH", "https://me:hunter2@example.com", true},
		{"SIGNING_KEY", "7169605F62C751356D054A26A821E680E5FA6305", false}, // a fingerprint
		{"SIGNING_KEY", "0xA821E680E5FA6305", false},
	} {
		if In(tt.key, tt.value) != tt.want {
			t.Errorf("In(%q, %q) is %t", tt.key, tt.value, !tt.want)
		}
	}
}

func TestIsPlaceholder(t *testing.T) {
	t.Parallel()
	for values, want := range map[string]bool{
		"dummy a-dummy-value changeme CHANGE_ME example not-needed fake-token build-key xxx test secret": true,
		"hunter2 latest-s3cr3t foobar-9f2c testing-9f2c x1":                                              false,
	} {
		for value := range strings.FieldsSeq(values) {
			if IsPlaceholder(value) != want {
				t.Errorf("IsPlaceholder(%q) is %t", value, !want)
			}
		}
	}
}

func TestKind(t *testing.T) {
	t.Parallel()
	const alnum = "0123456789abcdefghijklmnopqrstuvwxyz"
	for kind, texts := range map[string][]string{
		"a private key": {
			"-----BEGIN PRIVATE KEY-----", "x\n-----BEGIN RSA PRIVATE KEY-----\n", "-----BEGIN OPENSSH PRIVATE KEY-----",
			"-----BEGIN PGP PRIVATE KEY BLOCK-----",
		},
		"a GitHub token":       {"ghp_" + alnum, "--token=ghs_" + alnum, "github_pat_" + alnum + alnum},
		"a GitLab token":       {"glpat-0123456789abcdefghij"},
		"an AWS key":           {"AKIAABCDEFGHIJKLMNOP", "key ASIAABCDEFGHIJKLMNOP;"},
		"an npm token":         {"npm_" + alnum},
		"a PyPI token":         {"pypi-AgEI" + alnum + alnum},
		"a Slack token":        {"xoxb-0123456789-abc", "xapp-1-A0123456789"},
		"a Google key":         {"AIza" + alnum[:35]},
		"a Docker Hub token":   {"dckr_pat_" + alnum[:27]},
		"a Hugging Face token": {"hf_" + strings.Repeat("aB", 17)},
		"a Stripe key":         {"sk_live_" + alnum[:24]},
		"a password in a URL":  {"https://me:hunter2@example.com", "postgres://app:x@db/app"},
		"": {
			"", "ghp_short", "my_ghp_" + alnum, "npm_config_registry", "AKIA-IS-A-PREFIX-XX", "AKIAABCDEFGHIJKLMNOPQ", "glpat-", "hf_transfer",
			"-----BEGIN CERTIFICATE-----", "-----BEGIN PUBLIC KEY-----",
			"https://example.com:8080/a@b", "https://me@example.com", "https://$USER:$TOKEN@example.com", "https://<user>:<password>@example.com",
		},
	} {
		for _, text := range texts {
			if got := Kind(text); got != kind {
				t.Errorf("Kind(%q) is %q, want %q", text, got, kind)
			}
		}
	}
}
