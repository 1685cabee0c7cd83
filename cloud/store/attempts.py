"""Counts attempts per window, for all processes together, so that more processes do not mean more guesses."""

import asyncpg


async def count(pool: asyncpg.Pool, what: str, who: str, window_s: int) -> tuple[int, int]:
    """Count one more; how many in this window by now, and the seconds until it ends."""
    row = await pool.fetchrow(
        """
        INSERT INTO attempts (what, who, window_start, count)
        VALUES ($1, $2, to_timestamp(floor(extract(epoch FROM now()) / $3) * $3), 1)
        ON CONFLICT (what, who, window_start) DO UPDATE SET count = attempts.count + 1
        RETURNING count,
            ceil(extract(epoch FROM window_start) + $3 - extract(epoch FROM now()))::int AS left_s
        """,
        what,
        who[:200],
        float(window_s),
    )
    return row["count"], row["left_s"]


async def forget_old(pool: asyncpg.Pool) -> None:
    """Drop windows that nobody will count in again."""
    await pool.execute("DELETE FROM attempts WHERE window_start < now() - interval '1 day'")
