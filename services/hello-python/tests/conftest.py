from collections.abc import Iterator

import pytest

import upstream as upstreams


@pytest.fixture
def upstream() -> Iterator[upstreams.Upstream]:
    with upstreams.running() as running:
        yield running
