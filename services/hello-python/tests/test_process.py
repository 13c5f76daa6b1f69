"""The service as it runs: signals, slow and odd clients, what it writes."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

import upstream as up
from process import Service, environment, read_all, read_response, request

SOON = 5  # seconds, on a machine busy with other tests; what must not be waited for takes longer
THREADS = 8
WORKERS = 2


@pytest.fixture
def service() -> Iterator[Service]:
    """For a test that ends it."""
    with Service() as running:
        yield running


@pytest.fixture(scope="module")
def shared() -> Iterator[Service]:
    with Service() as running:
        yield running


def test_ends_well(service: Service) -> None:
    assert service.status("/") == 200
    service.terminate()
    code, log = service.end()
    assert code == 0
    assert {"msg", "level", "time"} <= log[0].keys()
    asked = [line for line in log if line["msg"] == "request"]
    assert [(line["method"], line["path"], line["status"]) for line in asked] == [("GET", "/", 200)]


def test_drains() -> None:
    with Service(DRAIN_DELAY="3s") as service:
        start = time.monotonic()
        service.terminate()
        service.draining()
        assert service.status("/") == 200
        assert service.status("/healthz") == 200
        code, _ = service.end()
        assert code == 0
        assert time.monotonic() - start >= 3


def test_draining_closes_connections_after_an_answer() -> None:
    with Service(DRAIN_DELAY="3s") as service, service.connect() as client:
        client.sendall(request(keep=True))
        assert read_response(client)[1]["connection"] == "keep-alive"
        service.terminate()
        service.draining()
        client.sendall(request(keep=True))
        assert read_response(client)[1]["connection"] == "close"
        assert client.recv(1) == b""


def test_answers_what_is_in_flight(upstream: up.Upstream) -> None:
    upstream.behaviour = up.silent
    with Service(PEERS=upstream.url, PEERS_TIMEOUT="1s") as service, service.connect() as client:
        client.sendall(request("/peers"))
        while not upstream.asked:
            time.sleep(0.01)
        service.terminate()
        assert b"no whole answer within 1s" in read_all(client)
        assert service.end()[0] == 0


def test_answers_what_the_kernel_has_accepted(service: Service) -> None:
    """Clients whom the kernel lets in while the workers are held up, as by a busy machine."""
    with contextlib.ExitStack() as stack:
        with service.terminate_held_up():
            clients = [stack.enter_context(service.connect()) for _ in range(3 * WORKERS)]
            for client in clients:
                client.sendall(request())
        for client in clients:
            assert read_all(client).startswith(b"HTTP/1.1 200")
    assert service.end()[0] == 0


def test_serves_a_kept_connection_while_it_ends(service: Service) -> None:
    with service.connect() as client:
        client.sendall(request(keep=True))
        assert read_response(client)[0] == 200
        service.terminate()
        service.draining()
        client.sendall(request(keep=True))
        status, headers, _ = read_response(client)
        assert (status, headers["connection"]) == (200, "close")
    assert service.end()[0] == 0


@pytest.mark.parametrize("delay", ["0s", "60s"])
def test_second_signal_ends_at_once(upstream: up.Upstream, delay: str) -> None:
    upstream.behaviour = up.silent
    settings = {"PEERS": upstream.url, "PEERS_TIMEOUT": "1m", "DRAIN_DELAY": delay}
    with Service(**settings) as service, service.connect() as client:
        client.sendall(request("/peers"))
        while not upstream.asked:
            time.sleep(0.01)
        service.terminate()
        service.draining()
        assert service.process.poll() is None
        start = time.monotonic()
        service.terminate()
        assert service.process.wait(5) == 143
        assert time.monotonic() - start < SOON
        assert client.recv(1) == b"", "a worker has outlived the service"


def test_slow_clients_hold_no_thread(shared: Service) -> None:
    slow = [shared.connect() for _ in range(4 * THREADS * WORKERS)]
    try:
        for number, client in enumerate(slow):
            if number % 2:  # the others send nothing at all
                client.sendall(b"GET / HTTP/1.1\r\nHost: ")
        start = time.monotonic()
        for _ in range(20):
            assert shared.status("/healthz") == 200
        assert time.monotonic() - start < SOON
        # They are served when they go on, and a kept connection is waited for in the same way.
        for _ in range(2):
            slow[1].sendall(b"x\r\n\r\n")
            assert read_response(slow[1])[0] == 200
            slow[1].sendall(b"GET / HTTP/1.1\r\nHost: ")
    finally:
        for client in slow:
            client.close()


def test_half_a_head_and_then_the_end(shared: Service) -> None:
    with shared.connect() as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: ")
        client.shutdown(socket.SHUT_WR)
        start = time.monotonic()
        assert read_all(client) == b""
        assert time.monotonic() - start < SOON


def test_clients_that_do_not_close_hold_nobody_up(shared: Service) -> None:
    lazy = [shared.connect() for _ in range(10)]
    try:
        for client in lazy:
            client.sendall(request())
        start = time.monotonic()
        for _ in range(20):
            assert shared.status("/healthz") == 200
        assert time.monotonic() - start < SOON
        for client in lazy:
            assert read_all(client).startswith(b"HTTP/1.1 200")
    finally:
        for client in lazy:
            client.close()


def test_pipelined_requests(shared: Service) -> None:
    with shared.connect() as client:
        client.sendall(request(keep=True) + request("/healthz", keep=True) + request("/readyz"))
        assert read_all(client).count(b"HTTP/1.1 200 OK") == 3


def test_many_kept_connections(shared: Service) -> None:
    clients = [shared.connect() for _ in range(500)]
    try:
        for _ in range(2):
            for client in clients:
                client.sendall(request(keep=True))
            for client in clients:
                assert read_response(client)[0] == 200
    finally:
        for client in clients:
            client.close()


@pytest.mark.parametrize(
    ("odd", "status"),
    [
        (b"this is not HTTP\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET / HTTP/3.0\r\n\r\n", 400),
        (b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000, 431),
    ],
)
def test_odd_requests(shared: Service, odd: bytes, status: int) -> None:
    assert shared.ask(odd).split()[1] == str(status).encode()
    assert shared.status("/") == 200


def test_head(shared: Service) -> None:
    head, _, body = shared.ask(request(method="HEAD")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert body == b""


@pytest.mark.parametrize(
    "setting",
    [
        "PORT=abc",
        "WEB_CONCURRENCY=abc",
        "WEB_CONCURRENCY=0",
        "LOG_LEVEL=loud",
        "DRAIN_DELAY=2",
        "PEERS=x",
    ],
)
def test_bad_setting_is_one_line(setting: str) -> None:
    name, value = setting.split("=")
    done = subprocess.run(
        [sys.executable, "-m", "service"],
        env=environment(**{name: value}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(name)
    assert done.stderr.count("\n") == 1


def test_empty_setting_is_unset() -> None:
    with Service(WEB_CONCURRENCY="", LOG_LEVEL="") as service:
        assert service.status("/") == 200


def probe(port: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "service.probe", *arguments],
        env=environment(PORT=str(port)),
        capture_output=True,
        text=True,
        check=False,
    )


def test_probe(shared: Service) -> None:
    assert probe(shared.port).returncode == 0
    assert probe(shared.port, "/readyz").returncode == 0
    failed = probe(shared.port, "/nowhere")
    assert failed.returncode == 1
    assert "404" in failed.stderr


def test_probe_without_service() -> None:
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    failed = probe(port)
    assert failed.returncode == 1
    assert "Connection refused" in failed.stderr
    assert failed.stderr.count("\n") == 1
