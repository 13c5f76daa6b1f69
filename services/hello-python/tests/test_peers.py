import threading
import time

import pytest

import upstream as up
from service.app import create_app
from service.peers import BODY_LIMIT, CALLERS, CONCURRENCY, Answer, Peers
from service.settings import Settings

TIMEOUT = 1.0
SLACK = 5  # seconds that a busy machine may take beside; slow peers take far longer
TOO_LATE = "no whole answer within 1s"


def ask(*urls: str) -> list[Answer]:
    answers = Peers(urls, TIMEOUT).ask()
    assert answers is not None
    return answers


def test_well(upstream: up.Upstream) -> None:
    (answer,) = ask(upstream.url)
    assert answer["ms"] < SLACK * 1000
    assert answer == {"url": upstream.url, "status": 200, "body": "hello", "ms": answer["ms"]}


def test_error_status_is_an_answer(upstream: up.Upstream) -> None:
    upstream.behaviour = up.failing
    (answer,) = ask(upstream.url)
    assert answer["status"] == 500
    assert "error" not in answer


@pytest.mark.parametrize("behaviour", [up.silent, up.dripping_head, up.dripping_body])
def test_slow(upstream: up.Upstream, behaviour: up.Behaviour) -> None:
    upstream.behaviour = behaviour
    start = time.monotonic()
    (answer,) = ask(upstream.url)
    assert TIMEOUT <= time.monotonic() - start < TIMEOUT + SLACK
    assert answer["error"] == TOO_LATE
    assert upstream.left_alone.wait(2), "a thread still listens to the slow peer"


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (up.garbled, "BadStatusLine: this is not HTTP"),
        (up.hanging_up, "RemoteDisconnected: Remote end closed connection without response"),
        (up.short, "IncompleteRead(5 bytes read, 95 more expected)"),
    ],
)
def test_broken(upstream: up.Upstream, behaviour: up.Behaviour, error: str) -> None:
    upstream.behaviour = behaviour
    (answer,) = ask(upstream.url)
    assert error in answer["error"]
    assert "status" not in answer


def test_dead() -> None:
    (answer,) = ask(up.dead_url())
    assert answer["error"] == "Connection refused"


def test_unknown_host() -> None:
    (answer,) = ask("http://nowhere.invalid/")
    assert "status" not in answer
    assert answer["error"]


def test_long_body_is_cut(upstream: up.Upstream) -> None:
    upstream.behaviour = up.endless
    (answer,) = ask(upstream.url)
    assert answer["body"] == "x" * BODY_LIMIT
    assert answer["truncated"] is True
    assert upstream.left_alone.wait(2)


def test_redirects_are_told_not_followed(upstream: up.Upstream) -> None:
    upstream.behaviour = up.redirecting
    (answer,) = ask(upstream.url)
    assert answer["status"] == 302


def test_by_turns(upstream: up.Upstream) -> None:
    peers = Peers([upstream.url], TIMEOUT)
    for behaviour, status, error in [
        (up.well, 200, None),
        (up.silent, None, TOO_LATE),
        (up.well, 200, None),
        (up.hanging_up, None, "RemoteDisconnected"),
        (up.well, 200, None),
    ]:
        upstream.behaviour = behaviour
        answers = peers.ask()
        assert answers is not None
        assert answers[0].get("status") == status
        assert (error or "") in answers[0].get("error", "")


def test_all_at_once_in_order() -> None:
    with up.running() as slow, up.running() as good:
        slow.behaviour = up.silent
        dead = up.dead_url()
        start = time.monotonic()
        answers = ask(slow.url, dead, good.url, slow.url)
        assert time.monotonic() - start < TIMEOUT + SLACK
    assert [a["url"] for a in answers] == [slow.url, dead, good.url, slow.url]
    assert [a.get("error", a.get("status")) for a in answers] == [
        TOO_LATE,
        "Connection refused",
        200,
        TOO_LATE,
    ]


def test_more_peers_than_threads(upstream: up.Upstream) -> None:
    upstream.behaviour = up.silent
    start = time.monotonic()
    answers = ask(*[upstream.url] * (3 * CONCURRENCY))
    assert time.monotonic() - start < TIMEOUT + SLACK
    assert [a["error"] for a in answers] == [TOO_LATE] * (3 * CONCURRENCY)
    assert upstream.asked == CONCURRENCY


def test_busy(upstream: up.Upstream) -> None:
    upstream.behaviour = up.silent
    app = create_app(Settings(peers=(upstream.url,), peers_timeout=TIMEOUT))
    statuses: list[int] = []

    def call() -> None:
        statuses.append(app.test_client().get("/peers").status_code)

    callers = [threading.Thread(target=call) for _ in range(CALLERS + 1)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert sorted(statuses) == [200] * CALLERS + [503]
    assert app.test_client().get("/peers").status_code == 200


def test_route(upstream: up.Upstream) -> None:
    app = create_app(Settings(peers=(upstream.url,)))
    response = app.test_client().get("/peers")
    assert response.json is not None
    assert response.json["peers"][0]["body"] == "hello"
