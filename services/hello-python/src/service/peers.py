"""Asks every peer at once, and never takes longer than the time-out."""

import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cached_property
from typing import NotRequired, TypedDict

import requests

from service.cuttable import CuttableSession

CONCURRENCY = 8  # questions under way, over all requests to /peers
CALLERS = 2  # requests to /peers served at once: the other threads are for everybody else
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
        self.timeout = timeout
        self._callers = threading.BoundedSemaphore(CALLERS)

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        # Made when first used: threads do not survive the fork of a worker.
        return ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="peer")

    def ask(self) -> list[Answer] | None:
        """What each peer answered or how it failed, in the order of the setting; None if busy."""
        if not self._callers.acquire(blocking=False):
            return None
        try:
            deadline = time.monotonic() + self.timeout
            sessions = [CuttableSession() for _ in self.urls]
            questions = [
                self._pool.submit(self._question, session, url, deadline)
                for session, url in zip(sessions, self.urls, strict=True)
            ]
            # Before the connections are cut: half a head and then an end passes for a whole one.
            in_time, _ = wait(questions, timeout=self.timeout)
            for session, question in zip(sessions, questions, strict=True):
                question.cancel()
                session.cut()
            return [
                question.result()
                if question in in_time
                else Answer(url=url, error=self._too_late, ms=round(self.timeout * 1000))
                for url, question in zip(self.urls, questions, strict=True)
            ]
        finally:
            self._callers.release()

    @property
    def _too_late(self) -> str:
        return f"no whole answer within {self.timeout:g}s"

    def _question(self, session: CuttableSession, url: str, deadline: float) -> Answer:
        start = time.monotonic()
        answer = Answer(url=url, ms=0)
        if start >= deadline:
            answer["error"] = self._too_late
            return answer
        try:
            with (
                session,
                session.get(
                    url,
                    headers={"Accept-Encoding": "identity"},
                    timeout=deadline - start,
                    allow_redirects=False,  # a peer does not choose whom we ask
                    stream=True,
                ) as response,
            ):
                body = b""
                # Read again after a short piece: only then is an answer that breaks off an error.
                while piece := response.raw.read(BODY_LIMIT + 1 - len(body)):
                    body += piece
                answer["status"] = response.status_code
                answer["body"] = body[:BODY_LIMIT].decode(errors="replace")
                if len(body) > BODY_LIMIT:
                    answer["truncated"] = True
        except Exception as error:  # a peer's answer must not be able to break ours
            late = isinstance(error, requests.Timeout) or time.monotonic() >= deadline
            answer["error"] = self._too_late if late else why(error)
        answer["ms"] = round((time.monotonic() - start) * 1000)
        return answer


def why(error: BaseException) -> str:
    """The reason at the bottom of an error of requests, which wraps those of urllib3."""
    *_, root = _causes(error)
    if isinstance(root, OSError) and root.strerror:
        return root.strerror
    return f"{type(root).__name__}: {root}".splitlines()[0]


def _causes(error: BaseException) -> Iterator[BaseException]:
    while True:
        yield error
        inner = error.__cause__ or error.__context__
        if inner is None:
            return
        error = inner
