"""Reports and devices, from facts that a box has sent and from rows beside them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving
from cloud.owners.venues.founding import NewVenue
from protocol.facts.fold import SHAPES
from tests.fake_box import FakeBox
from tests.integration.cloud.organisation import Key, Organisation, enter, found
from tests.venue_day import VenueDay

#: A Monday.
NOON = datetime(2026, 3, 30, 12, tzinfo=UTC)


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


async def _report(http: aiohttp.ClientSession, url: str, key: Key, query: str) -> tuple[int, Any]:
    async with http.get(f"{url}/api/report?{query}", headers=key.headers) as response:
        return response.status, await response.json()


@pytest.fixture
async def key(cloud: Serving, venue: NewVenue) -> Key:
    """Of the owner of the sample venue, whose days are those of UTC."""
    row = await cloud.pool.fetchrow("SELECT user_id, organisation_id FROM users")
    await cloud.pool.execute("UPDATE venues SET timezone = 'UTC'")
    organisation = Organisation(str(row["organisation_id"]), {"owner": str(row["user_id"])}, {})
    return await enter(cloud, organisation, "owner")


@pytest.fixture
async def sold(
    cloud: Serving, venue: NewVenue, box: FakeBox, http: aiohttp.ClientSession
) -> dict[str, list[dict[str, Any]]]:
    """Orders of three days; rows of the folded tables as the box has them."""
    box.day = VenueDay(box.log_id, venue.restaurant_id, wall_ms=_ms(NOON))
    for days in (0, 1, 3):
        box.day.wall_ms = _ms(NOON + timedelta(days=days))
        box.day.serve(4)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
    return {
        name: [
            dict(zip(SHAPES[name].column_names, row, strict=True)) for row in box.day.tables[name].values()
        ]
        for name in ("orders", "order_lines")
    }


async def test_a_report_adds_up_what_the_box_has_sold(
    cloud: Serving, key: Key, sold: dict[str, list[dict[str, Any]]], http: aiohttp.ClientSession
) -> None:
    status, report = await _report(http, cloud.url, key, "first=2026-03-30&last=2026-04-02")
    assert status == 200, report
    total = sum(order["total_minor"] for order in sold["orders"])
    assert [row["orders"] for row in report["by_day"]] == [4, 4, 4]
    assert [row["bucket"] for row in report["by_day"]] == ["2026-03-30", "2026-03-31", "2026-04-02"]
    for split in ("by_hour", "by_day", "by_item"):
        assert sum(row["total_minor"] for row in report[split]) == total, split
    pieces = sum(line["qty"] for line in sold["order_lines"])
    assert sum(row["qty"] for row in report["by_item"]) == pieces
    amounts = [row["total_minor"] for row in report["by_item"]]
    assert amounts == sorted(amounts, reverse=True)
    _, one = await _report(http, cloud.url, key, "first=2026-03-31&last=2026-03-31")
    assert [row["orders"] for row in one["by_day"]] == [4]
    _, none = await _report(http, cloud.url, key, "first=2026-04-01&last=2026-04-01")
    assert (none["by_day"], none["by_item"], none["by_hour"]) == ([], [], [])


async def test_days_and_hours_are_the_venues_own(
    cloud: Serving, key: Key, sold: object, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await sql.execute("UPDATE venues SET timezone = 'Pacific/Auckland'")
    _, report = await _report(http, cloud.url, key, "first=2026-03-31&last=2026-03-31")
    assert [row["orders"] for row in report["by_day"]] == [4]
    assert {row["bucket"] for row in report["by_hour"]} == {"1"}, "noon in UTC is 1 in the morning there"


async def test_play_and_tables_fill_the_hours_that_they_touch(
    cloud: Serving, key: Key, venue: NewVenue, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    async def play(session: str, begins: datetime, ends: datetime | None) -> None:
        await sql.execute(
            """
            INSERT INTO play_sessions VALUES ($1, $2, 'ps5-1', 'STOPPED', NULL, 'EUR', 'pause', 0, 0, 0, 0, 0,
                $3, $3, NULL, $4, NULL, 1)
            """,
            venue.venue_id,
            session,
            _ms(begins),
            _ms(ends) if ends else None,
        )

    await play("a", NOON + timedelta(minutes=30), NOON + timedelta(minutes=90))
    await play("b", NOON, NOON + timedelta(minutes=15))
    await play("over midnight", NOON + timedelta(hours=11, minutes=50), NOON + timedelta(hours=12, minutes=5))
    _, report = await _report(http, cloud.url, key, "first=2026-03-30&last=2026-03-30")
    used = {(row["weekday"], row["hour"]): row["minutes"] for row in report["stations"]["use"]}
    assert used == pytest.approx({(1, 12): 45, (1, 13): 30, (1, 23): 10})
    _, report = await _report(http, cloud.url, key, "first=2026-03-31&last=2026-03-31")
    used = {(row["weekday"], row["hour"]): row["minutes"] for row in report["stations"]["use"]}
    assert used == pytest.approx({(2, 0): 5})


async def test_sales_by_whoever_opened_the_shift(
    cloud: Serving, key: Key, venue: NewVenue, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    for pid, opened_by in (("s1", "ana"), ("s2", None)):
        await sql.execute(
            """
            INSERT INTO shifts (venue_id, shift_pid, till, currency, status, by_itself, opened_by,
                float_minor, expected_minor, totals, opened_ms, version)
            VALUES ($1, $2, 'main', 'EUR', 'open', $3, $4, 0, 0, '{}', 0, 1)
            """,
            venue.venue_id,
            pid,
            opened_by is None,
            opened_by,
        )
    payments = [
        ("p1", "bill-1", "s1", 1000, 50, "COMPLETED"),
        ("p2", "bill-2", "s1", 500, 0, "REFUNDED"),
        ("p3", "bill-3", "s2", 70, 0, "COMPLETED"),
    ]
    # What never came, and what a guest paid in on a balance, is nobody's sale.
    no_sales = [("p4", "bill-4", "s1", 9999, 0, "FAILED"), ("p5", None, "s1", 3000, 0, "COMPLETED")]
    for pid, bill, shift, amount, tip, status in [*payments, *no_sales]:
        await sql.execute(
            """
            INSERT INTO payments (venue_id, payment_pid, method, currency, amount_minor, tip_minor,
                rounding_minor, till, status, shift_pid, refunded_minor, refunded_tip_minor, initiated_ms,
                session_pid, version)
            VALUES ($1, $2, 'CARD', 'EUR', $3, $4, 0, 'main', $5, $6, $7, 0, $8, $9, 1)
            """,
            venue.venue_id,
            pid,
            amount,
            tip,
            status,
            shift,
            amount if status == "REFUNDED" else 0,
            _ms(NOON),
            bill,
        )
    _, report = await _report(http, cloud.url, key, "first=2026-03-30&last=2026-03-30")
    rows = [
        (row["person"], row["payments"], row["amount_minor"], row["tip_minor"], row["refunded_minor"])
        for row in report["by_staff"]
    ]
    assert rows == [("ana", 2, 1500, 50, 500), (None, 1, 70, 0, 0)]


async def test_an_outage_is_noted_when_the_box_is_heard_again(
    cloud: Serving,
    key: Key,
    box: FakeBox,
    venue: NewVenue,
    sold: object,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
) -> None:
    hear = "UPDATE nodes SET heard_at = $1"
    await sql.execute("DELETE FROM link_outages")
    await sql.execute("ALTER TABLE nodes DISABLE TRIGGER nodes_outage")
    await sql.execute(hear, NOON - timedelta(minutes=10))
    await sql.execute("ALTER TABLE nodes ENABLE TRIGGER nodes_outage")
    await sql.execute(hear, NOON + timedelta(minutes=50))
    await sql.execute(hear, NOON + timedelta(minutes=50, seconds=14))
    _, report = await _report(http, cloud.url, key, "first=2026-03-30&last=2026-03-30")
    closed = [each for each in report["outages"] if each["ended_at"]]
    assert [(each["seconds"], each["orders"]) for each in closed] == [(3600, 4)]
    assert closed[0]["total_minor"] > 0
    lasting = [each for each in report["outages"] if each["ended_at"] is None]
    assert [each["venue"] for each in lasting] == [venue.name], "the box has not been heard since"


@pytest.mark.parametrize(
    "query",
    [
        "first=x&last=today",
        "first=2026-03-02&last=2026-03-01",
        "first=2020-01-01&last=2026-01-01",
        "first=0001-01-01&last=0001-01-02",
    ],
)
async def test_days_that_make_no_report(
    cloud: Serving, key: Key, http: aiohttp.ClientSession, query: str
) -> None:
    status, answer = await _report(http, cloud.url, key, query)
    assert (status, answer["error"]["code"]) == (400, "invalid")


async def test_a_report_and_devices_show_nothing_of_others(
    cloud: Serving, key: Key, venue: NewVenue, sold: object, http: aiohttp.ClientSession
) -> None:
    pier = await found(cloud, "pier")
    stranger = await enter(cloud, pier, "owner")
    span = "first=2026-03-30&last=2026-04-02"
    status, answer = await _report(http, cloud.url, stranger, f"{span}&venue={venue.venue_id}")
    assert (status, answer["error"]["code"]) == (404, "unknown_venue")
    _, report = await _report(http, cloud.url, stranger, span)
    assert (report["by_day"], report["outages"]) == ([], [])
    async with http.get(f"{cloud.url}/api/devices", headers=stranger.headers) as response:
        boxes = (await response.json())["boxes"]
    assert [box["venue_id"] for box in boxes] == [pier.ids["venue_id"]]


async def test_devices_as_their_box_told_last(
    cloud: Serving,
    key: Key,
    box: FakeBox,
    venue: NewVenue,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
) -> None:
    await sql.execute(
        """
        INSERT INTO devices VALUES
            ($1, 'aa', 'plug', 'shelly', 'Plus Plug S', '1.4', 'aa', 'Plug 1', 'ps5-1', '', 'adopted', 0, 1)
        """,
        venue.venue_id,
    )
    await sql.execute(
        "INSERT INTO printouts VALUES ($1, 'j', 'ticket', 'asked', NULL, 0, $2, $2, 1)",
        venue.venue_id,
        _ms(datetime.now(UTC)),
    )
    async with http.get(f"{cloud.url}/api/devices", headers=key.headers) as response:
        row = (await response.json())["boxes"][0]
    assert (row["venue"], row["up"], row["config_current"], row["menu_current"]) == (
        venue.name,
        False,
        False,
        True,
    )
    assert [(device["name"], device["state"]) for device in row["devices"]] == [("Plug 1", "adopted")]
    assert row["waiting"] == {"venue_id": venue.venue_id, "slips": 1, "slips_lost": 0, "tickets": 0}
    async with box.online(http, cloud.url):
        async with http.get(f"{cloud.url}/api/devices", headers=key.headers) as response:
            row = (await response.json())["boxes"][0]
        assert (row["up"], row["behind"]) == (True, 0)
