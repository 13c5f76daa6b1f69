"""A session of requests that another thread can end.

The time-outs of requests bound each wait for the network, not their sum: with a peer that sends
a byte a second they never pass, and the thread that listens to it is lost.
"""

import socket
from contextlib import suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class CuttableSession(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        self._connections: list[Any] = []
        adapter = HTTPAdapter()
        adapter.poolmanager.pool_classes_by_scheme = {
            "http": _remembering(HTTPConnectionPool, self._connections),
            "https": _remembering(HTTPSConnectionPool, self._connections),
        }
        self.mount("http://", adapter)
        self.mount("https://", adapter)

    def cut(self) -> None:
        """Ends every connection; whoever reads from one gets an error at once."""
        for connection in self._connections:
            with suppress(OSError, AttributeError):  # not connected any more, or not yet
                connection.sock.shutdown(socket.SHUT_RDWR)


def _remembering(pool: Any, connections: list[Any]) -> Any:
    """A pool that adds each connection that it makes to a list."""

    class Pool(pool):  # type: ignore[misc]  # a base class in a variable
        def _new_conn(self) -> Any:
            connection = super()._new_conn()
            connections.append(connection)
            return connection

    return Pool
