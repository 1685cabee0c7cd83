"""OpenAPI 3.1 from the rows that a service routes by.

Rule of the file: whatever a route can answer is in the document, refusals included, so that a stranger's
test tool may hold us to it. What every route of a kind can refuse is listed here, the rest in its row.

Counterpart: `asyncapi.py` describes what is not a request and an answer.
"""

import re
from collections.abc import Iterable
from typing import Any

from protocol.errors import CODES
from protocol.http import Route
from protocol.schema.components import components

_BODY = ("invalid", "malformed", "too_large", "unsupported_type")
_QUERY = ("invalid",)
#: Somebody else's, or none: an owner's routes answer alike.
_OF_AN_OWNER = {"venue_id": "unknown_venue", "brand_id": "unknown_brand"}
_WRITING = ("storage_failed", "rate_limited")
_AUTH: dict[str, tuple[str, ...]] = {
    "none": (),
    "guest": ("unauthenticated", "token_invalid", "not_authorised", "session_closed", "unknown_session"),
    "staff": ("unauthenticated", "token_invalid", "token_expired", "forbidden"),
    "balance": ("unauthenticated", "token_invalid", "token_expired"),
    "owner": ("unauthenticated", "forbidden", "rate_limited", "storage_failed"),
}
_SCHEMES: dict[str, dict[str, str]] = {
    "guest": {
        "type": "http",
        "scheme": "bearer",
        "description": "The `ws_token` of `POST /session/join`: one seat at one table.",
    },
    "staff": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `token` of `POST /api/v1/auth/pin`.",
    },
    "balance": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `token` of `POST /balance/sign_in`: one guest's balance, to look at.",
    },
    "owner": {
        "type": "apiKey",
        "in": "cookie",
        "name": "holdfast",
        "description": "Set by `POST /api/login`; over TLS its name is `__Host-holdfast`. Changes also "
        "need the `csrf` of `GET /api/me` in `X-CSRF-Token`.",
    },
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API token that holds the scope named here; made on the dashboard.",
    },
}
_ERROR = {
    "type": "object",
    "title": "Error",
    "description": "Every refusal. `code` is stable for ever, `message` is for a person.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"enum": sorted(CODES)}, "message": {"type": "string"}},
        }
    },
}


def openapi(routes: Iterable[Route], *, title: str, version: str, description: str) -> dict[str, Any]:
    """The document as a mapping, ready to be encoded."""
    rows = list(routes)
    types = [each for row in rows for each in (row.request, row.response) if each is not None]
    schemas, named = components(types)
    schema_of = dict(zip(map(id, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "description": description},
        "paths": paths,
        "components": {"schemas": {**named, "Error": _ERROR}, "securitySchemes": _SCHEMES},
    }


def refusals(route: Route) -> dict[int, list[str]]:
    """Codes that a route can refuse with, by HTTP status, both sorted."""
    codes = {*route.errors, *_AUTH[route.auth]}
    if route.request is not None:
        codes.update(_BODY)
    if route.query or route.filters:
        codes.update(_QUERY)
    if route.auth == "owner":
        codes.update(_OF_AN_OWNER[name] for name in _OF_AN_OWNER if f"{{{name}}}" in route.path)
        codes.update(() if route.method == "GET" else ("csrf_failed",))
        codes.update(("beyond_reach",) if route.whole else ())
    if route.method not in ("GET", "HEAD"):
        codes.update(_WRITING)
    by_status: dict[int, list[str]] = {}
    for code in sorted(codes, key=lambda code: (CODES[code][0], code)):
        by_status.setdefault(CODES[code][0], []).append(code)
    return by_status


def _operation(route: Route, schema_of: dict[int, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": operation_id(route),
        "summary": route.summary,
        "parameters": [*map(_in_path, re.findall(r"{(\w+)}", route.path)), *_in_query(route)],
        "responses": _responses(route, schema_of),
        "security": _security(route),
    }
    if route.request is not None:
        content = {"application/json": {"schema": schema_of[id(route.request)]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def operation_id(route: Route) -> str:
    """A name that is unique because method and path are: `post_session_join`."""
    words = re.findall(r"\w+", route.path) or ["root"]
    return "_".join([route.method.lower(), *words])


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _in_query(route: Route) -> list[dict[str, Any]]:
    named = [*((name, True) for name in route.query), *((name, False) for name in route.filters)]
    schema = {"type": "string", "minLength": 1}
    return [{"name": name, "in": "query", "required": needed, "schema": schema} for name, needed in named]


def _security(route: Route) -> list[dict[str, list[str]]]:
    if route.auth == "none":
        return []
    return [{route.auth: []}, *([{"token": [route.scope]}] if route.scope else [])]


def _responses(route: Route, schema_of: dict[int, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for status in (route.status, *route.also):
        found[str(status)] = {"description": route.summary}
        if 200 <= status < 300:
            schema = {"type": "string"} if route.response is None else schema_of[id(route.response)]
            found[str(status)]["content"] = {route.media: {"schema": schema}}
    for status, codes in refusals(route).items():
        found[str(status)] = _refused(codes)
    return found


def _refused(codes: list[str]) -> dict[str, Any]:
    lines = [f"`{code}`: {CODES[code][1]}" for code in codes]
    narrowed = {"properties": {"error": {"properties": {"code": {"enum": codes}}}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Error"}, narrowed]}
    return {"description": "\n\n".join(lines), "content": {"application/json": {"schema": schema}}}
