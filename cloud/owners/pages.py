"""The owner page as it was built into `static/`: an index, a sign, and assets found by name in a fixed list.

The list is made once from what is on disk, so no path that a stranger writes ever reaches the file system.
"""

from pathlib import Path

from aiohttp import web

from cloud.web.answers import Handler
from protocol.errors import Refused, refuse
from protocol.http import Route

STATIC = Path(__file__).parent / "static"
_FRESH = "no-cache"
#: Names of assets carry a hash of their content.
_FOR_EVER = "public, max-age=31536000, immutable"

INDEX = Route(
    method="GET", path="/", summary="The owner's page.", media="text/html", errors=("pages_not_built",)
)
ASSET = Route(
    method="GET",
    path="/assets/{name}",
    summary="A script, style or font of the page.",
    media="*/*",
    errors=("not_found",),
)
FAVICON = Route(
    method="GET", path="/favicon.svg", summary="The sign.", media="image/svg+xml", errors=("not_found",)
)


class Pages:
    """The handlers and the list of files."""

    def __init__(self, directory: Path = STATIC) -> None:
        self._files = {path.relative_to(directory).as_posix(): path for path in directory.glob("**/*.*")}

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(INDEX, self.index), (ASSET, self.asset), (FAVICON, self.favicon)]

    async def index(self, _request: web.Request) -> web.StreamResponse:
        """The page, or in words that it is not built."""
        if "index.html" not in self._files:
            raise Refused(refuse("pages_not_built"))
        return self._file("index.html", _FRESH)

    async def asset(self, request: web.Request) -> web.StreamResponse:
        """What the page loads."""
        return self._file(f"assets/{request.match_info['name']}", _FOR_EVER)

    async def favicon(self, _request: web.Request) -> web.StreamResponse:
        """What the browser shows beside the page's title."""
        return self._file("favicon.svg", _FRESH)

    def _file(self, name: str, caching: str) -> web.StreamResponse:
        if name not in self._files:
            raise Refused(refuse("not_found"))
        return web.FileResponse(self._files[name], headers={"Cache-Control": caching})
