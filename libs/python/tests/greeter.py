"""A service for the tests of this library, run as a process of its own."""

import logging
import os
import time
from pathlib import Path

import httpx
from flask import Flask, Response, abort, request

from servicekit import outgoing_headers, run, server

app = Flask("greeter")


@app.get("/")
def greet() -> dict[str, str]:
    return {"message": "hello"}


@app.post("/")
def count() -> dict[str, int]:
    return {"bytes": len(request.get_data())}


@app.get("/wait")
def wait() -> str:
    """Answers when the test allows it, which sees that the request has arrived."""
    folder = Path(os.environ["FOLDER"])
    (folder / "arrived").touch()
    while not (folder / "go").exists():
        time.sleep(0.01)
    return "waited"


@app.get("/stream")
def stream() -> Response:
    return Response(iter(["one ", "two"]))


@app.get("/orders/<int:number>")
def order(number: int) -> str:
    logging.getLogger("orders").info("looked up", extra={"order": number, "level": "mine"})
    if number == 0:
        raise RuntimeError("a secret")
    abort(409, "the order is paid already")


@app.get("/call")
def call() -> str:
    return httpx.get(os.environ["UPSTREAM"], headers=outgoing_headers()).text


if __name__ == "__main__":
    server.DRAIN_TIMEOUT = float(os.environ.get("DRAIN_TIMEOUT", server.DRAIN_TIMEOUT))
    server.LINGER = float(os.environ.get("LINGER", server.LINGER))
    if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ:
        from servicekit.tracing import export_spans

        export_spans("greeter", app)
    run("greeter", app, max_request_body_size=100_000)
