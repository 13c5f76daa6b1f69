package build

import (
	"strings"
	"testing"
)

func TestFreshFlags(t *testing.T) {
	t.Parallel()
	const small = "compression=zstd,compression-level=1,force-compression=true"
	for _, c := range []struct {
		fresh Fresh
		want  string
	}{
		{Fresh{Dir: "/d", NoCache: true}, "--allow=fs.write=/d --no-cache"},
		{
			Fresh{Dir: "/d", Cache: "/c", Provenance: "max"},
			"--allow=fs.write=/d --provenance=mode=max --allow=fs.write=/c --set=a.cache-to=type=local,mode=max," + small + ",dest=/c/a --set=b.cache-to=type=local,mode=max," + small + ",dest=/c/b",
		},
	} {
		if got := strings.Join(c.fresh.flags([]string{"a", "b"}), " "); got != c.want {
			t.Errorf("%+v: %s, want %s", c.fresh, got, c.want)
		}
	}
}

func TestMirroredBySetting(t *testing.T) {
	t.Setenv(RegistrySetting, "")
	if got := Mirrored("golang:1.26"); got != "golang:1.26" {
		t.Errorf("without a mirror: %s", got)
	}
	t.Setenv(RegistrySetting, "registry.example.com/mirror/")
	if got := Mirrored("golang:1.26"); got != "registry.example.com/mirror/golang:1.26" {
		t.Errorf("with a mirror: %s", got)
	}
}
