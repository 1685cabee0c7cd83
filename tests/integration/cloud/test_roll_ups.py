"""The sums behind reports are what they sum, whatever happens to orders, payments and sessions."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving
from cloud.ingest import doctor
from cloud.operations import upkeep
from cloud.owners.venues.founding import NewVenue
from cloud.store.reading import roll_ups
from tests.fake_box import FakeBox

NOON_MS = int(datetime(2026, 3, 28, 12, tzinfo=UTC).timestamp() * 1000)
HOUR_MS = 3_600_000


async def _differences(sql: asyncpg.Connection) -> list[str]:
    venues = await sql.fetch("SELECT venue_id FROM venues")
    return [each for row in venues for each in await roll_ups.differences(sql, str(row["venue_id"]))]


async def _add(sql: asyncpg.Connection, table: str, rows: list[dict[str, object]]) -> None:
    for row in rows:
        places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
        await sql.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values())


async def _copy(sql: asyncpg.Connection, table: str, rows: list[dict[str, object]]) -> None:
    records = [tuple(row.values()) for row in rows]
    await sql.copy_records_to_table(table, records=records, columns=list(rows[0]))


def _order(venue_id: str, number: int, **change: object) -> dict[str, object]:
    row: dict[str, object] = {
        "venue_id": venue_id,
        "order_id": f"ORD-1-{number}",
        "number": number,
        "session_pid": "s",
        "table_name": "T",
        "member": "m",
        "cart_hash": "h",
        "total_minor": 100 * number,
        "currency": "EUR",
        "special_instructions": "",
        "status": "processing",
        "attempts": 1,
        "placed_ms": NOON_MS + number * HOUR_MS // 3,
        "version": 1,
    }
    return row | change


def _line(venue_id: str, number: int, item: int) -> dict[str, object]:
    return {
        "venue_id": venue_id,
        "order_id": f"ORD-1-{number}",
        "id": item,
        "menu_item": item,
        "name": f"Dish {item}",
        "qty": 1 + number % 3,
        "price_minor": 50 * item,
        "menu_version": 1,
        "tax_rate_bp": 0,
        "member": "m",
        "station": "kitchen",
        "note": "",
        "modifiers": "[]",
    }


async def _evening(sql: asyncpg.Connection, venue_id: str) -> None:
    """Orders before and after their lines, confirmed at once, later or never."""
    for number in range(1, 13):
        lines = [_line(venue_id, number, item) for item in range(1, 4)]
        order = _order(venue_id, number, status="confirmed" if number % 2 else "processing")
        if number % 3:
            await _add(sql, "orders", [order])
            await _add(sql, "order_lines", lines)
        else:
            await _add(sql, "order_lines", lines)
            await _add(sql, "orders", [order])
    await sql.execute("UPDATE orders SET status = 'confirmed', version = 2 WHERE number IN (2, 4, 6)")
    await sql.execute("UPDATE orders SET status = 'abandoned', version = 2 WHERE number = 8")


async def test_what_a_box_sends_is_summed_as_it_comes(
    cloud: Serving, venue: NewVenue, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    for _ in range(4):
        box.day.serve(5)
        async with box.online(http, cloud.url) as wire:
            await wire.catch_up()
        assert await _differences(sql) == []
    confirmed = await sql.fetchrow("SELECT count(*), sum(total_minor) FROM orders WHERE status = 'confirmed'")
    assert confirmed == await sql.fetchrow("SELECT sum(orders), sum(total_minor) FROM sales_hours")
    findings = await doctor.examine(cloud.pool)
    assert {each.verdict for each in findings} == {"ok"}, findings


async def test_orders_count_once_whichever_way_they_come(sql: asyncpg.Connection, venue: NewVenue) -> None:
    await _evening(sql, venue.venue_id)
    assert await _differences(sql) == []
    assert await sql.fetchval("SELECT sum(orders) FROM sales_hours") == 9
    assert await sql.fetchval("SELECT count(DISTINCT day) FROM sales_hours") > 0


async def test_summing_a_catch_up_reads_a_row_a_few_times(sql: asyncpg.Connection, venue: NewVenue) -> None:
    """In tables that nobody has analysed yet, where every index looks as good as the key."""
    async with sql.transaction():
        for run in range(10):
            numbers = range(run * 40 + 1, run * 40 + 41)
            orders = [_order(venue.venue_id, number, status="confirmed") for number in numbers]
            lines = [_line(venue.venue_id, number, item) for number in numbers for item in range(1, 4)]
            await _copy(sql, "orders", orders)
            await _copy(sql, "order_lines", lines)
        read = await sql.fetch(
            "SELECT relname, seq_tup_read + idx_tup_fetch AS read, n_tup_ins AS written "
            "FROM pg_stat_xact_user_tables WHERE relname IN ('orders', 'order_lines')"
        )
    assert {row["relname"]: row["written"] for row in read} == {"orders": 400, "order_lines": 1200}
    assert [row["relname"] for row in read if row["read"] > 8 * row["written"]] == []
    assert await _differences(sql) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE orders SET total_minor = total_minor + 1, version = 9 WHERE number = 3",
        "UPDATE orders SET placed_ms = placed_ms + 90000000, version = 9 WHERE number < 4",
        "UPDATE orders SET ticket = 'K-1', version = 9",
        "UPDATE order_lines SET qty = qty + 1 WHERE id = 2",
        "UPDATE order_lines SET name = 'Renamed' WHERE id = 1",
        "DELETE FROM order_lines WHERE id = 3",
        "DELETE FROM orders WHERE number < 5",
        "UPDATE venues SET timezone = 'Asia/Kathmandu'",
    ],
)
async def test_mending_keeps_the_sums_right(sql: asyncpg.Connection, venue: NewVenue, change: str) -> None:
    await _evening(sql, venue.venue_id)
    await sql.execute(change)
    assert await _differences(sql) == []


async def test_payments_count_until_they_are_given_back(sql: asyncpg.Connection, venue: NewVenue) -> None:
    def payment(pid: str, status: str, shift: str | None) -> dict[str, object]:
        return {
            "venue_id": venue.venue_id,
            "payment_pid": pid,
            "method": "CARD",
            "currency": "EUR",
            "amount_minor": 700,
            "tip_minor": 0,
            "rounding_minor": 0,
            "session_pid": None if pid in ("on-a-balance", "code-KB7T") else "s",
            "till": "main",
            "status": status,
            "shift_pid": shift,
            "refunded_minor": 0,
            "refunded_tip_minor": 0,
            "initiated_ms": NOON_MS,
            "version": 1,
        }

    await _add(sql, "payments", [payment("a", "COMPLETED", "s1"), payment("b", "PENDING", "s1")])
    await _add(sql, "payments", [payment("c", "COMPLETED", None), payment("d", "FAILED", "s1")])
    await _add(
        sql, "payments", [payment("on-a-balance", "COMPLETED", "s1"), payment("code-KB7T", "COMPLETED", "s2")]
    )
    assert await _differences(sql) == []
    await sql.execute("UPDATE payments SET status = 'COMPLETED', version = 2 WHERE payment_pid = 'b'")
    await sql.execute("UPDATE payments SET tip_minor = 50, version = 3 WHERE payment_pid = 'b'")
    await sql.execute(
        "UPDATE payments SET status = 'REFUNDED', refunded_minor = 700, version = 2 "
        "WHERE payment_pid IN ('a', 'on-a-balance')"
    )
    rows = await sql.fetch(
        "SELECT shift_pid, payments, amount_minor, tip_minor, refunded_minor FROM takings ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [
        ("", 1, 700, 0, 0),
        ("s1", 2, 1400, 50, 700),
        ("s2", 1, 700, 0, 0),
    ]
    await sql.execute("DELETE FROM payments WHERE payment_pid = 'c'")
    assert await _differences(sql) == []


async def test_hours_in_use_are_those_of_whatever_has_ended(sql: asyncpg.Connection, venue: NewVenue) -> None:
    def sitting(pid: str, begun_ms: int, ended_ms: int | None) -> dict[str, object]:
        return {
            "venue_id": venue.venue_id,
            "session_pid": pid,
            "table_code": "T",
            "table_name": "T",
            "status": "open" if ended_ms is None else "closed",
            "pass_validated": True,
            "opened_ms": begun_ms,
            "closed_ms": ended_ms,
            "version": 1,
        }

    chance = random.Random(7)
    for number in range(30):
        begun_ms = NOON_MS + chance.randrange(40 * HOUR_MS)  # the clocks go forward that night
        await _add(
            sql, "table_sessions", [sitting(str(number), begun_ms, begun_ms + chance.randrange(9 * HOUR_MS))]
        )
    await _add(sql, "table_sessions", [sitting("open", NOON_MS, None), sitting("1970", 5, NOON_MS)])
    await _add(sql, "table_sessions", [sitting("never", 2**62, 2**62 + 5), sitting("before", -7, -5)])
    assert await _differences(sql) == []
    await sql.execute(
        "UPDATE table_sessions SET status = 'closed', closed_ms = opened_ms + 1000, version = 2 "
        "WHERE session_pid = 'open'"
    )
    await sql.execute(
        "UPDATE table_sessions SET closed_ms = closed_ms + 5000000, version = 2 WHERE session_pid = '7'"
    )
    assert await _differences(sql) == []
    days = await sql.fetchval("SELECT count(DISTINCT day) FROM hours_in_use WHERE day < '1971-01-01'")
    assert days <= 4, "a clock that nobody had set fills no years"


async def test_a_venue_of_the_former_release_is_counted_when_a_process_starts(
    cloud: Serving, sql: asyncpg.Connection, venue: NewVenue
) -> None:
    await _evening(sql, venue.venue_id)
    for table in roll_ups.SUMS:
        await sql.execute(f"DELETE FROM {table}")
    await sql.execute("DELETE FROM counted_venues")
    assert await _differences(sql) != []
    assert await roll_ups.count_first(cloud.pool) == 1
    assert await roll_ups.count_first(cloud.pool) == 0
    assert await _differences(sql) == []


async def test_wrong_sums_are_found_and_counted_anew(
    cloud: Serving, sql: asyncpg.Connection, venue: NewVenue, box: FakeBox
) -> None:
    await _evening(sql, venue.venue_id)
    await sql.execute(
        "UPDATE sales_hours SET total_minor = total_minor + 1 WHERE venue_id = $1", UUID(venue.venue_id)
    )
    findings = await doctor.examine(cloud.pool)
    assert any("sums for reports are wrong (sales_hours" in each.words for each in findings)
    assert list(await upkeep.recount(cloud.pool)) == [venue.venue_id]
    assert await upkeep.recount(cloud.pool) == {}


async def test_hours_go_on_past_midnight_as_the_venue_has_it(sql: asyncpg.Connection) -> None:
    begun = datetime(2026, 3, 28, 22, 30, tzinfo=UTC)
    rows = await sql.fetch(
        "SELECT * FROM hours_used($1, $2, 'Europe/Berlin')",
        int(begun.timestamp() * 1000),
        int((begun + timedelta(hours=1)).timestamp() * 1000),
    )
    assert [(row["day"].day, row["hour"], row["used_ms"]) for row in rows] == [
        (28, 23, HOUR_MS // 2),
        (29, 0, HOUR_MS // 2),
    ]
