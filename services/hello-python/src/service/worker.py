"""gunicorn's threaded worker, for a service that meets its clients without a proxy in between.

Three things differ. A connection gets a thread only when the whole head of a request has arrived:
eight clients that send nothing, or a byte a second, would otherwise hold all threads. A client
that does not close its side after the last answer is waited for in the event loop, which would
otherwise stand still for two seconds. And when the worker stops, it takes the connections that
wait in the kernel's queue before it closes the listener, which would reset them.
"""

import select
import signal
import socket
import struct
import time
from collections import deque
from enum import Enum, auto
from functools import partial
from selectors import EVENT_READ
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future

from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser
from gunicorn.util import write_error
from gunicorn.workers.gthread import TConn, ThreadWorker

from service.gunicorn_conf import drain

HEAD_TIMEOUT = 10.0  # seconds for the head of a request to arrive
HEAD_TIMEOUT_STOPPING = 2.0  # the same when the worker stops
HEAD_LIMIT = 16384  # bytes
LINGER_TIMEOUT = 2.0  # seconds for a client to close its side
HUNG_UP = getattr(select, "POLLRDHUP", select.POLLHUP)  # half of it, where the system tells
STALL_TIMEOUT = struct.pack("@ll", 10, 0)  # for a client that pauses in a body, or in reading ours


class Head(Enum):
    PART = auto()
    WHOLE = auto()
    TOO_LARGE = auto()


class Worker(ThreadWorker):
    def init_process(self) -> None:
        self.lingering: deque[TConn] = deque()
        super().init_process()

    def init_signals(self) -> None:
        # gunicorn resets every signal first; SIGTERM must not arrive in between.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        super().init_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def run(self) -> None:
        if drain.stopping:  # since this worker was forked
            self.alive = False
        super().run()

    def enqueue_req(self, conn: TConn) -> None:
        """Gives a connection to a thread; now only if the thread will find a request."""
        match head_of(conn):
            case Head.WHOLE:
                conn.data_ready = True
                for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                    conn.sock.setsockopt(socket.SOL_SOCKET, option, STALL_TIMEOUT)
                super().enqueue_req(conn)
            case Head.PART:
                conn.sock.setblocking(False)
                conn.timeout = self.head_deadline()
                self.pending_conns.append(conn)
                callback = partial(self.on_pending_socket_readable, conn)
                self.poller.register(conn.sock, EVENT_READ, callback)
            case Head.TOO_LARGE:
                write_error(conn.sock, 431, "Request Header Fields Too Large", "")
                self.linger(conn)

    def on_pending_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        if head_of(conn) is not Head.PART:
            super().on_pending_socket_readable(conn, client)

    def finish_request(self, conn: TConn, fs: "Future[bool]") -> None:
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
        else:
            self.linger(conn)

    def linger(self, conn: TConn) -> None:
        """Closes our side, then waits: a client still sending would lose our answer to a reset."""
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.nr_conns -= 1
            conn.close()
            return
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + LINGER_TIMEOUT
        self.lingering.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_lingering_readable, conn))

    def on_lingering_readable(self, conn: TConn, client: socket.socket) -> None:
        try:
            gone = not client.recv(HEAD_LIMIT)
        except OSError:
            gone = True
        if gone:
            self.lingering.remove(conn)
            self.drop(conn)

    def drop(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        super().murder_pending()
        while self.lingering and (self.lingering[0].timeout or 0) < time.monotonic():
            self.drop(self.lingering.popleft())

    def handle_request(self, req: Request, conn: TConn) -> bool:
        if drain.draining:
            req.force_close()  # the client's next request should find another instance
        return bool(super().handle_request(req, conn))

    def set_accept_enabled(self, enabled: bool | None) -> None:
        super().set_accept_enabled(enabled and self.alive)
        if not self.alive:
            self.close_listeners()

    def close_listeners(self) -> None:
        """Takes what the kernel has accepted already, then refuses new connections."""
        while self.sockets:
            listener = self.sockets.pop()
            self.accept_all(listener)
            listener.close()
        for conn in self.pending_conns:
            conn.timeout = self.head_deadline()

    def accept_all(self, listener: socket.socket) -> None:
        before = -1
        while before != self.nr_conns:
            before = self.nr_conns
            self.accept(listener)

    def head_deadline(self) -> float:
        return time.monotonic() + (HEAD_TIMEOUT if self.alive else HEAD_TIMEOUT_STOPPING)


def head_of(conn: TConn) -> Head:
    """How much of a request's head a thread would find, without taking it from the socket."""
    parser = conn.parser
    # What was read ahead with the request before.
    held = parser.unreader.buf.getvalue() if isinstance(parser, RequestParser) else b""
    try:
        seen = conn.sock.recv(HEAD_LIMIT, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        seen = b""
    except OSError:
        return Head.WHOLE  # the thread will meet the same error, and close
    whole = b"\r\n\r\n" in held + seen or has_hung_up(conn.sock)
    too_large = len(seen) == HEAD_LIMIT
    # The poller is to wake up for more than what is there.
    more = 1 if whole or too_large else len(seen) + 1
    conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, more)
    if whole:
        return Head.WHOLE
    return Head.TOO_LARGE if too_large else Head.PART


def has_hung_up(client: socket.socket) -> bool:
    """Nothing follows what is there: the thread will meet the end; the poller would never rest."""
    poller = select.poll()
    poller.register(client, HUNG_UP)
    return bool(poller.poll(0))
