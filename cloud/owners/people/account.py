"""One's own account: password, second factor, login sessions.

Rule of the file: what weakens the account asks for the password again, because a page left open is not its
owner. A new password ends every other login session.
"""

import asyncpg
import msgspec
from aiohttp import web

from cloud.owners.gate import identity
from cloud.owners.people import passwords, roles, second_factor
from cloud.owners.people.login import Logins
from cloud.store.people import accounts, factors, logins
from cloud.store.people.logins import Login, Opened
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of
from protocol.errors import Refused, refuse
from protocol.http import Route


class Done(msgspec.Struct, frozen=True):
    """It is done."""

    ok: bool = True


class Session(msgspec.Struct, frozen=True):
    """A login session of one's own; `current` is the one that asks. Times are ISO 8601 in UTC."""

    session_id: str
    origin: str
    browser: str
    created_at: str
    expires_at: str
    current: bool


class Account(msgspec.Struct, frozen=True):
    """How one's own account is secured."""

    email: str
    name: str
    role: str
    second_factor: bool
    recovery_codes_left: int
    sessions: list[Session]


class PasswordChange(msgspec.Struct, frozen=True):
    """The password that holds now, and the one that shall."""

    password: str
    new_password: str


class Offer(msgspec.Struct, frozen=True):
    """A secret for an authenticator: as text, as `otpauth://` address, and as a QR code (`data:` address)."""

    secret: str
    address: str
    picture: str


class Code(msgspec.Struct, frozen=True):
    """What the authenticator shows."""

    code: str


class RecoveryCodes(msgspec.Struct, frozen=True):
    """Each works once in place of the authenticator; shown this once."""

    recovery_codes: list[str]


class Password(msgspec.Struct, frozen=True):
    """One's password, once more."""

    password: str


ACCOUNT = Route(
    method="GET",
    path="/api/account",
    summary="How one's own account is secured, and where it is logged in.",
    response=Account,
    auth="owner",
    roles=roles.EVERYBODY,
)
PASSWORD = Route(
    method="POST",
    path="/api/account/password",
    summary="Change the password; ends every other login session.",
    request=PasswordChange,
    response=Done,
    auth="owner",
    roles=roles.EVERYBODY,
    errors=("wrong_password", "weak_password"),
)
OFFER = Route(
    method="POST",
    path="/api/account/totp/offer",
    summary="A fresh secret for an authenticator; counts once it is confirmed.",
    response=Offer,
    auth="owner",
    roles=roles.EVERYBODY,
    errors=("totp_on",),
)
CONFIRM = Route(
    method="POST",
    path="/api/account/totp/confirm",
    summary="Switch the second factor on with its first code; tells the recovery codes.",
    request=Code,
    response=RecoveryCodes,
    auth="owner",
    roles=roles.EVERYBODY,
    errors=("totp_off", "wrong_code"),
)
DISABLE = Route(
    method="POST",
    path="/api/account/totp/disable",
    summary="Switch the second factor off.",
    request=Password,
    response=Done,
    auth="owner",
    roles=roles.EVERYBODY,
    errors=("totp_off", "wrong_password"),
)
END_SESSION = Route(
    method="DELETE",
    path="/api/account/sessions/{session_id}",
    summary="End one of one's own login sessions.",
    response=Done,
    auth="owner",
    roles=roles.EVERYBODY,
    errors=("unknown_login",),
)

_password_change = msgspec.json.Decoder(PasswordChange)
_code = msgspec.json.Decoder(Code)
_password = msgspec.json.Decoder(Password)


class Accounts:
    """The handlers and what they need."""

    def __init__(self, pool: asyncpg.Pool, logins: Logins) -> None:
        self._pool = pool
        self._logins = logins

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [
            (ACCOUNT, self.account),
            (PASSWORD, self.change_password),
            (OFFER, self.offer),
            (CONFIRM, self.confirm),
            (DISABLE, self.disable),
            (END_SESSION, self.end_session),
        ]

    async def account(self, request: web.Request) -> web.Response:
        """`GET /api/account`."""
        login = await self._logins.require(request)
        on, left = await factors.state(self._pool, login.user_id)
        found = await logins.opened(self._pool, login.user_id)
        sessions = [_session(each, login) for each in found]
        return answer(Account(login.email, login.name, login.role, on, left, sessions))

    async def change_password(self, request: web.Request) -> web.Response:
        """Refuses with `wrong_password` or `weak_password`."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _password_change)
        await self._check_password(login, wanted.password)
        try:
            hashed = await passwords.hash_in_thread(wanted.new_password)
        except passwords.TooShort as error:
            raise Refused(refuse("weak_password")) from error
        async with self._pool.acquire() as connection, connection.transaction():
            await accounts.set_password(connection, login.user_id, hashed)
            await logins.close_others(connection, login.user_id, login.session_id)
            await self._logins.witness(connection, request, login, "password changed")
        return answer(Done())

    async def offer(self, request: web.Request) -> web.Response:
        """Refuses with `totp_on`."""
        login = await self._logins.require(request)
        secret = second_factor.new_secret()
        async with self._pool.acquire() as connection:
            if not await factors.offer(connection, login.user_id, secret):
                raise Refused(refuse("totp_on"))
        return answer(
            Offer(
                secret,
                second_factor.address(secret, login.email),
                second_factor.picture(secret, login.email),
            )
        )

    async def confirm(self, request: web.Request) -> web.Response:
        """Refuses with `totp_off` or `wrong_code`."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _code)
        await limits.check(self._pool, limits.CODE_BY_USER, login.user_id)
        codes = second_factor.recovery_codes()
        async with self._pool.acquire() as connection, connection.transaction():
            secret = await factors.offered(connection, login.user_id)
            if secret is None:
                raise Refused(refuse("totp_off"))
            step = second_factor.step_of(secret, wanted.code)
            if step is None:
                raise Refused(refuse("wrong_code"))
            digests = [second_factor.recovery_digest(login.user_id, code) for code in codes]
            await factors.begin(connection, login.user_id, step, digests)
            await self._logins.witness(connection, request, login, "second factor switched on")
        return answer(RecoveryCodes(codes))

    async def disable(self, request: web.Request) -> web.Response:
        """Refuses with `wrong_password` or `totp_off`."""
        login = await self._logins.require(request)
        wanted = await body_of(request, _password)
        await self._check_password(login, wanted.password)
        async with self._pool.acquire() as connection, connection.transaction():
            if not await factors.end(connection, login.user_id):
                raise Refused(refuse("totp_off"))
            await self._logins.witness(connection, request, login, "second factor switched off")
        return answer(Done())

    async def end_session(self, request: web.Request) -> web.Response:
        """Refuses with `unknown_login`."""
        login = await self._logins.require(request)
        session_id = identity(request.match_info["session_id"], "unknown_login")
        async with self._pool.acquire() as connection, connection.transaction():
            if not await logins.close_one(connection, login.user_id, session_id):
                raise Refused(refuse("unknown_login"))
            await self._logins.witness(connection, request, login, "login ended")
        return answer(Done())

    async def _check_password(self, login: Login, password: str) -> None:
        await limits.check(self._pool, limits.PASSWORD_BY_USER, login.user_id)
        user = await accounts.find_user(self._pool, login.email)
        if not await self._logins.fits(user.password_hash if user else None, password):
            raise Refused(refuse("wrong_password"))


def _session(opened: Opened, login: Login) -> Session:
    return Session(
        opened.session_id,
        opened.origin,
        opened.browser,
        opened.created_at.isoformat(),
        opened.expires_at.isoformat(),
        opened.session_id == login.session_id,
    )
