"""After an outage: what somebody has to look at, and how drills went.

`GET /api/venues/{venue_id}/reconciliation` is the list; most of it settles itself at the venue and is then
gone. What cannot is ticked off here with a note. A refund is decided by a command, because the venue has to
know.
"""

from typing import Annotated, Literal

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.store.money import credits
from cloud.store.money.credits import EmptyWallet, NothingOwed
from cloud.store.reading import aftermath
from cloud.store.reading.aftermath import DrillRow, Item
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route


class ReconciliationAnswer(msgspec.Struct, frozen=True):
    """What is to be looked at, newest first, then what was ticked off."""

    items: list[Item]


class SettleRequest(msgspec.Struct, frozen=True):
    """The item and what was done about it.

    Of orphans (`orphan:…`) `decision` says whether their money is accepted into the books, as a record beside
    the venue's own, or written off; reports tell the two apart.
    """

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=260)]
    note: Annotated[str, msgspec.Meta(min_length=1, max_length=280)]
    decision: Literal["noted", "accepted", "written_off"] = "noted"


class CollectRequest(msgspec.Struct, frozen=True):
    """The debt `entry` on the venue's credit is asked of the guest's wallet, once by the `mid`."""

    entry: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    mid: Annotated[str, msgspec.Meta(min_length=8, max_length=36, pattern=r"^[A-Za-z0-9_.-]+$")]


class Collecting(msgspec.Struct, frozen=True):
    """The command that carries the money to the box; its outcome stands among the commands."""

    command_id: str


class DrillsAnswer(msgspec.Struct, frozen=True):
    """Outages on purpose, newest first."""

    drills: list[DrillRow]


LIST = Route(
    method="GET",
    path="/api/venues/{venue_id}/reconciliation",
    summary="What somebody has to look at after an outage: pending, declined, to recollect, in doubt.",
    response=ReconciliationAnswer,
    auth="owner",
    roles=roles.EVERYBODY,
    scope="reports:read",
)
SETTLE = Route(
    method="POST",
    path="/api/venues/{venue_id}/reconciliation",
    summary="Tick an item off with a note; accept or write off what only a replaced box knew of.",
    request=SettleRequest,
    response=ReconciliationAnswer,
    auth="owner",
    roles=roles.BOOKKEEPERS,
    errors=("unknown_item",),
)
COLLECT = Route(
    method="POST",
    path="/api/venues/{venue_id}/reconciliation/collect",
    summary="Set what is free in a guest's wallet aside for what the guest owes on the venue's credit.",
    request=CollectRequest,
    response=Collecting,
    status=202,
    auth="owner",
    whole=True,
    roles=roles.RUNNERS,
    errors=("nothing_owed", "insufficient_balance"),
)
DRILLS = Route(
    method="GET",
    path="/api/venues/{venue_id}/drills",
    summary="Outages on purpose and what they showed.",
    response=DrillsAnswer,
    auth="owner",
    roles=roles.EVERYBODY,
    scope="reports:read",
)

_decoder = msgspec.json.Decoder(SettleRequest)
_collect = msgspec.json.Decoder(CollectRequest)


class Aftermath:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(LIST, self.list), (SETTLE, self.settle), (COLLECT, self.collect), (DRILLS, self.drills)]

    async def list(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/reconciliation`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            items = await aftermath.items(connection, request.match_info["venue_id"])
        return answer(ReconciliationAnswer(items))

    async def settle(self, request: web.Request) -> web.Response:
        """`POST /api/venues/{venue_id}/reconciliation`."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _decoder)
        venue_id = request.match_info["venue_id"]
        if wanted.decision != "noted" and not wanted.key.startswith("orphan:"):
            raise Refused(refuse("invalid", "Only what a replaced box left is accepted or written off."))
        async with on_behalf_of(self._pool, login) as connection:
            if not await aftermath.settle(
                connection, venue_id, wanted.key, login.email, wanted.note, wanted.decision
            ):
                raise Refused(refuse("unknown_item", "That is not on the list any more."))
            await self._logins.witness(
                connection, request, login, "reconciliation item settled", venue_id=venue_id, after=wanted
            )
            items = await aftermath.items(connection, venue_id)
        return answer(ReconciliationAnswer(items))

    async def collect(self, request: web.Request) -> web.Response:
        """`POST /api/venues/{venue_id}/reconciliation/collect`."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _collect)
        venue_id, by = request.match_info["venue_id"], f"owner:{login.email}"[:200]
        async with on_behalf_of(self._pool, login) as connection:
            try:
                command_id = await credits.collect(connection, venue_id, wanted.entry, wanted.mid, by)
            except NothingOwed as error:
                raise Refused(refuse("nothing_owed")) from error
            except EmptyWallet as error:
                raise Refused(refuse("insufficient_balance", "Nothing is free in this wallet.")) from error
            await self._logins.witness(
                connection, request, login, "credit collected", venue_id=venue_id, after=wanted
            )
        return answer(Collecting(command_id), 202)

    async def drills(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/drills`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            rows = await aftermath.drills(connection, request.match_info["venue_id"])
        return answer(DrillsAnswer(rows))
