"""Links in mails with which guests look at their own wallets: digests only, and for a day.

Rule of the file: a link shows one wallet and changes nothing, so it may be opened again while it lasts.
"""

import asyncpg
import msgspec


class Linked(msgspec.Struct, frozen=True):
    """The wallet that a link shows."""

    organisation_id: str
    wallet_id: str
    name: str
    currency: str


async def of_email(connection: asyncpg.Connection, organisation_id: str, email: str) -> list[Linked]:
    """The wallets of whoever reads the mails of `email`, who stays so until the transaction ends.

    Otherwise an address that changes meanwhile would take away all links but the one that is made now.
    """
    rows = await connection.fetch(
        """
        SELECT organisation_id::text, wallet_id, name, currency FROM wallets
        WHERE organisation_id = $1 AND email = $2 ORDER BY wallet_id LIMIT 20 FOR SHARE
        """,
        organisation_id,
        email,
    )
    return [Linked(**dict(row)) for row in rows]


async def make(connection: asyncpg.Connection, wallet: Linked, token_digest: str, hours: int) -> None:
    """A link to a wallet."""
    await connection.execute(
        """
        INSERT INTO wallet_links (organisation_id, token_digest, wallet_id, expires_at)
        VALUES ($1, $2, $3, now() + make_interval(hours => $4))
        """,
        wallet.organisation_id,
        token_digest,
        wallet.wallet_id,
        hours,
    )


async def find(connection: asyncpg.Connection, token_digest: str) -> Linked | None:
    """What a link shows; None for one that has run out, was taken away, or never was."""
    row = await connection.fetchrow(
        """
        SELECT w.organisation_id::text, w.wallet_id, w.name, w.currency FROM wallet_links l
        JOIN wallets w USING (organisation_id, wallet_id)
        WHERE l.token_digest = $1 AND l.expires_at > now()
        """,
        token_digest,
    )
    return None if row is None else Linked(**dict(row))


async def set_email(
    connection: asyncpg.Connection, organisation_id: str, wallet_id: str, email: str | None
) -> bool:
    """Whose wallet it is, by the address that they are written to; False where there is none of this id.

    Links that went to another address show nothing any more.
    """
    done = await connection.execute(
        "UPDATE wallets SET email = $3 WHERE organisation_id = $1 AND wallet_id = $2",
        organisation_id,
        wallet_id,
        email,
    )
    await connection.execute(
        "DELETE FROM wallet_links WHERE organisation_id = $1 AND wallet_id = $2", organisation_id, wallet_id
    )
    return bool(done == "UPDATE 1")


async def forget_old(pool: asyncpg.Pool) -> None:
    """Drop links whose time is over."""
    await pool.execute("DELETE FROM wallet_links WHERE expires_at < now()")
