// Package tracing exports a span for each request of a service that keeps ../go's contract, by OTLP over HTTP.
package tracing

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/go-chi/chi/v5"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"

	"example.com/stagecraft/libs/go/service"
)

// flushWithin is how long the last spans may take to reach the collector, once the service has drained.
const flushWithin = 2 * time.Second

// Main is service.Main with spans. OTEL_EXPORTER_OTLP_ENDPOINT, such as http://collector:4318, turns them on; the other variables
// of https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ hold as well. Spans that are left when
// the service ends without an error are sent.
func Main(name string, routes func(chi.Router) error) {
	if os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" {
		service.Main(name, routes)
		return
	}
	provider, err := start(context.Background(), name)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: starting OpenTelemetry: %v\n", name, err)
		os.Exit(1)
	}
	service.Main(name, func(r chi.Router) error {
		r.Use(otelhttp.NewMiddleware(name))
		return routes(r)
	})
	stop(provider, name)
}

// start makes the exporter that all spans of the program go to. A client with otelhttp.NewTransport passes them on.
func start(ctx context.Context, name string) (*trace.TracerProvider, error) {
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, err
	}
	// The environment, OTEL_SERVICE_NAME for instance, wins over the name.
	described, err := resource.New(ctx, resource.WithAttributes(semconv.ServiceName(name)), resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, err
	}
	provider := trace.NewTracerProvider(trace.WithBatcher(exporter), trace.WithResource(described))
	otel.SetTracerProvider(provider)
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { slog.Warn("exporting spans", "error", err.Error()) }))
	otel.SetTextMapPropagator(propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))
	return provider, nil
}

func stop(provider *trace.TracerProvider, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), flushWithin)
	defer cancel()
	if err := provider.Shutdown(ctx); err != nil {
		fmt.Fprintf(os.Stderr, "%s: sending the last spans: %v\n", name, err)
	}
}
