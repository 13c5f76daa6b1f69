"""Errors of aiohttp services as application/problem+json (RFC 9457)."""

from collections.abc import Awaitable, Callable

from aiohttp import web

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Gives every HTTP error, those of aiohttp too, a body that programs can read."""
    try:
        return await handler(request)
    except web.HTTPError as error:
        problem = {"status": error.status, "title": error.reason, "detail": error.text}
        headers = {"allow": error.headers["allow"]} if "allow" in error.headers else {}
        return web.json_response(
            problem, status=error.status, headers=headers, content_type="application/problem+json"
        )
