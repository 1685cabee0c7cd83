"""A booking that moves: whose slot it may take, what stays with it, until when cancelling is free."""

import pytest

from edge.core.bookings.commands import LapseBooking
from edge.core.bookings.waiting import Waiting
from edge.core.money.commands import AdvancePayment
from protocol.facts.booking import BookingMoved
from tests.sample_venue import PC1, PC2, PS5
from tests.unit.edge.core.bookings.diary import (
    ANN,
    HOUR_MS,
    OPENS_MS,
    Diary,
    book,
    cancel,
    check_in,
    miss,
    move,
    walk_in,
)


@pytest.fixture
def venue() -> Diary:
    """Anna comes at nine, for two hours, and has left five euros."""
    made = Diary()
    made.do(book())
    return made


def hours(venue: Diary, booking: str = "b1") -> tuple[float, float]:
    """From when until when it is, in hours after six."""
    first = venue.noted(booking).made
    return (first.starts_ms - OPENS_MS) / HOUR_MS, (first.ends_ms - OPENS_MS) / HOUR_MS


def test_guest_length_and_deposit_move_along_in_one_fact(venue: Diary) -> None:
    before = venue.noted()
    (event,) = venue.do(move(300, PC2))
    assert isinstance(event, BookingMoved)
    after = venue.noted()
    assert (after.station_id, hours(venue)) == (PC2, (5, 7))
    assert (after.made.name, after.deposit_pid, venue.stands()) == (
        "Anna",
        before.deposit_pid,
        ("CONFIRMED", "paid"),
    )
    assert venue.deposits() == {"taken": 500}
    assert (venue.bookings_at(PC1), venue.bookings_at(PC2)) == ((), ("b1",))
    venue.do(book(booking="b2", name="Ben", method=None))  # what it left is free at once
    venue.at(300).do(check_in())
    assert venue.play("play-1").station_id == PC2  # type: ignore[union-attr]
    assert venue.deposits() == {"taken": 500, "used": 500}


def test_where_it_is_already_it_is_moved_all_the_same_so_that_this_is_remembered(venue: Diary) -> None:
    before = venue.noted()
    venue.at(200).do(walk_in(PC1, despite_booking=True))  # who plays is in nobody's way who does not move
    for here in (move(), move(180, PC1)):
        (event,) = venue.do(here)
        assert isinstance(event, BookingMoved)
    after = venue.noted()
    assert (after.made, after.stands, venue.deposits()["taken"]) == (before.made, before.stands, 500)


def test_its_own_slot_is_not_in_its_way(venue: Diary) -> None:
    venue.do(move(210))
    assert hours(venue) == (3.5, 5.5)


def test_who_has_the_slot_is_named(venue: Diary) -> None:
    venue.do(book(300, booking="b2", name="Ben"))
    refusal = venue.refusal(move(240))
    assert (refusal.code, refusal.detail["name"]) == ("slot_taken", "Ben")  # type: ignore[index]
    venue.do(walk_in(PC2, minutes=240))
    assert venue.code(move(station=PC2)) == "slot_taken"
    assert (hours(venue), venue.noted().station_id) == ((3, 5), PC1)


def test_what_nobody_could_book_is_refused(venue: Diary) -> None:
    venue.at(60)
    assert venue.code(move(30)) == "booking_past"
    assert venue.code(move(62 * 24 * 60)) == "booking_too_far"
    assert venue.code(move(station="pc-9")) == "unknown_station"
    assert venue.code(move(booking="b9")) == "unknown_booking"


def test_another_seat_for_a_guest_who_is_late(venue: Diary) -> None:
    venue.at(190).do(move(station=PC2))
    assert (venue.noted().station_id, hours(venue)) == (PC2, (3, 5))


def test_who_plays_or_is_gone_is_not_moved(venue: Diary) -> None:
    venue.at(180).do(check_in())
    refusal = venue.refusal(move(300))
    assert (refusal.code, refusal.detail) == ("booking_over", {"status": "CHECKED_IN"})
    assert "move the session" in refusal.message
    venue.do(book(400, booking="b2"))
    venue.do(cancel("b2"))
    assert venue.code(move(500, booking="b2")) == "booking_over"


# ── until when it may be cancelled free ──────────────────────────────────────────────────────────
@pytest.mark.parametrize(("cancelled", "deposit"), [(59, "returned"), (61, "forfeited")])
def test_cancelling_is_judged_by_the_hour_that_was_agreed_on_first(
    venue: Diary, cancelled: int, deposit: str
) -> None:
    """Free until seven for nine o'clock; next week's hour does not bring that back."""
    venue.do(move(7 * 24 * 60))
    venue.at(cancelled).do(cancel())
    assert venue.stands() == ("CANCELLED", deposit)


def test_moving_when_it_is_too_late_does_not_make_it_free(venue: Diary) -> None:
    venue.at(90).do(move(7 * 24 * 60))
    venue.do(move(8 * 24 * 60))
    venue.do(cancel())
    assert venue.stands() == ("CANCELLED", "forfeited")


def test_it_is_never_free_once_the_guest_is_waited_for(venue: Diary) -> None:
    venue.do(move(30))
    assert venue.noted().made.free_until_ms == venue.noted().made.starts_ms
    venue.at(31).do(cancel())
    assert venue.stands() == ("CANCELLED", "forfeited")


# ── timers ───────────────────────────────────────────────────────────────────────────────────────
def test_nobody_is_missed_at_an_hour_that_was_moved(venue: Diary) -> None:
    waiting = Waiting()
    venue.at(185)
    waiting.look([venue.noted()], venue.now)
    venue.do(move(240))
    venue.at(200)
    assert waiting.look([venue.noted()], venue.now).missed == ()
    assert venue.code(miss()) == "booking_not_missed"
    venue.at(240)
    assert waiting.look([venue.noted()], venue.now).missed == ()
    venue.at(255)
    assert waiting.look([venue.noted()], venue.now).missed == (venue.noted(),)
    venue.do(miss())
    assert venue.stands() == ("NO_SHOW", "forfeited")


def test_one_that_is_held_is_held_no_longer_for_it() -> None:
    venue = Diary()
    venue.do(book(method=None))
    venue.at(50).do(move(400))
    venue.at(60).do(LapseBooking("b1"))
    assert venue.stands() == ("CANCELLED", "due")


def test_a_card_that_is_under_way_pays_for_it_all_the_same() -> None:
    venue = Diary()
    venue.do(book(method="CARD"))
    venue.do(move(300, PS5))
    venue.do(AdvancePayment("b1:paid", "COMPLETED", ANN, "m1"))
    assert (venue.stands(), hours(venue)) == (("CONFIRMED", "paid"), (5, 7))
    assert venue.deposits() == {"taken": 500}


def test_a_card_that_never_comes_opens_it_where_it_was_moved(venue: Diary) -> None:
    venue.do(move(240, PC2))
    venue.at(180).do(check_in(method="CARD", station_id=PC1))
    venue.do(AdvancePayment("play-1:first", "FAILED", ANN, "m1"))
    assert (venue.stands(), venue.noted().station_id) == (("CONFIRMED", "paid"), PC2)
