"""Sending a brand's menu to its venues: at the press of a button, and when a planned price comes.

Rule of the file: all venues of one publication get their menu in one transaction, or none does. A menu that
cannot be sold from at one of them is refused with all that is wrong with it, and nothing is changed.

Counterparts: `brand_menu.py` says what a venue gets, `cloud/ingest/feed.py` brings it to the box.
"""

import asyncio
from contextlib import suppress

import asyncpg
import msgspec
import structlog

from cloud.owners.menu.brand_menu import BrandMenu, Selling, at_venue, complaints, next_moment
from cloud.store import menus, venues
from cloud.store.link import streams
from cloud.store.menus import VenueMenu
from cloud.store.pool import GONE
from protocol.errors import Refused, refuse
from protocol.facts.venue import VenueConfig

#: How long a price that was planned by another process may stay unnoticed.
_LOOK_EVERY_S = 30.0

_brand_menu = msgspec.json.Decoder(BrandMenu)

log = structlog.get_logger()


def read(body: str | bytes) -> BrandMenu:
    """A document that was stored by us."""
    return _brand_menu.decode(body)


def selling(venue: VenueMenu) -> Selling:
    """The venue as its newest configuration has it."""
    config = msgspec.json.decode(venue.config, type=VenueConfig) if venue.config else None
    stations = frozenset(station.id for station in config.stations) if config else frozenset[str]()
    return Selling(venue.venue_id, venue.name, venue.currency, stations)


def check(brand: BrandMenu, targets: list[VenueMenu], lacking: list[str]) -> None:
    """Raises `Refused` with `menu_flawed` and every complaint, those in `lacking` included."""
    found = [*lacking]
    for venue in targets:
        found += complaints(brand, [selling(venue)], venue.local_now)
    if found:
        listed = list(dict.fromkeys(found))
        raise Refused(refuse("menu_flawed", listed[0], detail={"complaints": listed}))


async def give(
    connection: asyncpg.Connection, brand: BrandMenu, brand_id: str, version: int, venue: tuple[str, str]
) -> int:
    """Send what a venue (its id and local time) shall sell from now; where that stands in its stream."""
    venue_id, local_now = venue
    menu_version = await streams.next_seq(connection, venue_id, "menu")
    menu = msgspec.structs.replace(at_venue(brand, venue_id, local_now), menu_version=menu_version)
    await menus.give(connection, venue_id, brand_id, version, menu_version, msgspec.json.encode(menu))
    await menus.plan(connection, venue_id, next_moment(brand, venue_id, local_now))
    return menu_version


class PriceClock:
    """Brings planned prices into force. Every process has one; a venue's turn is taken by one of them."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def run(self) -> None:
        """Until cancelled; outlives every outage of Postgres."""
        while True:
            wait_s = _LOOK_EVERY_S
            with suppress(*GONE):
                while await self.tick():
                    pass
                due_s = await menus.due_in_s(self._pool)
                wait_s = _LOOK_EVERY_S if due_s is None else min(max(due_s, 0.05), _LOOK_EVERY_S)
            await asyncio.sleep(wait_s)

    async def tick(self) -> bool:
        """Serve one venue whose time has come; whether there was one."""
        async with self._pool.acquire() as connection, connection.transaction():
            due = await menus.take_due(connection)
            if due is None:
                return False
            if due.by_hand:
                await menus.plan(connection, due.venue_id, None)
                return True
            brand = read(due.body)
            menu_version = await give(
                connection, brand, due.brand_id, due.version, (due.venue_id, due.local_now)
            )
            await venues.audit(
                connection,
                actor="price schedule",
                action="planned prices came into force",
                origin="cloud",
                organisation_id=due.organisation_id,
                venue_id=due.venue_id,
                after={"version": due.version, "menu_version": menu_version},
            )
        log.info("planned_prices", venue_id=due.venue_id, menu_version=menu_version)
        return True
