"""A real server on this machine that answers well, slowly, wrongly or not at all."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Behaviour = Callable[[socket.socket], None]

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


def well(client: socket.socket) -> None:
    client.sendall(OK)


def failing(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def silent(client: socket.socket) -> None:
    client.recv(1)  # until one side has enough


def dripping_head(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nX-Endless: ")
    _drip(client)


def dripping_body(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    _drip(client)


def endless(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        client.sendall(b"x" * 65536)


def short(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")


def redirecting(client: socket.socket) -> None:
    client.sendall(
        b"HTTP/1.1 302 Found\r\nLocation: http://localhost:1/\r\nContent-Length: 0\r\n\r\n"
    )


def garbled(client: socket.socket) -> None:
    client.sendall(b"this is not HTTP\r\n\r\n")


def hanging_up(_client: socket.socket) -> None:
    pass


def _drip(client: socket.socket) -> None:
    while True:
        client.sendall(b"x")
        time.sleep(0.02)


PATIENCE = 600  # seconds after which something hangs; nothing is expected to take them


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.01)


class Upstream:
    def __init__(self, listener: socket.socket, tls: ssl.SSLContext | None) -> None:
        self._listener = listener
        self._tls = tls
        self._clients: list[socket.socket] = []
        self.behaviour: Behaviour = well
        self.url = f"{'https' if tls else 'http'}://localhost:{listener.getsockname()[1]}/"
        self.asked = 0
        self.request = b""  # the last one
        self.left_alone = threading.Event()  # a client is served, or has hung up

    def serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self._tls:
                client = self._tls.wrap_socket(
                    client, server_side=True, do_handshake_on_connect=False
                )
            self.asked += 1
            self._clients.append(client)
            threading.Thread(target=self._answer, args=(client,), daemon=True).start()

    def hang_up(self) -> None:
        """Ends what clients wait for."""
        for client in self._clients:
            client.shutdown(socket.SHUT_RDWR)

    def _answer(self, client: socket.socket) -> None:
        with client:
            try:
                self.request = client.recv(65536)
                self.behaviour(client)
                client.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        self.left_alone.set()


@contextmanager
def running(tls: ssl.SSLContext | None = None) -> Iterator[Upstream]:
    with socket.create_server(("localhost", 0)) as listener:
        upstream = Upstream(listener, tls)
        threading.Thread(target=upstream.serve, daemon=True).start()
        yield upstream
        listener.shutdown(socket.SHUT_RDWR)


def dead_url() -> str:
    """Where nobody listens."""
    with socket.create_server(("localhost", 0)) as listener:
        return f"http://localhost:{listener.getsockname()[1]}/"
