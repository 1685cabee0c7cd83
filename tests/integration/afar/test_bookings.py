"""Bookings with a cloud behind them: what is booked in an outage arrives, once, and the books agree."""

from typing import Any

from edge.core.local_time import local
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


async def tomorrow(stand: Linked) -> tuple[str, int]:
    """The venue's next day, and in how many minutes it is noon there: far from midnight at any hour."""
    day = (await stand.staff("GET", "bookings"))["after"]
    told = await stand.staff("GET", f"bookings?date={day}")
    return day, (told["hours"][12]["at_ms"] - told["now_ms"]) // 60_000


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
    assert (item["key"], item["kind"]) == (f"deposit:{made['payment_id']}", "refund")
    assert (item["about"], item["amount_minor"], item["currency"]) == (station, 300, made["currency"])
    assert "Dora" in item["detail"]
    shown = await of_the_day(stand, made)
    assert (shown["name"], shown["status"], shown["deposit"]) == ("Dora", "CANCELLED", "owed")
    assert (shown["deposit_left_minor"], shown["returned_minor"]) == (300, 0)

    # The owner says so, and whoever stands at the terminal does it.
    ask = {
        "kind": "return_payment",
        "payment_pid": made["payment_id"],
        "reason": "The booking could no longer be kept",
    }
    done = await stand.outcome(await stand.ask(ask))
    assert done["message"] == "The staff has it on its list, to give it back."
    (task,) = (await stand.owner("GET", "reconciliation"))["items"]
    (request,) = (await stand.staff("GET", "approvals"))["refunds"]
    assert task["key"] == f"task:{request['request_id']}"
    await stand.staff("POST", f"refund_requests/{request['request_id']}", {"granted": True})
    await stand.agree()
    assert (await stand.owner("GET", "reconciliation"))["items"] == []
    shown = await of_the_day(stand, made)
    assert (shown["deposit"], shown["deposit_left_minor"], shown["returned_minor"]) == ("returned", 0, 300)


async def of_the_day(stand: Linked, made: dict[str, Any]) -> dict[str, Any]:
    """A booking as the owner's page has it."""
    rules = stand.state("venue:venue").config
    day = local(made["starts_ms"], rules.timezone).date().isoformat()
    told = await stand.owner("GET", f"bookings?date={day}")
    found: dict[str, Any] = next(each for each in told["bookings"] if each["booking_id"] == made["id"])
    name = next(each.name for each in rules.play.stations if each.id == made["station_id"])
    assert (told["date"], found["station"]) == (day, name)
    assert found["at"] == f"{local(made['starts_ms'], rules.timezone):%H:%M}"
    return found


async def test_an_owner_sees_a_day_as_it_is_at_the_counter(stand: Linked) -> None:
    station = await asks_for_deposits(stand)
    waits = await book(stand, station, 300, "Anna")
    kept = await book(stand, station, 100, "Cleo")
    await stand.staff("POST", f"bookings/{kept['id']}/cancel", {"mid": "cancel-of-cleo"})
    starts_at = rfc3339(waits["starts_ms"] + 2 * 3_600_000)
    await stand.staff("POST", f"bookings/{waits['id']}/move", {"mid": "move-of-anna", "starts_at": starts_at})
    await stand.agree()
    moved = await of_the_day(stand, await stand.staff("GET", f"bookings/{waits['id']}"))
    assert moved["starts_ms"] == waits["starts_ms"] + 2 * 3_600_000
    assert (moved["status"], moved["deposit"], moved["deposit_method"]) == ("CONFIRMED", "paid", "CASH")
    assert (await of_the_day(stand, kept))["deposit"] == "forfeited"
    assert (await stand.owner("GET", "bookings"))["held_minor"] == 300
