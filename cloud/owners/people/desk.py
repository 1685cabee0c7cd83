"""Who may log in to the dashboard: colleagues with their roles, and invitations on their way.

Rule of the file: an organisation always has an owner. Roles are changed one request after the other, so two
owners who demote each other at the same moment do not both succeed.
"""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.gate import identity
from cloud.owners.people import passwords, roles
from cloud.owners.people.account import Done
from cloud.owners.people.bounds import Bounds, checked, listed
from cloud.owners.people.login import LoggedIn, Logins
from cloud.owners.venues.founding import new_id
from cloud.store import venues
from cloud.store.people import accounts, invitations
from cloud.store.people.accounts import User
from cloud.store.people.invitations import Invitation
from cloud.store.people.logins import Login, Reach
from cloud.store.tenancy import on_behalf_of
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.identity import token_digest

_INVITED_DAYS = 7
_LONGEST = 200

Role = Literal["owner", "manager", "accountant", "support"]


class Colleague(msgspec.Struct, frozen=True):
    """A person who may log in; `you` is whoever asks.

    `reach` names the brands and venues that the role is bound to; null for the whole organisation.
    """

    user_id: str
    email: str
    name: str
    role: str
    since: str
    you: bool
    reach: list[str] | None


class Pending(msgspec.Struct, frozen=True):
    """An invitation that nobody has taken up yet."""

    invitation_id: str
    email: str
    role: str
    invited_by: str
    expires_at: str
    reach: list[str] | None


class People(msgspec.Struct, frozen=True):
    """Everybody of the organisation, and who is invited."""

    people: list[Colleague]
    invitations: list[Pending]


class InviteRequest(msgspec.Struct, frozen=True):
    """Whom to let in, as what, bound to which brands and venues (null for none of that)."""

    email: str
    role: Role
    reach: Bounds | None = None


class InviteAnswer(msgspec.Struct, frozen=True):
    """`path` is what to open: `/#invitation/…`. It is shown this once."""

    invitation_id: str
    path: str


class RoleRequest(msgspec.Struct, frozen=True):
    """What somebody shall be from now on. Whoever leaves `reach` out leaves it as it is."""

    role: Role
    reach: Bounds | msgspec.UnsetType | None = msgspec.UNSET


class Welcome(msgspec.Struct, frozen=True):
    """What an invitation is for."""

    email: str
    organisation: str
    role: str


class InvitationToken(msgspec.Struct, frozen=True):
    """What the link holds; in a body, so that it stands in nobody's log."""

    token: str


class Acceptance(msgspec.Struct, frozen=True):
    """The link's token, and who one is."""

    token: str
    name: str
    password: str


PEOPLE = Route(
    method="GET",
    path="/api/people",
    summary="Who may log in, and who is invited.",
    response=People,
    auth="owner",
)
INVITE = Route(
    method="POST",
    path="/api/invitations",
    summary="Invite somebody; tells the link, once.",
    request=InviteRequest,
    response=InviteAnswer,
    status=201,
    auth="owner",
    errors=("email_taken", "unknown_venue"),
)
UNINVITE = Route(
    method="DELETE",
    path="/api/invitations/{invitation_id}",
    summary="Take an invitation back.",
    response=Done,
    auth="owner",
    errors=("invitation_unknown",),
)
CHANGE_ROLE = Route(
    method="PATCH",
    path="/api/people/{user_id}",
    summary="Give somebody another role, or bind it to brands and venues.",
    request=RoleRequest,
    response=Done,
    auth="owner",
    errors=("unknown_person", "last_owner", "unknown_venue"),
)
REMOVE = Route(
    method="DELETE",
    path="/api/people/{user_id}",
    summary="Remove somebody; ends their login sessions.",
    response=Done,
    auth="owner",
    errors=("unknown_person", "last_owner"),
)
LOOK = Route(
    method="POST",
    path="/api/invitation",
    summary="What an invitation is for.",
    request=InvitationToken,
    response=Welcome,
    errors=("invitation_unknown", "rate_limited"),
)
ACCEPT = Route(
    method="POST",
    path="/api/invitation/accept",
    summary="Become a user; logs in.",
    request=Acceptance,
    response=LoggedIn,
    errors=("invitation_unknown", "weak_password", "email_taken", "rate_limited"),
)

_invite = msgspec.json.Decoder(InviteRequest)
_role = msgspec.json.Decoder(RoleRequest)
_token = msgspec.json.Decoder(InvitationToken)
_acceptance = msgspec.json.Decoder(Acceptance)


class Personnel:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (PEOPLE, self.people),
            (INVITE, self.invite),
            (UNINVITE, self.uninvite),
            (CHANGE_ROLE, self.change_role),
            (REMOVE, self.remove),
            (LOOK, self.look),
            (ACCEPT, self.accept),
        ]

    async def people(self, request: web.Request) -> web.Response:
        """`GET /api/people`."""
        login = await self._logins.require(request)
        async with on_behalf_of(self._pool, login) as connection:
            found = await accounts.people(connection, login.organisation_id)
            waiting = await invitations.pending(connection, login.organisation_id)
        people = [
            Colleague(
                each.user_id,
                each.email,
                each.name,
                each.role,
                each.created_at.isoformat(),
                each.user_id == login.user_id,
                listed(each.reach),
            )
            for each in found
        ]
        pending = [
            Pending(
                each.invitation_id,
                each.email,
                each.role,
                each.invited_by,
                each.expires_at.isoformat(),
                listed(each.reach),
            )
            for each in waiting
        ]
        return answer(People(people, pending))

    async def invite(self, request: web.Request) -> web.Response:
        """Refuses with `email_taken`, `unknown_venue`, or `invalid` for what is no address."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _invite)
        email = _address(wanted.email)
        token, now = secrets.token_urlsafe(32), datetime.now(UTC)
        expires_at = now + timedelta(days=_INVITED_DAYS)
        if await accounts.find_user(self._pool, email) is not None:
            raise Refused(refuse("email_taken"))
        async with on_behalf_of(self._pool, login) as connection:
            reach = await _checked(connection, login, wanted.role, wanted.reach)
            invitation = Invitation(new_id(), email, wanted.role, login.email, now, expires_at, reach)
            await invitations.invite(connection, login.organisation_id, invitation, token_digest(token))
            after = {"email": email, "role": wanted.role, "reach": listed(reach)}
            await self._logins.witness(connection, request, login, "person invited", after=after)
        return answer(InviteAnswer(invitation.invitation_id, f"/#invitation/{token}"), 201)

    async def uninvite(self, request: web.Request) -> web.Response:
        """Refuses with `invitation_unknown`."""
        login = await self._logins.require(request)
        invitation_id = identity(request.match_info["invitation_id"], "invitation_unknown")
        async with on_behalf_of(self._pool, login) as connection:
            email = await invitations.take_back(connection, login.organisation_id, invitation_id)
            if email is None:
                raise Refused(refuse("invitation_unknown"))
            await self._logins.witness(
                connection, request, login, "invitation taken back", before={"email": email}
            )
        return answer(Done())

    async def change_role(self, request: web.Request) -> web.Response:
        """Refuses with `unknown_person`, `last_owner` or `unknown_venue`."""
        login = await self._logins.require(request)
        user_id = identity(request.match_info["user_id"], "unknown_person")
        wanted = await body_of(request, _role)
        async with on_behalf_of(self._pool, login) as connection:
            before, bounds = await self._role(connection, login, user_id, wanted.role)
            asked = wanted.reach if wanted.reach is not msgspec.UNSET else _ids(bounds, wanted.role)
            reach = await _checked(connection, login, wanted.role, asked)
            await accounts.set_role(connection, user_id, wanted.role, reach)
            await self._logins.witness(
                connection,
                request,
                login,
                "role changed",
                before={"user_id": user_id, "role": before, "reach": listed(bounds)},
                after={"user_id": user_id, "role": wanted.role, "reach": listed(reach)},
            )
        return answer(Done())

    async def remove(self, request: web.Request) -> web.Response:
        """Refuses with `unknown_person` or `last_owner`."""
        login = await self._logins.require(request)
        user_id = identity(request.match_info["user_id"], "unknown_person")
        async with on_behalf_of(self._pool, login) as connection:
            before, _ = await self._role(connection, login, user_id, None)
            await accounts.remove(connection, user_id)
            gone = {"user_id": user_id, "role": before}
            await self._logins.witness(connection, request, login, "person removed", before=gone)
        return answer(Done())

    async def _role(
        self, connection: asyncpg.Connection, login: Login, user_id: str, after: str | None
    ) -> tuple[str, Reach]:
        """Role and reach that somebody has now, if the role may become `after` (None: if they may go)."""
        found = await accounts.lock_roles(connection, login.organisation_id)
        if user_id not in found:
            raise Refused(refuse("unknown_person"))
        owners = {each for each, (role, _) in found.items() if role == roles.OWNER}
        if after != roles.OWNER and owners == {user_id}:
            raise Refused(refuse("last_owner"))
        return found[user_id]

    async def look(self, request: web.Request) -> web.Response:
        """Refuses with `invitation_unknown`."""
        await limits.check(self._pool, limits.INVITATION_BY_ADDRESS, self._logins.origin(request))
        wanted = await body_of(request, _token)
        found = await invitations.look(self._pool, _digest(wanted.token))
        if found is None:
            raise Refused(refuse("invitation_unknown"))
        return answer(Welcome(found.email, found.organisation, found.role))

    async def accept(self, request: web.Request) -> web.Response:
        """Refuses with `invitation_unknown`, `weak_password` or `email_taken`."""
        await limits.check(self._pool, limits.INVITATION_BY_ADDRESS, self._logins.origin(request))
        wanted = await body_of(request, _acceptance)
        digest = _digest(wanted.token)
        found = await invitations.look(self._pool, digest)
        if found is None:
            raise Refused(refuse("invitation_unknown"))
        try:
            hashed = await passwords.hash_in_thread(wanted.password)
        except passwords.TooShort as error:
            raise Refused(refuse("weak_password")) from error
        name = wanted.name.replace("\0", "").strip()[:_LONGEST]
        user = User(new_id(), found.organisation_id, found.email, found.role, hashed, name, reach=found.reach)
        async with self._pool.acquire() as connection, connection.transaction():
            if not await invitations.use(connection, digest):
                raise Refused(refuse("invitation_unknown"))
            try:
                await accounts.add_user(connection, user)
            except accounts.EmailTaken as error:
                raise Refused(refuse("email_taken")) from error
            await venues.audit(
                connection,
                actor=user.email,
                action="invitation accepted",
                origin=self._logins.origin(request),
                organisation_id=user.organisation_id,
                after={"email": user.email, "role": user.role, "reach": listed(user.reach)},
            )
        return await self._logins.open(request, user)


async def _checked(
    connection: asyncpg.Connection, login: Login, role: str, bounds: list[UUID] | None
) -> Reach:
    """What somebody is bound to. Raises `Refused` for what is not the organisation's, and for owners."""
    if bounds is not None and role == roles.OWNER:
        raise Refused(refuse("invalid", "An owner owns everything; bind somebody who has another role."))
    return await checked(connection, login.organisation_id, bounds)


def _ids(reach: Reach, role: str) -> list[UUID] | None:
    """The bounds that somebody goes on having in another role."""
    return None if reach is None or role == roles.OWNER else [UUID(each) for each in reach]


def _address(text: str) -> str:
    address = text.strip().lower()
    name, at, host = address.partition("@")
    plain = len(address) <= _LONGEST and address.isprintable() and not any(map(str.isspace, address))
    if not (name and at and "." in host and "@" not in host and plain):
        raise Refused(refuse("invalid", "That is no e-mail address."))
    return address


def _digest(token: str) -> str:
    return token_digest(token.encode("utf-8", "replace").decode())
