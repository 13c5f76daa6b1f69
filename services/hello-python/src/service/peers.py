"""Asks every peer at once, and never takes longer than the time-out."""

import asyncio
import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict
from urllib.parse import urlsplit

import httpx

BODY_LIMIT = 4096  # bytes of an answer that are read


class Answer(TypedDict):
    url: str
    status: NotRequired[int]
    body: NotRequired[str]
    truncated: NotRequired[bool]
    error: NotRequired[str]
    ms: int


class Peers:
    def __init__(self, urls: Sequence[str], timeout: float) -> None:
        self.urls = urls
        self.timeout = timeout  # seconds
        self._tls = httpx.create_ssl_context()  # once: it reads all authorities
        # asyncio can end a question whatever it waits for: a name, a head or a body.
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="peers", daemon=True).start()

    def ask(self, headers: Mapping[str, str]) -> list[Answer]:
        """What each peer answered or how it failed, in the order of the setting."""
        return asyncio.run_coroutine_threadsafe(self._ask(headers), self._loop).result()

    async def _ask(self, headers: Mapping[str, str]) -> list[Answer]:
        headers = {"Accept-Encoding": "identity", **headers}
        client = httpx.AsyncClient(verify=self._tls, headers=headers, timeout=self.timeout)
        async with client:
            return await asyncio.gather(*(self._question(client, url) for url in self.urls))

    async def _question(self, client: httpx.AsyncClient, url: str) -> Answer:
        start = time.monotonic()
        answer = Answer(url=url, ms=0)
        try:
            # Redirects are not followed: a peer does not choose whom we ask.
            async with asyncio.timeout(self.timeout), client.stream("GET", url) as response:
                body = b""
                async for piece in response.aiter_raw():
                    body += piece
                    if len(body) > BODY_LIMIT:
                        answer["truncated"] = True
                        break
                answer["status"] = response.status_code
                answer["body"] = body[:BODY_LIMIT].decode(errors="replace")
        except (TimeoutError, httpx.TimeoutException):
            answer["error"] = f"no whole answer within {self.timeout:g}s"
        except Exception as error:  # a peer's answer must not be able to break ours
            answer["error"] = why(error)
        answer["ms"] = round((time.monotonic() - start) * 1000)
        return answer


def why(error: BaseException) -> str:
    """The reason at the bottom of an error of httpx, which wraps those of httpcore and anyio."""
    while inner := error.__cause__ or error.__context__:
        error = inner
    if isinstance(error, ExceptionGroup):  # one for each address of a host
        return why(error.exceptions[0])
    if isinstance(error, ConnectionError) and error.errno:  # asyncio has its own words for it
        return os.strerror(error.errno)
    return f"{type(error).__name__}: {error}".splitlines()[0]


def urls(text: str) -> tuple[str, ...]:
    """A setting: URLs separated by spaces or commas."""
    found = tuple(text.replace(",", " ").split())
    for number, url in enumerate(found, 1):
        try:
            parts = urlsplit(url)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            usable = False
        # /peers shows the URLs to whoever asks.
        if not usable or parts.username is not None or parts.password is not None:
            raise ValueError(
                f"number {number} is not a URL without a password: "
                "write it like http://host:8080/healthz"
            )
    return found
