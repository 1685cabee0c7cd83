"""Users: who may log in, with what, and as what. Passwords arrive here already hashed.

Counterparts: `logins.py` has their login sessions, `factors.py` their second factors.
"""

from datetime import datetime

import asyncpg
import msgspec

from cloud.store.people.logins import Reach, reach_of


class User(msgspec.Struct, frozen=True):
    """A person who may log in. `totp_secret` is in base32, None where there is no second factor."""

    user_id: str
    organisation_id: str
    email: str
    role: str
    password_hash: str
    name: str = ""
    totp_secret: str | None = None
    reach: Reach = None


class Person(msgspec.Struct, frozen=True):
    """A user as colleagues see them."""

    user_id: str
    email: str
    name: str
    role: str
    created_at: datetime
    reach: Reach


class EmailTaken(Exception):
    """Somebody has an account under this e-mail address."""


async def add_user(connection: asyncpg.Connection, user: User) -> None:
    """Raises `EmailTaken`."""
    try:
        await connection.execute(
            """
            INSERT INTO users (user_id, organisation_id, email, password_hash, role, name, reach)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            user.user_id,
            user.organisation_id,
            user.email,
            user.password_hash,
            user.role,
            user.name,
            None if user.reach is None else sorted(user.reach),
        )
    except asyncpg.UniqueViolationError as error:
        raise EmailTaken(f"{user.email} has an account already.") from error


async def find_user(connection: asyncpg.Connection | asyncpg.Pool, email: str) -> User | None:
    """By e-mail address in lower case."""
    row = await connection.fetchrow(
        """
        SELECT user_id, organisation_id, role, password_hash, name, totp_secret, reach::text[] AS reach
        FROM users WHERE email = $1
        """,
        email,
    )
    if row is None:
        return None
    return User(
        str(row["user_id"]),
        str(row["organisation_id"]),
        email,
        row["role"],
        row["password_hash"],
        row["name"],
        row["totp_secret"],
        reach_of(row["reach"]),
    )


async def set_password(connection: asyncpg.Connection, user_id: str, password_hash: str) -> None:
    """The old one opens nothing any more."""
    await connection.execute("UPDATE users SET password_hash = $2 WHERE user_id = $1", user_id, password_hash)


async def people(connection: asyncpg.Connection, organisation_id: str) -> list[Person]:
    """Everybody of the organisation, by e-mail address."""
    rows = await connection.fetch(
        """
        SELECT user_id, email, name, role, created_at, reach::text[] AS reach FROM users
        WHERE organisation_id = $1 ORDER BY email
        """,
        organisation_id,
    )
    return [
        Person(
            str(row["user_id"]),
            row["email"],
            row["name"],
            row["role"],
            row["created_at"],
            reach_of(row["reach"]),
        )
        for row in rows
    ]


async def lock_roles(connection: asyncpg.Connection, organisation_id: str) -> dict[str, tuple[str, Reach]]:
    """Role and reach of each user by id. Whoever asks next waits until this transaction ends."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('roles of ' || $1, 0))", organisation_id
    )
    rows = await connection.fetch(
        "SELECT user_id, role, reach::text[] AS reach FROM users WHERE organisation_id = $1", organisation_id
    )
    return {str(row["user_id"]): (row["role"], reach_of(row["reach"])) for row in rows}


async def set_role(connection: asyncpg.Connection, user_id: str, role: str, reach: Reach) -> None:
    """From the next request on the person may do what this role may, as far as `reach` goes."""
    await connection.execute(
        "UPDATE users SET role = $2, reach = $3 WHERE user_id = $1",
        user_id,
        role,
        None if reach is None else sorted(reach),
    )


async def remove(connection: asyncpg.Connection, user_id: str) -> None:
    """The account and everything that would open it."""
    await connection.execute("DELETE FROM users WHERE user_id = $1", user_id)
