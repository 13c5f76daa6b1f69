package audit

import (
	"fmt"
	"testing"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/owners"
)

// Of the image with each kind of record, packages and no programs of the service's own.
func TestPackages(t *testing.T) {
	t.Parallel()
	packages, err := owners.Packages("demo", imageCases[attributable][0].image(t).open(t).Images()[0])
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, p := range packages {
		got[fmt.Sprint(p.Kind, " ", p)] = true
	}
	for _, want := range []string{
		"os libx1 1-2", "os y 2", "python A 1", "npm a 1.2.3", "program node 24.21.0", "note noted 6",
		"go go go1.26.8", "go example.com/dep v1.1.0", "go example.com/fork v1.0.1",
	} {
		if !got[want] {
			t.Errorf("%s is not among %v", want, packages)
		}
	}
	for _, other := range []string{"go example.com/go v1.2.3", "go example.com/old v1.0.0"} {
		if got[other] {
			t.Errorf("%s is no package of this image", other)
		}
	}
}

func TestRoomFor(t *testing.T) {
	t.Parallel()
	for measured, want := range map[catalog.Bytes]string{500: "510B", 999: "1019B", 5_000: "5.1kB", 12_345_678: "12.6MB", 123_456_789: "126MB", 98_000_000: "100MB", 3_000_000_000: "3.06GB"} {
		if got := roomFor(measured); got != want {
			t.Errorf("roomFor(%d) = %s, want %s", measured, got, want)
		}
	}
}
