"""Errors as RFC 9457 has them: application/problem+json."""

import json
from http import HTTPStatus

from flask import Flask, Response
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException, InternalServerError

CONTENT_TYPE = "application/problem+json"


def body(status: int, detail: str | None = None) -> bytes:
    """A problem; the detail is for the client, so nothing internal belongs in it."""
    problem = {"title": HTTPStatus(status).phrase, "status": status}
    if detail:
        problem["detail"] = detail
    return json.dumps(problem).encode() + b"\n"


def install(app: Flask) -> None:
    """Answers all errors of an application so: the router's, `abort(409, "…")`, and faults."""

    @app.errorhandler(HTTPException)
    def answer(error: HTTPException) -> Response:
        headers = Headers(error.get_headers())  # with Allow, Retry-After and others
        headers.remove("Content-Type")
        status = error.code or InternalServerError.code
        detail = error.description
        if status == InternalServerError.code or detail == type(error).description:
            detail = None  # werkzeug's own words repeat the title
        return Response(body(status, detail), status, headers, content_type=CONTENT_TYPE)
