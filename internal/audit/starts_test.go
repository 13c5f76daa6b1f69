package audit

import (
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

func TestStarts(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change func(*v1.Config)
		want   string
	}{
		"all there":       {func(*v1.Config) {}, ""},
		"no entry point":  {func(c *v1.Config) { c.Entrypoint = []string{"/nothing"} }, "the image of demo for linux/amd64 cannot start: ENTRYPOINT starts /nothing, which is not in the image"},
		"no probe":        {func(c *v1.Config) { c.Healthcheck.Test = []string{"CMD", "/probe"} }, "HEALTHCHECK starts /probe, which is not in the image"},
		"starts nothing":  {func(c *v1.Config) { c.Entrypoint, c.Cmd = nil, nil }, "starts nothing"},
		"both are absent": {func(c *v1.Config) { c.Entrypoint, c.Healthcheck.Test = []string{"/a"}, []string{"CMD", "/b"} }, "/a, which is not in the image; copy it, or correct ENTRYPOINT; HEALTHCHECK starts /b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := Starts(*fakeService(), withFiles(nil, tt.change)(t).open(t).Images()[0])
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
