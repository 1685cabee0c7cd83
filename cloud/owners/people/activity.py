"""`GET /api/audit`: every change that a person made, as an owner reads it."""

from typing import Any

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people.login import Logins
from cloud.store.people import audit
from cloud.store.people.audit import Change
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer
from protocol.errors import Refused, refuse
from protocol.http import Route

_A_PAGE = 50
_MOST_ID = 2**63 - 1


class ChangeRow(msgspec.Struct, frozen=True):
    """Who did what, where from. `before` and `after` are as they stood; null where nothing is to say."""

    audit_id: int
    at: str
    venue_id: str | None
    venue: str | None
    actor: str
    action: str
    before: Any
    after: Any
    origin: str


class Changes(msgspec.Struct, frozen=True):
    """Newest first. `next` is the `before` of the page after this one, null on the last."""

    changes: list[ChangeRow]
    next: str | None


AUDIT = Route(
    method="GET",
    path="/api/audit",
    summary="What people changed, 50 at a time; `before` is the `next` of the last page.",
    response=Changes,
    filters=("before",),
    auth="owner",
)


class Activity:
    """The handler and what it needs."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(AUDIT, self.audit)]

    async def audit(self, request: web.Request) -> web.Response:
        """Refuses with `invalid` for a `before` that is no place in the audit."""
        login = await self._logins.require(request)
        before = _place(request.query.get("before"))
        async with on_behalf_of(self._pool, login) as connection:
            found = await audit.page(connection, login.organisation_id, before, _A_PAGE + 1)
        shown = found[:_A_PAGE]
        following = str(shown[-1].audit_id) if len(found) > _A_PAGE else None
        return answer(Changes([_row(each) for each in shown], following))


def _place(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal()) or int(text[:20]) > _MOST_ID:
        raise Refused(refuse("invalid", "`before` is the `next` of another page."))
    return int(text)


def _row(change: Change) -> ChangeRow:
    return ChangeRow(**{**msgspec.structs.asdict(change), "at": change.at.isoformat()})
