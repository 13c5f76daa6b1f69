"""`python -m clock` as a process of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

SRC = Path(__file__).parent.parent / "src"


@contextlib.contextmanager
def start(port: str) -> Iterator[subprocess.Popen[str]]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SRC), "PORT": port}
    process = subprocess.Popen(
        [sys.executable, "-m", "clock"], env=environment, stderr=subprocess.PIPE, text=True
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_ends_at_sigterm() -> None:
    with socket.create_server(("localhost", 0)) as free:
        port = free.getsockname()[1]
    with start(str(port)) as process, grpc.insecure_channel(f"localhost:{port}") as channel:
        request = health_pb2.HealthCheckRequest(service="clock.v1.Clock")
        health = health_pb2_grpc.HealthStub(channel)
        answer = health.Check(request, wait_for_ready=True, timeout=60)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


@pytest.mark.parametrize("port", ["http", "70000", "-1", ""])
def test_bad_port(port: str) -> None:
    with start(port) as process:
        assert process.wait(60) == 1
        assert process.stderr is not None
        assert f"PORT is '{port}'" in process.stderr.read()


def test_port_in_use() -> None:
    both = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both else socket.AF_INET
    with socket.create_server(("", 0), family=family, dualstack_ipv6=both) as taken:
        port = taken.getsockname()[1]
        with start(str(port)) as process:
            assert process.wait(60) == 1
            assert process.stderr is not None
            assert f"clock: listening on port {port}" in process.stderr.read()
