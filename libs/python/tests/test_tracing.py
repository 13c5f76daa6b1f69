"""Spans, as a collector gets them by OTLP over HTTP."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from process import Greeter, request

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
TRACEPARENT = f"traceparent: 00-{TRACE}-{SPAN}-01"


class Collector(ThreadingHTTPServer):
    """A collector, and a service that GET requests are sent to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.exports: list[ExportTraceServiceRequest] = []
        self.asked: list[dict[str, str]] = []


class Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/v1/traces":
            self.server.exports.append(ExportTraceServiceRequest.FromString(body))
        self._answer()

    def do_GET(self) -> None:
        self.server.asked.append({name.lower(): value for name, value in self.headers.items()})
        self._answer()

    def _answer(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        threading.Thread(target=server.serve_forever).start()
        yield server
        server.shutdown()


def test_spans_are_exported(collector: Collector) -> None:
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "UPSTREAM": collector.url}
    with Greeter(**settings) as greeter:
        assert greeter.ask(request("/call", "GET", TRACEPARENT)).startswith(b"HTTP/1.1 200")
        greeter.signal()
        assert greeter.end() == 0
    (resource,) = [resource for export in collector.exports for resource in export.resource_spans]
    names = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert names["service.name"] == "greeter"
    spans = {span.name: span for scope in resource.scope_spans for span in scope.spans}
    assert {span.trace_id.hex() for span in spans.values()} == {TRACE}
    assert spans["GET /call"].parent_span_id.hex() == SPAN
    assert spans["GET"].parent_span_id == spans["GET /call"].span_id
    (asked,) = collector.asked
    assert asked["traceparent"] == f"00-{TRACE}-{spans['GET'].span_id.hex()}-01"


def test_without_spans_the_trace_is_passed_on(collector: Collector) -> None:
    with Greeter(UPSTREAM=collector.url) as greeter:
        greeter.ask(request("/call", "GET", TRACEPARENT, "X-Request-Id: mine"))
        greeter.ask(request("/call", "GET"))
    traced, plain = collector.asked
    assert f"traceparent: {traced['traceparent']}" == TRACEPARENT
    assert traced["x-request-id"] == "mine"
    assert "traceparent" not in plain
    assert plain["x-request-id"]
    assert collector.exports == []
