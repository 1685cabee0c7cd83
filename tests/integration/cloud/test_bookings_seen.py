"""Bookings on the dashboard: days are the venue's own, and nobody sees another venue's guests."""

from datetime import UTC, date, datetime
from typing import Any

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving
from tests.integration.cloud.organisation import Organisation, annex, bind, enter, found


@pytest.fixture
async def harbour(cloud: Serving, sql: asyncpg.Connection) -> Organisation:
    """A venue in Berlin."""
    made = await found(cloud, "harbour")
    await sql.execute("UPDATE venues SET timezone = 'Europe/Berlin'")
    return made


def ms(text: str) -> int:
    """An instant of UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


async def booked(
    sql: asyncpg.Connection, venue_id: str, name: str, starts: str, hours: int = 2, **given: Any
) -> None:
    """A row as a box leaves it, and its deposit's payment."""
    row = {
        "venue_id": venue_id,
        "booking_id": f"of-{name}",
        "station_id": "ps5-1",
        "status": "CONFIRMED",
        "zone": "",
        "name": name,
        "phone": "+49 151 5550199",
        "note": "",
        "party": 2,
        "starts_ms": ms(starts),
        "ends_ms": ms(starts) + hours * 3_600_000,
        "currency": "EUR",
        "deposit_minor": 500,
        "deposit": "paid",
        "deposit_pid": f"money-of-{name}",
        "deposit_method": "CASH",
        "free_until_ms": 0,
        "reason": "",
        "made_ms": 0,
        "version": 1,
        **given,
    }
    refunded_minor = row.pop("refunded_minor", 0)
    holes = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await sql.execute(f"INSERT INTO bookings ({', '.join(row)}) VALUES ({holes})", *row.values())
    await sql.execute(
        """
        INSERT INTO payments (venue_id, payment_pid, method, currency, amount_minor, tip_minor,
            rounding_minor, till, status, shift_pid, refunded_minor, refunded_tip_minor, initiated_ms,
            version)
        VALUES ($1, $2, 'CASH', 'EUR', 500, 0, 0, 'main', 'COMPLETED', 'm', $3, 0, 0, 1)
        """,
        venue_id,
        row["deposit_pid"],
        refunded_minor,
    )


class Owner:
    """Somebody of the organisation who looks at a venue."""

    def __init__(
        self, http: aiohttp.ClientSession, cloud: Serving, organisation: Organisation, role: str
    ) -> None:
        self._http, self._cloud, self._of, self._role = http, cloud, organisation, role

    async def __call__(self, query: str = "", venue: str = "") -> tuple[int, Any]:
        key = await enter(self._cloud, self._of, self._role)
        path = f"/api/venues/{venue or self._of.ids['venue_id']}/bookings{query}"
        async with self._http.get(self._cloud.url + path, headers=key.headers) as answer:
            return answer.status, await answer.json()


async def test_a_day_goes_from_midnight_to_midnight_at_the_venue(
    cloud: Serving, harbour: Organisation, sql: asyncpg.Connection, http: aiohttp.ClientSession
) -> None:
    """The 25th of October has 25 hours there: from 22:00 in London to 23:00 on the day after."""
    here = harbour.ids["venue_id"]
    for name, starts, hours in (
        ("Day before", "2026-10-24T20:00", 2),
        ("Over midnight", "2026-10-24T20:30", 2),
        ("First", "2026-10-24T22:00", 1),
        ("Hour that comes twice", "2026-10-25T01:15", 1),
        ("Last", "2026-10-25T22:30", 2),
        ("Day after", "2026-10-25T23:00", 1),
    ):
        await booked(sql, here, name, starts, hours)
    _, day = await Owner(http, cloud, harbour, "owner")("?date=2026-10-25")
    assert [(each["name"], each["at"], each["until"]) for each in day["bookings"]] == [
        ("Over midnight", "22:30", "00:30"),
        ("First", "00:00", "01:00"),
        ("Hour that comes twice", "02:15", "03:15"),
        ("Last", "23:30", "01:30"),
    ]
    assert (day["date"], day["timezone"], day["held_minor"]) == ("2026-10-25", "Europe/Berlin", 6 * 500)
    assert not any("phone" in each for each in day["bookings"])


async def test_what_became_of_a_deposit_is_told(
    cloud: Serving, harbour: Organisation, sql: asyncpg.Connection, http: aiohttp.ClientSession
) -> None:
    here = harbour.ids["venue_id"]
    await booked(sql, here, "Anna", "2026-11-21T18:00", refunded_minor=200)
    over: dict[str, Any] = {"status": "CANCELLED", "settled_ms": 1}
    await booked(sql, here, "Ben", "2026-11-21T18:30", **over, deposit="returned", refunded_minor=500)
    await booked(sql, here, "Cleo", "2026-11-21T19:00", **over, deposit="owed")
    await booked(sql, here, "Dora", "2026-11-21T19:30", status="NO_SHOW", settled_ms=1, deposit="forfeited")
    _, day = await Owner(http, cloud, harbour, "accountant")("?date=2026-11-21")
    assert [
        (each["status"], each["deposit"], each["deposit_left_minor"], each["returned_minor"])
        for each in day["bookings"]
    ] == [
        ("CONFIRMED", "paid", 300, 200),
        ("CANCELLED", "returned", 0, 500),
        ("CANCELLED", "owed", 500, 0),
        ("NO_SHOW", "forfeited", 0, 0),
    ]
    assert day["held_minor"] == 800


async def test_a_day_is_today_unless_it_is_named(
    cloud: Serving, harbour: Organisation, http: aiohttp.ClientSession
) -> None:
    owner = Owner(http, cloud, harbour, "owner")
    _, day = await owner()
    assert abs(date.fromisoformat(day["date"]) - datetime.now(UTC).date()).days <= 1
    assert (day["bookings"], day["held_minor"]) == ([], 0)
    for text in ("tomorrow", "2026-02-30", "0001-01-01", "9999-12-31", "2026-11-21T18:00"):
        status, why = await owner(f"?date={text}")
        assert (status, why["error"]["code"]) == (409, "no_such_time"), text


async def test_guests_of_a_venue_are_for_those_who_keep_its_books(
    cloud: Serving, harbour: Organisation, sql: asyncpg.Connection, http: aiohttp.ClientSession
) -> None:
    second = await annex(cloud, harbour, "harbour")
    own, other = harbour.ids["venue_id"], second.ids["venue_id"]
    await booked(sql, own, "Anna", "2026-11-21T18:00")
    await booked(sql, other, "Ben", "2026-11-21T18:00")
    await bind(cloud, harbour, "manager", own)
    manager = Owner(http, cloud, harbour, "manager")
    _, day = await manager("?date=2026-11-21")
    assert ([each["name"] for each in day["bookings"]], day["held_minor"]) == (["Anna"], 500)
    assert (await manager("?date=2026-11-21", other))[0] == 404
    assert (await Owner(http, cloud, harbour, "support")("?date=2026-11-21"))[0] == 403
    pier = await found(cloud, "pier")
    assert (await Owner(http, cloud, pier, "owner")("?date=2026-11-21", own))[0] == 404
