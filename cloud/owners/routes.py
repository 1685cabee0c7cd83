"""Where owners find things. Bodies and answers are msgspec structs, so a specification can be emitted."""

from aiohttp import web

from cloud.owners.live import Live
from cloud.owners.login import Logins
from cloud.owners.pages import Pages
from cloud.owners.watch import Watch


def routes(logins: Logins, watch: Watch, live: Live, pages: Pages) -> list[web.RouteDef]:
    """The owner's API, then the page; the last one takes whatever is left."""
    return [
        web.post("/api/login", logins.login),
        web.post("/api/logout", logins.logout),
        web.get("/api/me", logins.me),
        web.get("/api/venues", watch.venues),
        web.get("/api/venues/{venue_id}/orders", watch.orders),
        web.get("/ws/owner", live.serve),
        web.get("/", pages.index),
        web.get("/{name:(?!api/|ws/).+}", pages.file),
    ]
