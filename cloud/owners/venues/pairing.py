"""`/api/pairing`: an owner types in the code that a box shows, and says where the box shall be.

Looking comes first: the page shows what box it is, with the fingerprint that the box shows too, because a
code may have come by telephone from somebody who means harm (RFC 8628 §5.4). Saying yes binds nothing by
itself: it makes the claim code that this very box, and no other, comes for. A box that served by itself
brings what it serves from, and a place is founded on that in the same transaction.
Counterparts: `cloud/ingest/pairing.py` gave the code, `cloud/ingest/claim.py` binds.
"""

from typing import Annotated
from uuid import UUID

import asyncpg
import msgspec
from aiohttp import web

from cloud.ingest.pairing import house_of, user_code_digest
from cloud.owners.people.login import Logins
from cloud.owners.people.roles import RUNNERS
from cloud.owners.venues import configuration
from cloud.store import venues
from cloud.store.link import pairings, streams
from cloud.store.link.pairings import Waiting
from cloud.store.people.logins import Login
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.link import STREAMS
from protocol.pairing import House, fingerprint

Code = Annotated[str, msgspec.Meta(max_length=64)]


class LookRequest(msgspec.Struct, frozen=True):
    """The code as the box shows it; dashes, blanks and case do not matter."""

    code: Code


class BoxSeen(msgspec.Struct, frozen=True):
    """The box behind a code. `facts` it has journalled by itself; with any it becomes a place of its own.

    `fingerprint` stands on the box, too. `address` is whence it asked. `name` is empty for one that serves
    nobody yet.
    """

    name: str
    tables: int
    dishes: int
    facts: int
    release: str
    fingerprint: str
    address: str
    expires_s: int


class PairRequest(msgspec.Struct, frozen=True):
    """`venue_id` and the `epoch` that the page shows of it for a box that takes its place; else a new one."""

    code: Code
    venue_id: UUID | None = None
    epoch: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] = 0


class PairAnswer(msgspec.Struct, frozen=True):
    """Where the box will be as soon as it comes for it, within seconds if it is still there."""

    venue_id: str
    venue_name: str
    replaces: bool


LOOK = Route(
    method="POST",
    path="/api/pairing/look",
    summary="What box shows this code. Changes nothing; needs the CSRF token because codes could be guessed.",
    request=LookRequest,
    response=BoxSeen,
    auth="owner",
    roles=RUNNERS,
    errors=("pairing_unknown", "pairing_used", "rate_limited"),
)
PAIR = Route(
    method="POST",
    path="/api/pairing",
    summary="Give the box that shows this code a place: a new one, or a venue's. Works once a code.",
    request=PairRequest,
    response=PairAnswer,
    auth="owner",
    roles=RUNNERS,
    errors=(
        "pairing_unknown",
        "pairing_used",
        "pairing_not_empty",
        "pairing_empty",
        "pairing_taken",
        "unknown_venue",
        "beyond_reach",
        "epoch_moved",
        "rate_limited",
    ),
)
_looking = msgspec.json.Decoder(LookRequest)
_pairing = msgspec.json.Decoder(PairRequest)


class Pairing:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(LOOK, self.look), (PAIR, self.pair)]

    async def look(self, request: web.Request) -> web.Response:
        """Refuses with one of `LOOK.errors`."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _looking)
        await limits.check(self._pool, limits.PAIRING_BY_PERSON, login.email)
        async with self._pool.acquire() as connection, connection.transaction():
            waiting = await _waiting(connection, wanted.code)
        return answer(_seen(waiting))

    async def pair(self, request: web.Request) -> web.Response:
        """Refuses with one of `PAIR.errors`."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _pairing)
        await limits.check(self._pool, limits.PAIRING_BY_PERSON, login.email)
        async with self._pool.acquire() as connection, connection.transaction():
            waiting = await _waiting(connection, wanted.code)
            if wanted.venue_id is None:
                venue_id, name = await _found(connection, waiting, login)
                epoch = 0
            else:
                venue_id, epoch = str(wanted.venue_id), wanted.epoch
                name = await _place(connection, waiting, login, venue_id, epoch)
            await pairings.approve(
                connection, waiting.device_code_digest, venue_id, epoch, waiting.asked.public_key
            )
            await self._logins.witness(
                connection,
                request,
                login,
                "box paired",
                venue_id=venue_id,
                before={"epoch": epoch},
                after={"box": fingerprint(waiting.asked.public_key), "address": waiting.asked.address},
            )
        return answer(PairAnswer(venue_id, name, epoch > 0))


async def _waiting(connection: asyncpg.Connection, code: str) -> Waiting:
    """The box that shows this code, held until the transaction ends."""
    waiting = await pairings.find(connection, user_code_digest(code))
    if waiting is None:
        raise Refused(refuse("pairing_unknown"))
    if waiting.approved:
        raise Refused(refuse("pairing_used"))
    return waiting


def _seen(waiting: Waiting) -> BoxSeen:
    asked, house = waiting.asked, house_of(waiting.asked.house)
    return BoxSeen(
        name=house.config.name if house else "",
        tables=len(house.config.tables) if house else 0,
        dishes=len(house.menu.items) if house and house.menu else 0,
        facts=asked.tail_seq,
        release=asked.release,
        fingerprint=fingerprint(asked.public_key),
        address=asked.address,
        expires_s=waiting.expires_s,
    )


async def _place(
    connection: asyncpg.Connection, waiting: Waiting, login: Login, venue_id: str, epoch: int
) -> str:
    """A venue of the owner's for a box that is empty; the venue's name."""
    if not await venues.reaches(connection, login, venue_id):
        raise Refused(refuse("unknown_venue"))
    if waiting.asked.tail_seq:
        raise Refused(refuse("pairing_not_empty"))
    if await venues.epoch(connection, venue_id) != epoch:
        raise Refused(refuse("epoch_moved"))
    venue = await venues.find(connection, venue_id)
    return venue.name if venue else ""


async def _found(connection: asyncpg.Connection, waiting: Waiting, login: Login) -> tuple[str, str]:
    """A place of the box's own, with what it serves from as the first of its streams."""
    house = house_of(waiting.asked.house)
    if house is None:
        raise Refused(refuse("pairing_empty"))
    config = house.config
    if (
        login.reach is not None
        and await venues.founded_under(connection, login.organisation_id) not in login.reach
    ):
        raise Refused(refuse("beyond_reach", "A new venue is for somebody who runs the whole brand."))
    if not await venues.knows_timezone(connection, config.timezone):
        raise Refused(refuse("invalid", f"{config.timezone} is no time zone."))
    try:
        async with connection.transaction():
            await venues.found(connection, login.organisation_id, config)
    except asyncpg.UniqueViolationError as error:
        raise Refused(refuse("pairing_taken")) from error
    await streams.open_streams(connection, config.venue_id, STREAMS)
    await _publish(connection, house)
    return config.venue_id, config.name


async def _publish(connection: asyncpg.Connection, house: House) -> None:
    """The box's own words, under the numbers that they have on the box: it adopts them as what it has."""
    venue_id = house.config.venue_id
    await configuration.begin(connection, venue_id, house.config)
    if house.menu is not None:
        seq = house.menu.menu_version
        await streams.begin_at(connection, venue_id, "menu", seq)
        await streams.publish(connection, venue_id, "menu", seq, msgspec.json.encode(house.menu))
