import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from process import until
from servicekit import logs


class Output(io.BytesIO):
    """Counts what would be system calls."""

    writes = 0

    def write(self, data: object, /) -> int:
        self.writes += 1
        return super().write(data)  # type: ignore[arg-type]

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def out() -> Output:
    return Output()


@pytest.fixture
def log(out: Output, monkeypatch: pytest.MonkeyPatch) -> Iterator[logging.Logger]:
    """A logger whose lines wait until something else than time lets them go."""
    monkeypatch.setattr(logs, "BATCH_DELAY", 3600)
    handler = logs.Lines(out, "tested")
    log = logging.Logger("test", logging.DEBUG)
    log.addHandler(handler)
    yield log
    log.removeHandler(handler)


def test_keys(log: logging.Logger, out: Output) -> None:
    log.warning("charged %s", "twice")
    (line,) = out.lines()
    assert list(line) == ["time", "level", "message", "service"]
    assert (line["level"], line["message"], line["service"]) == ("warn", "charged twice", "tested")
    assert datetime.fromisoformat(str(line["time"])).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("level", "name"),
    [(10, "debug"), (20, "info"), (30, "warn"), (40, "error"), (50, "error"), (25, "info")],
)
def test_levels(log: logging.Logger, out: Output, level: int, name: str) -> None:
    log.log(level, "x")
    log.handlers[0].flush()
    assert out.lines()[0]["level"] == name


def test_extra(log: logging.Logger, out: Output) -> None:
    mine = {"order": 3, "items": ["ü"], "level": "high", "time": "now", "service": "other"}
    log.warning("x", extra=mine)
    (line,) = out.lines()
    assert (line["order"], line["items"]) == (3, ["ü"])
    assert (line["level"], line["service"]) == ("warn", "tested")
    assert line["time"] != "now"
    assert "ü".encode() in out.getvalue()


def test_exceptions(log: logging.Logger, out: Output) -> None:
    try:
        raise KeyError("missing")
    except KeyError:
        log.exception("failed")
    (line,) = out.lines()
    assert "KeyError: 'missing'" in str(line["exception"])
    assert "exc_info" not in line


def test_lines_wait_for_each_other(log: logging.Logger, out: Output) -> None:
    log.info("one")
    log.info("two")
    assert out.writes == 0
    log.warning("three")
    assert out.writes == 1
    assert [line["message"] for line in out.lines()] == ["one", "two", "three"]


def test_many_lines_do_not_wait(log: logging.Logger, out: Output) -> None:
    log.info("x" * logs.BATCH_LIMIT)
    assert out.writes == 1


def test_lines_wait_for_a_while(
    log: logging.Logger, out: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "BATCH_DELAY", 0)
    log.info("one")
    until(lambda: out.writes == 1)
    log.info("two")
    until(lambda: out.writes == 2)


def test_output_that_fails(log: logging.Logger, out: Output) -> None:
    out.close()
    log.warning("lost")
