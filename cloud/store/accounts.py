"""Users and their login sessions. Passwords and tokens arrive here already hashed."""

import asyncpg
import msgspec


class User(msgspec.Struct, frozen=True):
    """A person who may log in."""

    user_id: str
    organisation_id: str
    email: str
    role: str
    password_hash: str


class Login(msgspec.Struct, frozen=True):
    """A login session that is still good, and whose it is."""

    user_id: str
    organisation_id: str
    email: str
    role: str
    csrf_token: str


class EmailTaken(Exception):
    """Somebody has an account under this e-mail address."""


async def add_user(connection: asyncpg.Connection, user: User) -> None:
    """Raises `EmailTaken`."""
    try:
        await connection.execute(
            """
            INSERT INTO users (user_id, organisation_id, email, password_hash, role)
            VALUES ($1, $2, $3, $4, $5)
            """,
            user.user_id,
            user.organisation_id,
            user.email,
            user.password_hash,
            user.role,
        )
    except asyncpg.UniqueViolationError as error:
        raise EmailTaken(f"{user.email} has an account already.") from error


async def find_user(connection: asyncpg.Connection | asyncpg.Pool, email: str) -> User | None:
    """By e-mail address in lower case."""
    row = await connection.fetchrow(
        "SELECT user_id, organisation_id, role, password_hash FROM users WHERE email = $1", email
    )
    if row is None:
        return None
    return User(str(row["user_id"]), str(row["organisation_id"]), email, row["role"], row["password_hash"])


async def open_login(
    pool: asyncpg.Pool, token_digest: str, user_id: str, csrf_token: str, hours: int
) -> None:
    """A new login session; those that have run out are swept away on the occasion."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("DELETE FROM login_sessions WHERE expires_at < now()")
        await connection.execute(
            """
            INSERT INTO login_sessions (token_digest, user_id, csrf_token, expires_at)
            VALUES ($1, $2, $3, now() + make_interval(hours => $4))
            """,
            token_digest,
            user_id,
            csrf_token,
            hours,
        )


async def find_login(pool: asyncpg.Pool, token_digest: str) -> Login | None:
    """The login session, unless it has run out."""
    row = await pool.fetchrow(
        """
        SELECT u.user_id, u.organisation_id, u.email, u.role, s.csrf_token
        FROM login_sessions s JOIN users u USING (user_id)
        WHERE s.token_digest = $1 AND s.expires_at > now()
        """,
        token_digest,
    )
    if row is None:
        return None
    return Login(
        str(row["user_id"]), str(row["organisation_id"]), row["email"], row["role"], row["csrf_token"]
    )


async def close_login(pool: asyncpg.Pool, token_digest: str) -> None:
    """The token opens nothing any more."""
    await pool.execute("DELETE FROM login_sessions WHERE token_digest = $1", token_digest)
