"""Bookings in SQL: the guards allow what the tables in protocol/facts allow, and no slot twice."""

import sqlite3

import pytest

from edge.journal.tables import RowBatch, upsert
from protocol.facts.booking import DEPOSITS, STANDING, TRANSITIONS, Booking, BookingMade, rows
from protocol.facts.fold import SHAPES
from protocol.facts.play_clock import Instant
from tests.integration.journal.test_schema import allowed


def booked(
    connection: sqlite3.Connection,
    status: str = "CONFIRMED",
    name: str = "b1",
    starts_ms: int = 1000,
    station: str = "pc-1",
    deposit: str = "paid",
) -> None:
    """A booking of a thousand milliseconds, written as the writer writes it."""
    session = "play-1" if status == "CHECKED_IN" else None
    settled_ms = None if status in STANDING else 5
    amount_minor = 500 if deposit else 0
    row = (name, station, status, "", "Anna", "", "", 1, starts_ms, starts_ms + 1000, "EUR", amount_minor)
    rest = (deposit, None, "", 500, None, session, "", 1, "staff:ann", settled_ms, 1)
    connection.execute(upsert(SHAPES["bookings"]), (*row, *rest))


def goes(connection: sqlite3.Connection, *given: str, **more: object) -> bool:
    try:
        booked(connection, *given, **more)  # type: ignore[arg-type]
    except sqlite3.IntegrityError:
        return False
    return True


@pytest.mark.parametrize("before", TRANSITIONS)
@pytest.mark.parametrize("after", TRANSITIONS)
def test_bookings_are_guarded(fresh: sqlite3.Connection, before: str, after: str) -> None:
    booked(fresh, before)
    assert goes(fresh, after) == allowed(TRANSITIONS, before, after)


@pytest.mark.parametrize("before", [each for each in DEPOSITS if each])
@pytest.mark.parametrize("after", [each for each in DEPOSITS if each])
def test_deposits_are_guarded(fresh: sqlite3.Connection, before: str, after: str) -> None:
    booked(fresh, deposit=before)
    assert goes(fresh, deposit=after) == (before == after or after in DEPOSITS[before])


def test_a_slot_is_booked_once(fresh: sqlite3.Connection) -> None:
    booked(fresh)
    assert not goes(fresh, name="b2", starts_ms=1500)
    assert not goes(fresh, name="b2", starts_ms=1)
    assert goes(fresh, name="b3", starts_ms=2000)
    assert goes(fresh, name="b4", starts_ms=0)
    assert goes(fresh, name="b5", station="pc-2")
    booked(fresh, "CANCELLED")
    assert goes(fresh, name="b6")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bookings SET ends_ms = starts_ms",
        "UPDATE bookings SET deposit_minor = -1",
        "UPDATE bookings SET deposit_minor = 0",
        "UPDATE bookings SET session_id = 'play-1'",
        "UPDATE bookings SET settled_ms = 5",
        "UPDATE bookings SET party = 0",
    ],
)
def test_what_makes_no_sense(fresh: sqlite3.Connection, statement: str) -> None:
    booked(fresh)
    with pytest.raises(sqlite3.IntegrityError):
        fresh.execute(statement)


def test_a_booking_moves_to_what_is_free_only(fresh: sqlite3.Connection) -> None:
    booked(fresh)
    booked(fresh, name="b2", starts_ms=2000)
    assert not goes(fresh, starts_ms=1500)
    assert not goes(fresh, starts_ms=2500)
    assert goes(fresh, starts_ms=1500, station="pc-2")
    assert goes(fresh, name="b2", starts_ms=1000)


def test_in_one_batch_a_slot_is_given_up_before_another_takes_it(fresh: sqlite3.Connection) -> None:
    """Also by what was made in it: only the newest row of a slot stands for the ones before."""

    def standing(name: str, starts_ms: int, status: str = "CONFIRMED") -> Booking:
        agreed = BookingMade(name, "pc-1", name, starts_ms, starts_ms + 1000, "EUR", 0, 900, 3600)
        settled_ms = 5 if status == "CANCELLED" else None
        at = Instant("boot", 1, 1, True)
        return Booking(1, agreed, status, "", at, station_id="pc-1", settled_ms=settled_ms)

    batch, fact = RowBatch(), object()
    for booking in (
        standing("b1", 1000),
        standing("b2", 2000),
        standing("b2", 2000, "CANCELLED"),
        standing("b1", 2000),
        standing("b3", 1000),
    ):
        batch.add(rows(booking, fact))  # type: ignore[arg-type]
    batch.write(fresh)
    left = fresh.execute("SELECT booking_id, starts_ms, status FROM bookings ORDER BY booking_id").fetchall()
    assert left == [("b1", 2000, "CONFIRMED"), ("b2", 2000, "CANCELLED"), ("b3", 1000, "CONFIRMED")]


def test_a_batch_shows_every_step_of_a_deposit(fresh: sqlite3.Connection) -> None:
    """One that came too late and went back at once, in one group commit or one piece of a snapshot."""
    agreed, at = (
        BookingMade("b1", "pc-1", "Anna", 1000, 2000, "EUR", 0, 900, 3600, 500),
        Instant("b", 1, 1, True),
    )
    steps = [("HELD", "due", None), *(("CANCELLED", each, 5) for each in ("due", "owed", "returned"))]
    batch, fact = RowBatch(), object()
    for status, deposit, settled_ms in steps:
        booking = Booking(1, agreed, status, deposit, at, station_id="pc-1", settled_ms=settled_ms)
        batch.add(rows(booking, fact))  # type: ignore[arg-type]
    batch.write(fresh)
    assert fresh.execute("SELECT deposit FROM bookings").fetchall() == [("returned",)]
