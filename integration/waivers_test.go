package integration

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/stagecraft/internal/catalog"
)

// waivers are the promises that a service's service.yaml lets it break. A waived promise is still tried: one that is kept
// after all makes its waiver an error, and so does the day after the waiver's last.
type waivers struct {
	service catalog.Service
	mu      sync.Mutex
	broken  map[string]bool               // by key: on some platform
	kept    map[string][]catalog.Platform // by key
}

func newWaivers(service catalog.Service) *waivers {
	return &waivers{service: service, broken: map[string]bool{}, kept: map[string][]catalog.Platform{}}
}

// tried records whether a promise was kept on a platform, and returns the reason for which it need not be; empty: none.
func (w *waivers) tried(key string, platform catalog.Platform, kept bool, now time.Time) (reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if kept {
		w.kept[key] = append(w.kept[key], platform)
	} else {
		w.broken[key] = true
	}
	for _, waiver := range w.service.Allow {
		if waiver.Promise == key && !expired(waiver, now) {
			return waiver.Reason
		}
	}
	return ""
}

// expired: a waiver holds to the end of its last day.
func expired(waiver catalog.Waiver, now time.Time) bool {
	return !waiver.Until.IsZero() && !now.Before(waiver.Until.AddDate(0, 0, 1))
}

// problems are the waivers that are wrong. One is unused when its promise was kept on all of the given platforms: what is
// broken on a platform that was not tried may still need it.
func (w *waivers) problems(platforms []catalog.Platform, now time.Time) []error {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []error
	wrong := func(waiver catalog.Waiver, format string, args ...any) {
		place := fmt.Sprintf("%s/service.yaml:%d: the waiver for the promise %s ", w.service.Dir, waiver.Line, waiver.Promise)
		found = append(found, fmt.Errorf(place+format, args...))
	}
	var keys []string
	for _, p := range promised(w.service.Protocol) {
		keys = append(keys, p.key)
	}
	for _, waiver := range w.service.Allow {
		switch key := waiver.Promise; {
		case key == "":
		case !slices.Contains(keys, key):
			wrong(waiver, "is for no promise of protocol %s: remove it; its promises are %s", w.service.Protocol, strings.Join(keys, ", "))
		case expired(waiver, now):
			wrong(waiver, "expired on %s: fix the service and remove the waiver, or move `until`", waiver.Until.Format(time.DateOnly))
		case !w.broken[key] && len(platforms) > 0 && subset(platforms, w.kept[key]):
			wrong(waiver, "is not needed: it was kept on %s; remove the waiver", join(w.kept[key]))
		}
	}
	return found
}

func subset(platforms, of []catalog.Platform) bool {
	return !slices.ContainsFunc(platforms, func(p catalog.Platform) bool { return !slices.Contains(of, p) })
}

func join(platforms []catalog.Platform) string {
	names := make([]string, len(platforms))
	for i, p := range platforms {
		names[i] = string(p)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// waives reports whether a service need not keep a promise.
func (t target) waives(key string) bool {
	return slices.ContainsFunc(t.service.Allow, func(w catalog.Waiver) bool { return w.Promise == key && !expired(w, time.Now()) })
}

func TestWaivers(t *testing.T) {
	today := time.Date(2026, 11, 24, 23, 59, 0, 0, time.UTC)
	day := func(d int) time.Time { return time.Date(2026, 11, d, 0, 0, 0, 0, time.UTC) }
	amd64, arm64 := catalog.Platform("linux/amd64"), catalog.Platform("linux/arm64")
	type outcome struct {
		platform catalog.Platform
		kept     bool
	}
	for name, test := range map[string]struct {
		protocol catalog.Protocol
		waiver   catalog.Waiver
		outcomes []outcome
		reason   string // of the last outcome
		problem  string
	}{
		"broken":               {catalog.HTTP, catalog.Waiver{Promise: "drains", Reason: "x"}, []outcome{{amd64, false}, {arm64, false}}, "x", ""},
		"broken on one":        {catalog.HTTP, catalog.Waiver{Promise: "drains", Reason: "x"}, []outcome{{arm64, true}, {amd64, false}}, "x", ""},
		"kept":                 {catalog.HTTP, catalog.Waiver{Promise: "drains", Reason: "x", Line: 7}, []outcome{{arm64, true}, {amd64, true}}, "x", "services/some/service.yaml:7: the waiver for the promise drains is not needed: it was kept on linux/amd64, linux/arm64; remove the waiver"},
		"kept where tried":     {catalog.HTTP, catalog.Waiver{Promise: "drains", Reason: "x"}, []outcome{{amd64, true}}, "x", ""},
		"not tried":            {catalog.HTTP, catalog.Waiver{Promise: "drains", Reason: "x"}, nil, "", ""},
		"of another promise":   {catalog.HTTP, catalog.Waiver{Promise: "head", Reason: "x"}, []outcome{{amd64, false}}, "", ""},
		"on its last day":      {catalog.HTTP, catalog.Waiver{Promise: "drains", Reason: "x", Until: day(24)}, []outcome{{amd64, false}}, "x", ""},
		"expired":              {catalog.HTTP, catalog.Waiver{Promise: "drains", Reason: "x", Until: day(23)}, []outcome{{amd64, false}}, "", "expired on 2026-11-23: fix the service"},
		"of another protocol":  {catalog.GRPC, catalog.Waiver{Promise: "drains", Reason: "x"}, nil, "", "is for no promise of protocol grpc: remove it; its promises are healthy, confined, memory, sigterm"},
		"of a worker's health": {catalog.NoProtocol, catalog.Waiver{Promise: "healthy", Reason: "x"}, nil, "", "is for no promise of protocol none"},
		"for a rule":           {catalog.HTTP, catalog.Waiver{Rule: "lean", Reason: "x"}, []outcome{{amd64, true}, {arm64, true}}, "", ""},
	} {
		w := newWaivers(catalog.Service{Name: "some", Dir: "services/some", Protocol: test.protocol, Allow: []catalog.Waiver{test.waiver}})
		reason := ""
		for _, o := range test.outcomes {
			reason = w.tried("drains", o.platform, o.kept, today)
		}
		if reason != test.reason {
			t.Errorf("%s: reason %q, want %q", name, reason, test.reason)
		}
		problems := w.problems([]catalog.Platform{amd64, arm64}, today)
		if len(problems) > 1 || (len(problems) == 1) != (test.problem != "") || len(problems) == 1 && !strings.Contains(problems[0].Error(), test.problem) {
			t.Errorf("%s: problems %v, want %q", name, problems, test.problem)
		}
	}
}
