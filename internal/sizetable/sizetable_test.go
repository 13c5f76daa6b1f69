package sizetable_test

import (
	"strings"
	"testing"

	"example.com/stagecraft/internal/image"
	"example.com/stagecraft/internal/sizetable"
)

const readme = "# Title\n\n" + sizetable.Begin + "\n" + `| service | a | b | c | d | elsewhere |
|---|---|---|---|---|---|
| a | 1 MB | 1 kB | 1 MB | 1 kB | ~2 MB |
| gone | 1 MB | 1 kB | 1 MB | 1 kB | |
` + sizetable.End + "\nrest\n"

func sizes(unpacked int64) sizetable.Sizes {
	return sizetable.Sizes{
		"a": {"linux/amd64": image.Size{Unpacked: unpacked, Pull: 1_234}, "linux/arm64": image.Size{Unpacked: 2_000_000, Pull: 900}},
		"b": {"linux/amd64": image.Size{Unpacked: 50, Pull: 40}, "linux/arm64": image.Size{Unpacked: 50, Pull: 40}},
	}
}

func TestWriteThenCheck(t *testing.T) {
	t.Parallel()
	written, err := sizetable.Write(readme, sizes(7_050_000))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# Title", "| ~2 MB |", "| b |", "\nrest\n"} {
		if !strings.Contains(written, want) {
			t.Errorf("%q is missing from\n%s", want, written)
		}
	}
	if strings.Contains(written, "gone") {
		t.Errorf("a row without a service stays in\n%s", written)
	}
	if err := sizetable.Check(written, sizes(7_050_000)); err != nil {
		t.Error(err)
	}
	if err := sizetable.Check(written, sizes(7_200_000)); err != nil {
		t.Errorf("2 %% off is %v, want nothing", err)
	}
	if again, err := sizetable.Write(written, sizes(7_050_000)); err != nil || again != written {
		t.Errorf("writing again changes the text: %v\n%s", err, again)
	}
	if err := sizetable.Check(written, sizes(7_400_000)); err == nil || !strings.Contains(err.Error(), "a says") {
		t.Errorf("5 %% off is %v, want an error that names a", err)
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	text, err := sizetable.Remove(readme, "gone")
	if want := strings.Replace(readme, "| gone | 1 MB | 1 kB | 1 MB | 1 kB | |\n", "", 1); err != nil || text != want {
		t.Errorf("got %v\n%s\nwant\n%s", err, text, want)
	}
	for _, same := range []string{readme, "no table\n"} {
		if text, err := sizetable.Remove(same, "other"); err != nil || text != same {
			t.Errorf("without its row: %v\n%s", err, text)
		}
	}
	if _, err := sizetable.Remove(sizetable.Begin+"\n", "a"); err == nil {
		t.Error("a table without an end is no error")
	}
}

func TestCheckNamesEachFault(t *testing.T) {
	t.Parallel()
	err := sizetable.Check(readme, sizes(1_000_000))
	for _, want := range []string{"b has no row", "mage docs"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not say %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "gone") {
		t.Errorf("the row of a service that was deleted is an error: %v", err)
	}
	if err := sizetable.Check("no table", sizes(1)); err != nil {
		t.Errorf("a README without the table: %v", err)
	}
}
