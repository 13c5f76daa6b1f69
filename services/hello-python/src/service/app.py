"""The application: its routes, and how it says no."""

from collections.abc import Callable

from flask import Flask, Response, jsonify
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException

from service.peers import Peers
from service.settings import Settings


def create_app(settings: Settings, draining: Callable[[], bool] = lambda: False) -> Flask:
    app = Flask(__name__, static_folder=None)
    peers = Peers(settings.peers, settings.peers_timeout)

    @app.get("/")
    def hello() -> Response:
        return jsonify(message="Hello from multi-stage Python!")

    @app.get("/peers")
    def ask_peers() -> tuple[Response, int, dict[str, str]]:
        answers = peers.ask()
        if answers is None:
            return jsonify(error="busy asking the peers; try again"), 503, {"Retry-After": "1"}
        return jsonify(peers=answers), 200, {}

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        if draining():
            return jsonify(status="draining"), 503
        return jsonify(status="ok"), 200

    @app.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> tuple[Response, int, Headers]:
        """Errors as JSON; the headers that belong to them (Allow) stay."""
        headers = Headers(error.get_headers())
        headers.remove("Content-Type")
        return jsonify(error=error.description), error.code or 500, headers

    return app
