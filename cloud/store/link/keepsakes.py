"""What boxes have sealed for the ones after them: bytes that nothing here can read."""

import asyncpg


async def keep(pool: asyncpg.Pool, venue_id: str, sealed: bytes) -> None:
    """In place of what was there."""
    await pool.execute(
        """
        INSERT INTO keepsakes (venue_id, sealed) VALUES ($1, $2)
        ON CONFLICT (venue_id) DO UPDATE SET sealed = EXCLUDED.sealed, kept_at = now()
        """,
        venue_id,
        sealed,
    )


async def find(pool: asyncpg.Pool, venue_id: str) -> bytes | None:
    """As it was left."""
    sealed: bytes | None = await pool.fetchval("SELECT sealed FROM keepsakes WHERE venue_id = $1", venue_id)
    return sealed
