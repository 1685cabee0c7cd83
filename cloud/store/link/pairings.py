"""Codes that boxes show, until an owner types one in or it runs out.

Rule of the file: a row is approved once, under its lock, in the transaction that makes the claim code of the
box; codes stand here as digests only.
"""

import asyncpg
import msgspec

#: How long a box may take to come for what was said of it.
CLAIM_HOURS = 24


class Asked(msgspec.Struct, frozen=True):
    """A box that waits. `house` is the text that it sent, `address` whence."""

    public_key: bytes
    node_id: str
    tail_seq: int
    release: str
    house: str
    address: str


class Waiting(msgspec.Struct, frozen=True):
    """A code that is good still, or was typed in."""

    asked: Asked
    device_code_digest: str
    approved: bool
    expires_s: int


class Polled(msgspec.Struct, frozen=True):
    """How it stands with a box that asks again. Without a venue nobody has said yes yet."""

    public_key: bytes
    too_soon: bool
    late: bool
    venue_id: str | None
    venue_name: str | None
    replaces: bool


async def add(
    pool: asyncpg.Pool,
    user_code_digest: str,
    device_code_digest: str,
    asked: Asked,
    expires_s: int,
    every_s: int,
) -> None:
    """A fresh code; the one that the same box showed before is void."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "DELETE FROM pairings WHERE public_key = $1 AND approved_at IS NULL", asked.public_key
        )
        await connection.execute(
            """
            INSERT INTO pairings (user_code_digest, device_code_digest, public_key, node_id, tail_seq,
                release, house, address, expires_at, interval_s)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9), $10)
            """,
            user_code_digest,
            device_code_digest,
            asked.public_key,
            asked.node_id,
            asked.tail_seq,
            asked.release,
            asked.house,
            asked.address,
            float(expires_s),
            every_s,
        )


async def find(connection: asyncpg.Connection, user_code_digest: str) -> Waiting | None:
    """The box that shows this code; held until the transaction ends. None when it has run out."""
    row = await connection.fetchrow(
        """
        SELECT public_key, node_id, tail_seq, release, house, address, device_code_digest,
            approved_at IS NOT NULL AS approved,
            greatest(0, extract(epoch FROM expires_at - now()))::int AS expires_s
        FROM pairings
        WHERE user_code_digest = $1 AND (expires_at > now() OR approved_at IS NOT NULL) FOR UPDATE
        """,
        user_code_digest,
    )
    if row is None:
        return None
    asked = Asked(
        row["public_key"], str(row["node_id"]), row["tail_seq"], row["release"], row["house"], row["address"]
    )
    return Waiting(asked, row["device_code_digest"], row["approved"], row["expires_s"])


async def approve(
    connection: asyncpg.Connection, device_code_digest: str, venue_id: str, epoch: int, public_key: bytes
) -> None:
    """The box may claim the place after `epoch`; codes that were made for it before and not used are void."""
    await connection.execute("DELETE FROM claim_codes WHERE venue_id = $1 AND used_at IS NULL", venue_id)
    await connection.execute(
        """
        INSERT INTO claim_codes (code_digest, venue_id, expires_at, for_epoch, public_key)
        VALUES ($1, $2, now() + make_interval(hours => $3), $4, $5)
        """,
        device_code_digest,
        venue_id,
        CLAIM_HOURS,
        epoch,
        public_key,
    )
    await connection.execute(
        """
        UPDATE pairings SET approved_at = now(), venue_id = $2, replaces = $3 > 0, house = ''
        WHERE device_code_digest = $1
        """,
        device_code_digest,
        venue_id,
        epoch,
    )


async def poll(pool: asyncpg.Pool, device_code_digest: str, slower_by_s: int) -> Polled | None:
    """Note that the box asked; whoever asks too soon has to wait longer from then on (RFC 8628 §3.5)."""
    row = await pool.fetchrow(
        """
        WITH before AS (
            SELECT *, coalesce(polled_at > now() - make_interval(secs => interval_s - 1), false) AS too_soon
            FROM pairings WHERE device_code_digest = $1
        )
        UPDATE pairings AS p SET polled_at = now(),
            interval_s = p.interval_s + CASE WHEN before.too_soon AND p.approved_at IS NULL THEN $2 ELSE 0 END
        FROM before LEFT JOIN venues v ON v.venue_id = before.venue_id
        WHERE p.device_code_digest = before.device_code_digest
        RETURNING p.public_key, before.too_soon, p.expires_at < now() AS late, p.venue_id, v.name, p.replaces
        """,
        device_code_digest,
        slower_by_s,
    )
    if row is None:
        return None
    venue_id = None if row["venue_id"] is None else str(row["venue_id"])
    return Polled(row["public_key"], row["too_soon"], row["late"], venue_id, row["name"], row["replaces"])


async def forget_old(pool: asyncpg.Pool) -> None:
    """Drop what nobody can come for any more."""
    await pool.execute(
        "DELETE FROM pairings WHERE expires_at < now() - make_interval(hours => $1)", CLAIM_HOURS
    )
