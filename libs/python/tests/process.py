"""greeter.py as a process, and clients for it that see every byte."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).parent
PATIENCE = 600  # seconds after which something hangs; nothing is expected to take them

# So that a slow machine cuts nothing off.
UNHURRIED = {"DRAIN_TIMEOUT": "3600", "LINGER": "3600"}


def environment(**settings: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(HERE.parent / "src"), **settings}


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.01)


class Greeter:
    """Ready when entered, and gone when left."""

    def __init__(self, **settings: str) -> None:
        with socket.create_server(("localhost", 0)) as free:
            self.port = free.getsockname()[1]
        # A file: a pipe that nobody reads would stop the service once it is full.
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "greeter.py")],
            env=environment(**{"PORT": str(self.port), **UNHURRIED, **settings}),
            stdout=self._log,
        )

    def __enter__(self) -> Self:
        until(lambda: self.process.poll() is not None or self.ready())
        assert self.process.poll() is None, "the service does not start"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._log.close()

    def connect(self) -> socket.socket:
        return socket.create_connection(("localhost", self.port), timeout=PATIENCE)

    def ask(self, request: bytes) -> bytes:
        """Everything that the service answers until it closes the connection."""
        with self.connect() as client:
            client.sendall(request)
            return read_all(client)

    def status(self, path: str = "/", method: str = "GET") -> int:
        return int(self.ask(request(path, method)).split()[1])

    def ready(self) -> bool:
        with contextlib.suppress(OSError):
            return self.status("/readyz") == 200
        return False

    def signal(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)

    def log(self) -> list[dict[str, Any]]:
        """The lines so far."""
        self._log.seek(0)
        return [json.loads(line) for line in self._log]

    def end(self) -> int:
        return self.process.wait(PATIENCE)


def request(path: str = "/", method: str = "GET", *headers: str, keep: bool = False) -> bytes:
    connection = "keep-alive" if keep else "close"
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Connection: {connection}", *headers]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def read_all(client: socket.socket) -> bytes:
    data = b""
    while piece := client.recv(65536):
        data += piece
    return data


def read_response(client: socket.socket, *, body: bool = True) -> tuple[int, dict[str, str], bytes]:
    """One response of known length, on a connection that stays open."""
    with client.makefile("rb") as stream:
        status = int(stream.readline().split()[1])
        headers = {}
        while line := stream.readline().decode().strip():
            name, value = line.split(": ", 1)
            headers[name.lower()] = value
        length = int(headers.get("content-length", 0)) if body else 0
        return status, headers, stream.read(length)
