"""waitress, and an end that loses no request.

waitress gives threads only to requests that have arrived whole: slow clients hold none.
"""

import logging
import os
import select
import signal
import socket
import time
from typing import TYPE_CHECKING, Any

from waitress import wasyncore
from waitress.server import create_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from _typeshed.wsgi import WSGIApplication

DRAIN_TIMEOUT = 8.0  # seconds for requests in progress; Docker kills after ten
ACCEPT_TIMEOUT = 3.0  # seconds for clients that have connected, before the listener closes
LINGER = 2.0  # seconds that a connection may be idle after that: a request may be on its way

# https://docs.pylonsproject.org/projects/waitress/en/stable/arguments.html
OPTIONS: dict[str, Any] = {
    "threads": 8,
    # Each is a file, and often 1024 files may be open.
    "connection_limit": 900,
    # Load balancers drop idle connections after 60 s: they should close first.
    "channel_timeout": 75,
    "max_request_header_size": 16 << 10,
    # waitress keeps bodies, in memory or in TMPDIR, until they are whole.
    "max_request_body_size": 1 << 20,
    "log_socket_errors": False,
    "ident": None,
}

log = logging.getLogger("servicekit")


class Server:
    """Serves until a signal comes, then drains. A second signal ends it at once, with 1."""

    def __init__(self, drain_delay: float) -> None:
        self.draining = False
        self._drain_delay = drain_delay
        self._wake: Callable[[], object] = lambda: None
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: "FrameType | None") -> None:
        if self.draining:
            try:
                log.error("interrupted while draining: requests may have been cut off")
            finally:
                os._exit(1)
        self.draining = True
        self._wake()

    def serve(self, app: "WSGIApplication", listener: socket.socket, **options: Any) -> int:
        """Returns the exit code: 0 after a drain, 1 if requests had to be cut off.

        The options are waitress's own, added to OPTIONS.
        """
        with listener:
            watched: dict[int, Any] = {}
            # Any: types-waitress has other types.
            server: Any = create_server(app, map=watched, sockets=[listener], **OPTIONS | options)
            self._wake = server.pull_trigger

            def handle_events(within: float) -> None:
                wasyncore.loop(within, use_poll=True, map=watched, count=1)

            log.info("listening", extra={"address": f":{listener.getsockname()[1]}"})
            while not self.draining:
                handle_events(60)

            log.info("draining", extra={"delay": f"{self._drain_delay:g}s"})
            end = time.monotonic() + self._drain_delay
            while (left := end - time.monotonic()) > 0:
                handle_events(left)

            # The kernel resets clients that it has accepted, but waitress has not.
            end = time.monotonic() + ACCEPT_TIMEOUT
            while has_clients(listener) and time.monotonic() < end:
                handle_events(0.01)
            server.del_channel()

        server.adj.channel_timeout = LINGER
        end = time.monotonic() + DRAIN_TIMEOUT
        while server.active_channels and time.monotonic() < end:
            server.maintenance(time.time())
            handle_events(0.1)
        if cut := len(server.active_channels):
            log.error("requests took too long and were cut off", extra={"connections": cut})
            return 1
        log.info("drained")
        return 0


def listen(port: int) -> socket.socket:
    """Listens on all addresses; IPv6 includes IPv4."""
    dual = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if dual else socket.AF_INET
    return socket.create_server(("", port), family=family, backlog=1024, dualstack_ipv6=dual)


def has_clients(listener: socket.socket) -> bool:
    """Whether the kernel has accepted clients that this process has not."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    return bool(poll.poll(0))
