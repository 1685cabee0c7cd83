"""Whether the schema may be spread over machines by venue, as the catalogue of a real Postgres has it."""

from datetime import date

import asyncpg

from cloud.store.months import sealing, spreading
from protocol.facts.fold import SHAPES


async def test_every_table_of_a_venue_begins_with_it_and_points_at_no_other(
    database: str, sql: asyncpg.Connection
) -> None:
    async with asyncpg.create_pool(database, min_size=0, max_size=1) as pool:
        await sealing.make_month(pool, date(2026, 1, 1))
    assert await spreading.obstacles(sql) == []
    assert set(await spreading.spread(sql)) > {"facts", "nodes", "down_entries", "sales_hours", *SHAPES}


async def test_what_could_not_be_spread_is_named(sql: asyncpg.Connection) -> None:
    await sql.execute(
        """
        CREATE TABLE stray (stray_id uuid PRIMARY KEY, venue_id uuid NOT NULL);
        CREATE TABLE bare (venue_id uuid NOT NULL);
        CREATE TABLE pointing (venue_id uuid NOT NULL, stray_id uuid NOT NULL REFERENCES stray,
            PRIMARY KEY (venue_id, stray_id));
        """
    )
    assert await spreading.obstacles(sql) == [
        "the unique key stray_pkey does not begin with venue_id",
        "bare has no primary key",
        "the reference pointing_stray_id_fkey goes from one venue to others",
    ]


async def test_every_table_is_in_the_statements_once(sql: asyncpg.Connection) -> None:
    tables = await sql.fetch(
        """
        SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND c.relname !~ '^pgqueuer'
        """
    )
    named = [
        line.split("'")[1] for line in (await spreading.statements(sql)).splitlines() if "create_" in line
    ]
    assert sorted(named) == sorted({row["relname"] for row in tables} - {"alembic_version"})
    assert named.index("organisations") < named.index("brands") < named.index("venues") < named.index("nodes")
