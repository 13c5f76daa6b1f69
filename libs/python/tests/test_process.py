"""The service as it runs: signals, slow and odd clients, what it writes."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from process import HERE, PATIENCE, Greeter, environment, read_all, read_response, request, until


@pytest.fixture
def greeter() -> Iterator[Greeter]:
    """For a test that ends it."""
    with Greeter() as running:
        yield running


@pytest.fixture(scope="module")
def shared() -> Iterator[Greeter]:
    with Greeter() as running:
        yield running


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_well(greeter: Greeter, number: int) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    greeter.ask(request("/?q", "GET", f"traceparent: 00-{trace}-00f067aa0ba902b7-01"))
    greeter.signal(number)
    assert greeter.end() == 0
    log = greeter.log()
    (line,) = [line for line in log if line["message"] == "request"]
    expected = {"level": "info", "service": "greeter", "method": "GET", "path": "/", "status": 200}
    assert expected.items() <= line.items()
    assert line["trace_id"] == trace
    assert isinstance(line["duration_ms"], float)
    assert [line["message"] for line in log if line != log[1]] == [
        "listening",
        "draining",
        "drained",
    ]


def test_a_handlers_lines_are_of_its_request(greeter: Greeter) -> None:
    greeter.ask(request("/orders/3", "GET", "X-Request-Id: mine"))
    greeter.signal()
    greeter.end()
    lines = [line for line in greeter.log() if line.get("request_id") == "mine"]
    assert [line["message"] for line in lines] == ["looked up", "request"]
    assert (lines[0]["order"], lines[0]["level"]) == (3, "info")


def test_drain_delay() -> None:
    with Greeter(DRAIN_DELAY="1s") as greeter:
        start = time.monotonic()
        greeter.signal()
        assert greeter.end() == 0
        assert time.monotonic() - start >= 1


def test_serves_while_draining() -> None:
    with Greeter(DRAIN_DELAY="1h") as greeter, greeter.connect() as client:
        client.sendall(request(keep=True))
        headers = read_response(client)[1]
        assert "connection" not in headers
        greeter.signal()
        until(lambda: not greeter.ready())
        assert greeter.status("/healthz") == 200
        client.sendall(request(method="HEAD", keep=True))
        assert read_response(client, body=False)[1]["content-length"] == "20"
        client.sendall(request(keep=True))
        answer = read_all(client)  # the service closes the connection, and says so
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"\r\nConnection: close\r\n" in answer
        assert b'{"message":"hello"}' in answer


def test_second_signal_ends_at_once() -> None:
    with Greeter(DRAIN_DELAY="1h") as greeter:
        greeter.signal()
        until(lambda: not greeter.ready())
        greeter.signal()
        assert greeter.end() == 1
        assert "interrupted while draining" in greeter.log()[-1]["message"]


def test_requests_in_progress_are_answered(tmp_path: Path) -> None:
    with Greeter(FOLDER=str(tmp_path)) as greeter, ExitStack() as clients:
        waiting, sending, idle = (clients.enter_context(greeter.connect()) for _ in range(3))
        waiting.sendall(request("/wait"))
        sending.sendall(request("/", "POST", "Content-Length: 4") + b"ab")
        idle.sendall(request(keep=True))
        assert read_response(idle)[0] == 200
        until((tmp_path / "arrived").exists)
        greeter.signal()
        until(lambda: refused(greeter))
        sending.sendall(b"cd")
        assert b'{"bytes":4}' in read_all(sending)
        idle.sendall(request(keep=True))
        assert read_all(idle).startswith(b"HTTP/1.1 200")
        (tmp_path / "go").touch()
        assert b"waited" in read_all(waiting)
        assert greeter.end() == 0


def refused(greeter: Greeter) -> bool:
    try:
        greeter.connect().close()
    except ConnectionRefusedError:
        return True
    return False


def test_requests_that_take_too_long_are_cut_off(tmp_path: Path) -> None:
    with Greeter(FOLDER=str(tmp_path), DRAIN_TIMEOUT="0.1") as greeter, greeter.connect() as client:
        client.sendall(request("/wait"))
        until((tmp_path / "arrived").exists)
        greeter.signal()
        assert greeter.end() == 1
        line = greeter.log()[-1]
        assert (line["level"], line["connections"]) == ("error", 1)
        assert line["message"] == "requests took too long and were cut off"


def test_idle_connections_do_not_hold_it_up() -> None:
    with Greeter(LINGER="0.1") as greeter, greeter.connect() as idle, greeter.connect() as silent:
        idle.sendall(request(keep=True))
        assert read_response(idle)[0] == 200
        greeter.signal()
        assert greeter.end() == 0
        assert read_all(idle) == read_all(silent) == b""


def test_clients_that_the_kernel_has_accepted_are_answered(greeter: Greeter) -> None:
    """The process stands still, as on a busy machine, and sees SIGTERM first when it goes on."""
    with ExitStack() as stack:
        greeter.signal(signal.SIGSTOP)
        os.waitid(os.P_PID, greeter.process.pid, os.WSTOPPED | os.WNOWAIT)
        clients = [stack.enter_context(greeter.connect()) for _ in range(100)]
        for client in clients:
            client.sendall(request())
        greeter.signal(signal.SIGTERM)
        greeter.signal(signal.SIGCONT)
        assert all(read_all(client).startswith(b"HTTP/1.1 200") for client in clients)
    assert greeter.end() == 0


@pytest.mark.parametrize(
    ("clients", "begin", "rest"),
    [
        (200, b"GET / HTTP/1.1\r\nHost: ", b"x\r\n\r\n"),
        (48, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na", b"b"),
        (48, b"", request()),
    ],
)
def test_slow_clients_hold_no_thread(
    shared: Greeter, clients: int, begin: bytes, rest: bytes
) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(shared.connect()) for _ in range(clients)]
        for client in slow:
            client.sendall(begin)
        for _ in range(10):
            assert shared.status() == 200
        for client in slow:
            client.sendall(rest)
            assert read_response(client)[0] == 200


def test_pipelined_requests(shared: Greeter) -> None:
    answers = shared.ask(request(keep=True) + request("/healthz", keep=True) + request("/readyz"))
    assert answers.count(b"HTTP/1.1 200 OK") == 3


@pytest.mark.parametrize(
    ("odd", "status"),
    [
        (b"this is not HTTP\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n", 400),
        (b"GET / HTTP/1.0\r\n\r\n", 200),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 17_000, 431),
        (request("/", "POST", "Content-Length: 100001"), 413),
    ],
)
def test_odd_requests(shared: Greeter, odd: bytes, status: int) -> None:
    with shared.connect() as client:
        client.sendall(odd)
        assert read_response(client)[0] == status
    assert shared.status() == 200


def test_bad_settings_are_lines() -> None:
    done = start(PORT="x", LOG_LEVEL="loud")
    assert done.returncode == 1
    assert done.stdout == ""
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == [
        "reading PORT",
        "reading LOG_LEVEL",
    ]


def test_port_that_is_taken() -> None:
    with socket.create_server(("", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = start(PORT=port)
    assert done.returncode == 1
    assert done.stderr == (
        f"greeter: listening on port {port}: Address already in use: set PORT to a free one\n"
    )


def start(**settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(HERE / "greeter.py")],
        env=environment(**settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
