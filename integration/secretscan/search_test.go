package secretscan_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"example.com/stagecraft/integration/secretscan"
)

// Values with what URLs and JSON escape.
const (
	token    = `tok/en+5c7"1 <e=83&0e>f?`
	password = "9f2c4b1de077a8c3"
)

func search(t testing.TB) *secretscan.Search {
	t.Helper()
	s, err := secretscan.New(secretscan.Secret{Name: "npmrc", Value: token}, secretscan.Secret{Name: "netrc", Value: password})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestForms(t *testing.T) {
	t.Parallel()
	compact, err := json.Marshal(token)
	if err != nil {
		t.Fatal(err)
	}
	b64 := func(e *base64.Encoding, before string) string {
		return e.EncodeToString([]byte(before + token + " and more"))
	}
	wrapped := strings.Join(chunks(b64(base64.StdEncoding, "user:"), 20), "\r\n")
	for name, c := range map[string]struct{ text, want string }{
		"raw":                      {"x" + token + "y", "raw"},
		"base64 at 0":              {b64(base64.StdEncoding, ""), "base64"},
		"base64 at 1":              {b64(base64.StdEncoding, "u"), "base64"},
		"base64 at 2":              {b64(base64.StdEncoding, "us"), "base64"},
		"base64 at 5":              {b64(base64.StdEncoding, "user:"), "base64"},
		"base64 at its end":        {base64.StdEncoding.EncodeToString([]byte("a" + token)), "base64"},
		"base64 for URLs":          {b64(base64.RawURLEncoding, "us"), "base64"},
		"base64, wrapped":          {wrapped, "base64"},
		"query":                    {"?t=" + url.QueryEscape(token), "URL-encoded"},
		"path":                     {"/" + url.PathEscape(token), "URL-encoded"},
		"query, lower case":        {strings.ReplaceAll(strings.ToLower(url.QueryEscape(token)), "+", "%20"), "URL-encoded"},
		"hex":                      {hex.EncodeToString([]byte(token)), "hex"},
		"HEX":                      {strings.ToUpper(hex.EncodeToString([]byte(token))), "hex"},
		"JSON":                     {string(compact), "JSON-escaped"},
		"JSON for people":          {`"` + strings.ReplaceAll(token, `"`, `\"`) + `"`, "JSON-escaped"},
		"a part of it":             {token[:len(token)-1], ""},
		"another":                  {strings.ToUpper(token), ""},
		"nothing":                  {"", ""},
		"its beginning, twice":     {token[:10] + token, "raw"},
		"base64 of something else": {b64(base64.StdEncoding, "user:")[:20], ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found, err := search(t).Log(strings.NewReader("first\nsecond " + c.text + "\n"))
			if err != nil {
				t.Fatal(err)
			}
			if c.want == "" {
				if len(found) != 0 {
					t.Errorf("found %v in what is not there", found)
				}
				return
			}
			if len(found) == 0 || found[0].Form != c.want || found[0].Secret != "npmrc" || !strings.HasPrefix(found[0].Place, "line ") {
				t.Errorf("got %v, want the form %s of npmrc", found, c.want)
			}
			for _, f := range found {
				if strings.Contains(f.String(), token) {
					t.Errorf("the report tells the secret: %v", f)
				}
			}
		})
	}
}

func chunks(s string, n int) []string {
	var all []string
	for ; len(s) > n; s = s[n:] {
		all = append(all, s[:n])
	}
	return append(all, s)
}

func TestLogLine(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10_000)
	found, err := search(t).Log(strings.NewReader("one\n" + long + "\nthree " + password + "\nfour " + password))
	if err != nil {
		t.Fatal(err)
	}
	want := "[the secret netrc (raw) is in build log, line 3 the secret netrc (raw) is in build log, line 4]"
	if got := fmt.Sprint(found); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestShortSecretsAreRefused(t *testing.T) {
	t.Parallel()
	if _, err := secretscan.New(secretscan.Secret{Name: "npmrc", Value: "1234567"}); err == nil || !strings.Contains(err.Error(), "npmrc") {
		t.Errorf("error is %v", err)
	}
}

// BenchmarkLog is the speed of one pass for eight secrets.
func BenchmarkLog(b *testing.B) {
	var secrets []secretscan.Secret
	for n := range 8 {
		secrets = append(secrets, secretscan.Secret{Name: fmt.Sprint(n), Value: strings.Repeat(fmt.Sprintf("%x-canary", n*7919), 4)})
	}
	s, err := secretscan.New(secrets...)
	if err != nil {
		b.Fatal(err)
	}
	text := strings.Repeat("The quick brown fox jumps over the lazy dog, 0123456789abcdef.\n", 1<<14)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if found, err := s.Log(strings.NewReader(text)); err != nil || len(found) > 0 {
			b.Fatal(found, err)
		}
	}
}
