"""Turning outcomes into HTTP answers, and anything that goes wrong into a named error.

`{"error": {"code", "message", …}}` with the status of `protocol.errors.CODES`, everywhere, also for what
aiohttp itself refuses. Counterpart on sockets: `protocol.table.error_message`.
"""

import logging
import sqlite3
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from edge.journal.writer import Accepted, Outcome
from protocol.codec import MOST_BYTES, decode, encode
from protocol.errors import Refusal, Refused, refuse

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; "
        "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

#: What aiohttp refuses by itself, in our words.
_STATUS_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_type"}


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON answer."""
    return web.Response(body=encode(body), status=status, content_type="application/json", headers=headers)


def refusal_answer(refusal: Refusal) -> web.Response:
    """A refusal under its status."""
    error = {**(refusal.detail or {}), "code": refusal.code, "message": refusal.message}
    headers = {}
    if refusal.retry_after_s is not None:
        headers["Retry-After"] = str(refusal.retry_after_s)
    return answer({"error": error}, refusal.status, headers)


def accepted(outcome: Outcome) -> Accepted:
    """The outcome if it was accepted; raises `Refused` otherwise."""
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return outcome


async def body_of(request: web.Request, decoder: "msgspec.json.Decoder[T]") -> T:
    """The request's JSON body as a struct. Raises `Refused`."""
    if request.content_type not in ("application/json", "application/octet-stream", "text/plain"):
        raise Refused(refuse("unsupported_type"))
    if request.content_length is not None and request.content_length > MOST_BYTES:
        raise Refused(refuse("too_large"))
    return decode(decoder, await request.read())


@web.middleware
async def named_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """No answer leaves without a code; no exception becomes a stranger's problem."""
    try:
        response = await handler(request)
    except Refused as error:
        response = refusal_answer(error.refusal)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = refusal_answer(refuse(_STATUS_CODES.get(error.status, "invalid")))
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
    except (ConnectionError, TimeoutError):
        raise
    except sqlite3.Error:
        log.exception("%s %s: the disk cannot be read", request.method, request.path)
        response = refusal_answer(refuse("storage_failed"))
    except Exception:
        log.exception("%s %s failed", request.method, request.path)
        response = refusal_answer(refuse("internal"))
    if not response.prepared:
        response.headers.update(SECURITY_HEADERS)
    return response
