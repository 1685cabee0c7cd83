"""API tokens of an organisation: what programs call with. Only digests are kept."""

from datetime import datetime

import asyncpg
import msgspec

from cloud.store.people.logins import Login, Reach, reach_of


class Token(msgspec.Struct, frozen=True):
    """A token as people see it; what it reads like was shown once, when it was made."""

    token_id: str
    name: str
    scopes: list[str]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None = None
    reach: Reach = None


async def add(connection: asyncpg.Connection, organisation_id: str, token: Token, token_digest: str) -> None:
    """A new token, good from the end of the transaction."""
    await connection.execute(
        """
        INSERT INTO api_tokens
            (token_id, organisation_id, token_digest, name, scopes, created_by, created_at, expires_at, reach)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        token.token_id,
        organisation_id,
        token_digest,
        token.name,
        token.scopes,
        token.created_by,
        token.created_at,
        token.expires_at,
        None if token.reach is None else sorted(token.reach),
    )


async def all_of(connection: asyncpg.Connection, organisation_id: str) -> list[Token]:
    """The organisation's tokens, newest first, with those that have run out."""
    rows = await connection.fetch(
        """
        SELECT token_id::text, name, scopes, created_by, created_at, expires_at, last_used_at,
            reach::text[] AS reach
        FROM api_tokens WHERE organisation_id = $1 ORDER BY created_at DESC, token_id
        """,
        organisation_id,
    )
    return [Token(**{**row, "reach": reach_of(row["reach"])}) for row in rows]


async def bind(
    connection: asyncpg.Connection, organisation_id: str, token_id: str, reach: Reach
) -> tuple[str, Reach] | None:
    """The token reaches so far from now on; its name and how far it did, None where there is none."""
    row = await connection.fetchrow(
        """
        SELECT name, reach::text[] AS reach FROM api_tokens
        WHERE organisation_id = $1 AND token_id = $2 FOR UPDATE
        """,
        organisation_id,
        token_id,
    )
    if row is None:
        return None
    await connection.execute(
        "UPDATE api_tokens SET reach = $2 WHERE token_id = $1",
        token_id,
        None if reach is None else sorted(reach),
    )
    return row["name"], reach_of(row["reach"])


async def revoke(connection: asyncpg.Connection, organisation_id: str, token_id: str) -> str | None:
    """The token opens nothing any more; its name, None where there was none."""
    name: str | None = await connection.fetchval(
        "DELETE FROM api_tokens WHERE organisation_id = $1 AND token_id = $2 RETURNING name",
        organisation_id,
        token_id,
    )
    return name


async def find(pool: asyncpg.Pool, token_digest: str) -> Login | None:
    """Whoever calls with this token. That it is in use is written down once a minute at most."""
    row = await pool.fetchrow(
        """
        WITH found AS (
            SELECT token_id, organisation_id, name, scopes, last_used_at, reach::text[] AS reach
            FROM api_tokens
            WHERE token_digest = $1 AND (expires_at IS NULL OR expires_at > now())
        ), used AS (
            UPDATE api_tokens t SET last_used_at = now() FROM found
            WHERE t.token_id = found.token_id
                AND (found.last_used_at IS NULL OR found.last_used_at < now() - interval '1 minute')
        )
        SELECT * FROM found
        """,
        token_digest,
    )
    if row is None:
        return None
    return Login(
        user_id=str(row["token_id"]),
        organisation_id=str(row["organisation_id"]),
        email=f"token {row['name']}",
        role="token",
        csrf_token="",
        session_id=str(row["token_id"]),
        name=row["name"],
        scopes=frozenset(row["scopes"]),
        reach=reach_of(row["reach"]),
    )
