from collections.abc import Iterator

import grpc
import pytest

from clock.server import Server


@pytest.fixture
def server() -> Iterator[Server]:
    with Server("localhost:0", grace=5) as running:
        yield running


@pytest.fixture
def channel(server: Server) -> Iterator[grpc.Channel]:
    with grpc.insecure_channel(f"localhost:{server.port}") as opened:
        yield opened
