package outdated

import "testing"

func TestCompareNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		has, latest string
		want        Kind
	}{
		{"1.2.3", "1.2.3", ""},
		{"1.2.3", "1.2.4", Patch},
		{"1.2.3", "1.3.0", Minor},
		{"1.9.3", "1.10", Minor},
		{"1.2.3", "2.0.0", Major},
		{"v5.2.1", "v5.2.3", Patch},
		{"2.0.0", "1.9.9", ""},
		{"1.2", "1.2.0", ""},
		{"1.2.3+incompatible", "1.2.3", ""},
		{"v0.0.0-20240101000000-abcdef", "v0.0.0-20250101000000-abcdef", Patch},
		{"v0.0.0-20240101000000-abcdef", "v0.1.0", Minor},
		{"1.0.0-rc.1", "1.0.0", Patch},
		{"1.0.1-rc.1", "1.0.0", ""},
		{"go1.26.8", "go1.26.9", Patch},
		{"2026.10.18", "2026.10.19.post1", Patch},
		{"2026.10.19", "2026.10.19.post1", Patch},
		{"", "", ""},
	} {
		if got := compareNumbers(c.has, c.latest); got != c.want {
			t.Errorf("%s → %s is %q, want %q", c.has, c.latest, got, c.want)
		}
	}
}

// Source of the cases: deb-version(7) and dpkg's own tests, in words of our own.
func TestDebianOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ older, newer string }{
		{"1.0-1", "1.0-2"},
		{"1.0-9", "1.0-10"},
		{"1.0~rc1-1", "1.0-1"},
		{"1.0~~", "1.0~"},
		{"1.0", "1.0a"},
		{"1.0a", "1.0+b1"},
		{"1.0-1", "1.0-1+deb13u1"},
		{"1.0-1+deb13u1", "1.0-1+deb13u2"},
		{"2.0-1", "1:0.1-1"},
		{"1.2.3-1", "1.2.10-1"},
		{"0.9", "1.0"},
		{"2025b-4+deb13u1", "2026a-0+deb13u1"},
	} {
		if debianOrder(c.older, c.newer) >= 0 || debianOrder(c.newer, c.older) <= 0 {
			t.Errorf("%s is not before %s", c.older, c.newer)
		}
	}
	for _, same := range []struct{ a, b string }{{"1.0", "1.0"}, {"0:1.0", "1.0"}, {"1.0", "1.0-0"}, {"1.01", "1.1"}} {
		if debianOrder(same.a, same.b) != 0 {
			t.Errorf("%s and %s are not the same", same.a, same.b)
		}
	}
	for _, c := range []struct {
		has, latest string
		want        Kind
	}{
		{"3.13.5-2+deb13u4", "3.13.5-2+deb13u5", Patch},
		{"3.5.1-1", "3.5.4-1~deb13u1", Patch},
		{"3.5.1-1", "3.6.0-1", Minor},
		{"3.5.1-1", "3.5.1-1", ""},
		{"1:3.5.1-1", "3.6-1", ""},
	} {
		if got := compareDebian(c.has, c.latest); got != c.want {
			t.Errorf("%s → %s is %q, want %q", c.has, c.latest, got, c.want)
		}
	}
}
