"""When a guest is missed and a booking lapses: the wall says from when, the boot's clock for how long."""

import pytest

from edge.core.bookings.waiting import Due, Waiting
from tests.unit.edge.core.bookings.diary import Diary, book


@pytest.fixture
def venue() -> Diary:
    """Anna comes at nine, and has paid."""
    made = Diary()
    made.do(book())
    return made


def look(venue: Diary, waiting: Waiting) -> Due:
    return waiting.look([venue.noted()], venue.now)


def test_a_guest_is_waited_for_from_the_hour_on_for_the_whole_grace(venue: Diary) -> None:
    waiting = Waiting()
    due = look(venue, waiting)
    assert (due.missed, due.again_s) == ((), 165 * 60)
    venue.at(165)
    due = look(venue, waiting)
    assert (due.soon, due.missed, due.again_s) == ((venue.noted(),), (), 15 * 60)
    venue.at(180)
    assert look(venue, waiting).again_s == 15 * 60
    venue.at(194.9)
    assert look(venue, waiting).missed == ()
    venue.at(195)
    assert look(venue, waiting).missed == (venue.noted(),)


def test_a_clock_that_jumps_ahead_and_back_misses_nobody(venue: Diary) -> None:
    waiting = Waiting()
    look(venue, waiting)
    venue.at(10).wall(600)
    assert look(venue, waiting).missed == ()
    venue.at(24).wall(614)
    assert look(venue, waiting).missed == ()
    venue.at(24)
    assert look(venue, waiting).missed == ()
    venue.at(30).wall(620)
    assert look(venue, waiting).missed == ()  # forgotten how long it had been


def test_after_a_night_without_power_the_whole_grace_begins_again(venue: Diary) -> None:
    waiting = Waiting()
    venue.at(700, boot="boot-2")
    assert look(venue, waiting).missed == ()
    venue.at(715, boot="boot-2")
    assert look(venue, waiting).missed == (venue.noted(),)


def test_while_nobody_knows_the_hour_nobody_is_late(venue: Diary) -> None:
    waiting = Waiting()
    for minute in (100, 200, 900):
        venue.at(minute, trusted=False)
        due = look(venue, waiting)
        assert (due.missed, due.soon) == ((), ())


def test_a_deposit_that_never_came() -> None:
    venue = Diary()
    venue.do(book(method=None))
    waiting = Waiting()
    assert look(venue, waiting).again_s == 60 * 60
    venue.at(59).wall(5000)
    assert look(venue, waiting).lapsed == ()
    venue.at(60)
    assert look(venue, waiting).lapsed == (venue.noted(),)


def test_nothing_is_booked() -> None:
    assert Waiting().look([], Diary().now) == Due((), (), (), None)
