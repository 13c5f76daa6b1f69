import asyncio

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

import problems


async def refuse(_: web.Request) -> web.Response:
    raise web.HTTPBadRequest(text="write a number")


async def answers(method: str, path: str) -> tuple[int, str, str | None, object]:
    app = web.Application(middlewares=[problems.middleware])
    app.router.add_get("/refused", refuse)
    async with TestClient(TestServer(app)) as client:
        response = await client.request(method, path)
        allow = response.headers.get("allow")
        return response.status, response.content_type, allow, await response.json()


def test_an_error_says_what_is_wrong() -> None:
    problem = {"status": 400, "title": "Bad Request", "detail": "write a number"}
    expected = (400, "application/problem+json", None, problem)
    assert asyncio.run(answers("GET", "/refused")) == expected


def test_errors_of_the_router_too() -> None:
    status, content_type, allow, _ = asyncio.run(answers("POST", "/refused"))
    assert (status, content_type, allow) == (405, "application/problem+json", "GET,HEAD")
    assert asyncio.run(answers("GET", "/nowhere"))[0] == 404
