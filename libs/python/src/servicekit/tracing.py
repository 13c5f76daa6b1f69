"""Spans for requests, answered and sent: what `servicekit[otel]` is for."""

from flask import Flask
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor


def export_spans(name: str, app: Flask) -> None:
    """Sends spans by OTLP over HTTP to OTEL_EXPORTER_OTLP_ENDPOINT; at the end, those that wait."""
    provider = TracerProvider(resource=Resource.create({"service.name": name}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    flask = FlaskInstrumentor()
    flask.instrument_app(app, excluded_urls="/healthz,/readyz")  # type: ignore[no-untyped-call]
    HTTPXClientInstrumentor().instrument()
