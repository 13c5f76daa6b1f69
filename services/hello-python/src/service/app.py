"""The routes: the file to change. What services have in common comes from libs/python."""

import threading

from flask import Flask
from servicekit import outgoing_headers
from werkzeug.exceptions import ServiceUnavailable

from service.peers import Answer, Peers

CALLERS = 2  # requests to /peers served at once: the other threads are for everybody else


def create_app(peers: Peers) -> Flask:
    app = Flask(__name__, static_folder=None)
    callers = threading.BoundedSemaphore(CALLERS)

    @app.get("/")
    def hello() -> dict[str, str]:
        return {"message": "Hello from multi-stage Python!"}

    @app.get("/peers")
    def ask_peers() -> dict[str, list[Answer]]:
        if not callers.acquire(blocking=False):
            raise ServiceUnavailable("busy asking the peers; try again", retry_after=1)
        try:
            return {"peers": peers.ask(outgoing_headers())}
        finally:
            callers.release()

    return app
