"""Login sessions: which cookie stands for whom, until when. Tokens arrive here as their digests.

Counterpart: `cloud/owners/people/login.py` makes the tokens and puts them into cookies.
"""

from datetime import datetime

import asyncpg
import msgspec

#: Ids of the brands and venues that somebody is bound to; None for the whole organisation.
Reach = frozenset[str] | None


class Login(msgspec.Struct, frozen=True):
    """Who is asking, as a session or a token tells it, and how far that reaches.

    `csrf_token` is empty and `scopes` counts where a program asks with a token; `session_id` is that of the
    login session or of the token.
    """

    user_id: str
    organisation_id: str
    email: str
    role: str
    csrf_token: str
    session_id: str
    name: str = ""
    scopes: frozenset[str] = frozenset()
    reach: Reach = None


class Opened(msgspec.Struct, frozen=True):
    """One of a person's login sessions, as they see it."""

    session_id: str
    origin: str
    browser: str
    created_at: datetime
    expires_at: datetime


async def open_login(
    connection: asyncpg.Connection,
    token_digest: str,
    user_id: str,
    csrf_token: str,
    hours: int,
    *,
    origin: str = "",
    browser: str = "",
) -> None:
    """A new login session; those that have run out are swept away on the occasion."""
    await connection.execute("DELETE FROM login_sessions WHERE expires_at < now()")
    await connection.execute(
        """
        INSERT INTO login_sessions (token_digest, user_id, csrf_token, expires_at, origin, browser)
        VALUES ($1, $2, $3, now() + make_interval(hours => $4), $5, $6)
        """,
        token_digest,
        user_id,
        csrf_token,
        hours,
        origin,
        browser,
    )


async def find_login(pool: asyncpg.Pool, token_digest: str) -> Login | None:
    """The login session, unless it has run out."""
    row = await pool.fetchrow(
        """
        SELECT u.user_id, u.organisation_id, u.email, u.role, u.name, s.csrf_token, s.session_id,
            u.reach::text[] AS reach
        FROM login_sessions s JOIN users u USING (user_id)
        WHERE s.token_digest = $1 AND s.expires_at > now()
        """,
        token_digest,
    )
    if row is None:
        return None
    return Login(
        user_id=str(row["user_id"]),
        organisation_id=str(row["organisation_id"]),
        email=row["email"],
        role=row["role"],
        csrf_token=row["csrf_token"],
        session_id=str(row["session_id"]),
        name=row["name"],
        reach=reach_of(row["reach"]),
    )


def reach_of(ids: list[str] | None) -> Reach:
    """As the database keeps it: null for no bounds."""
    return None if ids is None else frozenset(ids)


async def close_login(pool: asyncpg.Pool, token_digest: str) -> None:
    """The token opens nothing any more."""
    await pool.execute("DELETE FROM login_sessions WHERE token_digest = $1", token_digest)


async def opened(pool: asyncpg.Pool, user_id: str) -> list[Opened]:
    """The person's login sessions that are still good, newest first."""
    rows = await pool.fetch(
        """
        SELECT session_id, origin, browser, created_at, expires_at FROM login_sessions
        WHERE user_id = $1 AND expires_at > now() ORDER BY created_at DESC, session_id
        """,
        user_id,
    )
    return [
        Opened(str(row["session_id"]), row["origin"], row["browser"], row["created_at"], row["expires_at"])
        for row in rows
    ]


async def close_one(connection: asyncpg.Connection, user_id: str, session_id: str) -> bool:
    """End one of the person's login sessions; whether there was one."""
    ended = await connection.execute(
        "DELETE FROM login_sessions WHERE user_id = $1 AND session_id = $2", user_id, session_id
    )
    return bool(ended != "DELETE 0")


async def close_all(connection: asyncpg.Connection, user_id: str) -> None:
    """End all of the person's login sessions."""
    await connection.execute("DELETE FROM login_sessions WHERE user_id = $1", user_id)


async def close_others(connection: asyncpg.Connection, user_id: str, kept_session_id: str) -> None:
    """End all of the person's login sessions but one."""
    await connection.execute(
        "DELETE FROM login_sessions WHERE user_id = $1 AND session_id <> $2", user_id, kept_session_id
    )
