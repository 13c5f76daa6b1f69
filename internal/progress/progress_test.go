package progress

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
)

// events are what buildx 0.38 writes, shortened: two targets share a step, one step is cached, one fails and another is broken
// off for it.
func events(failing bool) string {
	at := func(second float64) string { return fmt.Sprintf("2026-01-01T00:00:%09.6fZ", second) }
	var lines []string
	add := func(digest, name string, start, end float64, more string) {
		lines = append(lines,
			fmt.Sprintf(`{"vertexes":[{"digest":%q,"name":%q}]}`, digest, name),
			fmt.Sprintf(`{"vertexes":[{"digest":%q,"name":%q,"started":%q}]}`, digest, name, at(start)),
			fmt.Sprintf(`{"vertexes":[{"digest":%q,"name":%q,"started":%q,"completed":%q%s}]}`, digest, name, at(start), at(end), more))
	}
	add("1", "[hello-go internal] load build definition from Dockerfile", 0, 3, "")
	add("2", "[hello-go toolchain 1/2] FROM golang", 0, 2, `,"cached":true`)
	add("3", "[hello-go linux/amd64->linux/arm64 source 2/3] RUN  go mod   download", 1, 3.5, "")
	add("3", "[hello-go-arm64 source 2/3] RUN go mod download", 1, 3.5, "")
	add("4", "[hello-go source 3/3] COPY . .", 3.5, 3.6, "")
	add("5", "[hello-go] exporting to oci image format", 4, 6, "")
	if failing {
		data := base64.StdEncoding.EncodeToString([]byte("main.go:3: undefined: x\n"))
		add("6", "[hello-c build 1/1] RUN make", 1, 2, `,"error":"context canceled: it was broken off"`)
		lines = append(lines,
			fmt.Sprintf(`{"logs":[{"vertex":"7","data":%q}]}`, data), // of a step not told of: no crash
			`{"vertexes":[{"digest":"7","name":"[hello-go linux/amd64->linux/arm64 build 1/1] RUN go build"}]}`,
			fmt.Sprintf(`{"logs":[{"vertex":"7","data":%q}]}`, data))
		add("7", "[hello-go linux/amd64->linux/arm64 build 1/1] RUN go build", 3, 4,
			`,"error":"process \"/bin/sh -c go build\" did not complete successfully: exit code: 1"`)
		lines = append(lines, "Dockerfile:38", "--------------------", "  38 | >>> RUN go build", "--------------------",
			`ERROR: target hello-go: failed to solve: process "/bin/sh -c go build" did not complete successfully: exit code: 1`)
	}
	return strings.Join(lines, "\n") + "\n"
}

func TestStepsThatTookTheirTimeAreTold(t *testing.T) {
	for _, size := range []int{1, 7, 4096} {
		var out strings.Builder
		d := New(&out)
		for all := events(false); all != ""; {
			n := min(size, len(all))
			if _, err := d.Write([]byte(all[:n])); err != nil {
				t.Fatal(err)
			}
			all = all[n:]
		}
		d.Close()
		want := "    2.5s  hello-go linux/amd64->linux/arm64 source 2/3\n    2.0s  hello-go exporting to oci image format\n" +
			"          steps: 3 ran, 1 cached\n"
		if out.String() != want {
			t.Errorf("in pieces of %d bytes:\n%s\nwant:\n%s", size, out.String(), want)
		}
	}
}

func TestFailure(t *testing.T) {
	d := New(&strings.Builder{})
	fmt.Fprint(d, strings.TrimSuffix(events(true), "\n")) // a program may end without a newline
	d.Close()
	f := d.Failure()
	if f.Step == nil {
		t.Fatal("no step failed")
	}
	want := Step{Target: "hello-go", Platform: "linux/amd64->linux/arm64", Stage: "build 1/1", Command: "RUN go build"}
	if got := (Step{Target: f.Step.Target, Platform: f.Step.Platform, Stage: f.Step.Stage, Command: f.Step.Command}); got.String() != want.String() || got.Command != want.Command {
		t.Errorf("failed: %+v, want %+v", got, want)
	}
	if f.Output != "main.go:3: undefined: x" || f.Line != 38 || f.Reason != "exit code: 1" {
		t.Errorf("output %q, line %d, reason %q", f.Output, f.Line, f.Reason)
	}
}

func TestFailureBeforeAnyStep(t *testing.T) {
	d := New(&strings.Builder{})
	fmt.Fprintln(d, "{not an event")
	fmt.Fprintln(d, "ERROR: failed to find target nothing")
	d.Close()
	if f := d.Failure(); f.Step != nil || f.Reason != "failed to find target nothing" || !strings.Contains(f.Words, "{not an event") {
		t.Errorf("%+v", f)
	}
}

func TestOutputKeepsItsEnd(t *testing.T) {
	s := newStep("[build 1/1] RUN yes")
	for range 3 {
		s.write([]byte(strings.Repeat("y\n", outputLimit/2)))
	}
	s.write([]byte("the reason"))
	if len(s.output) != outputLimit || !strings.HasSuffix(string(s.output), "the reason") {
		t.Errorf("%d bytes kept", len(s.output))
	}
}

func TestNamesOfSteps(t *testing.T) {
	for name, want := range map[string]Step{
		"[build 1/2] RUN make":                                  {Stage: "build 1/2", Command: "RUN make"},
		"[linux/arm64 build  1/2] RUN make":                     {Platform: "linux/arm64", Stage: "build 1/2", Command: "RUN make"},
		"[hello-c build 1/2] RUN make":                          {Target: "hello-c", Stage: "build 1/2", Command: "RUN make"},
		"[hello-c linux/amd64->linux/arm64 build 1/2] RUN make": {Target: "hello-c", Platform: "linux/amd64->linux/arm64", Stage: "build 1/2", Command: "RUN make"},
		"[hello-c] exporting to image":                          {Target: "hello-c", Command: "exporting to image"},
		"exporting to image":                                    {Command: "exporting to image"},
		"[internal] load .dockerignore":                         {Command: "[internal] load .dockerignore", internal: true},
		"[hello-c internal] load build context":                 {Command: "[hello-c internal] load build context", internal: true},
		"[hello-c context debian:trixie-slim@sha256:a2] OCI":    {Command: "[hello-c context debian:trixie-slim@sha256:a2] OCI", internal: true},
		"importing cache manifest from registry.example.com/c":  {Command: "importing cache manifest from registry.example.com/c"},
		"": {},
	} {
		got := newStep(name)
		if got.Target != want.Target || got.Platform != want.Platform || got.Stage != want.Stage || got.Command != want.Command || got.internal != want.internal {
			t.Errorf("%q is %+v, want %+v", name, *got, want)
		}
	}
}
