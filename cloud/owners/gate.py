"""The gate before every owner's route: who asks, may they, is it their own page, is it their venue.

Rule of the file: everything is decided by the route's row; a handler behind the gate has nothing left to
check but what it changes. In this order, so that a stranger learns nothing:

    401 unauthenticated   neither a login session nor a token
    403 csrf_failed       a change by a cookie that another site may have made the browser send
    403 forbidden         the role, or the token's scope, is not among the row's
    403 beyond_reach      it is about the whole organisation, and the person is bound to some of it
    429 rate_limited      more changes than a person makes
    404 unknown_venue     `{venue_id}` in the path is nobody's, not theirs or beyond reach; or `{brand_id}`

Counterparts: `login.py` knows who asks, `cloud/store/tenancy.sql` is the wall behind this one.
"""

from uuid import UUID

import asyncpg
from aiohttp import web

from cloud.owners.people.login import Logins
from cloud.store import venues
from cloud.store.people.logins import Login
from cloud.web import limits
from cloud.web.answers import Handler
from protocol.errors import Refused, refuse
from protocol.http import Route

_READS = ("GET", "HEAD")


class Gate:
    """Stands before handlers."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def guarded(self, route: Route, handler: Handler) -> Handler:
        """The handler behind the gate; routes that are not for owners stay as they are."""
        if route.auth != "owner":
            return handler

        async def behind(request: web.Request) -> web.StreamResponse:
            await self._admit(route, request)
            return await handler(request)

        return behind

    async def _admit(self, route: Route, request: web.Request) -> None:
        change = route.method not in _READS
        login = await (self._logins.require_change if change else self._logins.require)(request)
        if not _may(route, login):
            raise Refused(refuse("forbidden"))
        if route.whole and login.reach is not None:
            raise Refused(refuse("beyond_reach"))
        if change:
            await limits.check(self._pool, limits.CHANGES_BY_PERSON, login.session_id)
        for name, refusal, owned in (
            ("venue_id", "unknown_venue", venues.reaches),
            ("brand_id", "unknown_brand", venues.reaches_brand),
        ):
            if name in request.match_info:
                found = identity(request.match_info[name], refusal)
                if not await owned(self._pool, login, found):
                    raise Refused(refuse(refusal))


def _may(route: Route, login: Login) -> bool:
    if login.role == "token":
        return bool(route.scope) and route.scope in login.scopes
    return login.role in route.roles


def identity(text: str, refusal: str) -> str:
    """An id as it stands in the database. Raises `Refused` with `refusal` for what is no id at all."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise Refused(refuse(refusal)) from error
