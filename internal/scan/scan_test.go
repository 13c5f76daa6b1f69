package scan

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/owners"
	"example.com/stagecraft/internal/sbom"
	"example.com/stagecraft/internal/vex"
)

// planted is the image of a service with the packages in testdata/packages.txt, and those that OSV does not know.
func planted(t *testing.T, service string) (_ Image, unknown []string) {
	t.Helper()
	var listed []sbom.Package
	for url := range strings.Lines(read(t, "packages.txt")) {
		url = strings.TrimSpace(url)
		listed = append(listed, sbom.Package{Owner: owners.Owner{Name: url}, PURL: url})
	}
	i := Image{Service: catalog.Service{Name: service, Dir: "services/" + service}}
	i.Packages, unknown = Packages(listed)
	return i, unknown
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestPackages(t *testing.T) {
	t.Parallel()
	i, unknown := planted(t, "shop")
	var got []string
	for _, p := range i.Packages {
		got = append(got, p.Ecosystem+" "+p.Name+" "+p.Version)
	}
	want := []string{
		"Debian glibc 2.41-12", "Debian openssl 3.5.9-1", "Go github.com/go-chi/chi/v5 5.5.0", "Go stdlib 1.26.8",
		"npm @fastify/error 4.2.0", "PyPI flask 3.1.3", "PyPI werkzeug 3.1.3",
	}
	if !slices.Equal(got, want) {
		t.Errorf("packages are %q, want %q", got, want)
	}
	if urls := i.Packages[1].URLs; len(urls) != 2 {
		t.Errorf("openssl is %q, not two packages", urls)
	}
	if want := []string{"pkg:deb/debian/ca-certificates@20250419?arch=all", "pkg:generic/node@24.21.0", "pkg:golang/example.com/shop"}; !slices.Equal(unknown, want) {
		t.Errorf("unknown are %q, want %q", unknown, want)
	}
}

// statement is a document with one statement about the image of the service shop.
func statement(t *testing.T, vulnerability, subcomponent, status string) []vex.Document {
	t.Helper()
	d, err := vex.Parse([]byte(`{
		"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex/1", "author": "Team", "timestamp": "2026-11-28T00:00:00Z", "version": 1,
		"statements": [{
			"vulnerability": {"name": "` + vulnerability + `"}, "products": [{"@id": "pkg:oci/shop", "subcomponents": [{"@id": "` + subcomponent + `"}]}],
			"status": "` + status + `", "status_notes": "a reason", "impact_statement": "a reason", "action_statement": "wait"
		}]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	return []vex.Document{d}
}

// What osv-scanner found is recorded; `go tool mage test:foreign` makes it again. Each case is the table without its first line.
func TestFindings(t *testing.T) {
	t.Parallel()
	const (
		openssl = "critical CVE-2026-90001 openssl 3.5.9-1 3.5.9-2 shop "
		chi     = "medium CVE-2026-90003 github.com/go-chi/chi/v5 5.5.0 5.5.1 shop "
		glibc   = "critical CVE-2026-90002 glibc 2.41-12 - shop no fix"
		stdlib  = "unrated CVE-2026-90004 stdlib 1.26.8 1.26.9 shop "
		fastify = "high CVE-2026-90005 @fastify/error 4.2.0 4.2.1 shop "
		flask   = "high CVE-2026-90007 flask 3.1.3 3.1.4 shop "
	)
	for _, c := range []struct {
		name    string
		limit   catalog.Severity
		known   []vex.Document
		want    []string // in the order of the table
		failing int
	}{
		{"the usual limit", "high", nil, []string{openssl + "fails", glibc, stdlib + "fails", fastify + "fails", flask + "fails", chi + "below high"}, 4},
		{"a lower limit", "medium", nil, []string{openssl + "fails", glibc, stdlib + "fails", fastify + "fails", flask + "fails", chi + "fails"}, 5},
		{
			"a higher limit", "critical", nil,
			[]string{openssl + "fails", glibc, stdlib + "below critical", fastify + "below critical", flask + "below critical", chi + "below critical"},
			1,
		},
		{
			"waived", "high", statement(t, "CVE-2026-90007", "pkg:pypi/flask@3.1.3", "not_affected"),
			[]string{openssl + "fails", glibc, stdlib + "fails", fastify + "fails", flask + "waived: not_affected since 2026-11-28: a reason", chi + "below high"},
			3,
		},
		{
			"waived by the name in a database", "high", statement(t, "GHSA-9005-9005-9005", "pkg:npm/%40fastify/error", "fixed"),
			[]string{openssl + "fails", glibc, stdlib + "fails", fastify + "waived: fixed since 2026-11-28: a reason", flask + "fails", chi + "below high"},
			3,
		},
		{
			"waived for one of two packages", "high", statement(t, "CVE-2026-90001", "pkg:deb/debian/libssl3t64", "not_affected"),
			[]string{openssl + "fails", glibc, stdlib + "fails", fastify + "fails", flask + "fails", chi + "below high"},
			4,
		},
		{
			"affected", "high", statement(t, "CVE-2026-90007", "pkg:pypi/flask@3.1.3", "affected"),
			[]string{openssl + "fails", glibc, stdlib + "fails", fastify + "fails", flask + "fails", chi + "below high"},
			4,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			i, _ := planted(t, "shop")
			i.Known = c.known
			all, err := Findings([]byte(read(t, "found.json")), []Image{i}, c.limit)
			if err != nil {
				t.Fatal(err)
			}
			if got := table(t, all); !slices.Equal(got, c.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			if got := Failing(all); got != c.failing {
				t.Errorf("%d fail, want %d", got, c.failing)
			}
		})
	}
}

// table is the lines of a table without the first, with single blanks.
func table(t *testing.T, all []Finding) []string {
	t.Helper()
	var out bytes.Buffer
	if err := WriteTable(&out, all); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(out.String()) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	if len(lines) == 0 || lines[0] != "severity vulnerability package version fixed in services result" {
		t.Fatalf("not a table: %q", lines)
	}
	return lines[1:]
}

// Two services with the same packages share a line, unless only one of them waives it.
func TestServices(t *testing.T) {
	t.Parallel()
	shop, _ := planted(t, "shop")
	till, _ := planted(t, "till")
	found := read(t, "found.json")
	both := strings.Replace(found, `"results": [`, `"results": [`+between(t, found, `"results": [`, "\n  ]")+",", 1)
	both = strings.Replace(both, "shop.cdx.json", "till.cdx.json", 1)
	lines := func() string {
		all, err := Findings([]byte(both), []Image{shop, till}, "high")
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(table(t, all), "\n")
	}
	if got := lines(); strings.Count(got, " shop, till ") != 6 {
		t.Errorf("the services do not share lines:\n%s", got)
	}
	shop.Known = statement(t, "CVE-2026-90007", "pkg:pypi/flask@3.1.3", "not_affected")
	till.Known = shop.Known
	if got := lines(); strings.Count(got, " shop, till ") != 5 || !strings.Contains(got, "shop waived: ") || !strings.Contains(got, "till fails") {
		t.Errorf("what is said of shop's image is said of the other too:\n%s", got)
	}
}

func between(t *testing.T, text, before, after string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, before)
	inner, _, ok2 := strings.Cut(rest, after)
	if !ok || !ok2 {
		t.Fatalf("there is no %q or %q", before, after)
	}
	return inner
}

// An advisory about two vulnerabilities is waived when both are.
func TestAdvisory(t *testing.T) {
	t.Parallel()
	f := group{IDs: []string{"DSA-1-1"}, Aliases: []string{"CVE-2026-1", "CVE-2026-2"}}.finding("flask", "PyPI", nil)
	f.Service.Name, f.Package.URLs = "shop", []string{"pkg:pypi/flask@3.1.3"}
	one := statement(t, "CVE-2026-1", "pkg:pypi/flask", "not_affected")
	if f.Name != "DSA-1-1" || f.waiver(one) != "" {
		t.Errorf("%s is waived: %s", f.Name, f.waiver(one))
	}
	if both := slices.Concat(one, statement(t, "CVE-2026-2", "pkg:pypi/flask", "not_affected")); f.waiver(both) == "" {
		t.Error("it is not waived")
	}
}

func TestFindingsErrors(t *testing.T) {
	t.Parallel()
	i, _ := planted(t, "shop")
	found := read(t, "found.json")
	for name, c := range map[string]struct{ found, want string }{
		"no JSON":           {"Scanned", "read what osv-scanner found"},
		"nothing":           {"{}", "osv-scanner left out pkg:deb/debian/glibc@2.41-12?distro=debian-13 of shop"},
		"a package less":    {strings.Replace(found, `"name": "werkzeug"`, `"name": "werkzeuh"`, 1), "osv-scanner left out pkg:pypi/werkzeug@3.1.3 of shop"},
		"another list":      {strings.ReplaceAll(found, "shop.cdx.json", "till.cdx.json"), "osv-scanner left out"},
		"another ecosystem": {strings.Replace(found, `"ecosystem": "PyPI"`, `"ecosystem": "npm"`, 1), "osv-scanner left out pkg:pypi/flask"},
	} {
		if _, err := Findings([]byte(c.found), []Image{i}, "high"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: the error is %v, want %s", name, err, c.want)
		}
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	for score, want := range map[string]catalog.Severity{
		"10": "critical", "9.0": "critical", "8.9": "high", "7.0": "high", "6.9": "medium", "4.0": "medium", "3.9": "low", "0.1": "low", "": "high",
	} {
		if got, unrated := rate(score); got != want || unrated != (score == "") {
			t.Errorf("%q is %s, unrated %t, want %s", score, got, unrated, want)
		}
	}
}

func TestSARIF(t *testing.T) {
	t.Parallel()
	i, _ := planted(t, "shop")
	i.Known = statement(t, "CVE-2026-90007", "pkg:pypi/flask@3.1.3", "not_affected")
	all, err := Findings([]byte(read(t, "found.json")), []Image{i}, "high")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := WriteSARIF(&out, all); err != nil {
		t.Fatal(err)
	}
	var log struct {
		Runs []struct {
			Results []struct {
				RuleID, Level string
				Message       struct{ Text string }
				Suppressions  []any
			}
		}
	}
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range log.Runs[0].Results {
		got = append(got, strings.TrimSpace(r.Level+" "+r.RuleID+strings.Repeat(" suppressed", len(r.Suppressions))))
	}
	slices.Sort(got)
	want := []string{
		"error CVE-2026-90001", "error CVE-2026-90004", "error CVE-2026-90005", "error CVE-2026-90007 suppressed", "note CVE-2026-90002", "note CVE-2026-90003",
	}
	if !slices.Equal(got, want) {
		t.Errorf("results are %q, want %q", got, want)
	}
	if !strings.Contains(out.String(), "flask 3.1.3 has CVE-2026-90007; update it to 3.1.4") || !strings.Contains(out.String(), "services/shop/service.yaml") {
		t.Errorf("a result lacks what to do, or where: %s", &out)
	}
}

func TestCheckDatabases(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	images := []Image{{Packages: []Package{{Ecosystem: "npm"}}}}
	if err := CheckDatabases(dir, images); err == nil || !strings.Contains(err.Error(), "database for npm is missing") || !strings.Contains(err.Error(), "download https://") {
		t.Errorf("without a database, the error is %v", err)
	}
	file := Database(dir, "npm")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := CheckDatabases(dir, images); err != nil {
		t.Error(err)
	}
}

// A commit is no version, and what fixes another package or release does not count.
func TestFixed(t *testing.T) {
	t.Parallel()
	var v vulnerability
	if err := json.Unmarshal([]byte(`{"affected": [
		{"package": {"name": "flask", "ecosystem": "PyPI"}, "ranges": [
			{"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "5d1f5e4"}]}, {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.1.4"}]}
		]},
		{"package": {"name": "flask", "ecosystem": "Debian:13"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "3.1.3-2"}]}]},
		{"package": {"name": "quart", "ecosystem": "PyPI"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "0.20.1"}]}]}
	]}`), &v); err != nil {
		t.Fatal(err)
	}
	if got := v.fixed("flask", "PyPI"); !slices.Equal(got, []string{"3.1.4"}) {
		t.Errorf("fixed in %q", got)
	}
}
