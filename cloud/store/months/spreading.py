"""How the tables stand on several machines (Citus): read from the catalogue, so that it cannot drift from it.

Tables of a venue are spread by `venue_id`, whole venues beside each other; everything else is small and
stands on every machine, except that the queue of jobs stays on the first. What would keep a table from being
spread is said in words (`obstacles`), and a test wants none of it.
"""

import asyncpg

#: They name a venue and still stand everywhere: looked for by another key, or about no venue as well.
EVERYWHERE = ("venues", "claim_codes", "audit", "card_payments", "card_refunds", "pairings")

_SPREAD = """
    SELECT c.oid, c.relname FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND c.relname <> 'alembic_version' AND c.relname <> ALL($1)
        AND EXISTS (
            SELECT FROM pg_attribute a
            WHERE a.attrelid = c.oid AND a.attname = 'venue_id' AND NOT a.attisdropped
        )
"""


async def spread(connection: asyncpg.Connection) -> list[str]:
    """Tables that are spread by their `venue_id`."""
    rows = await connection.fetch(f"{_SPREAD} ORDER BY c.relname", list(EVERYWHERE))
    return [row["relname"] for row in rows]


async def everywhere(connection: asyncpg.Connection) -> list[str]:
    """Tables that stand on every machine, each after those that it refers to."""
    rows = await connection.fetch(
        f"""
        WITH RECURSIVE standing AS (
            SELECT c.oid, c.relname FROM pg_class c
            WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND NOT c.relispartition
                AND c.relname <> 'alembic_version' AND c.relname !~ '^pgqueuer'
                AND c.oid NOT IN (SELECT oid FROM ({_SPREAD}) AS s)
        ), depth AS (
            SELECT oid, relname, 0 AS deep FROM standing
            UNION ALL
            SELECT s.oid, s.relname, d.deep + 1 FROM depth d
            JOIN pg_constraint f ON f.confrelid = d.oid AND f.contype = 'f' AND f.conrelid <> f.confrelid
            JOIN standing s ON s.oid = f.conrelid
        )
        SELECT relname FROM depth GROUP BY relname ORDER BY max(deep), relname
        """,
        list(EVERYWHERE),
    )
    return [row["relname"] for row in rows]


async def obstacles(connection: asyncpg.Connection) -> list[str]:
    """Unique keys that do not begin with the venue, and references from one venue's rows to another's."""
    keys = await connection.fetch(
        f"""
        SELECT i.indexrelid::regclass::text AS name FROM pg_index i
        JOIN pg_class t ON t.oid = i.indrelid
        LEFT JOIN pg_inherits p ON p.inhrelid = t.oid
        JOIN ({_SPREAD}) AS s ON s.oid = coalesce(p.inhparent, t.oid)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indisunique AND a.attname <> 'venue_id' ORDER BY 1
        """,
        list(EVERYWHERE),
    )
    keyless = await connection.fetch(
        f"""
        SELECT s.relname FROM ({_SPREAD}) AS s LEFT JOIN pg_partitioned_table t ON t.partrelid = s.oid
        WHERE NOT EXISTS (
            SELECT FROM pg_index i LEFT JOIN pg_inherits p ON p.inhrelid = i.indrelid
            WHERE i.indisprimary AND coalesce(p.inhparent, i.indrelid) = s.oid
        ) ORDER BY 1
        """,
        list(EVERYWHERE),
    )
    crossing = await connection.fetch(
        f"""
        WITH spread AS ({_SPREAD})
        SELECT f.conname FROM pg_constraint f
        LEFT JOIN spread here ON here.oid = f.conrelid LEFT JOIN spread there ON there.oid = f.confrelid
        WHERE f.contype = 'f' AND there.oid IS NOT NULL AND (
            here.oid IS NULL OR NOT EXISTS (
                SELECT FROM unnest(f.conkey, f.confkey) AS k (mine, theirs)
                JOIN pg_attribute m ON m.attrelid = f.conrelid AND m.attnum = k.mine
                JOIN pg_attribute t ON t.attrelid = f.confrelid AND t.attnum = k.theirs
                WHERE m.attname = 'venue_id' AND t.attname = 'venue_id'
            )
        ) ORDER BY 1
        """,
        list(EVERYWHERE),
    )
    return [
        *(f"the unique key {row['name']} does not begin with venue_id" for row in keys),
        *(f"{row['relname']} has no primary key" for row in keyless),
        *(f"the reference {row['conname']} goes from one venue to others" for row in crossing),
    ]


async def statements(connection: asyncpg.Connection) -> str:
    """What to run on a Citus coordinator after `holdfast-cloud migrate`, once, while nothing is connected."""
    lines = ["CREATE EXTENSION IF NOT EXISTS citus;", "SET citus.enable_unsafe_triggers = on;"]
    lines += [f"SELECT create_reference_table('{name}');" for name in await everywhere(connection)]
    first, *others = await spread(connection)
    lines.append(f"SELECT create_distributed_table('{first}', 'venue_id');")
    lines += [
        f"SELECT create_distributed_table('{name}', 'venue_id', colocate_with => '{first}');"
        for name in others
    ]
    return "\n".join(lines) + "\n"
