package project

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"example.com/stagecraft/internal/attestation"
	"example.com/stagecraft/internal/build"
	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/image/imagetest"
	"example.com/stagecraft/internal/vex"
)

// Each platform has its lists, and all platforms together the rest.
func TestStatements(t *testing.T) {
	t.Parallel()
	p, _ := listed(t)
	document := `{"@context": "https://openvex.dev/ns/v0.2.0", "@id": "https://example.com/vex/1", "author": "Team", "timestamp": "2026-11-28T00:00:00Z", "version": 1,
		"statements": [{"vulnerability": {"name": "CVE-2026-1"}, "products": [{"@id": "pkg:oci/hello-go"}], "status": "fixed"}]}`
	if err := os.WriteFile(filepath.Join(p.Root, vex.File), []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	layer := imagetest.Layer(t, imagetest.File("var/lib/dpkg/status.d/musl-dev", "Package: musl-dev\nVersion: 1.2.5-3\nArchitecture: all\n"))
	idx := imagetest.Open(t, imagetest.Image(t, "amd64", v1.Config{}, layer), imagetest.Image(t, "arm64", v1.Config{}, layer))
	statements, err := p.statements(provenImage{
		build.Proof{Service: catalog.Service{Name: "hello-go", Dir: "services/hello-go"}}, "abc", "https://example.com/shop",
	})(t.Context(), idx)
	if err != nil {
		t.Fatal(err)
	}
	amd64, arm64, whole := idx.Images()[0].Digest().Hex, idx.Images()[1].Digest().Hex, idx.Digest().Hex
	var got []string
	for _, s := range statements {
		got = append(got, s.PredicateType+" "+s.Subject[0].Digest["sha256"])
		if s.Type != attestation.StatementType || !json.Valid(s.Predicate) {
			t.Errorf("%+v", s)
		}
		if s.PredicateType == attestation.Provenance && strings.Count(string(s.Predicate), "pkg:deb/debian/musl-dev@1.2.5-3?arch=all") != 1 {
			t.Errorf("a Debian package of both platforms is not once in %s", s.Predicate)
		}
	}
	if want := []string{
		attestation.SPDX + " " + amd64, attestation.CycloneDX + " " + amd64, attestation.SPDX + " " + arm64, attestation.CycloneDX + " " + arm64,
		attestation.Provenance + " " + whole, attestation.OpenVEX + " " + whole,
	}; !slices.Equal(got, want) {
		t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// A document that is not OpenVEX is found before anything is signed.
func TestStatementsCheckVEX(t *testing.T) {
	t.Parallel()
	p, _ := listed(t)
	if err := os.WriteFile(filepath.Join(p.Root, vex.File), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	idx := imagetest.Open(t, imagetest.Image(t, "amd64", v1.Config{}, imagetest.Layer(t)))
	if _, err := p.statements(provenImage{Proof: build.Proof{Service: catalog.Service{Dir: "services/hello-go"}}})(t.Context(), idx); err == nil || !strings.Contains(err.Error(), vex.File) {
		t.Errorf("the error is %v", err)
	}
}
