"""What a request gets, without a server."""

import logging

import pytest
from werkzeug.test import Client, TestResponse

from greeter import app
from servicekit import service
from servicekit.identity import current
from servicekit.observe import Observed

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class Drain:
    draining = False


drain = Drain()
service.install(app, lambda: drain.draining)


@pytest.fixture
def client(caplog: pytest.LogCaptureFixture) -> Client:
    caplog.set_level(logging.DEBUG)
    drain.draining = False
    return Client(Observed(app, lambda: drain.draining))


def ask(client: Client, path: str, method: str = "GET", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.open(path, method=method, headers=named, buffered=True)


@pytest.mark.parametrize(
    ("method", "path", "status", "logged", "size"),
    [
        ("GET", "/?token=secret", 200, "/", 20),
        ("HEAD", "/", 200, "/", 0),
        ("GET", "/stream", 200, "/stream", 7),
        ("GET", "/%C3%BC", 404, "/%C3%BC", 38),
        ("GET", "/%FF", 404, "/%FF", 38),
    ],
)
def test_request_line(
    client: Client,
    caplog: pytest.LogCaptureFixture,
    method: str,
    path: str,
    status: int,
    logged: str,
    size: int,
) -> None:
    assert ask(client, path, method).status_code == status
    (record,) = [record for record in caplog.records if record.message == "request"]
    line = vars(record)
    assert (line["method"], line["path"], line["status"]) == (method, logged, status)
    assert line["bytes"] == size
    assert line["duration_ms"] > 0
    assert record.levelno == logging.INFO


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health(client: Client, caplog: pytest.LogCaptureFixture, path: str) -> None:
    assert ask(client, path).status_code == 200
    assert [record.levelno for record in caplog.records] == [logging.DEBUG]
    drain.draining = True
    assert ask(client, path).status_code == (200 if path == "/healthz" else 503)


@pytest.mark.parametrize(("given", "kept"), [("a.b:c/+=-_9", True), ("a b", False), ("", False)])
def test_request_id(client: Client, given: str, kept: bool) -> None:
    first = ask(client, "/", X_Request_Id=given).headers["X-Request-Id"]
    assert (first == given) == kept
    assert ask(client, "/").headers["X-Request-Id"] != first


@pytest.mark.parametrize(
    ("header", "valid"),
    [
        (f"00-{TRACE}-{SPAN}-01", True),
        (f"cc-{TRACE}-{SPAN}-01-what-comes", True),
        (f"ff-{TRACE}-{SPAN}-01", False),
        (f"00-{TRACE.upper()}-{SPAN}-01", False),
        (f"00-{'0' * 32}-{SPAN}-01", False),
        (f"00-{TRACE}-{'0' * 16}-01", False),
        (f"00-{TRACE}-{SPAN}", False),
        ("", False),
    ],
)
def test_trace(header: str, valid: bool) -> None:
    seen = []

    def app(_: object, start_response: object) -> list[bytes]:
        assert callable(start_response)
        seen.append(current.get())
        start_response("200 OK", [])
        return []

    ask(Client(Observed(app, lambda: False)), "/", traceparent=header, X_Request_Id="r1")
    (identity,) = seen
    assert identity is not None
    traced = {"trace_id": TRACE, "span_id": SPAN} if valid else {}
    assert identity.fields == {"request_id": "r1"} | traced
    assert identity.headers == {"X-Request-Id": "r1"} | ({"traceparent": header} if valid else {})


@pytest.mark.parametrize(
    ("method", "path", "status", "title", "detail"),
    [
        ("GET", "/nowhere", 404, "Not Found", None),
        ("DELETE", "/", 405, "Method Not Allowed", None),
        ("GET", "/orders/3", 409, "Conflict", "the order is paid already"),
        ("GET", "/orders/0", 500, "Internal Server Error", None),
    ],
)
def test_problems(
    client: Client, method: str, path: str, status: int, title: str, detail: str | None
) -> None:
    answer = ask(client, path, method)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json == {"title": title, "status": status} | (
        {"detail": detail} if detail else {}
    )
    if status == 405:
        assert answer.headers.getlist("Allow") == ["GET, HEAD, POST, OPTIONS"] or (
            set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST", "OPTIONS"}
        )


def test_fault_is_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    ask(client, "/orders/0")
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.exc_info
    assert str(record.exc_info[1]) == "a secret"
