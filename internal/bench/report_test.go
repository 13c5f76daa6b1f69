package bench

import (
	"strings"
	"testing"
	"time"

	"example.com/stagecraft/internal/catalog"
)

func TestReport(t *testing.T) {
	round := func(perSecond float64, busy float64) sample {
		return sample{
			start: 300 * time.Millisecond, memory: 10 << 20,
			jobs:  map[string]speed{"greets": {perSecond: perSecond, p50: time.Millisecond, p99: 20 * time.Millisecond, perAnswer: 50 * time.Microsecond, serverBusy: busy, clientBusy: 0.95}},
			alive: map[string]speed{"greets": {p50: 2 * time.Millisecond, p99: 4 * time.Millisecond}},
		}
	}
	logging, peer := round(400, 0.95), round(500, 0.95)
	logging.start, logging.memory = 600*time.Millisecond, 5<<20
	d := Duel{Service: catalog.Service{Name: "hello", Health: catalog.Health{Live: "/healthz"}}}
	var report Report
	report.add(d.Service, d.contestants(), []catalog.Check{{Name: "greets", Method: "GET", Path: "/"}}, [][]sample{
		{round(900, 0.5), round(1000, 0.5), round(1200, 0.5)}, {logging, logging}, {round(1500, 0.95)}, {peer, peer},
	})
	var text strings.Builder
	for _, table := range []Table{report.Answers, report.Process} {
		for _, row := range table.Rows {
			text.WriteString(strings.Join(row, "; ") + "\n")
		}
	}
	if got, want := text.String(), `hello; GET /; as shipped; ≥ 1000 (2.50×); 1.00 (1.00×); 20 (1.00×); 50.0 (1.00×)
hello; GET /; logging peer; 400; 1.00; 20; 50.0
hello; GET /; without request log; 1500 (3.00×); 1.00 (1.00×); 20 (1.00×); 50.0 (1.00×)
hello; GET /; bare peer; 500; 1.00; 20; 50.0
hello; GET /healthz next to /; as shipped; ; 2.00 (1.00×); 4.00 (1.00×); 
hello; GET /healthz next to /; logging peer; ; 2.00; 4.00; 
hello; GET /healthz next to /; without request log; ; 2.00 (1.00×); 4.00 (1.00×); 
hello; GET /healthz next to /; bare peer; ; 2.00; 4.00; 
hello; as shipped; 300 (0.50×); 10.0 (2.00×)
hello; logging peer; 600; 5.0
`; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	remarks := strings.Join(report.Remarks(), "\n")
	for _, words := range []string{"Medians of 3 rounds", "further than 20 % from the median", "≥: the load's processors were busier"} {
		if !strings.Contains(remarks, words) {
			t.Errorf("%q is not among the remarks:\n%s", words, remarks)
		}
	}
}

func TestAnonymous(t *testing.T) {
	for _, c := range []struct {
		stats map[string]uint64
		want  uint64
	}{{map[string]uint64{"anon": 1, "file": 9}, 1}, {map[string]uint64{"rss": 2, "total_rss": 3, "cache": 9}, 3}, {nil, 0}} {
		if got := anonymous(c.stats); got != c.want {
			t.Errorf("%v: %d, want %d", c.stats, got, c.want)
		}
	}
}

func TestAccept(t *testing.T) {
	hello := "Hello\n"
	right := accept(catalog.Expect{Status: 200, Body: &hello, Headers: map[string]string{"x": "y"}})
	if err := right(200, []byte(hello)); err != nil {
		t.Error(err)
	}
	if err := right(200, []byte("Bye\n")); err == nil || !strings.Contains(err.Error(), `expected exactly "Hello\n", got "Bye\n"`) {
		t.Errorf("a wrong body: %v", err)
	}
	if err := right(503, []byte(hello)); err == nil || !strings.Contains(err.Error(), "expected 200, got 503") {
		t.Errorf("a wrong status: %v", err)
	}
}

func TestWire(t *testing.T) {
	got := string(wire(catalog.Check{Method: "POST", Path: "/hash", Headers: map[string]string{"content-type": "application/json"}, Body: []byte(`{"a":1}`)}))
	want := "POST /hash HTTP/1.1\r\nHost: stagecraft\r\nContent-Length: 7\r\nContent-Type: application/json\r\n\r\n{\"a\":1}"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
