package vex

import (
	"strings"
	"testing"
)

func TestWaiver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, with, want string }{
		{"as it is", "", "", "not_affected since 2026-11-28: component_not_present"},
		{"its own time", `"status":`, `"timestamp": "2026-11-27T00:00:00Z", "status":`, "not_affected since 2026-11-27: component_not_present"},
		{"a reason in words", `"justification": "component_not_present"`, `"impact_statement": "never loaded"`, "not_affected since 2026-11-28: never loaded"},
		{"any version", "pkg:npm/a@1", "pkg:npm/a", "not_affected since 2026-11-28: component_not_present"},
		{"any package", `, "subcomponents": [{"@id": "pkg:npm/a@1"}]`, "", "not_affected since 2026-11-28: component_not_present"},
		{"the package itself", `"pkg:oci/hello", "subcomponents": [{"@id": "pkg:npm/a@1"}]`, `"pkg:npm/a@1"`, "not_affected since 2026-11-28: component_not_present"},
		{"an identifier", `"@id": "pkg:npm/a@1"`, `"identifiers": {"purl": "pkg:npm/a@1"}`, "not_affected since 2026-11-28: component_not_present"},
		{"an alias", `{"name": "CVE-2026-1234"}`, `{"name": "X-1", "aliases": ["CVE-2026-1234"]}`, "not_affected since 2026-11-28: component_not_present"},
		{"fixed, with a reason", `"not_affected", "justification": "component_not_present"`, `"fixed", "status_notes": "patched"`, "fixed since 2026-11-28: patched"},
		{"fixed, without one", `"not_affected", "justification": "component_not_present"`, `"fixed"`, ""},
		{"affected", `"not_affected", "justification": "component_not_present"`, `"affected", "action_statement": "wait", "status_notes": "a reason"`, ""},
		{"under investigation", `"not_affected", "justification": "component_not_present"`, `"under_investigation", "status_notes": "a reason"`, ""},
		{"another vulnerability", "CVE-2026-1234", "CVE-2026-1235", ""},
		{"another image", "pkg:oci/hello", "pkg:oci/other", ""},
		{"one digest of the image", "pkg:oci/hello", "pkg:oci/hello@sha256%3Aab", ""},
		{"another version", "pkg:npm/a@1", "pkg:npm/a@2", ""},
		{"another qualifier", "pkg:npm/a@1", "pkg:npm/a@1?arch=arm64", ""},
		{"another package", "pkg:npm/a@1", "pkg:npm/%40x/a@1", ""},
	} {
		if !strings.Contains(good, c.old) {
			t.Fatalf("%s: there is no %s", c.name, c.old)
		}
		d, err := Parse([]byte(strings.Replace(good, c.old, c.with, 1)))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := Waiver([]Document{d}, "hello", []string{"GHSA-1", "CVE-2026-1234"}, []string{"pkg:npm/a@1"}); got != c.want {
			t.Errorf("%s: the reason is %q, want %q", c.name, got, c.want)
		}
		if got := Waiver([]Document{d}, "hello", []string{"CVE-2026-1234"}, []string{"pkg:npm/a@1", "pkg:npm/b@1"}); got != "" && c.name != "any package" {
			t.Errorf("%s: pkg:npm/b@1 is waived too: %q", c.name, got)
		}
	}
}

// The latest statement holds, whatever its place.
func TestWaiverEnds(t *testing.T) {
	t.Parallel()
	first, err := Parse([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	later, err := Parse([]byte(strings.NewReplacer("11-28", "11-29", `"not_affected", "justification": "component_not_present"`, `"affected", "action_statement": "update"`).Replace(good)))
	if err != nil {
		t.Fatal(err)
	}
	for _, documents := range [][]Document{{first, later}, {later, first}} {
		if got := Waiver(documents, "hello", []string{"CVE-2026-1234"}, []string{"pkg:npm/a@1"}); got != "" {
			t.Errorf("it is waived: %s", got)
		}
	}
}
