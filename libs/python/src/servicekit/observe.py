"""WSGI middleware that identifies, checks and logs every request."""

import logging
import time
from typing import TYPE_CHECKING

from servicekit import problems
from servicekit.identity import current, identify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LIVE_PATH = "/healthz"
READY_PATH = "/readyz"

log = logging.getLogger("servicekit")


class Observed:
    """An application whose requests are logged. While it drains, answers end their connections."""

    def __init__(self, app: "WSGIApplication", draining: "Callable[[], bool]") -> None:
        self._app = app
        self._draining = draining

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> "Iterator[bytes]":
        start = time.perf_counter()
        identity = identify(environ)
        current.set(identity)  # of this thread, until its next request
        status = sent = 0

        def start_observed(
            line: str, headers: list[tuple[str, str]], exc_info: "OptExcInfo | None" = None
        ) -> "Callable[[bytes], object]":
            nonlocal status
            status = int(line[:3])
            headers = [*headers, ("X-Request-Id", identity.fields["request_id"])]
            if self._draining() and environ["REQUEST_METHOD"] != "HEAD":
                # PEP 3333 keeps `Connection: close` from applications. waitress sends it with an
                # answer of unknown length.
                headers = [header for header in headers if header[0].lower() != "content-length"]
            return start_response(line, headers, exc_info)

        answer: Iterable[bytes] = ()
        try:
            answer = (self._app if host_is_clear(environ) else refuse)(environ, start_observed)
            for piece in answer:
                sent += len(piece)
                yield piece
        finally:
            if close := getattr(answer, "close", None):
                close()
            path = environ["REQUEST_URI"].partition("?")[0]  # as it was sent: PATH_INFO is decoded
            log.log(
                logging.DEBUG if path in (LIVE_PATH, READY_PATH) else logging.INFO,
                "request",
                extra={
                    "method": environ["REQUEST_METHOD"],
                    "path": path,
                    "status": status,
                    "bytes": sent,
                    "duration_ms": round((time.perf_counter() - start) * 1000, 3),
                },
            )


def host_is_clear(environ: "WSGIEnvironment") -> bool:
    """RFC 9112, 3.2: one Host. waitress joins the values of repeated headers by commas."""
    host = environ.get("HTTP_HOST")
    if host is None:
        return bool(environ["SERVER_PROTOCOL"] == "HTTP/1.0")
    return "," not in host


def refuse(_: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
    """The answer to a request whose Host is not clear."""
    body = problems.body(400, "a request has one Host header")
    headers = [("Content-Type", problems.CONTENT_TYPE), ("Content-Length", str(len(body)))]
    start_response("400 Bad Request", headers)
    return [body]
