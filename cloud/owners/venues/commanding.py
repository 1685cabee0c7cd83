"""Commands to a venue, and what became of them: `POST` and `GET /api/venues/{venue_id}/commands`.

A command is not a change of state but a request to the box, which alone decides and tells the outcome. It
may be sent while the box is away; it then waits, for as long as it is of use. Counterpart:
`protocol/instruction.py`.
"""

from typing import Annotated

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people import roles
from cloud.owners.people.login import Logins
from cloud.owners.venues.founding import new_id
from cloud.store import venues
from cloud.store.link import instructions
from cloud.store.link.instructions import Choices, CommandRow
from cloud.store.people.logins import Login
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.instruction import Instruction, OwnerAsk, kind_of

_Ttl = Annotated[int, msgspec.Meta(ge=5, le=24 * 3600)]
_Id = Annotated[str, msgspec.Meta(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]


class CommandRequest(msgspec.Struct, frozen=True):
    """What to ask, for how many seconds it is of use, and an id of your own that makes a repeat harmless."""

    ask: OwnerAsk
    ttl_s: _Ttl = 900
    command_id: _Id | None = None


class CommandsAnswer(msgspec.Struct, frozen=True):
    """Commands to the venue, newest first, 100 at most."""

    commands: list[CommandRow]


ISSUE = Route(
    method="POST",
    path="/api/venues/{venue_id}/commands",
    summary="Ask something of a venue's box; `ask.kind` names it, and the outcome follows in the list.",
    request=CommandRequest,
    response=CommandRow,
    status=202,
    auth="owner",
    roles=roles.RUNNERS,
    scope="commands:write",
    errors=("mid_reused",),
)
LIST = Route(
    method="GET",
    path="/api/venues/{venue_id}/commands",
    summary="What was asked of the venue, with outcomes.",
    response=CommandsAnswer,
    auth="owner",
    roles=roles.TECHNICIANS,
    scope="venues:read",
)

CHOICES = Route(
    method="GET",
    path="/api/venues/{venue_id}/commands/choices",
    summary="What commands can be about: dishes, play sessions, orders.",
    response=Choices,
    auth="owner",
    roles=roles.TECHNICIANS,
    scope="venues:read",
)

_decoder = msgspec.json.Decoder(CommandRequest)


class Commanding:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(ISSUE, self.issue), (LIST, self.list), (CHOICES, self.choices)]

    async def issue(self, request: web.Request) -> web.Response:
        """`POST /api/venues/{venue_id}/commands`."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _decoder)
        venue_id = request.match_info["venue_id"]
        if wanted.command_id is not None and wanted.command_id.startswith(instructions.OWN_PREFIXES):
            raise Refused(refuse("invalid", "Ids that begin like this one are the cloud's own."))
        instruction = Instruction(
            command_id=wanted.command_id or new_id(),
            by=f"owner:{login.email}"[:200],
            ttl_ms=wanted.ttl_s * 1000,
            ask=wanted.ask,
        )
        async with on_behalf_of(self._pool, login) as connection:
            await _issue(connection, login, venue_id, instruction, self._logins.origin(request))
            row = await instructions.find(connection, venue_id, instruction.command_id)
        return answer(row, 202)

    async def list(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/commands`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            rows = await instructions.newest(connection, request.match_info["venue_id"])
        return answer(CommandsAnswer(rows))

    async def choices(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/commands/choices`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            found = await instructions.choices(connection, request.match_info["venue_id"])
        return answer(found)


async def _issue(
    connection: asyncpg.Connection, login: Login, venue_id: str, instruction: Instruction, origin: str
) -> None:
    """On its way and in the audit, once."""
    try:
        if not await instructions.issue(connection, venue_id, instruction):
            return
    except instructions.Reused as error:
        raise Refused(refuse("mid_reused", "This id stands for another command already.")) from error
    await venues.audit(
        connection,
        actor=login.email,
        action=f"command: {kind_of(instruction.ask)}",
        origin=origin,
        organisation_id=login.organisation_id,
        venue_id=venue_id,
        after=instruction,
    )
