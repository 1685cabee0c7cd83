"""The owner page as it was built into `static/`: an index and its assets, found by name in a fixed list.

The list is made once from what is on disk, so no path that a stranger writes ever reaches the file system.
"""

from pathlib import Path

from aiohttp import web

from protocol.errors import Refused, refuse

STATIC = Path(__file__).parent / "static"
#: Names of assets carry a hash of their content.
_FOR_EVER = "public, max-age=31536000, immutable"


class Pages:
    """The handlers and the list of files."""

    def __init__(self, directory: Path = STATIC) -> None:
        self._files = {
            path.relative_to(directory).as_posix(): path for path in directory.rglob("*") if path.is_file()
        }

    async def index(self, _request: web.Request) -> web.StreamResponse:
        """`GET /`. Refuses with `pages_not_built`."""
        if "index.html" not in self._files:
            raise Refused(refuse("pages_not_built"))
        return web.FileResponse(self._files["index.html"], headers={"Cache-Control": "no-cache"})

    async def file(self, request: web.Request) -> web.StreamResponse:
        """Everything beside the index."""
        name = request.match_info["name"]
        if name not in self._files or name.startswith("."):
            raise Refused(refuse("not_found"))
        caching = _FOR_EVER if name.startswith("assets/") else "no-cache"
        return web.FileResponse(self._files[name], headers={"Cache-Control": caching})
