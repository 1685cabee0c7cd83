"""Every pair of a booking's state and an event, and every pair of states of its deposit."""

from typing import Any

import pytest

from protocol.facts import booking
from protocol.facts.booking import DEPOSITS, STANDING, TRANSITIONS, Booking
from protocol.facts.fact import ImpossibleFact
from protocol.facts.fold import evolve
from protocol.facts.play_clock import Instant
from tests.unit.protocol.facts.test_transitions import fact

MADE = booking.BookingMade("b1", "pc-1", "Anna", 1000, 2000, "EUR", 500, 900, 3600, 500)
EVENTS: dict[str, Any] = {
    "DepositBegun": booking.DepositBegun("p1", "CARD"),
    "BookingConfirmed": booking.BookingConfirmed(),
    "BookingMoved": booking.BookingMoved("pc-2", 3000, 4000, 500),
    "BookingCheckedIn": booking.BookingCheckedIn("play-1", "pc-2"),
    "BookingReopened": booking.BookingReopened(),
    "BookingCancelled": booking.BookingCancelled("rang up"),
    "BookingMissed": booking.BookingMissed(),
    "DepositUsed": booking.DepositUsed(),
    "DepositOwed": booking.DepositOwed(),
    "DepositReturned": booking.DepositReturned(),
}
#: What the deposit has to be for an event that moves it.
_WANTS = {"DepositUsed": "paid", "DepositOwed": "due", "DepositReturned": "owed"}


def booking_in(status: str, deposit: str = "") -> Booking:
    return Booking(1, MADE, status, deposit, Instant("boot", 1, 1, True), station_id="pc-1")


def test_the_table_names_every_event() -> None:
    assert {name for events in TRANSITIONS.values() for name in events} == set(EVENTS)
    assert set(STANDING) < set(TRANSITIONS)


@pytest.mark.parametrize("status", TRANSITIONS)
@pytest.mark.parametrize("name", EVENTS)
def test_bookings(status: str, name: str) -> None:
    before = booking_in(status, _WANTS.get(name, ""))
    expected, told = TRANSITIONS[status].get(name), fact("booking:b1", 2, EVENTS[name])
    if expected is None:
        with pytest.raises(ImpossibleFact):
            evolve(before, told)
    else:
        after = evolve(before, told)
        assert isinstance(after, Booking)
        assert (after.status, after.version) == (expected, 2)


@pytest.mark.parametrize("deposit", DEPOSITS)
@pytest.mark.parametrize("name", ["DepositUsed", "DepositOwed", "DepositReturned"])
def test_deposits(deposit: str, name: str) -> None:
    status = next(status for status, events in TRANSITIONS.items() if name in events)
    after = {"DepositUsed": "used", "DepositOwed": "owed", "DepositReturned": "returned"}[name]
    told = fact("booking:b1", 2, EVENTS[name])
    if after == deposit or after in DEPOSITS[deposit]:
        found = evolve(booking_in(status, deposit), told)
        assert isinstance(found, Booking)
        assert found.deposit == after
    else:
        with pytest.raises(ImpossibleFact):
            evolve(booking_in(status, deposit), told)


def test_a_span_has_a_length_and_is_made_once() -> None:
    with pytest.raises(ImpossibleFact):
        evolve(booking_in("HELD"), fact("booking:b1", 2, MADE))
    with pytest.raises(ImpossibleFact):
        evolve(booking_in("HELD"), fact("booking:b1", 2, booking.BookingMoved("pc-1", 1000, 1000, 500)))
    empty = booking.BookingMade("b2", "pc-1", "Anna", 1000, 1000, "EUR", 500, 900, 3600)
    with pytest.raises(ImpossibleFact):
        evolve(None, fact("booking:b2", 1, empty))
