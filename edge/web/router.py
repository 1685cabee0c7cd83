"""All addresses of the box in one application."""

from collections.abc import Iterable

from aiohttp import web

from edge.web.answers import Handler, named_errors
from protocol.codec import MOST_BYTES
from protocol.http import Route


def application(
    routes: Iterable[tuple[Route, Handler]], sockets: Iterable[tuple[str, Handler]]
) -> web.Application:
    """The application; `sockets` are WebSocket addresses, described by AsyncAPI instead of OpenAPI."""
    app = web.Application(middlewares=[named_errors], client_max_size=MOST_BYTES)
    for route, handler in routes:
        app.router.add_route(route.method, route.path, handler)
    for path, handler in sockets:
        app.router.add_get(path, handler)
    return app
