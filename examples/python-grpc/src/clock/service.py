"""What proto/clock/v1/clock.proto describes."""

import zoneinfo
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, tzinfo
from threading import Event

import grpc

from clock.v1 import clock_pb2, clock_pb2_grpc

SHORTEST_INTERVAL = 0.1  # seconds

type Now = Callable[[tzinfo], datetime]


class Clock(clock_pb2_grpc.ClockServicer):
    def __init__(self, stopping: Event, now: Now = datetime.now) -> None:
        self._stopping = stopping
        self._now = now

    def Read(  # noqa: N802
        self, request: clock_pb2.ReadRequest, context: grpc.ServicerContext
    ) -> clock_pb2.Reading:
        return self._reading(find_zone(request.zone, context))

    def Watch(  # noqa: N802
        self, request: clock_pb2.WatchRequest, context: grpc.ServicerContext
    ) -> Iterator[clock_pb2.Reading]:
        zone = find_zone(request.zone, context)
        seconds = request.interval.ToTimedelta().total_seconds()
        if request.HasField("interval") and seconds < SHORTEST_INTERVAL:
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"the interval is {seconds} s, and must be at least {SHORTEST_INTERVAL} s",
            )
        while context.is_active():
            yield self._reading(zone)
            if self._stopping.wait(seconds or SHORTEST_INTERVAL):
                context.abort(grpc.StatusCode.UNAVAILABLE, "the server is stopping")

    def _reading(self, zone: tzinfo) -> clock_pb2.Reading:
        now = self._now(zone)
        return clock_pb2.Reading(time=now.isoformat("T", "seconds"), abbreviation=now.tzname())


def find_zone(name: str, context: grpc.ServicerContext) -> tzinfo:
    if not name:
        return UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"there is no time zone {name!r}")
