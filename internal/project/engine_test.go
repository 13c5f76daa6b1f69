package project

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestEngineStatus(t *testing.T) {
	for name, test := range map[string]struct{ answer, want string }{
		"running": {
			`{"state": "running", "host": "unix:///run/e.sock", "version": "29.0.0", "api": "1.52", "uptime_seconds": 90,
				"disk": {"programs": 400000000, "images": 12000000, "build_cache": 3000, "build_cache_limit": "10GB"}}`,
			"private engine  running\naddress         unix:///run/e.sock\nversion         29.0.0, API 1.52\nup for          1m30s\n" +
				"images          12 MB\nbuild cache     3 kB of at most 10GB\nprograms        400 MB\n",
		},
		"stopped": {
			`{"state": "stopped", "disk": {"programs": 400000000, "images": 0, "build_cache": 0, "data": 5000000}}`,
			"private engine    stopped\nimages and cache  5 MB\nprograms          400 MB\n",
		},
		"absent": {`{"state": "absent", "disk": {"programs": 0, "images": 0, "build_cache": 0}}`, "private engine  absent\n"},
	} {
		t.Run(name, func(t *testing.T) {
			var status engineStatus
			if err := json.Unmarshal([]byte(test.answer), &status); err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			if err := status.write(&out); err != nil || out.String() != test.want {
				t.Errorf("wrote %v\n%s\nwant\n%s", err, out.String(), test.want)
			}
		})
	}
}
