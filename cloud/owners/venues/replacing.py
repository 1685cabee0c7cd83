"""`POST /api/venues/{venue_id}/replace`: the owner has a new box for a venue and asks for its claim code.

Nothing happens to the present box by pressing the button: it serves on until a new one is claimed with the
code. The page says which epoch it saw, and the code is good for that one only, so two people who press at
once, or a page from yesterday, cannot throw out a box that was claimed meanwhile.
"""

import secrets

import asyncpg
import msgspec
from aiohttp import web

from cloud.ingest.claim import code_digest
from cloud.owners.people.login import Logins
from cloud.owners.people.roles import RUNNERS
from cloud.store import venues
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.identity import readable_code

_LETTERS = 12
_HOURS = 24


class ReplaceRequest(msgspec.Struct, frozen=True):
    """`epoch` is the one that the page shows."""

    epoch: int


class ReplaceAnswer(msgspec.Struct, frozen=True):
    """Type the code into the new box: `holdfast-edge claim`. It works once, within `hours`."""

    code: str
    hours: int
    epoch: int


REPLACE = Route(
    method="POST",
    path="/api/venues/{venue_id}/replace",
    summary="A code with which a new box takes the venue over. Needs the CSRF token in `X-CSRF-Token`.",
    request=ReplaceRequest,
    response=ReplaceAnswer,
    auth="owner",
    roles=RUNNERS,
    errors=("epoch_moved",),
)
_decoder = msgspec.json.Decoder(ReplaceRequest)


class Replacing:
    """The handler and what it needs."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """The address and its handler."""
        return [(REPLACE, self.replace)]

    async def replace(self, request: web.Request) -> web.Response:
        """Refuses with one of `REPLACE.errors`."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _decoder)
        venue_id = request.match_info["venue_id"]
        letters = readable_code(secrets.token_bytes(_LETTERS), _LETTERS)
        async with self._pool.acquire() as connection, connection.transaction():
            if await venues.epoch(connection, venue_id) != wanted.epoch:
                raise Refused(refuse("epoch_moved"))
            await venues.replacement_code(connection, code_digest(letters), venue_id, wanted.epoch, _HOURS)
            await self._logins.witness(
                connection,
                request,
                login,
                "replacement asked for",
                venue_id=venue_id,
                before={"epoch": wanted.epoch},
            )
        code = "-".join(letters[start : start + 4] for start in range(0, _LETTERS, 4))
        return answer(ReplaceAnswer(code, _HOURS, wanted.epoch))
