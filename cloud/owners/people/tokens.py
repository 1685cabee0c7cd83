"""API tokens: what programs of the organisation call with, each with as little power as it needs.

Like a person's role, a token may be bound to some of the organisation's brands and venues.
A token reads `hf_` and 256 random bits; it is shown when it is made and only its digest is kept. What its
scopes open stands in the routes (`scope`); the description at `/openapi.json` lists them.
"""

import secrets
from datetime import UTC, datetime, timedelta

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.gate import identity
from cloud.owners.people.account import Done
from cloud.owners.people.bounds import Bounds, checked, listed
from cloud.owners.people.login import Logins
from cloud.owners.people.roles import SCOPES
from cloud.owners.venues.founding import new_id
from cloud.store.people import api_tokens
from cloud.store.people.api_tokens import Token
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.identity import token_digest

_LONGEST_NAME = 80
_MOST_DAYS = 3650


class TokenRow(msgspec.Struct, frozen=True):
    """A token without what it reads like. Times are ISO 8601 in UTC; null for never.

    `reach` names the brands and venues that it is bound to; null for the whole organisation.
    """

    token_id: str
    name: str
    scopes: list[str]
    created_by: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    reach: list[str] | None


class Tokens(msgspec.Struct, frozen=True):
    """The organisation's tokens, newest first; and all there are to choose from, in words."""

    tokens: list[TokenRow]
    scopes: dict[str, str]


class TokenRequest(msgspec.Struct, frozen=True):
    """A token to make. It ends after `days`, and never with null; without `reach` it has no bounds."""

    name: str
    scopes: list[str]
    days: int | None = 90
    reach: Bounds | None = None


class BoundsRequest(msgspec.Struct, frozen=True):
    """Which brands and venues a token is bound to from now on; null for the whole organisation."""

    reach: Bounds | None


class TokenAnswer(msgspec.Struct, frozen=True):
    """The token itself, this once."""

    token_id: str
    token: str


TOKENS = Route(
    method="GET", path="/api/tokens", summary="API tokens of the organisation.", response=Tokens, auth="owner"
)
MAKE = Route(
    method="POST",
    path="/api/tokens",
    summary="Make an API token; it is told once.",
    request=TokenRequest,
    response=TokenAnswer,
    status=201,
    auth="owner",
    errors=("unknown_venue",),
)
BIND = Route(
    method="PATCH",
    path="/api/tokens/{token_id}",
    summary="Bind a token to brands and venues; it counts from its next call.",
    request=BoundsRequest,
    response=Done,
    auth="owner",
    errors=("unknown_token", "unknown_venue"),
)
REVOKE = Route(
    method="DELETE",
    path="/api/tokens/{token_id}",
    summary="Have a token open nothing any more.",
    response=Done,
    auth="owner",
    errors=("unknown_token",),
)

_decoder = msgspec.json.Decoder(TokenRequest)
_bounds = msgspec.json.Decoder(BoundsRequest)


class TokenDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(TOKENS, self.tokens), (MAKE, self.make), (BIND, self.bind), (REVOKE, self.revoke)]

    async def tokens(self, request: web.Request) -> web.Response:
        """`GET /api/tokens`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            found = await api_tokens.all_of(connection, login.organisation_id)
        return answer(Tokens([_row(each) for each in found], SCOPES))

    async def make(self, request: web.Request) -> web.Response:
        """Refuses with `invalid` or `unknown_venue`."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _decoder)
        name = wanted.name.replace("\0", "").strip()[:_LONGEST_NAME]
        scopes = sorted(set(wanted.scopes))
        if not name or not scopes or not set(scopes) <= set(SCOPES):
            raise Refused(refuse("invalid", f"A token needs a name, and scopes out of {', '.join(SCOPES)}."))
        if wanted.days is not None and not 1 <= wanted.days <= _MOST_DAYS:
            raise Refused(refuse("invalid", f"A token ends after 1 to {_MOST_DAYS} days."))
        now, secret = datetime.now(UTC), f"hf_{secrets.token_urlsafe(32)}"
        ends = None if wanted.days is None else now + timedelta(days=wanted.days)
        async with on_behalf_of(self._pool, login) as connection:
            reach = await checked(connection, login.organisation_id, wanted.reach)
            token = Token(new_id(), name, scopes, login.email, now, ends, reach=reach)
            await api_tokens.add(connection, login.organisation_id, token, token_digest(secret))
            await self._logins.witness(
                connection,
                request,
                login,
                "token made",
                after={"name": name, "scopes": scopes, "days": wanted.days, "reach": listed(reach)},
            )
        return answer(TokenAnswer(token.token_id, secret), 201)

    async def bind(self, request: web.Request) -> web.Response:
        """Refuses with `unknown_token` or `unknown_venue`."""
        login = await self._logins.require(request)
        token_id = identity(request.match_info["token_id"], "unknown_token")
        wanted = await body_of(request, _bounds)
        async with on_behalf_of(self._pool, login) as connection:
            reach = await checked(connection, login.organisation_id, wanted.reach)
            bound = await api_tokens.bind(connection, login.organisation_id, token_id, reach)
            if bound is None:
                raise Refused(refuse("unknown_token"))
            name, before = bound
            await self._logins.witness(
                connection,
                request,
                login,
                "token bound",
                before={"name": name, "reach": listed(before)},
                after={"name": name, "reach": listed(reach)},
            )
        return answer(Done())

    async def revoke(self, request: web.Request) -> web.Response:
        """Refuses with `unknown_token`."""
        login = await self._logins.require(request)
        token_id = identity(request.match_info["token_id"], "unknown_token")
        async with on_behalf_of(self._pool, login) as connection:
            name = await api_tokens.revoke(connection, login.organisation_id, token_id)
            if name is None:
                raise Refused(refuse("unknown_token"))
            await self._logins.witness(connection, request, login, "token revoked", before={"name": name})
        return answer(Done())


def _row(token: Token) -> TokenRow:
    return TokenRow(
        token.token_id,
        token.name,
        token.scopes,
        token.created_by,
        token.created_at.isoformat(),
        token.expires_at.isoformat() if token.expires_at else None,
        token.last_used_at.isoformat() if token.last_used_at else None,
        listed(token.reach),
    )
