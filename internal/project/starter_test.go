package project

import (
	"strings"
	"testing"
)

// A new Go service is tested at once. One whose tests fail is still there, to be fixed.
func TestNewRunsUnitTests(t *testing.T) {
	t.Parallel()
	p, out := twoServices(t)
	p.writeService(t, "server")
	p.write(t, "services/server/go.mod", "module example.com/shop/services/server\n\ngo 1.26\n")
	p.write(t, "services/server/main_test.go", "package main\n\nimport \"testing\"\n\nfunc Test(t *testing.T) {}\n")
	if err := p.New(t.Context(), "greeter", "server"); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, "ok  \texample.com/shop/services/greeter") ||
		!strings.Contains(text, "next: write its description") {
		t.Errorf("it wrote\n%s", text)
	}
	p.write(t, "services/server/main_test.go", "package main\n\nimport \"testing\"\n\nfunc Test(t *testing.T) { t.Fatal() }\n")
	err := p.New(t.Context(), "other", "server")
	if err == nil || !strings.Contains(err.Error(), "services/other is made, but its unit tests fail") {
		t.Errorf("got %v", err)
	}
	if text := p.read(t, "services/other/go.mod"); !strings.Contains(text, "example.com/shop/services/other") {
		t.Errorf("go.mod is %s", text)
	}
}
