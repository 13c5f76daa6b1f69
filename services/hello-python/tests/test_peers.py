import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trustme

import upstream as up
from service.peers import BODY_LIMIT, Answer, Peers, urls

TIMEOUT = 0.5
TOO_LATE = "no whole answer within 0.5s"


def ask(*urls: str, timeout: float = up.PATIENCE) -> list[Answer]:
    return Peers(urls, timeout).ask({"X-Request-Id": "mine"})


def test_well(upstream: up.Upstream) -> None:
    (answer,) = ask(upstream.url)
    assert answer == {"url": upstream.url, "status": 200, "body": "hello", "ms": answer["ms"]}
    assert b"\r\nX-Request-Id: mine\r\n" in upstream.request


def test_error_status_is_an_answer(upstream: up.Upstream) -> None:
    upstream.behaviour = up.failing
    (answer,) = ask(upstream.url)
    assert answer["status"] == 500
    assert "error" not in answer


@pytest.mark.parametrize("behaviour", [up.silent, up.dripping_head, up.dripping_body])
def test_slow(upstream: up.Upstream, behaviour: up.Behaviour) -> None:
    upstream.behaviour = behaviour
    (answer,) = ask(upstream.url, timeout=TIMEOUT)
    assert answer["error"] == TOO_LATE
    assert "status" not in answer
    assert upstream.left_alone.wait(up.PATIENCE), "somebody still listens to the slow peer"


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (up.garbled, "illegal status line"),
        (up.hanging_up, "Server disconnected without sending a response"),
        (up.short, "received 5 bytes, expected 100"),
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
    assert upstream.left_alone.wait(up.PATIENCE)


def test_redirects_are_reported_not_followed(upstream: up.Upstream) -> None:
    upstream.behaviour = up.redirecting
    (answer,) = ask(upstream.url)
    assert answer["status"] == 302


def test_all_at_once_in_order() -> None:
    with up.running() as slow, up.running() as good, ThreadPoolExecutor() as pool:
        slow.behaviour = up.silent
        all_urls = [*[slow.url] * 20, up.dead_url(), good.url, slow.url]
        asking = pool.submit(ask, *all_urls)
        up.until(lambda: (slow.asked, good.asked) == (21, 1))
        slow.hang_up()
        answers = asking.result()
    assert [answer["url"] for answer in answers] == all_urls
    assert answers[20]["error"] == "Connection refused"
    assert answers[21]["status"] == 200
    assert "Server disconnected" in answers[22]["error"]


@pytest.fixture
def tls_upstream() -> Iterator[tuple[up.Upstream, trustme.CA]]:
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    with up.running(context) as running:
        yield running, authority


def test_authorities_of_the_environment_are_trusted(
    tls_upstream: tuple[up.Upstream, trustme.CA], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upstream, authority = tls_upstream
    (answer,) = ask(upstream.url)
    assert "certificate verify failed" in answer["error"]
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    (answer,) = ask(upstream.url)
    assert answer["status"] == 200


def test_urls() -> None:
    text = "http://a:1/x, https://b/ http://[::1]:8080"
    assert urls(text) == ("http://a:1/x", "https://b/", "http://[::1]:8080")


@pytest.mark.parametrize(
    "text",
    [
        "localhost:80",
        "http://a, ftp://b",
        "http://a:99999/",
        "http://[::1/",
        "http:///x",
        "http://user:secret@host/",
    ],
)
def test_wrong_urls(text: str) -> None:
    with pytest.raises(ValueError, match=r"number [12] is not a URL without a password") as caught:
        urls(text)
    assert "secret" not in str(caught.value)
