"""Closes a listener without a reset for those whom the kernel has accepted.

Closing resets every connection that waits to be taken, and a program can be held up between its
last look and the close. So the last place in the queue is taken by a connection of our own: with a
backlog of 0 the kernel then drops whoever knocks, who tries again a second later and is refused.
"""

import socket
from collections.abc import Callable
from contextlib import suppress

ATTEMPTS = 20
ATTEMPT_TIMEOUT = 0.05  # seconds; on the same machine a connection takes microseconds


def close(listener: socket.socket, take_all: Callable[[], None]) -> None:
    """Closes after `take_all` has taken every waiting connection."""
    port = listener.getsockname()[1]
    with suppress(OSError):  # some systems forbid to listen again
        listener.listen(0)
    for _ in range(ATTEMPTS):
        take_all()
        # Let in only if the queue is empty; our connection stays in it when this end is closed.
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), ATTEMPT_TIMEOUT).close()
            break
    listener.close()
