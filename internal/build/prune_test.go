package build

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/stagecraft/internal/engine"
)

func TestPrune(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		answer string
		says   string
		fails  string
	}{
		"freed":           {http.StatusOK, `{"SpaceReclaimed": 2000000}`, "stagecraft: removed images that new ones replaced: 2 MB\n", ""},
		"nothing to free": {http.StatusOK, `{}`, "", ""},
		"another prune":   {http.StatusConflict, `{"message": "a prune operation is already running"}`, "", ""},
		"engine fails":    {http.StatusInternalServerError, `{"message": "disk gone"}`, "", "remove images that new ones replaced: Error response from daemon: disk gone"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if !strings.HasSuffix(r.URL.Path, "/images/prune") { // which version of the API it speaks
					w.Header().Set("Api-Version", "1.51")
					return
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.answer))
			}))
			t.Cleanup(server.Close)
			t.Setenv("DOCKER_HOST", strings.Replace(server.URL, "http://", "tcp://", 1))
			running, err := engine.Connect(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			root := t.TempDir()
			write(t, root, "project.yaml", "name: x\nsource: https://example.com/x\nlicenses: MIT\nplatforms: [linux/amd64]\n")
			var said strings.Builder
			err = (&Builder{root: root, engine: running, progress: &said}).prune(t.Context())
			if said.String() != test.says {
				t.Errorf("said %q, want %q", said.String(), test.says)
			}
			if test.fails == "" && err != nil || test.fails != "" && (err == nil || err.Error() != test.fails) {
				t.Errorf("the error is %v, want %q", err, test.fails)
			}
		})
	}
}
