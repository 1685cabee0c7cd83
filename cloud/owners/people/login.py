"""Login of people: a random token in an http-only cookie, a CSRF token for everything that changes state.

The cookie says who is asking; it also goes along when another site makes the browser ask. So a change
needs the `X-CSRF-Token` header with what only our own page was told, and a WebSocket the right `Origin`.
A program asks with an API token in `Authorization` instead; no browser adds that by itself.

Whoever has a second factor is asked for its code after the password was right and not before, and every
wrong code counts against the same limit, in all processes together.
"""

import hmac
import secrets

import asyncpg
import msgspec
import structlog
from aiohttp import web

from cloud.config import Config
from cloud.owners.people import roles, second_factor
from cloud.owners.people.passwords import PasswordChecker
from cloud.store import venues
from cloud.store.people import accounts, api_tokens, factors, logins
from cloud.store.people.accounts import User
from cloud.store.people.logins import Login
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of, caller
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.identity import token_digest

_HOURS = 24 * 7
_LONGEST_PASSWORD = 1024
_LONGEST_BROWSER = 200
_WHO = web.RequestKey("login", Login)

log = structlog.get_logger()


class LoginRequest(msgspec.Struct, frozen=True):
    """E-mail address and password, as typed. `code` is of the authenticator, or a recovery code."""

    email: str
    password: str
    code: str = ""


class LoggedIn(msgspec.Struct, frozen=True):
    """The token to send as `X-CSRF-Token`."""

    csrf: str


class Me(msgspec.Struct, frozen=True):
    """Who is logged in. `reach` names the brands and venues they are bound to; null for no bounds."""

    email: str
    role: str
    csrf: str
    reach: list[str] | None


class LoggedOut(msgspec.Struct, frozen=True):
    """Nothing is left of the login session."""

    ok: bool


LOGIN = Route(
    method="POST",
    path="/api/login",
    summary="Log in; sets the cookie and tells the CSRF token.",
    request=LoginRequest,
    response=LoggedIn,
    errors=("wrong_login", "totp_required", "wrong_code", "rate_limited"),
)
LOGOUT = Route(
    method="POST",
    path="/api/logout",
    summary="Log out. Needs the CSRF token in `X-CSRF-Token`.",
    response=LoggedOut,
    auth="owner",
    roles=roles.EVERYBODY,
)
ME = Route(
    method="GET",
    path="/api/me",
    summary="Who is logged in.",
    response=Me,
    auth="owner",
    roles=roles.EVERYBODY,
)

_decoder = msgspec.json.Decoder(LoginRequest)


class Logins:
    """The handlers, and what other handlers ask: who is this?"""

    def __init__(self, config: Config, pool: asyncpg.Pool) -> None:
        self._config = config
        self._pool = pool
        self._checker = PasswordChecker()
        # The prefix binds a cookie to this very host, but browsers take it over TLS only.
        self._cookie = "__Host-holdfast" if config.behind_tls else "holdfast"

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [(LOGIN, self.login), (LOGOUT, self.logout), (ME, self.me)]

    async def login(self, request: web.Request) -> web.Response:
        """Open a login session.

        Refuses with `wrong_login`, `rate_limited`, and where there is a second factor with `totp_required`
        or `wrong_code`.
        """
        wanted = await body_of(request, _decoder)
        email = wanted.email.strip().lower()[:200]
        address = self.origin(request)
        await limits.check(self._pool, limits.LOGIN_BY_ADDRESS, address)
        await limits.check(self._pool, limits.LOGIN_BY_EMAIL, email)
        user = await accounts.find_user(self._pool, email)
        known = user.password_hash if user else None
        if not await self.fits(known, wanted.password) or user is None:
            log.warning("login_refused", address=address)
            raise Refused(refuse("wrong_login"))
        await self._check_code(user, wanted.code)
        return await self.open(request, user)

    async def open(self, request: web.Request, user: User) -> web.Response:
        """The answer that lets somebody in, with everything that it takes written down before."""
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        origin = self.origin(request)
        browser = request.headers.get("User-Agent", "").encode("utf-8", "replace").decode()[:_LONGEST_BROWSER]
        async with self._pool.acquire() as connection, connection.transaction():
            await logins.open_login(
                connection, token_digest(token), user.user_id, csrf, _HOURS, origin=origin, browser=browser
            )
            await venues.audit(
                connection,
                actor=user.email,
                action="logged in",
                origin=origin,
                organisation_id=user.organisation_id,
            )
        response = answer(LoggedIn(csrf))
        response.set_cookie(
            self._cookie,
            token,
            max_age=_HOURS * 3600,
            httponly=True,
            samesite="Lax",
            secure=self._config.behind_tls,
            path="/",
        )
        return response

    async def fits(self, password_hash: str | None, password: str) -> bool:
        """Whether a password is right; just as slow when there is nobody to have one."""
        return await self._checker.fits(password_hash, password[:_LONGEST_PASSWORD])

    async def _check_code(self, user: User, code: str) -> None:
        if user.totp_secret is None:
            return
        if not code.strip():
            raise Refused(refuse("totp_required"))
        await limits.check(self._pool, limits.CODE_BY_USER, user.user_id)
        step = second_factor.step_of(user.totp_secret, code)
        async with self._pool.acquire() as connection:
            if step is not None:
                good = await factors.spend_step(connection, user.user_id, step)
            else:
                digest = second_factor.recovery_digest(user.user_id, code)
                good = await factors.spend_recovery(connection, user.user_id, digest)
        if not good:
            raise Refused(refuse("wrong_code"))

    async def logout(self, request: web.Request) -> web.Response:
        """Close the login session. Refuses with `unauthenticated` or `csrf_failed`."""
        await self.require_change(request)
        await logins.close_login(self._pool, token_digest(request.cookies[self._cookie]))
        response = answer(LoggedOut(ok=True))
        response.del_cookie(self._cookie, path="/", secure=self._config.behind_tls, httponly=True)
        return response

    async def me(self, request: web.Request) -> web.Response:
        """Who is logged in; a reloaded page finds its CSRF token here."""
        login = await self.require(request)
        reach = None if login.reach is None else sorted(login.reach)
        return answer(Me(login.email, login.role, login.csrf_token, reach))

    def origin(self, request: web.Request) -> str:
        """The address that a request comes from, for limits and for the audit."""
        return caller(request, behind_proxy=self._config.behind_proxy)

    async def witness(
        self,
        connection: asyncpg.Connection,
        request: web.Request,
        login: Login,
        action: str,
        *,
        venue_id: str | None = None,
        before: object = None,
        after: object = None,
    ) -> None:
        """Write into the audit what a person changed, and from where, in the transaction of the change."""
        await venues.audit(
            connection,
            actor=login.email,
            action=action,
            origin=self.origin(request),
            organisation_id=login.organisation_id,
            venue_id=venue_id,
            before=before,
            after=after,
        )

    async def require(self, request: web.Request) -> Login:
        """Whose request this is, found once a request. Raises `Refused` with `unauthenticated`."""
        if _WHO not in request:
            request[_WHO] = await self.look_again(request)
        return request[_WHO]

    async def look_again(self, request: web.Request) -> Login:
        """As `require`, but asks the database each time: for sockets that outlive their login."""
        presented = request.headers.get("Authorization", "")
        token = request.cookies.get(self._cookie, "")
        login: Login | None = None
        if presented:
            kind, _, secret = presented.partition(" ")
            usable = kind.lower() == "bearer" and secret.isascii()
            login = await api_tokens.find(self._pool, token_digest(secret)) if usable else None
        elif token and token.isascii():
            login = await logins.find_login(self._pool, token_digest(token))
        if login is None:
            raise Refused(refuse("unauthenticated", "Log in first."))
        return login

    async def require_change(self, request: web.Request) -> Login:
        """As `require`, for requests that change something. Raises `Refused`, also with `csrf_failed`."""
        login = await self.require(request)
        told = request.headers.get("X-CSRF-Token", "")
        by_cookie = login.role != "token"
        if by_cookie and not hmac.compare_digest(told.encode("utf-8", "replace"), login.csrf_token.encode()):
            raise Refused(refuse("csrf_failed"))
        return login

    async def require_own_page(self, request: web.Request) -> Login:
        """As `require`, for WebSockets: the page that opens one must come from here."""
        origin = request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != request.host:
            raise Refused(refuse("forbidden", "This page comes from another site."))
        return await self.require(request)
