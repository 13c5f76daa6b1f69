package bench

import (
	"fmt"
	"path/filepath"
	"testing"

	"example.com/stagecraft/internal/catalog"
	"example.com/stagecraft/internal/render"
)

func TestMultiply(t *testing.T) {
	samples, err := catalog.Services(root)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "new")
	if err := multiply(root, to, samples, 2*len(samples)); err != nil {
		t.Fatal(err)
	}
	repository, err := catalog.Load(to)
	if err != nil || len(repository.Services) != 2*len(samples) {
		t.Fatalf("%d services, %v", len(repository.Services), err)
	}
	if err := render.Check(to, repository); err != nil {
		t.Error(err)
	}
	row, err := scale(to, len(repository.Services))
	if err != nil || len(row) != 7 || row[0] != fmt.Sprint(len(repository.Services)) {
		t.Errorf("%v, %v", row, err)
	}
}
