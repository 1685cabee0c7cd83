"""Bookings in SQL: the guards allow what the tables in protocol/facts allow, and no slot twice."""

import sqlite3

import pytest

from protocol.facts.booking import DEPOSITS, STANDING, TRANSITIONS
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
    holes = ", ".join("?" * (len(row) + len(rest)))
    update = "status = excluded.status, session_id = excluded.session_id, settled_ms = excluded.settled_ms"
    connection.execute(
        f"INSERT INTO bookings VALUES ({holes}) ON CONFLICT (booking_id) DO UPDATE SET {update}, "
        "deposit = excluded.deposit",
        (*row, *rest),
    )


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
