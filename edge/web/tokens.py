"""Who is calling: guests by a token bound to their seat, staff and agents by a signed JWT.

A guest's token names the member and ends in a MAC of the box's secret, so a repeated join gets the very
same token without it being stored anywhere. It is checked against the digest in the member's fact, not
against the secret: a replaced box, which has another secret, still knows its guests.
"""

import base64
import hashlib
import hmac
import secrets
import uuid
from pathlib import Path
from typing import Any

import jwt
import msgspec
from aiohttp import web

from edge.journal.hot import Hot
from protocol.errors import Refusal, Refused, refuse
from protocol.facts.table import Member, TableSession
from protocol.identity import token_digest

STAFF_TOKEN_TTL_S = 12 * 3600
_AUDIENCE = "holdfast-staff"
_AGENTS = "holdfast-agent"
_BALANCES = "holdfast-balance"
#: Whoever may read the box's secret sits at its console; for a command's length, not for a shift's.
_CONSOLE = "holdfast-console"
_CONSOLE_TTL_S = 600


class Staff(msgspec.Struct, frozen=True):
    """A person who signed in with a PIN."""

    user: str
    role: str


class Guest(msgspec.Struct, frozen=True):
    """A member of an open table session."""

    session: TableSession
    member: Member


def load_secret(path: Path) -> bytes:
    """The box's 32-byte secret, made on first use, readable by its user only."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(32))
    return path.read_bytes()


def console_token(secret: bytes, wall_s: int) -> str:
    """A JWT (HS256) for a command at the box's own console, which has no PIN and is nobody of the staff."""
    claims = {"sub": "console", "aud": _CONSOLE, "exp": wall_s + _CONSOLE_TTL_S}
    return jwt.encode(claims, _staff_key(secret), algorithm="HS256")


def bearer(request: web.Request) -> str:
    """The Bearer token of a request, from the header or the WebSocket sub-protocols. Raises `Refused`."""
    header = request.headers.get("Authorization", "")
    if header.startswith("Bearer "):
        return header[7:].strip()
    for protocol in request.headers.get("Sec-WebSocket-Protocol", "").split(","):
        if protocol.strip().startswith("bearer."):
            return protocol.strip()[7:]
    raise Refused(refuse("unauthenticated"))


class Tokens:
    """Makes and checks tokens with the box's secret."""

    def __init__(self, secret: bytes, hot: Hot) -> None:
        self._secret = secret
        self._hot = hot

    def guest_token(self, member_pid: str) -> str:
        """The token of a member: `base64url(member) . base64url(mac)`."""
        member = uuid.UUID(member_pid).bytes
        mac = hmac.digest(self._secret, b"guest" + member, "sha256")[:24]
        return f"{_base64(member)}.{_base64(mac)}"

    def guest(self, request: web.Request, session_pid: str) -> Guest:
        """The member behind a request to `session_pid`. Raises `Refused`."""
        token = bearer(request)
        session = self._hot.committed(f"table:{session_pid}")
        if not isinstance(session, TableSession):
            raise Refused(refuse("unknown_session"))
        member = _member_of(session, token)
        if member is None:
            raise Refused(self._stranger(token))
        if session.status != "open":
            raise Refused(refuse("session_closed"))
        return Guest(session, member)

    def _stranger(self, token: str) -> Refusal:
        """Why a token opens nothing here: it was made for another table, or by nobody."""
        member_pid = _member_pid(token)
        if member_pid is not None and hmac.compare_digest(self.guest_token(member_pid), token):
            return refuse("not_authorised", "This token belongs to another table.")
        return refuse("token_invalid")

    def returning(self, request: web.Request, table_code: str) -> Guest | None:
        """The member that a re-join's old token names, if the seat is still open at this table."""
        session_pid = self._hot.open_session_at(table_code)
        if session_pid is None or "Authorization" not in request.headers:
            return None
        session = self._hot.committed(f"table:{session_pid}")
        member = _member_of(session, bearer(request)) if isinstance(session, TableSession) else None
        return Guest(session, member) if isinstance(session, TableSession) and member else None

    def staff_token(self, staff: Staff, wall_s: int) -> str:
        """A JWT (HS256) for a shift's length."""
        claims: dict[str, Any] = {
            "sub": staff.user,
            "role": staff.role,
            "aud": _AUDIENCE,
            "iat": wall_s,
            "exp": wall_s + STAFF_TOKEN_TTL_S,
        }
        return jwt.encode(claims, self._staff_key, algorithm="HS256")

    def staff(self, request: web.Request, *roles: str) -> Staff:
        """The person behind a request, if still employed and in one of `roles`. Raises `Refused`."""
        token = bearer(request)
        try:
            claims = jwt.decode(
                token,
                self._staff_key,
                ["HS256"],
                audience=_AUDIENCE,
                # A box without a battery clock may have issued a token 'in the future'.
                options={"verify_iat": False, "require": ["sub", "exp", "aud"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise Refused(refuse("token_expired")) from error
        except jwt.InvalidTokenError as error:
            raise Refused(refuse("token_invalid")) from error
        venue = self._hot.committed_venue()
        account = venue.staff.get(str(claims["sub"])) if venue else None
        if account is None:
            raise Refused(refuse("token_invalid", "This account no longer exists."))
        if roles and account.role not in roles:
            raise Refused(refuse("forbidden"))
        return Staff(account.user, account.role)

    def installer(self, request: web.Request) -> str:
        """Who is at work on devices: `console`, or `staff:` and a manager's name. Raises `Refused`."""
        try:
            jwt.decode(bearer(request), self._staff_key, ["HS256"], audience=_CONSOLE)
        except jwt.InvalidTokenError:
            return f"staff:{self.staff(request, 'manager').user}"
        return "console"

    def balance_token(self, user_id: str, ends_s: int) -> str:
        """A JWT (HS256) with which one phone sees one balance until `ends_s`, Unix time."""
        claims = {"sub": user_id, "aud": _BALANCES, "exp": ends_s}
        return jwt.encode(claims, self._balance_key, algorithm="HS256")

    def balance(self, request: web.Request) -> str:
        """Whose balance the phone behind a request may see. Raises `Refused`."""
        options: Any = {"require": ["sub", "exp", "aud"]}
        try:
            claims = jwt.decode(
                bearer(request), self._balance_key, ["HS256"], audience=_BALANCES, options=options
            )
        except jwt.ExpiredSignatureError as error:
            raise Refused(refuse("token_expired")) from error
        except jwt.InvalidTokenError as error:
            raise Refused(refuse("token_invalid")) from error
        return str(claims["sub"])

    def agent_token(self, station_id: str) -> str:
        """A station's JWT (HS256). It says nothing of time, so it is the same whenever it is asked for, and
        the lease key that is drawn from it is too."""
        return jwt.encode({"sub": station_id, "aud": _AGENTS}, self._agent_key, algorithm="HS256")

    def agent(self, request: web.Request) -> tuple[str, str]:
        """The station behind a request, and its token. Raises `Refused`."""
        token = bearer(request)
        try:
            claims = jwt.decode(token, self._agent_key, ["HS256"], audience=_AGENTS)
        except jwt.InvalidTokenError as error:
            raise Refused(refuse("token_invalid")) from error
        return str(claims.get("sub")), token

    def drawn(self, name: str) -> bytes:
        """32 bytes that nobody can guess who knows the name alone; the same for the same name."""
        return hmac.digest(self._secret, b"drawn" + name.encode(), "sha256")

    @property
    def _balance_key(self) -> bytes:
        return hashlib.sha256(b"balance" + self._secret).digest()

    @property
    def _agent_key(self) -> bytes:
        return hashlib.sha256(b"agent" + self._secret).digest()

    @property
    def _staff_key(self) -> bytes:
        return _staff_key(self._secret)


def _staff_key(secret: bytes) -> bytes:
    return hashlib.sha256(b"staff" + secret).digest()


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _member_pid(token: str) -> str | None:
    """The member named in a guest token; None for anything else."""
    head = token.partition(".")[0]
    if len(head) != 22 or not head.isascii():
        return None
    try:
        raw = base64.urlsafe_b64decode(head + "==")
    except ValueError:
        return None
    return str(uuid.UUID(bytes=raw)) if len(raw) == 16 else None


def _member_of(session: TableSession, token: str) -> Member | None:
    """The member of this session whose token it is."""
    member = session.members.get(_member_pid(token) or "")
    if member is None or not hmac.compare_digest(member.token_digest, token_digest(token)):
        return None
    return member
