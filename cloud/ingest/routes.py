"""Where the link is found. Bodies and answers are msgspec structs, so a specification can be emitted."""

from aiohttp import web

from cloud.ingest.claim import Claims
from cloud.ingest.socket import Links


def routes(links: Links, claims: Claims) -> list[web.RouteDef]:
    """`/link` for boxes that are claimed, `/api/edge/claim` for those that are not yet."""
    return [
        web.get("/link", links.serve),
        web.post("/api/edge/claim", claims.claim),
    ]
