package tracing

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"example.com/stagecraft/libs/go/service"
)

const (
	patience = 30 * time.Second // for what takes milliseconds on a machine that is not busy
	traceID  = "0af7651916cd43dd8448eb211c80319c"
	parent   = "00-" + traceID + "-b7ad6b7169203331-01"
	upstream = "TEST_UPSTREAM"
)

// TestMain makes this program the service under test where the environment says so.
func TestMain(m *testing.M) {
	if os.Getenv(upstream) == "" {
		os.Exit(m.Run())
	}
	Main("greeter", func(r chi.Router) error {
		client := &http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}
		r.Get("/users/{id}", func(w http.ResponseWriter, r *http.Request) {
			request, err := http.NewRequestWithContext(r.Context(), http.MethodGet, os.Getenv(upstream), http.NoBody)
			if err != nil {
				panic(err)
			}
			response, err := client.Do(request)
			if err != nil {
				panic(err)
			}
			defer response.Body.Close()
			service.Text(w, "hello\n")
		})
		return nil
	})
}

// received is what a server was sent.
type received struct {
	mu       sync.Mutex
	spans    []*trace.ResourceSpans
	paths    []string
	parents  []string
	problems []string
}

func (c *received) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.paths = append(c.paths, r.URL.Path)
	c.parents = append(c.parents, r.Header.Get("Traceparent"))
	if r.Method != http.MethodPost {
		return
	}
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		if unzipped, err := gzip.NewReader(r.Body); err == nil {
			body = unzipped
		}
	}
	var export collector.ExportTraceServiceRequest
	data, err := io.ReadAll(body)
	if err == nil {
		err = proto.Unmarshal(data, &export)
	}
	if err != nil {
		c.problems = append(c.problems, err.Error())
	}
	c.spans = append(c.spans, export.GetResourceSpans()...)
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// serve runs the service, asks it once with a traceparent, and ends it.
func serve(t *testing.T, env ...string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	var output bytes.Buffer
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), append(env, "PORT="+address[strings.LastIndex(address, ":")+1:])...)
	program.Stdout, program.Stderr = &output, &output
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = program.Process.Kill()
		_ = program.Wait()
		t.Log(output.String())
	}()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/users/42", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Traceparent", parent)
	response, err := http.DefaultClient.Do(request)
	for start := time.Now(); err != nil && time.Since(start) < patience; time.Sleep(10 * time.Millisecond) {
		response, err = http.DefaultClient.Do(request)
	}
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if err := program.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := program.Wait(); err != nil {
		t.Errorf("after SIGTERM: %v", err)
	}
}

func TestSpansReachTheCollector(t *testing.T) {
	var spans, asked received
	to, peer := httptest.NewServer(&spans), httptest.NewServer(&asked)
	defer to.Close()
	defer peer.Close()
	serve(t, upstream+"="+peer.URL, "OTEL_EXPORTER_OTLP_ENDPOINT="+to.URL)

	spans.mu.Lock()
	defer spans.mu.Unlock()
	if len(spans.problems) > 0 || len(spans.paths) == 0 || spans.paths[0] != "/v1/traces" {
		t.Fatalf("sent to %q; %q", spans.paths, spans.problems)
	}
	names := map[string]bool{}
	for _, resource := range spans.spans {
		if !strings.Contains(resource.GetResource().String(), "greeter") {
			t.Errorf("the resource is not the service: %v", resource.GetResource())
		}
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				names[span.GetName()] = true
				if got := hex.EncodeToString(span.GetTraceId()); got != traceID {
					t.Errorf("%s is in trace %s, not in the caller's", span.GetName(), got)
				}
			}
		}
	}
	if !names["GET /users/{id}"] {
		t.Errorf("spans: %v", names)
	}
	if len(asked.parents) != 1 || !strings.Contains(asked.parents[0], traceID) || asked.parents[0] == parent {
		t.Errorf("traceparent for the peer: %q, want a span of this service in the caller's trace", asked.parents)
	}
}

func TestOffByDefault(t *testing.T) {
	var asked received
	peer := httptest.NewServer(&asked)
	defer peer.Close()
	serve(t, upstream+"="+peer.URL, "OTEL_EXPORTER_OTLP_ENDPOINT=")
	if len(asked.paths) != 1 || asked.parents[0] != "" {
		t.Errorf("asked %q with traceparent %q", asked.paths, asked.parents)
	}
}
