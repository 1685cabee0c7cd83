"""Login of people: a random token in an http-only cookie, a CSRF token for everything that changes state.

The cookie says who is asking; it also goes along when another site makes the browser ask. So a change
needs the `X-CSRF-Token` header with what only our own page was told, and a WebSocket the right `Origin`.
"""

import hmac
import secrets

import asyncpg
import msgspec
import structlog
from aiohttp import web

from cloud.config import Config
from cloud.owners.passwords import PasswordChecker
from cloud.store import accounts
from cloud.store.accounts import Login
from cloud.web import limits
from cloud.web.answers import Handler, answer, body_of, caller
from protocol.errors import Refused, refuse
from protocol.http import Route
from protocol.identity import token_digest

_HOURS = 24 * 7
_LONGEST_PASSWORD = 1024

log = structlog.get_logger()


class LoginRequest(msgspec.Struct, frozen=True):
    """E-mail address and password, as typed."""

    email: str
    password: str


class LoggedIn(msgspec.Struct, frozen=True):
    """The token to send as `X-CSRF-Token`."""

    csrf: str


class Me(msgspec.Struct, frozen=True):
    """Who is logged in."""

    email: str
    role: str
    csrf: str


class LoggedOut(msgspec.Struct, frozen=True):
    """Nothing is left of the login session."""

    ok: bool


LOGIN = Route(
    method="POST",
    path="/api/login",
    summary="Log in; sets the cookie and tells the CSRF token.",
    request=LoginRequest,
    response=LoggedIn,
    errors=("wrong_login", "rate_limited"),
)
LOGOUT = Route(
    method="POST",
    path="/api/logout",
    summary="Log out. Needs the CSRF token in `X-CSRF-Token`.",
    response=LoggedOut,
    auth="owner",
    errors=("csrf_failed",),
)
ME = Route(method="GET", path="/api/me", summary="Who is logged in.", response=Me, auth="owner")

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
        """Open a login session. Refuses with `wrong_login` or `rate_limited`."""
        wanted = await body_of(request, _decoder)
        email = wanted.email.strip().lower()[:200]
        address = caller(request, behind_proxy=self._config.behind_proxy)
        await limits.check(self._pool, limits.LOGIN_BY_ADDRESS, address)
        await limits.check(self._pool, limits.LOGIN_BY_EMAIL, email)
        user = await accounts.find_user(self._pool, email)
        known = user.password_hash if user else None
        if not await self._checker.fits(known, wanted.password[:_LONGEST_PASSWORD]) or user is None:
            log.warning("login_refused", address=address)
            raise Refused(refuse("wrong_login"))
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        await accounts.open_login(self._pool, token_digest(token), user.user_id, csrf, _HOURS)
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

    async def logout(self, request: web.Request) -> web.Response:
        """Close the login session. Refuses with `unauthenticated` or `csrf_failed`."""
        await self.require_change(request)
        await accounts.close_login(self._pool, token_digest(request.cookies[self._cookie]))
        response = answer(LoggedOut(ok=True))
        response.del_cookie(self._cookie, path="/", secure=self._config.behind_tls, httponly=True)
        return response

    async def me(self, request: web.Request) -> web.Response:
        """Who is logged in; a reloaded page finds its CSRF token here."""
        login = await self.require(request)
        return answer(Me(login.email, login.role, login.csrf_token))

    async def require(self, request: web.Request) -> Login:
        """Whose request this is. Raises `Refused` with `unauthenticated`."""
        token = request.cookies.get(self._cookie, "")
        known = bool(token) and token.isascii()
        login = await accounts.find_login(self._pool, token_digest(token)) if known else None
        if login is None:
            raise Refused(refuse("unauthenticated", "Log in first."))
        return login

    async def require_change(self, request: web.Request) -> Login:
        """As `require`, for requests that change something. Raises `Refused`, also with `csrf_failed`."""
        login = await self.require(request)
        told = request.headers.get("X-CSRF-Token", "")
        if not hmac.compare_digest(told.encode("utf-8", "replace"), login.csrf_token.encode()):
            raise Refused(refuse("csrf_failed"))
        return login

    async def require_own_page(self, request: web.Request) -> Login:
        """As `require`, for WebSockets: the page that opens one must come from here."""
        origin = request.headers.get("Origin")
        if origin is not None and origin.partition("://")[2] != request.host:
            raise Refused(refuse("forbidden", "This page comes from another site."))
        return await self.require(request)
