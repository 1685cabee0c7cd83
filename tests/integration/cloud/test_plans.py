"""What every question of the dashboard costs, with other people's venues and a long past beside it: few rows.

Each address that an owner reads is called once while its statements are noted; then Postgres tells how it
would answer them, and how many rows it looked at. `make bench` has the same questions at ten million facts.
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import aiohttp
import asyncpg
import msgspec
import pytest

from cloud.app import Serving
from cloud.store.reading import roll_ups
from cloud.store.tenancy import acting_for
from tests.integration.cloud.organisation import Organisation, address_of, call, enter, found

#: Tables that grow with every guest.
_GROWING = {
    *("facts_live", "facts_kept", "orders", "order_lines", "payments", "tickets", "table_sessions"),
    *("play_sessions", "sales_hours", "sales_items", "takings", "hours_in_use", "link_outages", "audit"),
}
#: A month of one venue's days, and then some.
_MOST_ROWS = 3000
_OTHERS, _DAYS = 20, 120

_VISITS = """
    WITH visits AS (
        SELECT v.venue_id, n, (extract(epoch FROM now())::bigint - n * 3600 * 24 / 8) * 1000 AS at_ms
        FROM unnest($1::uuid[]) AS v (venue_id), generate_series(1, $2::int * 8) AS n
    )
"""
_PAST = (
    """
    INSERT INTO table_sessions (venue_id, session_pid, table_code, table_name, status, pass_validated,
        opened_ms, closed_ms, version)
    SELECT venue_id, 's' || n, 'T', 'T', 'closed', true, at_ms, at_ms + 3000000, 2 FROM visits
    """,
    """
    INSERT INTO play_sessions SELECT venue_id, 'y' || n, 'ps5-1', 'STOPPED', NULL, 'EUR', 'pause', 0, 0, 0, 0,
        0, at_ms, at_ms, NULL, at_ms + 3000000, NULL, 1
    FROM visits
    """,
    """
    INSERT INTO tickets (venue_id, ticket, station, order_id, session_pid, table_name, state, placed_ms,
        changed_ms, version)
    SELECT venue_id, 'K-' || n, 'kitchen', 'ORD-1-' || n, 's' || n, 'T', 'served', at_ms, at_ms, 3 FROM visits
    """,
    """
    INSERT INTO order_lines (venue_id, order_id, id, menu_item, name, qty, price_minor, menu_version,
        tax_rate_bp, member, station, note, modifiers)
    SELECT venue_id, 'ORD-1-' || n, line, line, 'Dish', 1, 500, 1, 0, 'm', 'kitchen', '', '[]'
    FROM visits, generate_series(1, 2) AS line
    """,
    """
    INSERT INTO payments (venue_id, payment_pid, method, currency, amount_minor, tip_minor,
        rounding_minor, till, status, shift_pid, refunded_minor, refunded_tip_minor, initiated_ms, version)
    SELECT venue_id, 'p' || n, 'CASH', 'EUR', 1000, 0, 0, 'main', 'COMPLETED', 'd' || n / 8, 0, 0, at_ms, 2
    FROM visits
    """,
    """
    INSERT INTO facts (venue_id, log_id, seq, aggregate, version, type, record, hash)
    SELECT venue_id, venue_id, n, 'note:' || n, 1, 'NoteLeft', '{}', '' FROM visits
    """,
    """
    INSERT INTO link_outages (venue_id, began_at, ended_at)
    SELECT venue_id, to_timestamp(at_ms / 1000.0), to_timestamp(at_ms / 1000.0 + 600) FROM visits
    WHERE n % 4 = 0
    """,
    """
    INSERT INTO orders (venue_id, order_id, number, session_pid, table_name, member, cart_hash,
        total_minor, currency, special_instructions, status, attempts, placed_ms, version)
    SELECT venue_id, 'ORD-1-' || n, n, 's' || n, 'T', 'm', 'h', 1000, 'EUR', '', 'confirmed', 1, at_ms, 2
    FROM visits
    """,
)


@pytest.fixture
async def harbour(cloud: Serving, sql: asyncpg.Connection) -> Organisation:
    """An organisation with one venue of a long past, beside many venues of somebody else."""
    harbour, pier = await found(cloud, "harbour"), await found(cloud, "pier")
    others = [str(uuid4()) for _ in range(_OTHERS)]
    await sql.executemany(
        """
        INSERT INTO venues (venue_id, organisation_id, brand_id, name, currency, timezone)
        SELECT $1, organisation_id, brand_id, 'Pier', 'EUR', 'UTC' FROM brands WHERE organisation_id = $2
        """,
        [(each, pier.organisation_id) for each in others],
    )
    for statement in _PAST:
        await sql.execute(_VISITS + statement, [*others, harbour.ids["venue_id"]], _DAYS)
    assert await roll_ups.differences(sql, harbour.ids["venue_id"]) == []
    await sql.execute(
        """
        INSERT INTO audit (organisation_id, actor, action, origin)
        SELECT CASE WHEN n % 20 = 0 THEN $1::uuid ELSE $2::uuid END, 'somebody', 'tried', ''
        FROM generate_series(1, 20000) AS n
        """,
        harbour.organisation_id,
        pier.organisation_id,
    )
    await sql.execute("ANALYZE")
    return harbour


class _Noted:
    """Statements that the cloud sent, with what they were about."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[Any, ...]]] = []

    def note(self, record: asyncpg.connection.LoggedQuery) -> None:
        """Called by the driver after each."""
        if record.query.lstrip().upper().startswith(("SELECT", "WITH")) and record.exception is None:
            self.asked.append((record.query, record.args))


@pytest.fixture
async def noted(cloud: Serving) -> _Noted:
    """Notes what goes over any connection of the pool."""
    noted = _Noted()
    held = [await cloud.pool.acquire() for _ in range(cloud.pool.get_max_size())]
    for connection in held:
        connection.add_query_logger(noted.note)
    for connection in held:
        await cloud.pool.release(connection)
    return noted


def _scans(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if plan.get("Relation Name") in _GROWING:
        yield plan
    for child in plan.get("Plans", ()):
        yield from _scans(child)


def _rows(scan: dict[str, Any]) -> float:
    removed = sum(scan.get(name, 0) for name in ("Rows Removed by Filter", "Rows Removed by Index Recheck"))
    return float((scan["Actual Rows"] + removed) * scan["Actual Loops"])


async def _plan(
    cloud: Serving, organisation_id: str, query: str, arguments: tuple[Any, ...]
) -> dict[str, Any]:
    async with acting_for(cloud.pool, organisation_id) as connection:
        text = await connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}", *arguments)
    plan: dict[str, Any] = msgspec.json.decode(text)[0]["Plan"]
    return plan


async def test_every_question_of_the_dashboard_looks_at_few_rows(
    cloud: Serving, harbour: Organisation, noted: _Noted, http: aiohttp.ClientSession
) -> None:
    key = await enter(cloud, harbour, "owner")
    reads = [route for route in cloud.routes if route.auth == "owner" and route.method == "GET"]
    assert len(reads) > 10
    seen: set[str] = set()
    scanned = 0
    for route in reads:
        noted.asked.clear()
        status, code = await call(http, cloud.url + address_of(route, harbour), route, key)
        assert status < 500, (route.path, code)
        for query, arguments in list(noted.asked):
            if query in seen or "set_config" in query or "pg_advisory_unlock_all" in query:
                continue
            seen.add(query)
            try:
                plan = await _plan(cloud, harbour.organisation_id, query, arguments)
            except asyncpg.InsufficientPrivilegeError:
                continue  # asked before it was known who asks, of a small table
            for scan in _scans(plan):
                scanned += 1
                told = f"{route.path}: {scan['Node Type']} of {scan['Relation Name']}"
                assert scan["Node Type"] != "Seq Scan" or scan["Actual Rows"] == 0, told
                assert _rows(scan) < _MOST_ROWS, f"{told} looks at {_rows(scan)} rows"
    assert scanned > 15, "reports, venues, orders, outages, payments"


async def test_months_that_a_question_names_are_the_only_ones_looked_at(sql: asyncpg.Connection) -> None:
    plan = await sql.fetchval(
        "EXPLAIN (FORMAT JSON) SELECT count(*) FROM facts WHERE month = 'infinity' AND venue_id = $1", uuid4()
    )
    assert "facts_live" in plan
    assert "facts_kept" not in plan


async def test_an_aggregate_is_found_by_index_in_every_part(sql: asyncpg.Connection) -> None:
    await sql.execute("SET enable_seqscan = off")
    plan = await sql.fetchval(
        "EXPLAIN (FORMAT JSON) SELECT record FROM facts "
        "WHERE venue_id = $1 AND aggregate = ANY($2) AND NOT set_aside",
        uuid4(),
        ["note:1"],
    )
    assert "facts_live_of_aggregate" in plan
    assert "facts_kept_of_aggregate" in plan
