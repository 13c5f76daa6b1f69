"""Settings come from the environment, and all of them are checked before anything starts."""

import logging
import os
import re
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Self

LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warn": logging.WARNING,
    "error": logging.ERROR,
}
MAX_DURATION = 3600.0  # seconds

_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h))+|0")
_PART = re.compile(r"([0-9.]+)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Settings:
    """The settings of every service, and a reader for those that a service has itself.

    At the end of a `with` block, wrong ones end the process with 1 and a line each on stderr.
    """

    def __init__(self) -> None:
        self._errors: list[str] = []
        self.port = self.read("PORT", port, 8080)
        self.log_level = self.read("LOG_LEVEL", log_level, logging.INFO)
        self.drain_delay = self.read("DRAIN_DELAY", duration, 0.0)

    def read[T](self, name: str, parse: Callable[[str], T], default: T) -> T:
        """What `parse` makes of a variable; the default if it is unset or empty.

        The text of a ValueError from `parse` is shown: it does not repeat what may be a secret.
        """
        value = os.environ.get(name)
        if not value:
            return default
        try:
            return parse(value)
        except ValueError as error:
            self._errors.append(f"reading {name}: {error}")
            return default

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None
    ) -> None:
        if self._errors and kind is None:
            sys.exit("\n".join(self._errors))


def port(text: str) -> int:
    """A TCP port."""
    if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise ValueError(f"{text!r} is not a port: set a number from 1 to 65535")
    return int(text)


def log_level(text: str) -> int:
    """A level of the module logging."""
    if text.lower() not in LEVELS:
        raise ValueError(f"{text!r} is not a level: set {', '.join(LEVELS)}")
    return LEVELS[text.lower()]


def duration(text: str) -> float:
    """Seconds, written as in Go: 500ms, 2s or 1m30s; at most an hour."""
    if not _DURATION.fullmatch(text):
        raise ValueError(f"{text!r} is not a duration: write it like 500ms, 2s or 1m30s")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
    if seconds > MAX_DURATION:
        raise ValueError(f"{text!r} is too long: set at most 1h")
    return seconds
