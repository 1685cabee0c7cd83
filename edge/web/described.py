"""The box describes itself: OpenAPI of the very routes it serves, AsyncAPI of its sockets and topics."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from aiohttp import web

from edge.web.answers import Handler, answer
from protocol.http import Route
from protocol.schema.asyncapi import asyncapi
from protocol.schema.openapi import openapi

OPENAPI = Route(method="GET", path="/openapi.json", summary="This description.", response=dict)
ASYNCAPI = Route(method="GET", path="/asyncapi.json", summary="Sockets and MQTT topics.", response=dict)


def release() -> str:
    """The installed version; `0` in a checkout that was never installed."""
    try:
        return version("holdfast")
    except PackageNotFoundError:
        return "0"


def routes(served: Iterable[Route]) -> list[tuple[Route, Handler]]:
    """Addresses and their handlers; `served` are all the other routes."""
    rows = [*served, OPENAPI, ASYNCAPI]

    async def http(_request: web.Request) -> web.Response:
        title, words = "Holdfast box", "A venue's box: guests, staff, kitchen, health."
        return answer(openapi(rows, title=title, version=release(), description=words))

    async def messages(request: web.Request) -> web.Response:
        document = asyncapi(
            title="Holdfast box", version=release(), http_host=request.host, mqtt_host=request.host
        )
        return answer(document)

    return [(OPENAPI, http), (ASYNCAPI, messages)]
