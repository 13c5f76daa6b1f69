from datetime import datetime, timedelta

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from clock.server import Server
from clock.v1 import clock_pb2, clock_pb2_grpc


@pytest.fixture
def clock(channel: grpc.Channel) -> clock_pb2_grpc.ClockStub:
    return clock_pb2_grpc.ClockStub(channel)


@pytest.mark.parametrize(("zone", "offset"), [("", 0), ("Asia/Tokyo", 9), ("Asia/Kathmandu", 5.75)])
def test_read(clock: clock_pb2_grpc.ClockStub, zone: str, offset: float) -> None:
    reading = clock.Read(clock_pb2.ReadRequest(zone=zone))
    time = datetime.fromisoformat(reading.time)
    assert time.utcoffset() == timedelta(hours=offset)
    assert abs(datetime.now(time.tzinfo) - time) < timedelta(seconds=10)


def test_abbreviation(clock: clock_pb2_grpc.ClockStub) -> None:
    assert clock.Read(clock_pb2.ReadRequest(zone="Asia/Tokyo")).abbreviation == "JST"


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../../etc/passwd", "a\0b", "Europe"])
def test_unknown_zone(clock: clock_pb2_grpc.ClockStub, zone: str) -> None:
    with pytest.raises(grpc.RpcError) as error:
        clock.Read(clock_pb2.ReadRequest(zone=zone))
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.value.details() == f"there is no time zone {zone!r}"


def test_watch(clock: clock_pb2_grpc.ClockStub) -> None:
    readings = clock.Watch(clock_pb2.WatchRequest(zone="Asia/Tokyo"))
    assert [next(readings).abbreviation for _ in range(3)] == ["JST"] * 3
    readings.cancel()


def test_interval_too_short(clock: clock_pb2_grpc.ClockStub) -> None:
    interval = Duration(nanos=1)
    with pytest.raises(grpc.RpcError) as error:
        next(clock.Watch(clock_pb2.WatchRequest(interval=interval)))
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_stopping_ends_watches(server: Server, clock: clock_pb2_grpc.ClockStub) -> None:
    readings = clock.Watch(clock_pb2.WatchRequest(interval=Duration(seconds=60)))
    next(readings)
    server.__exit__()
    with pytest.raises(grpc.RpcError) as error:
        next(readings)
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("service", ["", "clock.v1.Clock"])
def test_health(server: Server, channel: grpc.Channel, service: str) -> None:
    stub = health_pb2_grpc.HealthStub(channel)
    states = stub.Watch(health_pb2.HealthCheckRequest(service=service))
    assert next(states).status == health_pb2.HealthCheckResponse.SERVING
    server.__exit__()
    assert next(states).status == health_pb2.HealthCheckResponse.NOT_SERVING


def test_reflection(channel: grpc.Channel) -> None:
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    requests = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
    (response,) = stub.ServerReflectionInfo(requests)
    names = {service.name for service in response.list_services_response.service}
    assert {"clock.v1.Clock", "grpc.health.v1.Health"} <= names
