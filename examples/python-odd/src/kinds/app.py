import asyncio

import magic
import problems
from aiohttp import web
from langdetect import DetectorFactory, detect
from langdetect.lang_detect_exception import LangDetectException

MAX_BYTES = 1 << 20
# Without it the same text may be of another language the next time.
DetectorFactory.seed = 0


def media_type(content: bytes) -> str:
    return str(magic.from_buffer(content, mime=True))


def language(content: bytes) -> str | None:
    try:
        return str(detect(content.decode()))
    except (LangDetectException, UnicodeDecodeError):
        return None


async def usage(_: web.Request) -> web.Response:
    return web.json_response({"usage": "POST a file to /kind"})


async def health(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def kind(request: web.Request) -> web.Response:
    content = await request.read()
    if not content:
        raise web.HTTPBadRequest(text="an empty body is of no kind")
    # Both take their time, and other requests need not wait for them.
    found = await asyncio.to_thread(media_type, content)
    answer: dict[str, object] = {"media_type": found, "bytes": len(content)}
    if found.startswith("text/"):
        answer["language"] = await asyncio.to_thread(language, content)
    return web.json_response(answer)


def create_app() -> web.Application:
    app = web.Application(middlewares=[problems.middleware], client_max_size=MAX_BYTES)
    app.router.add_get("/", usage)
    app.router.add_get("/healthz", health)
    app.router.add_get("/readyz", health)
    app.router.add_post("/kind", kind)
    return app
