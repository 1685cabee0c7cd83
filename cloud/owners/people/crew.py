"""Who works at a venue, with a PIN for its tills and screens: part of the venue's configuration.

Somebody who left is out as soon as the box hears of it, and somebody new signs in without the internet ever
after. `cloud/owners/venues/configuration.py` says how a change is made.

PINs arrive in clear, leave as argon2id and are in no audit.
"""

import asyncio

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.people import passwords, roles
from cloud.owners.people.account import Done
from cloud.owners.people.login import Logins
from cloud.owners.venues import configuration
from cloud.owners.venues.venue_file import ROLES
from cloud.store.people.logins import Login
from cloud.store.tenancy import on_behalf_of
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.facts.venue import StaffAccount, VenueConfig
from protocol.http import Route

_LONGEST = 40
_SHORTEST_PIN = 4
_LONGEST_PIN = 12
_PATH = "/api/venues/{venue_id}/staff"


class Crew(msgspec.Struct, frozen=True):
    """Somebody who works here, without the PIN."""

    user: str
    name: str
    role: str


class CrewAnswer(msgspec.Struct, frozen=True):
    """Everybody, by user name; and the roles there are."""

    staff: list[Crew]
    roles: list[str]


class Hire(msgspec.Struct, frozen=True):
    """Somebody new. `user` is what is typed at the till: small letters and digits."""

    user: str
    name: str
    role: str
    pin: str


class Change(msgspec.Struct, frozen=True):
    """What is different from now on; null for what is not."""

    name: str | None = None
    role: str | None = None
    pin: str | None = None


CREW = Route(
    method="GET",
    path=_PATH,
    summary="Who works at the venue.",
    response=CrewAnswer,
    auth="owner",
    roles=roles.RUNNERS,
    scope="staff:read",
)
HIRE = Route(
    method="POST",
    path=_PATH,
    summary="Let somebody sign in at the venue.",
    request=Hire,
    response=Crew,
    status=201,
    auth="owner",
    roles=roles.RUNNERS,
    scope="staff:write",
    errors=("staff_taken", "not_configured"),
)
CHANGE = Route(
    method="PATCH",
    path=f"{_PATH}/{{user}}",
    summary="Change somebody's name, role or PIN.",
    request=Change,
    response=Crew,
    auth="owner",
    roles=roles.RUNNERS,
    scope="staff:write",
    errors=("unknown_staff", "not_configured"),
)
LET_GO = Route(
    method="DELETE",
    path=f"{_PATH}/{{user}}",
    summary="Let somebody sign in no more.",
    response=Done,
    auth="owner",
    roles=roles.RUNNERS,
    scope="staff:write",
    errors=("unknown_staff", "not_configured"),
)

_hire = msgspec.json.Decoder(Hire)
_change = msgspec.json.Decoder(Change)


class CrewDesk:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(CREW, self.crew), (HIRE, self.hire), (CHANGE, self.change), (LET_GO, self.let_go)]

    async def crew(self, request: web.Request) -> web.Response:
        """`GET /api/venues/{venue_id}/staff`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            config = await configuration.find(connection, request.match_info["venue_id"])
        staff = config.staff if config else ()
        return answer(CrewAnswer([_shown(each) for each in sorted(staff, key=_by_user)], list(ROLES)))

    async def hire(self, request: web.Request) -> web.Response:
        """Refuses with `staff_taken`, or `invalid` for a name, role or PIN that cannot be meant."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _hire)
        user = wanted.user.strip().lower()
        if not (user.isascii() and user.isalnum() and len(user) <= _LONGEST):
            raise Refused(refuse("invalid", "A user name is small letters and digits."))
        account = StaffAccount(user, _name(wanted.name), _role(wanted.role), await _pin_hash(wanted.pin))
        async with on_behalf_of(self._pool, login) as connection:
            config = await configuration.newest(connection, request.match_info["venue_id"])
            if any(each.user == user for each in config.staff):
                raise Refused(refuse("staff_taken"))
            await _publish(connection, request, config, (*config.staff, account))
            await self._audit(connection, request, login, "staff added", None, account)
        return answer(_shown(account), 201)

    async def change(self, request: web.Request) -> web.Response:
        """Refuses with `unknown_staff`, or `invalid`."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _change)
        changes: dict[str, str] = {}
        if wanted.name is not None:
            changes["name"] = _name(wanted.name)
        if wanted.role is not None:
            changes["role"] = _role(wanted.role)
        if wanted.pin is not None:
            changes["pin_hash"] = await _pin_hash(wanted.pin)
        async with on_behalf_of(self._pool, login) as connection:
            config = await configuration.newest(connection, request.match_info["venue_id"])
            before = _find(config, request.match_info["user"])
            after = msgspec.structs.replace(before, **changes)
            staff = tuple(after if each is before else each for each in config.staff)
            if await _publish(connection, request, config, staff):
                action = "staff PIN changed" if wanted.pin is not None else "staff changed"
                await self._audit(connection, request, login, action, before, after)
        return answer(_shown(after))

    async def let_go(self, request: web.Request) -> web.Response:
        """Refuses with `unknown_staff`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            config = await configuration.newest(connection, request.match_info["venue_id"])
            before = _find(config, request.match_info["user"])
            staff = tuple(each for each in config.staff if each is not before)
            await _publish(connection, request, config, staff)
            await self._audit(connection, request, login, "staff removed", before, None)
        return answer(Done())

    async def _audit(
        self,
        connection: asyncpg.Connection,
        request: web.Request,
        login: Login,
        action: str,
        before: StaffAccount | None,
        after: StaffAccount | None,
    ) -> None:
        await self._logins.witness(
            connection,
            request,
            login,
            action,
            venue_id=request.match_info["venue_id"],
            before=_shown(before) if before else None,
            after=_shown(after) if after else None,
        )


async def _publish(
    connection: asyncpg.Connection,
    request: web.Request,
    config: VenueConfig,
    staff: tuple[StaffAccount, ...],
) -> bool:
    changed = msgspec.structs.replace(config, staff=staff)
    return await configuration.publish(connection, request.match_info["venue_id"], config, changed)


def _find(config: VenueConfig, user: str) -> StaffAccount:
    found = next((each for each in config.staff if each.user == user), None)
    if found is None:
        raise Refused(refuse("unknown_staff"))
    return found


def _shown(account: StaffAccount) -> Crew:
    return Crew(account.user, account.name, account.role)


def _by_user(account: StaffAccount) -> str:
    return account.user


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > _LONGEST:
        raise Refused(refuse("invalid", f"A name has {_LONGEST} letters at most, and one at least."))
    return name


def _role(text: str) -> str:
    if text not in ROLES:
        raise Refused(refuse("invalid", f"A role is one of {', '.join(ROLES)}."))
    return text


async def _pin_hash(pin: str) -> str:
    if not (pin.isascii() and pin.isdecimal() and _SHORTEST_PIN <= len(pin) <= _LONGEST_PIN):
        raise Refused(refuse("invalid", f"A PIN is {_SHORTEST_PIN} to {_LONGEST_PIN} digits."))
    return await asyncio.to_thread(passwords.hash_pin, pin)
