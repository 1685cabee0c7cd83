"""Days that begin when a venue says: reports, sums, exports and the page of today count by the same ones."""

from datetime import UTC, datetime, time

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving
from cloud.owners.venues.founding import NewVenue
from cloud.store.reading import dashboard, roll_ups, summing
from tests.fake_box import FakeBox
from tests.integration.cloud.organisation import Key, Organisation, enter
from tests.venue_day import VenueDay

#: Night from a Monday to a Tuesday, in a bar.
EVENING, NIGHT, MORNING = (
    datetime(2026, 3, 30, 22, tzinfo=UTC),
    datetime(2026, 3, 31, 3, 30, tzinfo=UTC),
    datetime(2026, 3, 31, 4, tzinfo=UTC),
)
MONDAY, TUESDAY = "2026-03-30", "2026-03-31"


@pytest.fixture
async def key(cloud: Serving, venue: NewVenue) -> Key:
    """Of the owner of the sample venue, whose clock is that of UTC."""
    row = await cloud.pool.fetchrow("SELECT user_id, organisation_id FROM users")
    await cloud.pool.execute("UPDATE venues SET timezone = 'UTC'")
    organisation = Organisation(str(row["organisation_id"]), {"owner": str(row["user_id"])}, {})
    return await enter(cloud, organisation, "owner")


async def _sell(box: FakeBox, cloud: Serving, http: aiohttp.ClientSession, *moments: datetime) -> None:
    """One order at each moment."""
    for moment in moments:
        box.day.wall_ms = int(moment.timestamp() * 1000)
        box.day.serve(1)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()


async def _begin(http: aiohttp.ClientSession, url: str, venue_id: str, key: Key, at: str) -> int:
    headers = {**key.headers, "X-CSRF-Token": key.csrf}
    path = f"{url}/api/venues/{venue_id}/day"
    async with http.put(path, headers=headers, json={"begins": at}) as response:
        return response.status


async def _by_day(http: aiohttp.ClientSession, url: str, key: Key) -> dict[str, int]:
    query = f"first={MONDAY}&last={TUESDAY}"
    async with http.get(f"{url}/api/report?{query}", headers=key.headers) as response:
        return {row["bucket"]: row["orders"] for row in (await response.json())["by_day"]}


async def test_what_is_sold_at_night_belongs_to_the_evening_before_afterwards_too(
    cloud: Serving,
    venue: NewVenue,
    box: FakeBox,
    key: Key,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
) -> None:
    box.day = VenueDay(box.log_id, venue.restaurant_id, wall_ms=int(EVENING.timestamp() * 1000))
    await _sell(box, cloud, http, EVENING, NIGHT, MORNING)
    assert await _by_day(http, cloud.url, key) == {MONDAY: 1, TUESDAY: 2}
    assert await _begin(http, cloud.url, venue.venue_id, key, "04:00") == 200
    # What was sold before is counted anew, what comes now is counted by the new hour.
    assert await _by_day(http, cloud.url, key) == {MONDAY: 2, TUESDAY: 1}
    await _sell(box, cloud, http, NIGHT, MORNING)
    assert await _by_day(http, cloud.url, key) == {MONDAY: 3, TUESDAY: 2}
    assert await roll_ups.differences(sql, venue.venue_id) == []
    organisation_id = str(await sql.fetchval("SELECT organisation_id FROM venues"))
    for day, orders in ((EVENING.date(), 3), (MORNING.date(), 2)):
        listed = await dashboard.orders_of_day(sql, organisation_id, venue.venue_id, day)
        told = await summing.of_day(sql, venue.venue_id, day)
        assert (len(listed), told.orders) == (orders, orders), day
    async with http.get(f"{cloud.url}/api/venues/{venue.venue_id}/day", headers=key.headers) as response:
        assert await response.json() == {"begins": "04:00"}
    change = await sql.fetchrow("SELECT before, after FROM audit WHERE action = 'business day changed'")
    assert list(change) == ['{"begins": "00:00"}', '{"begins": "04:00"}']


@pytest.mark.parametrize(
    "at", ["", "4", "24:00", "12:01", "13:00", "-1:00", "04:60", "04:00:30", "\u0664:00"]
)
async def test_an_hour_that_cannot_be_meant_changes_nothing(
    cloud: Serving, venue: NewVenue, key: Key, http: aiohttp.ClientSession, sql: asyncpg.Connection, at: str
) -> None:
    assert await _begin(http, cloud.url, venue.venue_id, key, at) == 400
    assert await sql.fetchval("SELECT day_begins FROM venues") == time(0)


async def test_today_is_the_business_day(cloud: Serving, venue: NewVenue, sql: asyncpg.Connection) -> None:
    """At whatever hour this runs: an order of a moment ago is of today, one of a day and more ago is not."""
    organisation_id = str(await sql.fetchval("SELECT organisation_id FROM venues"))
    for number, hours in ((1, 0), (2, 24)):
        await sql.execute(
            """
            INSERT INTO orders (venue_id, order_id, number, session_pid, table_name, member, cart_hash,
                total_minor, currency, special_instructions, status, attempts, placed_ms, version)
            VALUES ($1, 'ORD-1-' || $2::int, $2, 's', 'T1', 'm', 'h', 500, 'EUR', '', 'confirmed', 1,
                (extract(epoch FROM now()) * 1000)::bigint - $3::bigint * 3600000, 1)
            """,
            venue.venue_id,
            number,
            hours,
        )
    for begins in (time(0), time(4), time(12)):
        await sql.execute("UPDATE venues SET day_begins = $1", begins)
        (row,) = await dashboard.venues(sql, organisation_id)
        assert (row.orders_today, row.revenue_today_minor) == (1, 500), begins
        listed = await dashboard.orders_of_day(sql, organisation_id, venue.venue_id, None)
        assert [order.order_id for order in listed] == ["ORD-1-1"], begins
