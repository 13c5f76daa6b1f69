import asyncio
import gzip
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from kinds import __main__
from kinds.app import MAX_BYTES, create_app


def post(content: bytes) -> tuple[int, Any]:
    async def request() -> tuple[int, Any]:
        async with TestClient(TestServer(create_app())) as client:
            response = await client.post("/kind", data=content)
            return response.status, await response.json()

    return asyncio.run(request())


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (gzip.compress(b"x"), "application/gzip"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
    ],
)
def test_the_kind_of_a_file(content: bytes, media_type: str) -> None:
    assert post(content) == (200, {"media_type": media_type, "bytes": len(content)})


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The quick brown fox jumps over the lazy dog, and nobody minds.", "en"),
        ("Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.", "de"),
        ("1234567890", None),
    ],
)
def test_the_language_of_a_text(text: str, language: str | None) -> None:
    status, answer = post(text.encode())
    assert (status, answer["media_type"], answer["language"]) == (200, "text/plain", language)


def test_nothing_is_refused() -> None:
    assert post(b"") == (
        400,
        {"status": 400, "title": "Bad Request", "detail": "an empty body is of no kind"},
    )


def test_too_much_is_refused() -> None:
    assert post(bytes(MAX_BYTES + 1))[0] == 413


@pytest.mark.parametrize("text", ["", "http", "0", "65536", "-1"])
def test_a_bad_port(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(SystemExit, match="kinds: read PORT"):
        __main__.port()
