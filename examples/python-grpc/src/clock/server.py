"""The server: its services, and how it stops."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Self

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from clock.service import Clock
from clock.v1 import clock_pb2, clock_pb2_grpc

THREADS = 32  # each call has one, and a Watch keeps it


class Server:
    """Listens from its construction on; leaving it stops it gracefully."""

    def __init__(self, address: str, grace: float) -> None:
        self._grace = grace
        self._stopping = Event()
        self._health = health.HealthServicer()
        self._server = grpc.server(
            ThreadPoolExecutor(THREADS),
            # A second server on the same port is an error, not a share of the connections.
            options=[("grpc.so_reuseport", 0)],
            maximum_concurrent_rpcs=4 * THREADS,
        )
        clock_pb2_grpc.add_ClockServicer_to_server(Clock(self._stopping), self._server)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        name = clock_pb2.DESCRIPTOR.services_by_name["Clock"].full_name
        reflection.enable_server_reflection(
            (name, health.SERVICE_NAME, reflection.SERVICE_NAME), self._server
        )
        self.port = self._server.add_insecure_port(address)
        self._server.start()
        self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Not healthy at once; calls in flight have `grace` seconds to end."""
        self._health.enter_graceful_shutdown()
        self._stopping.set()
        self._server.stop(self._grace).wait()
