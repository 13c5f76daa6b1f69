package integration

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/stagecraft/internal/catalog"
)

// contract is libs/README.md, clause by clause.
var contract = []struct {
	name  string
	check func(observation) error
}{
	{"settings", refusesSettings},
	{"defaults", hasDefaults},
	{"lines", writesLines},
	{"requests", logsRequests},
	{"request-ids", identifiesRequests},
	{"traces", continuesTraces},
	{"batches", flushesBatches},
	{"errors", answersProblems},
	{"health", answersHealth},
	{"end", endsAsAgreed},
}

// refusesSettings: every wrong setting is reported, one line each on stderr, and the service ends with 1.
func refusesSettings(o observation) error {
	reported := lines(o.refused.stderr)
	if o.refused.code != 1 || len(reported) != 3 {
		return fmt.Errorf("expected exit code 1 and three lines on stderr, got %d and %d: %s", o.refused.code, len(reported), o.refused.stderr)
	}
	for _, name := range []string{"PORT", "LOG_LEVEL", "DRAIN_DELAY"} {
		if count := strings.Count(o.refused.stderr, name); count != 1 {
			return fmt.Errorf("expected %s once, got it %d times: %s", name, count, o.refused.stderr)
		}
	}
	return nil
}

// hasDefaults: an empty setting is an unset one: level info, and no delay.
func hasDefaults(o observation) error {
	if o.drained.code != 0 {
		return fmt.Errorf("with empty settings: expected exit code 0, got %d: %s", o.drained.code, o.drained.stderr)
	}
	if requests := requestsIn(o.defaults); len(requests) != 1 {
		return fmt.Errorf("with LOG_LEVEL empty: expected one line for a request, none for a health check, got %v", requests)
	}
	for _, e := range entries(o.defaults) {
		if e["level"] == "debug" {
			return fmt.Errorf("with LOG_LEVEL empty: a line at debug: %v", e)
		}
	}
	return nil
}

var (
	levels  = []string{"debug", "info", "warn", "error"}
	traceID = regexp.MustCompile(`^[0-9a-f]{32}$`)
	spanID  = regexp.MustCompile(`^[0-9a-f]{16}$`)
)

// writesLines: every line on stdout is a JSON object with the keys of the contract, in their types.
func writesLines(o observation) error {
	all := slices.Concat(o.verbose, o.defaults)
	if len(all) == 0 {
		return errors.New("no line was written")
	}
	for _, line := range all {
		var e entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			return fmt.Errorf("not a JSON object: %s", line)
		}
		when, err := time.Parse(time.RFC3339Nano, e.text("time"))
		_, offset := when.Zone()
		switch {
		case err != nil || offset != 0:
			return fmt.Errorf("time is not RFC 3339 in UTC: %s", line)
		case !slices.Contains(levels, e.text("level")):
			return fmt.Errorf("level is not one of %s: %s", strings.Join(levels, ", "), line)
		case e.text("message") == "":
			return fmt.Errorf("no message: %s", line)
		case e.text("service") != o.service.Name:
			return fmt.Errorf("service is not %s: %s", o.service.Name, line)
		}
		for key, shape := range map[string]*regexp.Regexp{"trace_id": traceID, "span_id": spanID} {
			if value, there := e[key]; there && !shape.MatchString(fmt.Sprint(value)) {
				return fmt.Errorf("%s is not an ID: %s", key, line)
			}
		}
	}
	return nil
}

// logsRequests: a request has one line, with what was asked and answered; those of health checks are at debug.
func logsRequests(o observation) error {
	for _, e := range o.exchanges {
		found := o.linesOf(e)
		if len(found) != 1 {
			return fmt.Errorf("%s: expected one line with its request_id, got %d", e, len(found))
		}
		path, _, _ := strings.Cut(e.target, "?")
		level := "info"
		if path == o.service.Health.Live || path == o.service.Health.Ready {
			level = "debug"
		}
		size := len(e.answer.body)
		for key, want := range map[string]any{
			"level": level, "method": e.method, "path": path, "status": float64(e.answer.status), "bytes": float64(size),
		} {
			if got := found[0][key]; got != want {
				return fmt.Errorf("%s: expected %s %v, got %v", e, key, want, got)
			}
		}
		if took, ok := found[0]["duration_ms"].(float64); !ok || took < 0 {
			return fmt.Errorf("%s: duration_ms is not a number of milliseconds: %v", e, found[0]["duration_ms"])
		}
	}
	if text := strings.Join(slices.Concat(o.verbose, o.defaults), "\n"); strings.Contains(text, "secret") {
		return errors.New("a query string is in the log")
	}
	return nil
}

// linesOf are the request lines of an exchange.
func (o observation) linesOf(e exchange) []entry {
	id := e.answer.header.Get("X-Request-Id")
	return slices.DeleteFunc(requestsIn(o.verbose), func(line entry) bool { return id == "" || line["request_id"] != id })
}

var acceptableID = regexp.MustCompile(`^[A-Za-z0-9._:/+=-]{1,128}$`)

// identifiesRequests: an acceptable ID is kept, each other request gets one of its own, and the answer shows it.
func identifiesRequests(o observation) error {
	seen := map[string]bool{}
	for _, e := range o.exchanges {
		sent, got := e.headers["X-Request-Id"], e.answer.header.Get("X-Request-Id")
		switch {
		case !acceptableID.MatchString(got):
			return fmt.Errorf("%s: X-Request-Id of the answer is %q", e, got)
		case acceptableID.MatchString(sent) && got != sent:
			return fmt.Errorf("%s: the request's ID %q became %q", e, sent, got)
		case seen[got]:
			return fmt.Errorf("%s: X-Request-Id %q is another request's", e, got)
		}
		seen[got] = true
	}
	return nil
}

// continuesTraces: a valid traceparent is in the line, an invalid one is not.
func continuesTraces(o observation) error {
	for _, e := range o.exchanges {
		for _, line := range o.linesOf(e) {
			valid := e.headers["traceparent"] == validParent
			switch {
			case valid && (line["trace_id"] != validTrace || line["span_id"] != validSpan):
				return fmt.Errorf("%s: expected trace_id %s and span_id %s, got %v", e, validTrace, validSpan, line)
			case !valid && (line["trace_id"] != nil || line["span_id"] != nil):
				return fmt.Errorf("%s: traceparent is not valid, yet the line has %v", e, line)
			}
		}
	}
	return nil
}

// flushesBatches: lines wait neither for more of them nor for the end.
func flushesBatches(o observation) error {
	if !o.batched {
		return errors.New("lines of answered requests were not written while the service ran")
	}
	return nil
}

// answersProblems: errors are application/problem+json (RFC 9457).
func answersProblems(o observation) error {
	failed := 0
	for _, e := range o.exchanges {
		if e.answer.status < 400 {
			continue
		}
		failed++
		if kind, _, err := mime.ParseMediaType(e.answer.header.Get("Content-Type")); err != nil || kind != "application/problem+json" {
			return fmt.Errorf("%s: Content-Type is %q", e, e.answer.header.Get("Content-Type"))
		}
		var problem map[string]any
		if err := json.Unmarshal([]byte(e.answer.body), &problem); err != nil {
			return fmt.Errorf("%s: the body is not a JSON object: %s", e, e.answer.body)
		}
		if problem["title"] != http.StatusText(e.answer.status) || problem["status"] != float64(e.answer.status) {
			return fmt.Errorf("%s: expected title %q and status %d, got %s", e, http.StatusText(e.answer.status), e.answer.status, e.answer.body)
		}
		if allow := e.answer.header.Values("Allow"); e.answer.status == http.StatusMethodNotAllowed && len(allow) != 1 {
			return fmt.Errorf("%s: expected one Allow header, got %q", e, allow)
		}
	}
	if failed != 2 {
		return fmt.Errorf("expected 404 and 405, got %d errors", failed)
	}
	return nil
}

// answersHealth: 200 at both paths; 503 at the ready path once the service drains, on a connection that ends.
func answersHealth(o observation) error {
	for _, e := range o.exchanges {
		if (e.target == o.service.Health.Live || e.target == o.service.Health.Ready) && e.answer.status != http.StatusOK {
			return fmt.Errorf("%s: expected 200, got %d", e, e.answer.status)
		}
	}
	if o.service.Health.Live != "/healthz" || o.service.Health.Ready != "/readyz" {
		return fmt.Errorf("the health paths are %s and %s, not /healthz and /readyz", o.service.Health.Live, o.service.Health.Ready)
	}
	if o.draining.status != http.StatusServiceUnavailable || !o.draining.last {
		return fmt.Errorf("while draining: expected 503 and `Connection: close`, got %d with %v", o.draining.status, o.draining.header)
	}
	return nil
}

// endsAsAgreed: 0 after a drain, 1 at a second signal, and the last request is in the log.
func endsAsAgreed(o observation) error {
	if o.drained.code != 0 || o.forced.code != 1 {
		return fmt.Errorf("expected exit code 0 after a drain and 1 at a second signal, got %d and %d", o.drained.code, o.forced.code)
	}
	if len(requestsIn(o.defaults)) == 0 {
		return errors.New("the request before SIGTERM is not in the log")
	}
	return nil
}

// TestClauses: each clause holds for a good service, and not for one that breaks it.
func TestClauses(t *testing.T) {
	broken := map[string]bool{}
	for name, fault := range map[string]struct {
		clause string
		change func(*observation)
	}{
		"one setting only":   {"settings", func(o *observation) { o.refused.stderr = "PORT=http is not a port\n" }},
		"a stack trace":      {"settings", func(o *observation) { o.refused.stderr += "panic\n" }},
		"another exit code":  {"settings", func(o *observation) { o.refused.code = 2 }},
		"empty is refused":   {"defaults", func(o *observation) { o.drained = ended{1, "LOG_LEVEL= is not a level"} }},
		"health at info":     {"defaults", func(o *observation) { o.defaults = append(o.defaults, o.defaults[0]) }},
		"debug by default":   {"defaults", func(o *observation) { o.replace(&o.defaults, "info", "debug") }},
		"plain text":         {"lines", func(o *observation) { o.verbose = append(o.verbose, "listening") }},
		"local time":         {"lines", func(o *observation) { o.replace(&o.verbose, `00Z"`, `00+01:00"`) }},
		"levels of Python":   {"lines", func(o *observation) { o.replace(&o.verbose, `"info"`, `"INFO"`) }},
		"msg":                {"lines", func(o *observation) { o.replace(&o.verbose, `"message"`, `"msg"`) }},
		"another service":    {"lines", func(o *observation) { o.replace(&o.verbose, `"service":"some"`, `"service":"hello"`) }},
		"no line":            {"lines", func(o *observation) { o.verbose, o.defaults = nil, nil }},
		"two lines":          {"requests", func(o *observation) { o.verbose = append(o.verbose, o.verbose[0]) }},
		"query string":       {"requests", func(o *observation) { o.replace(&o.verbose, `"path":"/"`, `"path":"/?token=secret"`) }},
		"mojibake":           {"requests", func(o *observation) { o.replace(&o.verbose, `%C3%BC`, `Ã¼`) }},
		"status as text":     {"requests", func(o *observation) { o.replace(&o.verbose, `"status":200`, `"status":"200"`) }},
		"bytes of the head":  {"requests", func(o *observation) { o.replace(&o.verbose, `"bytes":0`, `"bytes":6`) }},
		"duration as text":   {"requests", func(o *observation) { o.replace(&o.verbose, `"duration_ms":0.5`, `"duration_ms":"0.5"`) }},
		"health is loud":     {"requests", func(o *observation) { o.replace(&o.verbose, `"debug"`, `"info"`) }},
		"IDs are not kept":   {"request-ids", func(o *observation) { o.exchanges[0].answer.header.Set("X-Request-Id", "new") }},
		"IDs are repeated":   {"request-ids", func(o *observation) { o.exchanges[1].answer.header.Set("X-Request-Id", ownRequestID) }},
		"any ID is accepted": {"request-ids", func(o *observation) { o.exchanges[1].answer.header.Set("X-Request-Id", "not acceptable") }},
		"no trace":           {"traces", func(o *observation) { o.replace(&o.verbose, validTrace, strings.Repeat("1", 32)) }},
		"any trace":          {"traces", func(o *observation) { o.replace(&o.verbose, `"id1"`, `"id1","trace_id":"`+validTrace+`"`) }},
		"lines at the end":   {"batches", func(o *observation) { o.batched = false }},
		"HTML errors":        {"errors", func(o *observation) { o.exchanges[3].answer.header.Set("Content-Type", "text/html") }},
		"another status":     {"errors", func(o *observation) { o.exchanges[3].answer.body = `{"title":"Not Found","status":400}` }},
		"two Allow headers":  {"errors", func(o *observation) { o.exchanges[4].answer.header.Add("Allow", "HEAD") }},
		"unknown path is OK": {"errors", func(o *observation) { o.exchanges[3].answer.status = 200 }},
		"not ready":          {"health", func(o *observation) { o.exchanges[6].answer.status = 503 }},
		"drains silently":    {"health", func(o *observation) { o.draining.status = 200 }},
		"keeps connections":  {"health", func(o *observation) { o.draining.last = false }},
		"SIGTERM is 143":     {"end", func(o *observation) { o.drained.code = 143 }},
		"second is 0":        {"end", func(o *observation) { o.forced.code = 0 }},
		"last line is lost":  {"end", func(o *observation) { o.defaults = nil }},
	} {
		broken[fault.clause] = true
		seen := goodObservation()
		fault.change(&seen)
		for _, clause := range contract {
			if clause.name == fault.clause && clause.check(seen) == nil {
				t.Errorf("%s: the clause %s holds", name, clause.name)
			}
		}
	}
	for _, clause := range contract {
		if err := clause.check(goodObservation()); err != nil {
			t.Errorf("the clause %s of a good service: %v", clause.name, err)
		}
		if !broken[clause.name] {
			t.Errorf("no fault breaks the clause %s", clause.name)
		}
	}
}

// replace changes lines that were observed.
func (o *observation) replace(lines *[]string, from, to string) {
	for i, line := range *lines {
		(*lines)[i] = strings.ReplaceAll(line, from, to)
	}
}

// goodObservation is of a service without a fault.
func goodObservation() observation {
	service := catalog.Service{
		Name: "some", Health: catalog.Health{Live: "/healthz", Ready: "/readyz"},
		Checks: []catalog.Check{{Method: http.MethodGet, Path: "/", Expect: catalog.Expect{Status: http.StatusOK}}},
	}
	o := observation{
		service:  service,
		refused:  ended{1, "PORT=http is not a port\nLOG_LEVEL=loud is not a level\nDRAIN_DELAY=soon is not a duration\n"},
		batched:  true,
		draining: answer{status: 503, last: true},
		forced:   ended{code: 1},
	}
	line := func(e exchange, id string) string {
		path, _, _ := strings.Cut(e.target, "?")
		level, trace := "info", ""
		if strings.HasSuffix(path, "z") {
			level = "debug"
		}
		if e.headers["traceparent"] == validParent {
			trace = `,"trace_id":"` + validTrace + `","span_id":"` + validSpan + `"`
		}
		return fmt.Sprintf(`{"time":"2026-11-28T10:00:00Z","level":%q,"message":"request","service":"some","request_id":%q%s,`+
			`"method":%q,"path":%q,"status":%d,"bytes":%d,"duration_ms":0.5}`, level, id, trace, e.method, path, e.answer.status, len(e.answer.body))
	}
	for i, e := range commonRequests(target{service: service}) {
		id := ownRequestID
		if i > 0 {
			id = fmt.Sprintf("id%d", i)
		}
		e.answer = answer{status: 200, body: "hello\n", header: http.Header{"X-Request-Id": {id}}}
		switch {
		case e.method == http.MethodHead:
			e.answer.body = ""
		case strings.HasPrefix(e.target, unknownPath):
			e.answer.status = 404
		case e.method == http.MethodDelete:
			e.answer.status = 405
			e.answer.header.Set("Allow", "GET, HEAD")
		}
		if e.answer.status >= 400 {
			e.answer.header.Set("Content-Type", "application/problem+json")
			e.answer.body = fmt.Sprintf(`{"title":%q,"status":%d}`, http.StatusText(e.answer.status), e.answer.status)
		}
		o.exchanges = append(o.exchanges, e)
		o.verbose = append(o.verbose, line(e, id))
	}
	o.defaults = []string{line(o.exchanges[0], "other")}
	return o
}
