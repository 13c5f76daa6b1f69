package bench

import (
	"fmt"
	"path/filepath"
	"testing"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/render"
)

func TestMultiply(t *testing.T) {
	samples, err := catalog.Load(root)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "new")
	if err := multiply(root, to, samples, 2*len(samples)); err != nil {
		t.Fatal(err)
	}
	services, err := catalog.Load(to)
	if err != nil || len(services) != 2*len(samples) {
		t.Fatalf("%d services, %v", len(services), err)
	}
	if err := render.Check(to, services); err != nil {
		t.Error(err)
	}
	row, err := scale(to, len(services))
	if err != nil || len(row) != 7 || row[0] != fmt.Sprint(len(services)) {
		t.Errorf("%v, %v", row, err)
	}
}
