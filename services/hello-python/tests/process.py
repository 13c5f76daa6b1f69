"""The service as a process of its own, and clients for it that see every byte."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

SRC = Path(__file__).parent.parent / "src"


def environment(**settings: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC), **settings}


class Service:
    """Runs `python -m service`, ready when entered, and gone when left."""

    def __init__(self, **settings: str) -> None:
        with socket.create_server(("localhost", 0)) as free:
            self.port = free.getsockname()[1]
        settings = {"PORT": str(self.port), "WEB_CONCURRENCY": "2", **settings}
        # A file: a pipe that nobody reads would stop the service once it is full.
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service"],
            env=environment(**settings),
            stdout=self._log,
        )

    def __enter__(self) -> Self:
        deadline = time.monotonic() + 60
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                if self.status("/readyz") == 200:
                    return self
            except OSError:
                time.sleep(0.02)
        self.__exit__()
        raise AssertionError("the service does not start")

    def __exit__(self, *_: object) -> None:
        while self.process.poll() is None:
            self.process.terminate()
            time.sleep(0.05)
        self._log.close()

    def connect(self) -> socket.socket:
        return socket.create_connection(("localhost", self.port), timeout=10)

    def ask(self, request: bytes) -> bytes:
        """Everything that the service answers until it closes the connection."""
        with self.connect() as client:
            client.sendall(request)
            return read_all(client)

    def status(self, path: str, method: str = "GET") -> int:
        return int(self.ask(request(path, method)).split()[1])

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def draining(self) -> None:
        """Waits until the service is seen to end: it is not ready, or does not listen any more."""
        deadline = time.monotonic() + 60
        with contextlib.suppress(ConnectionError):
            while self.status("/readyz") != 503:
                assert time.monotonic() < deadline, "the service does not drain"
                time.sleep(0.01)

    @contextlib.contextmanager
    def terminate_held_up(self) -> Iterator[None]:
        """Inside, the workers stand still; they go on when each has been told to end."""
        master = self.process.pid
        workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        for worker in workers:
            os.kill(int(worker), signal.SIGSTOP)
        for worker in workers:  # one that runs still would see SIGTERM first
            while not proc_status(worker, "State").startswith("T"):
                time.sleep(0.01)
        self.terminate()
        yield
        for worker in workers:
            while "SIGTERM" not in pending(worker):
                time.sleep(0.01)
            os.kill(int(worker), signal.SIGCONT)

    def end(self, timeout: float = 10) -> tuple[int, list[dict[str, Any]]]:
        """Waits for the end; the exit code and what was logged."""
        code = self.process.wait(timeout)
        self._log.seek(0)
        return code, [json.loads(line) for line in self._log]


def proc_status(pid: str, field: str) -> str:
    """A field of /proc/PID/status, see proc(5)."""
    return Path(f"/proc/{pid}/status").read_text().split(f"\n{field}:")[1].split("\n")[0].strip()


def pending(pid: str) -> set[str]:
    """The signals that wait for a process."""
    mask = int(proc_status(pid, "ShdPnd"), 16)
    return {each.name for each in signal.Signals if mask >> (each - 1) & 1}


def request(path: str = "/", method: str = "GET", *, keep: bool = False) -> bytes:
    connection = "keep-alive" if keep else "close"
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\n\r\n".encode()


def read_all(client: socket.socket) -> bytes:
    data = b""
    while piece := client.recv(65536):
        data += piece
    return data


def read_response(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """One response of a connection that stays open."""
    with client.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        headers = {}
        while (line := stream.readline().decode().strip()) != "":
            name, value = line.split(": ", 1)
            headers[name.lower()] = value
        return status, headers, stream.read(int(headers["content-length"]))
