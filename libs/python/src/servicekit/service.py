"""A whole service around a Flask application."""

import os
import sys
from collections.abc import Callable
from typing import Any, Never

from flask import Flask, Response, abort

from servicekit import logs, problems
from servicekit.observe import LIVE_PATH, READY_PATH, Observed
from servicekit.server import Server, listen
from servicekit.settings import Settings


def run(name: str, app: Flask, **options: Any) -> Never:
    """Serves an application until SIGTERM, by the contract. Options are for waitress.

    Exit codes: 0 after a drain; 1 for bad settings, a port that is taken, requests that did not
    end in time, and a second signal.
    """
    with Settings() as settings:
        pass
    logs.start(name, settings.log_level)
    server = Server(settings.drain_delay)

    def draining() -> bool:
        return server.draining

    install(app, draining)
    try:
        listener = listen(settings.port)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        sys.exit(f"{name}: listening on port {settings.port}: {reason}: set PORT to a free one")
    sys.exit(server.serve(Observed(app, draining), listener, **options))


def install(app: Flask, draining: Callable[[], bool]) -> None:
    """Adds errors and health to an application."""
    problems.install(app)

    @app.get(LIVE_PATH)
    def live() -> Response:
        return Response("ok\n", mimetype="text/plain")

    @app.get(READY_PATH)
    def ready() -> Response:
        if draining():
            abort(503, "draining")
        return Response("ready\n", mimetype="text/plain")
