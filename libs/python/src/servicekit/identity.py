"""What distinguishes a request from others, in logs and across services."""

import re
import uuid
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# An ID from outside ends up in logs and in the answer.
_ACCEPTABLE = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
# https://www.w3.org/TR/trace-context/#traceparent-header: version, trace, span, flags, and what
# later versions may add.
_TRACEPARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?"
)


@dataclass(frozen=True, slots=True)
class Identity:
    """The fields that a request's log lines have, and the headers that carry them on."""

    fields: dict[str, str]
    headers: dict[str, str]


current: ContextVar[Identity | None] = ContextVar("identity", default=None)


def identify(environ: "WSGIEnvironment") -> Identity:
    """The ID that a proxy gave, if it is acceptable, else a new one; and a valid traceparent."""
    request_id = environ.get("HTTP_X_REQUEST_ID", "")
    if not _ACCEPTABLE.fullmatch(request_id):
        request_id = uuid.uuid4().hex
    fields, headers = {"request_id": request_id}, {"X-Request-Id": request_id}
    traceparent = environ.get("HTTP_TRACEPARENT", "")
    if found := _TRACEPARENT.fullmatch(traceparent):
        fields["trace_id"], fields["span_id"] = found.groups()
        headers["traceparent"] = traceparent
    return Identity(fields, headers)


def outgoing_headers() -> dict[str, str]:
    """The headers that let other services log the request that is being answered as this one."""
    identity = current.get()
    return dict(identity.headers) if identity else {}
