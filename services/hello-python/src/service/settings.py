"""Settings come from the environment, and are checked before anything starts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

LOG_LEVELS = ("debug", "info", "warning", "error")

_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|h|m|s))+|0")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class SettingsError(ValueError):
    """A setting that cannot be used; its text is one line for the person who set it."""


@dataclass(frozen=True, slots=True)
class Settings:
    port: int = 5000
    workers: int | None = None  # as many as the machine bears
    log_level: str = "info"
    peers: tuple[str, ...] = ()
    peers_timeout: float = 3.0
    drain_delay: float = 0.0

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Reads and checks every setting; an empty variable counts as unset."""
        given = {name: value for name, value in env.items() if value}
        return cls(
            port=_port("PORT", given.get("PORT", "5000")),
            workers=_workers("WEB_CONCURRENCY", given.get("WEB_CONCURRENCY")),
            log_level=_log_level("LOG_LEVEL", given.get("LOG_LEVEL", "info")),
            peers=_urls("PEERS", given.get("PEERS", "")),
            peers_timeout=_duration(
                "PEERS_TIMEOUT", given.get("PEERS_TIMEOUT", "3s"), at_least=0.001
            ),
            drain_delay=_duration("DRAIN_DELAY", given.get("DRAIN_DELAY", "0s")),
        )


def _port(name: str, value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value) <= 65535):
        raise SettingsError(f"{name}={value!r}: not a port; give a number from 1 to 65535")
    return int(value)


def _workers(name: str, value: str | None) -> int | None:
    if value is None:
        return None
    if not (value.isascii() and value.isdigit() and int(value) >= 1):
        raise SettingsError(f"{name}={value!r}: not a number of workers; give one from 1 up")
    return int(value)


def _log_level(name: str, value: str) -> str:
    level = {"warn": "warning"}.get(value.lower(), value.lower())
    if level not in LOG_LEVELS:
        raise SettingsError(f"{name}={value!r}: not a level; give one of {', '.join(LOG_LEVELS)}")
    return level


def _duration(name: str, value: str, at_least: float = 0.0) -> float:
    """Durations are written as in Go, and so as in the other services: 500ms, 2s, 1m30s."""
    if not _DURATION.fullmatch(value):
        raise SettingsError(f"{name}={value!r}: not a duration; write it like 500ms, 2s or 1m30s")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(value))
    if not at_least <= seconds <= 3600:
        raise SettingsError(f"{name}={value!r}: give a duration from {at_least:g}s to 1h")
    return seconds


def _urls(name: str, value: str) -> tuple[str, ...]:
    urls = tuple(value.replace(",", " ").split())
    for url in urls:
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        if not usable:
            raise SettingsError(
                f"{name}: {url!r} is not a URL; write it like http://host:8080/healthz"
            )
        # /peers shows the URLs to whoever asks.
        if parts.username is not None or parts.password is not None:
            raise SettingsError(f"{name}: a URL for {parts.hostname} holds a password; take it out")
    return urls
