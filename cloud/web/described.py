"""The cloud describes itself: OpenAPI of the very routes that it serves."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

from aiohttp import web

from cloud.web.answers import Handler, answer
from protocol.http import Route
from protocol.schema.openapi import openapi

OPENAPI = Route(method="GET", path="/openapi.json", summary="This description.", response=dict)


def release() -> str:
    """The installed version; `0` in a checkout that was never installed."""
    try:
        return version("holdfast")
    except PackageNotFoundError:
        return "0"


def routes(served: Iterable[Route]) -> list[tuple[Route, Handler]]:
    """The address and its handler; `served` are all the other routes."""
    rows = [*served, OPENAPI]

    async def describe(_request: web.Request) -> web.Response:
        title, words = "Holdfast cloud", "Owners and their venues, and the claiming of boxes."
        return answer(openapi(rows, title=title, version=release(), description=words))

    return [(OPENAPI, describe)]
