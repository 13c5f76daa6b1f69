import threading

import upstream as up
from service.app import CALLERS, create_app
from service.peers import Peers


def test_hello() -> None:
    response = create_app(Peers((), 1)).test_client().get("/")
    assert response.status_code == 200
    assert response.json == {"message": "Hello from multi-stage Python!"}
    assert response.content_type == "application/json"


def test_peers(upstream: up.Upstream) -> None:
    response = create_app(Peers([upstream.url], up.PATIENCE)).test_client().get("/peers")
    assert response.json is not None
    assert response.json["peers"][0]["body"] == "hello"


def test_busy(upstream: up.Upstream) -> None:
    """While as many callers wait as may, a further one is sent away."""
    upstream.behaviour = up.silent
    app = create_app(Peers([upstream.url], up.PATIENCE))
    statuses: list[int] = []

    def call() -> None:
        statuses.append(app.test_client().get("/peers").status_code)

    callers = [threading.Thread(target=call) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    up.until(lambda: upstream.asked == CALLERS)
    response = app.test_client().get("/peers")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    upstream.behaviour = up.well
    upstream.hang_up()
    for caller in callers:
        caller.join()
    assert statuses == [200] * CALLERS
    assert app.test_client().get("/peers").status_code == 200
