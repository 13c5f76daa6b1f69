package build

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"example.com/stagecraft/internal/catalog"
)

func TestComposeOverlay(t *testing.T) {
	ca := filepath.Join(t.TempDir(), "ca,$HOME.pem")
	if err := os.WriteFile(ca, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "FTP_PROXY", "ftp_proxy", "NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"} {
		t.Setenv(name, "")
	}
	t.Setenv(CASetting, ca)
	t.Setenv(DebianSetting, "https://mirror.example.com")
	t.Setenv("HTTPS_PROXY", "http://me:pa$$word@proxy")
	services := []catalog.Service{{Name: "a", Commands: map[string][]string{"work": {"/w"}}}}
	data, err := newComposeOverlay(services, Bases{Contexts: map[string]string{"debian:x@sha256:1": "oci-layout:///b@sha256:2"}})
	if err != nil {
		t.Fatal(err)
	}
	var got composeOverlay
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	added := composeService{composeBuild{
		Contexts: map[string]string{"debian:x@sha256:1": "oci-layout:///b@sha256:2"},
		Args:     map[string]string{"HTTPS_PROXY": "http://me:pa$$$$word@proxy"},
		Secrets:  []string{"debian-mirror", "ca"},
	}}
	want := composeOverlay{
		Services: map[string]composeService{"a": added, "a-work": added},
		Secrets: map[string]map[string]string{
			"ca":            {"file": filepath.Join(filepath.Dir(ca), "ca,$$HOME.pem")},
			"debian-mirror": {"environment": DebianSetting},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}

func TestWithNeeds(t *testing.T) {
	all := []catalog.Service{
		{Name: "a", DependsOn: []string{"b", "migrate"}}, {Name: "b", DependsOn: []string{"c"}}, {Name: "c"}, {Name: "d", DependsOn: []string{"c"}},
	}
	for name, want := range map[int]string{0: "a, b, c", 2: "c", 3: "d, c"} {
		if got := (Selection{Services: withNeeds(all[name:name+1], all)}).String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
