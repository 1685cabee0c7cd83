"""How a venue's things get to people, as its owner last said; versioned, so that of two editors one is
asked.
"""

import asyncpg


async def read(connection: asyncpg.Connection, venue_id: str) -> tuple[int, str]:
    """Version and rules as JSON; 0 and nothing where nobody has said anything yet."""
    row = await connection.fetchrow("SELECT version, rules FROM shop_rules WHERE venue_id = $1", venue_id)
    return (row["version"], row["rules"]) if row else (0, "{}")


async def write(connection: asyncpg.Connection, venue_id: str, version: int, rules: str) -> bool:
    """The rules after `version`; False if they have moved on from there."""
    written = await connection.fetchval(
        """
        INSERT INTO shop_rules (venue_id, version, rules) SELECT $1::uuid, 1, $3::jsonb WHERE $2::bigint = 0
        ON CONFLICT (venue_id) DO NOTHING RETURNING 1
        """
        if version == 0
        else """
        UPDATE shop_rules SET version = version + 1, rules = $3, changed_at = now()
        WHERE venue_id = $1 AND version = $2 RETURNING 1
        """,
        venue_id,
        version,
        rules,
    )
    return written is not None
