"""A guest is checked in while a card is under way for the rest: what may happen to slot and deposit."""

import pytest

from edge.core.afar.commands import ReturnPayment, SettleRefund
from edge.core.money.commands import AdvancePayment, RefundPayment
from tests.sample_venue import PC1, PC2
from tests.unit.edge.core.bookings.diary import ANN, MIA, Diary, book, check_in


@pytest.fixture
def venue() -> Diary:
    """At six in the evening."""
    return Diary()


def card(state: str, pid: str = "play-1:first") -> AdvancePayment:
    return AdvancePayment(pid, state, ANN, "m1")


@pytest.mark.parametrize(("minute", "station", "slot"), [(175, PC2, 180), (120, None, 240)])
def test_a_slot_that_was_sold_meanwhile_is_not_taken_back(
    venue: Diary, minute: int, station: str | None, slot: int
) -> None:
    venue.do(book())
    venue.at(minute).do(check_in(method="CARD", station_id=station))
    venue.do(book(slot, booking="b2", name="Ben"))
    venue.do(card("FAILED"))
    assert (venue.stands(), venue.stands("b2")) == (("CANCELLED", "owed"), ("CONFIRMED", "paid"))
    assert (venue.noted().session_id, venue.noted().station_id) == (None, PC1)
    venue.do(RefundPayment("b1:paid", "r1", "sold", MIA, ANN, "m1"))
    assert venue.stands() == ("CANCELLED", "returned")


@pytest.mark.parametrize("amount", [None, 200])
def test_a_deposit_that_is_promised_to_a_waiting_session_stays(venue: Diary, amount: int | None) -> None:
    venue.do(book())
    venue.at(180).do(check_in(method="CARD"))
    back = RefundPayment("b1:paid", "r1", "goodwill", MIA, ANN, "m1", amount)
    from_afar = ReturnPayment("b1:paid", "r2", amount, "goodwill", "owner:olga", "m1")
    assert venue.code(back) == "deposit_pending"
    assert venue.code(from_afar) == "deposit_pending"
    venue.do(card("COMPLETED"))
    assert (venue.stands(), venue.deposits()) == (("CHECKED_IN", "used"), {"taken": 500, "used": 500})
    venue.do(back)


def test_a_request_from_afar_waits_for_the_card_too(venue: Diary) -> None:
    venue.do(book())
    venue.do(ReturnPayment("b1:paid", "r2", 500, "goodwill", "owner:olga", "m1"))
    venue.at(180).do(check_in(method="CARD"))
    hand_out = SettleRefund("r2", "granted", "", ANN, "m1")
    assert venue.code(hand_out) == "deposit_pending"
    venue.do(card("FAILED"))
    venue.do(hand_out)
    assert venue.stands() == ("CONFIRMED", "returned")


def test_a_deposit_that_covers_all_leaves_no_card_behind(venue: Diary) -> None:
    venue.do(book(minutes=60))
    venue.at(180).do(check_in(method="CARD", seconds=1800))
    assert venue.payment("play-1:first") is None
    assert venue.stands() == ("CHECKED_IN", "used")
    assert venue.play("play-1").status == "ACTIVE"  # type: ignore[union-attr]


def test_a_deposit_that_is_due_comes_before_a_card_for_the_rest(venue: Diary) -> None:
    venue.do(book(method=None))
    assert venue.at(20).code(check_in(method="CARD")) == "deposit_pending"
    assert venue.stands() == ("HELD", "due")
    venue.do(check_in())
    assert venue.stands() == ("CHECKED_IN", "due")
