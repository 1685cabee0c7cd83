"""Boxes and what hangs on them, for whoever looks after the machines.

`GET /api/devices` tells of all venues what their journals say, `GET /api/venues/{venue_id}/health` of one
what its box said last on the telemetry lane.
"""

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.store.link import equipment, releases, telemetry
from cloud.store.link.equipment import Box, Device, Waiting
from cloud.store.link.releases import BoxRelease
from cloud.store.link.telemetry import Kept
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer
from protocol.http import Route


class BoxRow(msgspec.Struct, frozen=True):
    """The box of one venue; `claimed_at` null before there is one. Times are ISO 8601 in UTC.

    `behind` counts facts that the cloud does not have yet, null where that is unknown; `trouble` is why the
    box was turned away last. `devices`, `waiting` and `release` are as the box told last.
    """

    venue_id: str
    venue: str
    epoch: int
    claimed_at: str | None
    heard_at: str | None
    up: bool
    clock_trusted: bool | None
    behind: int | None
    trouble: str | None
    menu_current: bool
    config_current: bool
    quarantined: int
    devices: list[Device]
    waiting: Waiting | None
    release: BoxRelease


class Boxes(msgspec.Struct, frozen=True):
    """All venues' boxes, by name of the venue."""

    boxes: list[BoxRow]


class HealthAnswer(msgspec.Struct, frozen=True):
    """How one venue's things were when its box said so last; each as old as `age_s` says."""

    things: list[Kept]


HEALTH = Route(
    method="GET",
    path="/api/venues/{venue_id}/health",
    summary="The latest reading of the box and of everything that hangs on it.",
    response=HealthAnswer,
    auth="owner",
    roles=roles.TECHNICIANS,
    scope="devices:read",
)
DEVICES = Route(
    method="GET",
    path="/api/devices",
    summary="Boxes and devices of all venues, as they were heard of last.",
    response=Boxes,
    auth="owner",
    roles=roles.TECHNICIANS,
    scope="devices:read",
)


class HealthDesk:
    """The handler and what it needs."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(DEVICES, self.devices), (HEALTH, self.health)]

    async def health(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/health`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            things = await telemetry.latest(connection, request.match_info["venue_id"])
        return answer(HealthAnswer(things))

    async def devices(self, request: web.Request) -> web.Response:
        """`GET /api/devices`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            boxes = await equipment.boxes(connection, login.organisation_id)
            devices = await equipment.devices(connection, login.organisation_id)
            waiting = {
                each.venue_id: each for each in await equipment.waiting(connection, login.organisation_id)
            }
            running = await releases.of_venues(connection, login.organisation_id)
        rows = [
            _row(box, devices, waiting.get(box.venue_id), running.get(box.venue_id, BoxRelease()))
            for box in boxes
        ]
        return answer(Boxes(rows))


def _row(box: Box, devices: list[Device], waiting: Waiting | None, release: BoxRelease) -> BoxRow:
    told = {
        **msgspec.structs.asdict(box),
        "claimed_at": box.claimed_at.isoformat() if box.claimed_at else None,
        "heard_at": box.heard_at.isoformat() if box.heard_at else None,
    }
    own = [each for each in devices if each.venue_id == box.venue_id]
    return BoxRow(**told, devices=own, waiting=waiting, release=release)
