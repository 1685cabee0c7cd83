"""Every request has a name, its lines carry it, and how long it took is counted.

A caller may name a request (`X-Request-Id`, as a proxy does); any other gets a name of ours. The answer says
it again, and every line that is logged on its behalf has it as `request_id`, with the venue of the path as
`venue_id`. Figures are kept by the route's pattern, never by what stands in its place.
"""

import re
import secrets
import time

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from cloud.web.figures import Figures

HEADER = "X-Request-Id"
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
#: They ask every few seconds, and what they ask is how we are: their lines would drown all others.
_SILENT = {"/healthz", "/livez", "/readyz", "/metrics", "/status"}

log = structlog.get_logger()


def traced(figures: Figures) -> Middleware:
    """The outermost middleware."""

    @web.middleware
    async def trace(request: web.Request, handler: Handler) -> web.StreamResponse:
        began_s = time.perf_counter()
        told = request.headers.get(HEADER, "")
        name = told if _NAME.fullmatch(told) else secrets.token_hex(8)
        known = {"request_id": name}
        if "venue_id" in request.match_info:
            known["venue_id"] = request.match_info["venue_id"][:64]
        with structlog.contextvars.bound_contextvars(**known):
            response = await handler(request)
            _note(request, response, time.perf_counter() - began_s, figures)
        if not response.prepared:
            response.headers[HEADER] = name
        return response

    return trace


def _note(request: web.Request, response: web.StreamResponse, took_s: float, figures: Figures) -> None:
    resource = request.match_info.route.resource
    route = "unknown" if resource is None else resource.canonical
    if isinstance(response, web.WebSocketResponse):
        return  # it took as long as somebody stayed
    figures.requests.labels(request.method, route, f"{response.status // 100}xx").inc()
    figures.request_s.labels(route).observe(took_s)
    if route not in _SILENT:
        log.info(
            "request",
            method=request.method,
            route=route,
            status=response.status,
            ms=round(took_s * 1000, 1),
        )
