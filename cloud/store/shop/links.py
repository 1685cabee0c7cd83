"""Links in mails that let a browser in to the orders of an address: digests only, once, and not for long."""

import asyncpg


async def make(
    connection: asyncpg.Connection, venue_id: str, token_digest: str, email: str, minutes: int
) -> None:
    """A link for whoever reads the mails of `email`."""
    await connection.execute(
        """
        INSERT INTO shop_links (venue_id, token_digest, email, expires_at)
        VALUES ($1, $2, $3, now() + make_interval(mins => $4))
        """,
        venue_id,
        token_digest,
        email,
        minutes,
    )


async def spend(
    connection: asyncpg.Connection, venue_id: str, token_digest: str, guest_digest: str, days: int
) -> str | None:
    """Let a browser in by a link; the address, or null where the link was used, has run out or never was."""
    email: str | None = await connection.fetchval(
        """
        UPDATE shop_links SET used_at = now()
        WHERE venue_id = $1 AND token_digest = $2 AND used_at IS NULL AND expires_at > now() RETURNING email
        """,
        venue_id,
        token_digest,
    )
    if email is not None:
        await connection.execute(
            """
            INSERT INTO shop_mailboxes (venue_id, guest_digest, email, expires_at)
            VALUES ($1, $2, $3, now() + make_interval(days => $4))
            ON CONFLICT (venue_id, guest_digest, email) DO UPDATE SET expires_at = EXCLUDED.expires_at
            """,
            venue_id,
            guest_digest,
            email,
            days,
        )
    return email


async def has_orders(connection: asyncpg.Connection, venue_id: str, email: str) -> bool:
    """Whether anybody ordered under this address."""
    found = await connection.fetchval(
        "SELECT 1 FROM shop_orders WHERE venue_id = $1 AND email = $2 LIMIT 1", venue_id, email
    )
    return found is not None


async def forget_old(pool: asyncpg.Pool) -> None:
    """Drop links and browsers whose time is over."""
    await pool.execute("DELETE FROM shop_links WHERE expires_at < now() - interval '1 day'")
    await pool.execute("DELETE FROM shop_mailboxes WHERE expires_at < now()")
