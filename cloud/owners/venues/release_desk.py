"""A venue's box and its releases, for owners: where it stands, which ring it is in, when the venue is closed.

Opening hours are part of the venue's configuration: the box keeps them, and decides by them with or without
the internet. *Upgrade now* is a command like any other (`commanding.py`).
"""

from typing import Annotated

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.owners.venues import configuration
from cloud.store.link import releases
from cloud.store.link.releases import BoxRelease, Trial
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.serving_hours import ServingHours, are_times
from protocol.upgrade import Ring

_PATH = "/api/venues/{venue_id}/release"


class ReleaseAnswer(msgspec.Struct, frozen=True):
    """`box` is as it told last, `trials` what became of releases here, newest first.

    `opening` is when the venue is open: without windows nobody has said, and the box is left alone until
    somebody says *now*.
    """

    box: BoxRelease
    trials: list[Trial]
    opening: tuple[ServingHours, ...]
    timezone: str


class ReleaseChange(msgspec.Struct, frozen=True):
    """What is different from now on; null for what is not."""

    ring: Ring | None = None
    opening: Annotated[tuple[ServingHours, ...], msgspec.Meta(max_length=21)] | None = None


SHOW = Route(
    method="GET",
    path=_PATH,
    summary="The release that a venue's box runs, the one that waits and for what, and opening hours.",
    response=ReleaseAnswer,
    auth="owner",
    roles=roles.TECHNICIANS,
    scope="devices:read",
)
CHANGE = Route(
    method="PUT",
    path=_PATH,
    summary="Put the venue into another ring, or say when it is open.",
    request=ReleaseChange,
    response=ReleaseAnswer,
    auth="owner",
    roles=roles.RUNNERS,
    scope="commands:write",
    errors=("not_configured", "invalid"),
)
_change = msgspec.json.Decoder(ReleaseChange)


class ReleaseDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(SHOW, self.show), (CHANGE, self.change)]

    async def show(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/release`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            return answer(await _told(connection, request.match_info["venue_id"]))

    async def change(self, request: web.Request) -> web.Response:
        """`PUT /api/venues/{venue_id}/release`."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _change)
        venue_id = request.match_info["venue_id"]
        if not are_times(wanted.opening or ()):
            raise Refused(refuse("invalid", "Opening hours are like 18:00 to 02:00."))
        async with on_behalf_of(self._pool, login) as connection:
            before = await _told(connection, venue_id)
            if wanted.ring is not None:
                await releases.choose_ring(connection, venue_id, wanted.ring)
            if wanted.opening is not None:
                config = await configuration.newest(connection, venue_id)
                changed = msgspec.structs.replace(config, opening=wanted.opening)
                await configuration.publish(connection, venue_id, config, changed)
            after = await _told(connection, venue_id)
            await self._logins.witness(
                connection,
                request,
                login,
                "opening hours and ring",
                venue_id=venue_id,
                before={"ring": before.box.ring, "opening": before.opening},
                after={"ring": after.box.ring, "opening": after.opening},
            )
        return answer(after)


async def _told(connection: asyncpg.Connection, venue_id: str) -> ReleaseAnswer:
    config = await configuration.find(connection, venue_id)
    return ReleaseAnswer(
        box=await releases.of_venue(connection, venue_id),
        trials=await releases.trials(connection, venue_id),
        opening=config.opening if config else (),
        timezone=config.timezone if config else "UTC",
    )
