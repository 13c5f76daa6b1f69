package build

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/catalog"
)

// quiet makes an environment in which nothing is set; home is where tools look.
func quiet(t *testing.T) (home string) {
	t.Helper()
	home = t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
	for _, name := range []string{CASetting, DebianSetting, "SSL_CERT_FILE", "GOENV", "NETRC", "NPM_CONFIG_USERCONFIG", "PIP_CONFIG_FILE", "UV_CONFIG_FILE"} {
		t.Setenv(name, "")
	}
	return home
}

func TestSecrets(t *testing.T) {
	all := catalog.Service{BuildSecrets: catalog.SecretNames}
	tests := map[string]struct {
		service catalog.Service
		standIn bool
		files   []string          // below home
		env     map[string]string // ~ is home
		want    []string
		says    string
	}{
		"nothing set": {service: all},
		"each tool's own place": {
			service: all,
			files:   []string{".config/go/env", ".netrc", ".npmrc", ".config/pip/pip.conf", ".config/uv/uv.toml"},
			want: []string{
				"type=file,id=goenv,src=~/.config/go/env", "type=file,id=netrc,src=~/.netrc", "type=file,id=npmrc,src=~/.npmrc",
				"type=file,id=pip,src=~/.config/pip/pip.conf", "type=file,id=uv,src=~/.config/uv/uv.toml",
			},
		},
		"a place of one's own": {
			service: all, files: []string{".netrc", "mine"}, env: map[string]string{"NETRC": "~/mine"},
			want: []string{"type=file,id=netrc,src=~/mine"},
		},
		"only what a service asks for": {
			service: catalog.Service{BuildSecrets: []string{"npmrc"}}, files: []string{".netrc", ".npmrc"},
			want: []string{"type=file,id=npmrc,src=~/.npmrc"},
		},
		"nothing, on purpose": {
			service: all, files: []string{".npmrc", ".config/go/env"},
			env: map[string]string{"NPM_CONFIG_USERCONFIG": "/dev/null", "GOENV": "off"},
		},
		"a comma in a path": {
			service: all, files: []string{"a,b"}, env: map[string]string{"NETRC": "~/a,b"},
			want: []string{`type=file,id=netrc,"src=~/a,b"`},
		},
		"a file that is not there": {
			service: all, env: map[string]string{"UV_CONFIG_FILE": "~/absent"},
			says: "offer UV_CONFIG_FILE=~/absent to builds: that is not a file; fix or unset UV_CONFIG_FILE",
		},
		"a CA bundle to each": {files: []string{"ca.pem"}, env: map[string]string{CASetting: "~/ca.pem"}, want: []string{"type=file,id=ca,src=~/ca.pem"}},
		"a folder as a CA bundle": {
			env: map[string]string{CASetting: "~"}, says: "offer STAGECRAFT_CA=~ to builds: that is not a file; fix or unset STAGECRAFT_CA",
		},
		"the host's bundle with stand-ins": {
			standIn: true, files: []string{"host.pem"}, env: map[string]string{"SSL_CERT_FILE": "~/host.pem"},
			want: []string{"type=file,id=ca,src=~/host.pem"},
		},
		"a mirror of Debian": {
			env: map[string]string{DebianSetting: "http://mirror.example.com"}, want: []string{"type=env,id=debian-mirror,env=" + DebianSetting},
		},
		"one behind TLS with the host's bundle": {
			files: []string{"host.pem"}, env: map[string]string{DebianSetting: "https://mirror.example.com", "SSL_CERT_FILE": "~/host.pem"},
			want: []string{"type=env,id=debian-mirror,env=" + DebianSetting, "type=file,id=ca,src=~/host.pem"},
		},
		"what is no mirror": {
			env:  map[string]string{DebianSetting: "mirror.example.com"},
			says: "ask a mirror of Debian: STAGECRAFT_DEBIAN_MIRROR is not a URL; write one such as https://mirror.example.com, which has debian/ and debian-security/",
		},
	}
	for what, tt := range tests {
		t.Run(what, func(t *testing.T) {
			home := quiet(t)
			at := func(s string) string { return strings.ReplaceAll(s, "~", home) }
			for _, file := range tt.files {
				write(t, home, file, "content")
			}
			for name, value := range tt.env {
				t.Setenv(name, at(value))
			}
			var want []string
			for _, w := range tt.want {
				want = append(want, at(w))
			}
			got, err := secrets(tt.service, tt.standIn)
			if tt.says != "" {
				if err == nil || err.Error() != at(tt.says) {
					t.Errorf("error is %v, want %s", err, at(tt.says))
				}
				return
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("it is offered %v, %v, want %v", got, err, want)
			}
		})
	}
}
