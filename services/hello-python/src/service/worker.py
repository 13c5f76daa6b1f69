"""gunicorn's threaded worker, for a service that meets its clients without a proxy in between.

Two things differ. A connection gets a thread only when the whole head of a request has arrived:
eight clients that send nothing, or a byte a second, would otherwise hold all threads. And when
the worker stops, no connection that the kernel has accepted is dropped.
"""

import signal
import socket
import time
from functools import partial
from selectors import EVENT_READ

from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import TConn, ThreadWorker

from service.gunicorn_conf import drain

HEAD_TIMEOUT = 10.0  # seconds for the head of a request to arrive
HEAD_TIMEOUT_STOPPING = 2.0  # the same when the worker stops
HEAD_LIMIT = 65536  # bytes; past them gunicorn's own limits answer
END_OF_HEAD = b"\r\n\r\n"


class Worker(ThreadWorker):
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
        if head_arrived(conn):
            conn.data_ready = True
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.timeout = self.head_deadline()
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        if head_arrived(conn):
            super().on_pending_socket_readable(conn, client)

    def handle_request(self, req: Request, conn: TConn) -> bool:
        if drain.draining:
            req.force_close()  # the client's next request should find another instance
        return bool(super().handle_request(req, conn))

    def set_accept_enabled(self, enabled: bool | None) -> None:
        super().set_accept_enabled(enabled)
        if not self.alive:
            self.close_listeners()

    def close_listeners(self) -> None:
        """Takes what the kernel has accepted already, then refuses new connections."""
        for listener in self.sockets:
            before = -1
            while before != self.nr_conns:
                before = self.nr_conns
                self.accept(listener)
            listener.close()
        for conn in self.pending_conns:
            conn.timeout = self.head_deadline()

    def head_deadline(self) -> float:
        return time.monotonic() + (HEAD_TIMEOUT if self.alive else HEAD_TIMEOUT_STOPPING)


def head_arrived(conn: TConn) -> bool:
    """Whether a thread could read a request from this connection without waiting."""
    # What was read ahead with the request before, and what the kernel holds.
    parser = conn.parser
    head = parser.unreader.buf.getvalue() if isinstance(parser, RequestParser) else b""
    waiting = 0
    try:
        seen = conn.sock.recv(HEAD_LIMIT, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        waiting = len(seen)
        arrived = not seen or waiting == HEAD_LIMIT or END_OF_HEAD in head + seen
    except BlockingIOError:
        arrived = END_OF_HEAD in head
    except OSError:
        return True  # the thread will meet the same error, and close
    # The poller should wake up only for more than what is there.
    low_water = 1 if arrived else waiting + 1
    conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, low_water)
    return arrived
