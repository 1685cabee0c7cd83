"""The sums behind reports: made for venues that were there before them, and held against what they sum.

Triggers keep the sums (`schema.sql`); the views named here say what they have to be. Venues of an earlier
release are counted once, each while its boxes wait for a moment, when a process of this release starts.
"""

import asyncpg

#: Each table of sums, and the view that makes the same rows from orders, payments and sessions.
SUMS = {
    "sales_hours": "sales_hours_counted",
    "sales_items": "sales_items_counted",
    "takings": "takings_counted",
    "hours_in_use": "hours_in_use_counted",
}
#: What was taken and given back in full leaves a row of nothing behind.
_SOMETHING = {"takings": "payments <> 0", "hours_in_use": "used_ms <> 0"}


async def count_first(pool: asyncpg.Pool) -> int:
    """Count venues that never were; how many. Any number of processes may do so at once."""
    waiting = await pool.fetch("SELECT venue_id FROM venues EXCEPT SELECT venue_id FROM counted_venues")
    for row in waiting:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL statement_timeout = 0")
            # Whoever takes in facts of the venue holds its box's row.
            await connection.execute("SELECT 1 FROM nodes WHERE venue_id = $1 FOR UPDATE", row["venue_id"])
            await connection.execute("SELECT count_venue($1)", row["venue_id"], timeout=600)
            await connection.execute(
                "INSERT INTO counted_venues (venue_id) VALUES ($1) ON CONFLICT DO NOTHING", row["venue_id"]
            )
    return len(waiting)


async def count_anew(connection: asyncpg.Connection, venue_id: str) -> None:
    """All sums of a venue from what they sum. Within a transaction."""
    await connection.execute("SELECT 1 FROM nodes WHERE venue_id = $1 FOR UPDATE", venue_id)
    await connection.execute("SELECT count_venue($1)", venue_id)


async def differences(connection: asyncpg.Connection, venue_id: str) -> list[str]:
    """Tables of sums that are not what they have to be, with the number of rows; none when all is well."""
    found = []
    for table, view in SUMS.items():
        held = f"SELECT * FROM {table} WHERE venue_id = $1 AND {_SOMETHING.get(table, 'true')}"
        due = f"SELECT * FROM {view} WHERE venue_id = $1 AND {_SOMETHING.get(table, 'true')}"
        rows = await connection.fetchval(
            f"SELECT count(*) FROM (({held} EXCEPT {due}) UNION ALL ({due} EXCEPT {held})) AS each", venue_id
        )
        if rows:
            found.append(f"{table}: {rows} rows")
    return found
