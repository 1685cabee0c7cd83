"""Bookings with a cloud behind them: what is booked in an outage arrives, once, and the books agree."""

from typing import Any

from protocol.play import rfc3339
from tests.integration.afar.linked import Linked, eventually

RULES = {
    "deposit_minor": 300,
    "free_cancel_hours": 2,
    "grace_minutes": 15,
    "hold_minutes": 60,
    "ahead_days": 60,
    "most_minutes": 720,
}


async def asks_for_deposits(stand: Linked) -> str:
    """The owner asks for three euros, and the box has heard it; the id of a station."""
    await stand.owner("PUT", "booking_rules", RULES)

    async def heard() -> bool:
        return bool(stand.state("venue:venue").config.play.bookings.deposit_minor == 300)

    await eventually(heard)
    assert (await stand.owner("GET", "booking_rules"))["free_cancel_hours"] == 2
    return str(stand.state("venue:venue").config.play.stations[0].id)


async def book(stand: Linked, station: str, ahead: int, name: str, **given: Any) -> dict[str, Any]:
    starts_at = rfc3339(stand.box.app.clock().wall_ms + ahead * 60_000)
    asked = {"mid": f"booking-{name}", "name": name, "station_id": station, "minutes": 60}
    found = await stand.staff(
        "POST", "bookings", {"starts_at": starts_at, "deposit_method": "CASH", **asked, **given}
    )
    return dict(found)


async def ledger(stand: Linked) -> dict[str, int]:
    """What the venue's accounts come to; drawer and revenue, and deposits that wait."""
    rows = await stand.cloud.pool.fetch(
        "SELECT split_part(account, ':', 1) AS name, sum(amount_minor)::bigint AS minor "
        "FROM ledger GROUP BY 1"
    )
    return {row["name"]: row["minor"] for row in rows if row["minor"]}


async def test_deposits_of_an_outage_are_the_guests_until_they_are_used(stand: Linked) -> None:
    station = await asks_for_deposits(stand)
    await stand.offline()
    waits = await book(stand, station, 300, "Anna")
    played = await book(stand, station, 30, "Ben")
    late = await book(stand, station, 100, "Cleo")
    session = await stand.staff("POST", f"bookings/{played['id']}/check_in", {"mid": "check-in-of-ben"})
    await stand.staff("POST", f"bookings/{late['id']}/cancel", {"mid": "cancel-of-cleo"})
    await stand.restart()
    await stand.enter()
    again = await stand.staff("POST", f"bookings/{played['id']}/check_in", {"mid": "check-in-of-ben"})
    assert again["id"] == session["id"]
    await stand.agree()
    rows = await stand.cloud.pool.fetch("SELECT name, status, deposit FROM bookings ORDER BY name")
    assert [tuple(row) for row in rows] == [
        ("Anna", "CONFIRMED", "paid"),
        ("Ben", "CHECKED_IN", "used"),
        ("Cleo", "CANCELLED", "forfeited"),
    ]
    price_minor = session["amount_minor"]
    sold = {"drawer": -(price_minor + 600), "revenue": price_minor + 300, "deposits": 300}
    assert await ledger(stand) == sold
    await stand.staff("POST", f"bookings/{waits['id']}/cancel", {"mid": "cancel-of-anna"})
    await stand.agree()
    sold = {"drawer": -(price_minor + 300), "revenue": price_minor + 300}
    assert await ledger(stand) == sold


async def test_a_deposit_that_came_too_late_is_on_the_owners_list_until_it_is_back(stand: Linked) -> None:
    station = await asks_for_deposits(stand)
    made = await book(stand, station, 300, "Dora", deposit_method="CARD")
    await stand.staff("POST", f"bookings/{made['id']}/cancel", {"mid": "cancel-of-dora"})
    await stand.staff("POST", f"payments/{made['payment_id']}/progress", {"state": "COMPLETED"})
    assert (await stand.staff("GET", f"bookings/{made['id']}"))["deposit"] == "owed"
    await stand.agree()
    (item,) = (await stand.owner("GET", "reconciliation"))["items"]
    assert (item["key"], item["kind"]) == (f"deposit:{made['id']}", "refund")
    assert (item["about"], item["amount_minor"], item["currency"]) == (station, 300, made["currency"])
    assert "Dora" in item["detail"]
    assert made["payment_id"] in item["detail"]
