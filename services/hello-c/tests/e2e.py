"""The real server on a real port: python3 tests/e2e.py, with SERVER=path of the program."""

import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import threading
import time
import unittest
from collections.abc import Iterator

SERVER = os.environ["SERVER"]
NAME = os.path.basename(SERVER)
HELLO = b"Hello from multi-stage C!\n"

# Seconds within which the server does what it does at once, on a machine that is busy with other tests. Where a test bounds
# a time, what must not have been waited for takes longer.
SOON = 5

# Seconds from one request of a connection to the next: a client that takes no longer is answered, even by a server that ends.
PROMPT = 0.2

# Descriptors of the server, by the common limit; and of the tests, which hold the other ends of its connections.
SERVER_FILES = 1024
TEST_FILES = 4096


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A running server; its log is collected unless a test wants a reader that is stuck."""

    def __init__(self, read_log: bool = True, **environment: str) -> None:
        self.port = free_port()
        self.environment = {"PORT": str(self.port), **environment}
        self.process = subprocess.Popen([SERVER], env=self.environment, stdout=subprocess.PIPE)
        resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (SERVER_FILES, SERVER_FILES))
        self.lines: list[bytes] = []
        self.reader = threading.Thread(target=self.read_log)
        if read_log:
            self.reader.start()
        self.await_listening()

    def read_log(self) -> None:
        self.lines.extend(self.process.stdout)

    def await_listening(self) -> None:
        deadline = time.monotonic() + 10
        while True:
            try:
                self.connect().close()
                return
            except ConnectionRefusedError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
                time.sleep(0.01)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def get(self, path: str = "/", method: str = "GET", headers: str = "") -> bytes:
        with self.connect() as client:
            client.sendall(f"{method} {path} HTTP/1.1\r\nHost: a\r\n{headers}Connection: close\r\n\r\n".encode())
            return read_all(client)

    def probe(self, path: str) -> int:
        return subprocess.run([SERVER, "--probe", path], env=self.environment).returncode

    def cpu_seconds(self) -> float:
        with open(f"/proc/{self.process.pid}/stat") as stat:
            user, system = stat.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def await_rest(self) -> None:
        """Waits until the server waits for its clients instead of spinning."""
        deadline = time.monotonic() + 10
        used = -1.0
        while used != self.cpu_seconds():
            if time.monotonic() > deadline:
                raise AssertionError("the server spins")
            used = self.cpu_seconds()
            time.sleep(0.3)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        code = self.process.wait(timeout=20)
        if self.reader.is_alive():
            self.reader.join()
        self.process.stdout.close()
        return code

    def log(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.lines]


@contextlib.contextmanager
def running(**settings: object) -> Iterator[Server]:
    server = Server(**settings)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
        server.wait()


def read_all(client: socket.socket) -> bytes:
    return b"".join(iter(lambda: client.recv(65536), b""))


def read_answer(client: socket.socket) -> bytes:
    """One answer of a connection that stays open."""
    data = b""
    while b"\r\n\r\n" not in data or len(data) < data.index(b"\r\n\r\n") + 4 + length_of(data):
        piece = client.recv(65536)
        if not piece:
            raise EOFError(data)
        data += piece
    return data


def length_of(answer: bytes) -> int:
    return int(answer.split(b"Content-Length: ")[1].split(b"\r\n")[0])


def header_of(answer: bytes, name: str) -> str:
    """The value of a header that the answer has exactly once."""
    head = answer.split(b"\r\n\r\n")[0].decode()
    values = [line.partition(": ")[2] for line in head.split("\r\n")[1:] if line.startswith(f"{name}: ")]
    if len(values) != 1:
        raise AssertionError(f"{name}: {values}")
    return values[0]


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def request(client: socket.socket, path: str = "/") -> bytes:
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    return read_answer(client)


class Answers(unittest.TestCase):
    def test_paths(self) -> None:
        with running() as server:
            answer = server.get()
            self.assertEqual(status_of(answer), 200)
            self.assertTrue(answer.endswith(b"\r\n\r\n" + HELLO), answer)
            self.assertTrue(server.get(method="HEAD").endswith(b"\r\n\r\n"))
            self.assertEqual(status_of(server.get("/healthz")), 200)
            self.assertEqual(status_of(server.get("/readyz")), 200)
            self.assertEqual(status_of(server.get("/nothing")), 404)

    def test_errors(self) -> None:
        cases = {
            ("GET", "/nothing"): {"title": "Not Found", "status": 404},
            ("POST", "/"): {"title": "Method Not Allowed", "status": 405},
            ("GET", "nothing"): {"title": "Bad Request", "status": 400},
            ("GET", "/" + 5000 * "x"): {"title": "URI Too Long", "status": 414},
        }
        with running() as server:
            for (method, path), problem in cases.items():
                answer = server.get(path, method)
                self.assertEqual(status_of(answer), problem["status"])
                self.assertEqual(header_of(answer, "Content-Type"), "application/problem+json")
                self.assertEqual(json.loads(answer.split(b"\r\n\r\n")[1]), problem)
            self.assertEqual(header_of(server.get(method="POST"), "Allow"), "GET, HEAD")
            self.assertEqual(header_of(server.get(), "Content-Type"), "text/plain; charset=utf-8")

    def test_request_ids(self) -> None:
        with running() as server, running() as other:
            self.assertEqual(header_of(server.get(headers="X-Request-Id: a.B:1/+=-_\r\n"), "X-Request-Id"), "a.B:1/+=-_")
            answers = [
                server.get(),
                server.get("/nothing"),
                server.get("nothing"),
                server.get(headers="X-Request-Id: a b\r\n"),
                server.get(headers="X-Request-Id: a\r\nX-Request-Id: b\r\n"),
                other.get(),
            ]
            made = {header_of(answer, "X-Request-Id") for answer in answers}
        self.assertEqual(len(made), len(answers), made)
        for request_id in made:
            self.assertRegex(request_id, "^[a-p]{16}[0-9]{10}$")

    def test_ipv6(self) -> None:
        if not socket.has_ipv6 or not os.path.exists("/proc/net/if_inet6"):
            self.skipTest("this machine has no IPv6")
        with running() as server, socket.create_connection(("::1", server.port), timeout=10) as client:
            self.assertEqual(status_of(request(client)), 200)

    def test_refusal_is_readable_though_more_is_sent(self) -> None:
        with running() as server, server.connect() as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                client.sendall(b"x" * 1_000_000)
            self.assertEqual(status_of(read_all(client)), 413)


class Crowds(unittest.TestCase):
    def test_500_keep_alive_connections(self) -> None:
        with running() as server, contextlib.ExitStack() as stack:
            clients = [stack.enter_context(server.connect()) for _ in range(500)]
            for _ in range(3):
                for client in clients:
                    client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                for client in clients:
                    self.assertTrue(read_answer(client).endswith(HELLO))

    def test_200_slow_clients_do_not_stop_the_next(self) -> None:
        with running(REQUEST_TIMEOUT="6s") as server, contextlib.ExitStack() as stack:
            slow = [stack.enter_context(server.connect()) for _ in range(200)]
            for client in slow:
                client.sendall(b"GET / HTTP/1.1\r\nX: ")
            start = time.monotonic()
            self.assertEqual(status_of(server.get()), 200)
            self.assertLess(time.monotonic() - start, SOON)
            for client in slow:
                client.sendall(b"a")
            for client in slow:
                self.assertEqual(status_of(read_all(client)), 408)
            self.assertLess(time.monotonic() - start, 6 + SOON)

    def test_full_table_gives_up_idle_connections(self) -> None:
        with running() as server, contextlib.ExitStack() as stack:
            idle = [stack.enter_context(server.connect()) for _ in range(1000)]
            for client in idle:
                self.assertEqual(status_of(request(client)), 200)
            start = time.monotonic()
            for _ in range(50):
                client = stack.enter_context(server.connect())
                self.assertEqual(status_of(request(client)), 200)
            self.assertLess(time.monotonic() - start, SOON)
            for client in idle[:50]:
                self.assertEqual(client.recv(1), b"")
            self.assertEqual(status_of(request(idle[50])), 200)

    def test_full_table_answers_all_newcomers(self) -> None:
        with running() as server, contextlib.ExitStack() as stack:
            for _ in range(1000):
                self.assertEqual(status_of(request(stack.enter_context(server.connect()))), 200)
            newcomers = [stack.enter_context(server.connect()) for _ in range(50)]
            for client in newcomers:
                self.assertEqual(status_of(request(client)), 200)

    def test_full_table_of_busy_connections_lets_others_wait(self) -> None:
        with running(REQUEST_TIMEOUT="4s") as server, contextlib.ExitStack() as stack:
            for _ in range(1000):  # before the first of them is given up
                stack.enter_context(server.connect()).sendall(b"GET")
            time.sleep(0.1)
            start = time.monotonic()
            self.assertEqual(status_of(server.get()), 200)
            self.assertGreater(time.monotonic() - start, 0.1)

    def test_late_reader_gets_every_answer(self) -> None:
        count = 100_000  # answers of 18 MB: more than the kernel keeps for a connection
        with running(LOG_LEVEL="warn") as server, server.connect() as client:
            requests = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * count + b"GET / HTTP/1.0\r\n\r\n"
            sender = threading.Thread(target=client.sendall, args=(requests,))
            sender.start()
            server.await_rest()
            self.assertEqual(read_all(client).count(b"\r\n\r\n" + HELLO), count + 1)
            sender.join()

    def test_idle_connections_end(self) -> None:
        with running(IDLE_TIMEOUT="200ms") as server, server.connect() as client:
            start = time.monotonic()
            self.assertEqual(status_of(request(client)), 200)
            self.assertEqual(client.recv(1), b"")
            self.assertGreater(time.monotonic() - start, 0.1)
            self.assertLess(time.monotonic() - start, SOON)


class Ends(unittest.TestCase):
    def test_drains(self) -> None:
        with running(DRAIN_DELAY="3s") as server, server.connect() as begun:
            begun.sendall(b"GET / HTTP/1.1\r\n")
            start = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            while status_of(answer := server.get("/readyz")) != 503:
                self.assertLess(time.monotonic() - start, SOON)
            self.assertEqual(header_of(answer, "Content-Type"), "application/problem+json")
            self.assertEqual(json.loads(answer.split(b"\r\n\r\n")[1])["detail"], "draining")
            self.assertEqual(status_of(server.get()), 200)
            self.assertEqual(status_of(server.get("/healthz")), 200)
            with self.assertRaises(ConnectionRefusedError):
                while time.monotonic() - start < 3 + SOON:
                    server.connect().close()
                    time.sleep(0.05)
            self.assertGreaterEqual(time.monotonic() - start, 3)
            begun.sendall(b"Host: a\r\n\r\n")
            answer = read_all(begun)
            self.assertTrue(answer.endswith(HELLO), answer)
            self.assertIn(b"\r\nConnection: close\r\n", answer)
            begun.close()
            self.assertEqual(server.wait(), 0)

    def test_idle_server_ends_at_once(self) -> None:
        with running() as server:
            start = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - start, SOON)

    def test_interrupt_is_the_same(self) -> None:
        with running() as server:
            self.assertEqual(status_of(server.get()), 200)
            server.process.send_signal(signal.SIGINT)
            self.assertEqual(server.wait(), 0)

    def test_client_that_never_finishes_does_not_hold_it(self) -> None:
        with running(REQUEST_TIMEOUT="1h") as server, server.connect() as client:
            client.sendall(b"GET / HTTP/1.1\r\n")
            time.sleep(0.1)
            start = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - start, 8 + SOON)
            self.assertEqual(status_of(read_all(client)), 408)

    def test_answers_that_are_cut_off_are_reported(self) -> None:
        with running(WRITE_TIMEOUT="1h") as server, server.connect() as client:
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):  # until the server waits for its client
                while True:
                    client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 1000)
            server.await_rest()
            start = time.monotonic()
            self.assertEqual(server.stop(), 1)
            self.assertGreaterEqual(time.monotonic() - start, 8)
            last = server.log()[-1]
        self.assertEqual([last[key] for key in ("level", "message", "cut_off")], ["warn", "stopped", 1])

    def test_second_signal_ends_it_at_once(self) -> None:
        with running(DRAIN_DELAY="1h") as server:
            server.process.send_signal(signal.SIGTERM)
            while status_of(server.get("/readyz")) != 503:
                pass
            start = time.monotonic()
            self.assertEqual(server.stop(), 1)
            self.assertLess(time.monotonic() - start, SOON)

    def test_signal_under_load_fails_no_request(self) -> None:
        for delay in ("0s", "200ms"):
            with running(DRAIN_DELAY=delay) as server:
                failures: list[str] = []
                answers = [0]
                workers = [threading.Thread(target=self.hammer, args=(server, failures, answers)) for _ in range(8)]
                for worker in workers:
                    worker.start()
                time.sleep(0.3)
                self.assertEqual(server.stop(), 0)
                for worker in workers:
                    worker.join()
                self.assertEqual(failures, [])
                self.assertGreater(answers[0], 0)

    def hammer(self, server: Server, failures: list[str], answers: list[int]) -> None:
        """Keeps a connection as long as it may; ends when the server takes no new one, or drops one that was not prompt."""
        while True:
            last = time.monotonic()
            try:
                client = server.connect()
            except OSError:
                return
            with client:
                answer = b""
                while b"\r\nConnection: close\r\n" not in answer:
                    began = time.monotonic()
                    with contextlib.suppress(OSError):  # reading fails too, and says why
                        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                    pause, last = time.monotonic() - last, began
                    try:
                        answer = read_answer(client)
                        answers[0] += 1
                    except (OSError, EOFError) as error:
                        # What the kernel took on but the server had not yet accepted when it closed its listener ends
                        # with a reset: refused, only later.
                        refused = not answer and isinstance(error, ConnectionResetError)
                        cut_off = isinstance(error, EOFError) and error.args != (b"",)
                        if cut_off or (pause < PROMPT and not refused):
                            failures.append(f"{error!r} after a pause of {pause:.3f} s")
                        return


class Starts(unittest.TestCase):
    def refuse(self, *arguments: str, **environment: str) -> list[str]:
        done = subprocess.run([SERVER, *arguments], env=environment, capture_output=True, timeout=10)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, b"")
        return [json.loads(line)["error"] for line in done.stderr.splitlines()]

    def test_bad_settings(self) -> None:
        port = "PORT=http: not a port: set a number from 1 to 65535"
        level = "LOG_LEVEL=loud: not a level: set debug, info, warn or error"
        delay = "DRAIN_DELAY=1: not a duration: set such as 2s, 500ms or 1m30s, at most 1h"
        self.assertEqual(self.refuse(PORT="http"), [port])
        self.assertEqual(self.refuse(PORT="http", LOG_LEVEL="loud", DRAIN_DELAY="1"), [port, level, delay])

    def test_port_in_use(self) -> None:
        with running() as server:
            self.assertEqual(
                self.refuse(PORT=str(server.port)),
                [f"listen on port {server.port}: in use: set PORT to one that is free"],
            )

    def test_bad_arguments(self) -> None:
        self.assertEqual(
            self.refuse("--help"), ["unknown arguments: give none to serve, or --probe PATH to check a running server"]
        )


class Probes(unittest.TestCase):
    def test_probe(self) -> None:
        with running(DRAIN_DELAY="1h") as server:
            self.assertEqual(server.probe("/healthz"), 0)
            self.assertEqual(server.probe("/readyz"), 0)
            self.assertEqual(server.probe("/nothing"), 1)
            server.process.send_signal(signal.SIGTERM)
            while status_of(server.get("/readyz")) != 503:
                pass
            self.assertEqual(server.probe("/healthz"), 0)
            self.assertEqual(server.probe("/readyz"), 1)
            server.process.send_signal(signal.SIGTERM)
            server.process.wait(timeout=10)
            self.assertEqual(server.probe("/healthz"), 1)

    def test_server_that_does_not_answer(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            environment = {"PORT": str(silent.getsockname()[1])}
            start = time.monotonic()
            self.assertEqual(subprocess.run([SERVER, "--probe", "/healthz"], env=environment).returncode, 1)
            self.assertLess(time.monotonic() - start, 3 + SOON)


class Logs(unittest.TestCase):
    def test_lines(self) -> None:
        with running() as server:
            server.get("/%C3%BC?secret", headers="X-Request-Id: a\r\n")
            server.get("/healthz")
            self.assertEqual(server.stop(), 0)
            log = server.log()
        self.assertEqual([line["message"] for line in log], ["listening", "request", "draining", "stopped"])
        for line in log:
            self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
            self.assertEqual(line["level"], "info")
            self.assertEqual(line["service"], NAME)
        fields = {key: value for key, value in log[1].items() if key not in log[0]}
        self.assertIsInstance(fields["duration_ms"], float)
        self.assertLess(fields.pop("duration_ms"), SOON * 1000)
        self.assertEqual(fields, {"request_id": "a", "method": "GET", "path": "/%C3%BC", "status": 404, "bytes": 35})
        self.assertEqual([log[3][key] for key in ("requests", "cut_off")], [2, 0])

    def test_requests(self) -> None:
        """What clients got is what the log says of it."""
        requests = [("GET", "/"), ("HEAD", "/"), ("POST", "/"), ("HEAD", "/nothing"), ("GET", "/healthz"), ("GET", "x")]
        with running(LOG_LEVEL="debug") as server:
            answers = [server.get(path, method) for method, path in requests]
            self.assertEqual(server.stop(), 0)
            lines = [line for line in server.log() if line["message"] == "request"]
        self.assertEqual(len(lines), len(requests))
        for (method, path), answer, line in zip(requests, answers, lines):
            self.assertEqual(line["level"], "debug" if path == "/healthz" else "info")
            self.assertEqual(line["method"], method)
            self.assertEqual(line["path"], path if path.startswith("/") else "")
            self.assertEqual(line["status"], status_of(answer))
            self.assertEqual(line["bytes"], len(answer.split(b"\r\n\r\n")[1]))
            self.assertEqual(line["request_id"], header_of(answer, "X-Request-Id"))
            self.assertNotIn("trace_id", line)

    def test_traces(self) -> None:
        trace, span = "0af7651916cd43dd8448eb211c80319c", "00f067aa0ba902b7"
        with running() as server:
            server.get(headers=f"traceparent: 00-{trace}-{span}-01\r\n")
            server.get(headers=f"traceparent: 00-{trace}-{16 * '0'}-01\r\n")
            server.get(headers=2 * f"traceparent: 00-{trace}-{span}-01\r\n")
            self.assertEqual(server.stop(), 0)
            lines = [line for line in server.log() if line["message"] == "request"]
        self.assertEqual(
            [(line.get("trace_id"), line.get("span_id")) for line in lines], [(trace, span), (None, None), (None, None)]
        )

    def test_lines_come_soon(self) -> None:
        with running() as server:
            server.get()
            start = time.monotonic()
            while not any(b'"request"' in line for line in server.lines):
                self.assertLess(time.monotonic() - start, SOON)
                time.sleep(0.01)

    def test_levels(self) -> None:
        for level, messages in (("debug", {"listening", "request", "draining", "stopped"}), ("warn", set())):
            with running(LOG_LEVEL=level) as server:
                server.get("/healthz")
                self.assertEqual(server.stop(), 0)
                self.assertEqual({line["message"] for line in server.log()}, messages)

    def test_stuck_reader_stops_nothing(self) -> None:
        with running(read_log=False) as server:
            with server.connect() as client:
                for _ in range(3000):
                    self.assertEqual(status_of(request(client)), 200)
            server.reader.start()
            time.sleep(0.5)
            server.get()
            self.assertEqual(server.stop(), 0)
            dropped = sum(line["count"] for line in server.log() if line["message"] == "log lines dropped")
            written = sum(line["message"] == "request" for line in server.log())
        self.assertGreater(dropped, 0)
        self.assertEqual(written + dropped, 3001)


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(TEST_FILES, hard), hard))
    unittest.main()
