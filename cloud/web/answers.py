"""Bodies in, answers out: one way to read JSON, one way to say no, one set of headers.

Whatever a stranger sends ends in a named refusal with a stable code and no change of state. A 5xx means
that we are at fault, or that Postgres is away (503, try again).
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from cloud.store.pool import GONE
from protocol import codec
from protocol.errors import Refusal, Refused, refuse

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: Slow bodies are cut: nobody needs longer for 64 KiB.
_BODY_WITHIN_S = 15

#: No inline script or style, nothing from elsewhere, not in anybody's frame.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

#: A browser that has seen us over TLS never asks without it again.
_OVER_TLS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}

_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_type"}

log = structlog.get_logger()


class ErrorBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """`code` is stable, `message` is for a person; `detail` is for the page, where there is more to say."""

    code: str
    message: str
    detail: dict[str, Any] | None = None


class ErrorAnswer(msgspec.Struct, frozen=True):
    """The shape of every refusal."""

    error: ErrorBody


def answer(body: Any, status: int = 200) -> web.Response:
    """A JSON answer; never cached, because it is about now and about whoever asked."""
    headers = {"Cache-Control": "no-store"}
    return web.Response(
        body=msgspec.json.encode(body), status=status, content_type="application/json", headers=headers
    )


def refused(refusal: Refusal) -> web.Response:
    """The answer that says no."""
    response = answer(ErrorAnswer(ErrorBody(refusal.code, refusal.message, refusal.detail)), refusal.status)
    if refusal.retry_after_s is not None:
        response.headers["Retry-After"] = str(refusal.retry_after_s)
    return response


async def body_of(
    request: web.Request, decoder: "msgspec.json.Decoder[T]", most_bytes: int = codec.MOST_BYTES
) -> T:
    """The request's JSON body. Raises `Refused`."""
    if request.content_type != "application/json":
        raise Refused(refuse("unsupported_type"))
    if (request.content_length or 0) > most_bytes:
        raise Refused(refuse("too_large"))
    try:
        async with asyncio.timeout(_BODY_WITHIN_S):
            raw = await request.read()
    except TimeoutError as error:
        raise Refused(refuse("invalid", "The body did not come in time.")) from error
    return codec.decode(decoder, raw, most_bytes)


def caller(request: web.Request, *, behind_proxy: bool) -> str:
    """The address to count attempts by; behind a proxy of our own, what it says of its caller."""
    if behind_proxy:
        named = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if named and named.isascii():
            return named[:64]
    return request.remote or "unknown"


def answers(*, behind_tls: bool = False) -> Middleware:
    """The middleware that turns every way out of a handler into an answer with the house's headers."""
    headers = {**_HEADERS, **(_OVER_TLS if behind_tls else {})}

    @web.middleware
    async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await _answered(request, handler)
        if not response.prepared:
            for name, value in headers.items():
                response.headers.setdefault(name, value)
        return response

    return answered


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refused as error:
        return refused(error.refusal)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = refused(refuse(_BY_STATUS.get(error.status, "invalid")))
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except GONE as error:
        log.warning("postgres_away", path=request.path, error=str(error))
        return refused(
            refuse("storage_failed", "The database is away; nothing was changed.", retry_after_s=2)
        )
    except Exception:
        log.exception("handler_failed", path=request.path)
        return refused(refuse("internal", "Something went wrong in the cloud; nothing was changed."))
