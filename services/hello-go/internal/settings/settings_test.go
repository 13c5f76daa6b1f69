package settings

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func TestRead(t *testing.T) {
	for name, tt := range map[string]struct {
		env  map[string]string
		want Settings
	}{
		"nothing":     {nil, Settings{"8080", 0, slog.LevelInfo}},
		"empty":       {map[string]string{"PORT": "", "DRAIN_DELAY": "", "LOG_LEVEL": ""}, Settings{"8080", 0, slog.LevelInfo}},
		"all":         {map[string]string{"PORT": "1", "DRAIN_DELAY": "500ms", "LOG_LEVEL": "debug"}, Settings{"1", 500 * time.Millisecond, slog.LevelDebug}},
		"a zero":      {map[string]string{"DRAIN_DELAY": "0"}, Settings{"8080", 0, slog.LevelInfo}},
		"parts":       {map[string]string{"DRAIN_DELAY": "1m2.5s"}, Settings{"8080", 62500 * time.Millisecond, slog.LevelInfo}},
		"the maximum": {map[string]string{"PORT": "65535"}, Settings{"65535", 0, slog.LevelInfo}},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := Read(env(tt.env)); err != nil || got != tt.want {
				t.Errorf("Read() = %+v, %v, want %+v", got, err, tt.want)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	for _, tt := range []struct{ name, value, want string }{
		{"PORT", "eighty", `reading PORT: "eighty" is not a port`},
		{"PORT", "0", `reading PORT: "0" is not a port`},
		{"PORT", "65536", `reading PORT: "65536" is not a port`},
		{"PORT", "-1", `reading PORT: "-1" is not a port`},
		{"PORT", " 80", `reading PORT: " 80" is not a port`},
		{"PORT", "80\n81", `reading PORT: "80\n81" is not a port`},
		{"DRAIN_DELAY", "2", `reading DRAIN_DELAY: "2" is not a duration`},
		{"DRAIN_DELAY", "-1s", `reading DRAIN_DELAY: "-1s" is not a duration`},
		{"DRAIN_DELAY", ".5s", `reading DRAIN_DELAY: ".5s" is not a duration`},
		{"DRAIN_DELAY", "1.s", `reading DRAIN_DELAY: "1.s" is not a duration`},
		{"DRAIN_DELAY", "5us", `reading DRAIN_DELAY: "5us" is not a duration`},
		{"DRAIN_DELAY", "61m", `reading DRAIN_DELAY: "61m" is not a duration`},
		{"LOG_LEVEL", "loud", `reading LOG_LEVEL: "loud" is not a level`},
	} {
		t.Run(tt.name+"="+tt.value, func(t *testing.T) {
			_, err := Read(env(map[string]string{tt.name: tt.value}))
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Fatalf("error = %v, want %q...", err, tt.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error = %q, want one line", err)
			}
		})
	}
}

func TestReadTellsEverythingAtOnce(t *testing.T) {
	_, err := Read(env(map[string]string{"PORT": "x", "DRAIN_DELAY": "x", "LOG_LEVEL": "x"}))
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("error = %v, want three lines", err)
	}
}
