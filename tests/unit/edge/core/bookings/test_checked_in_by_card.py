"""A guest is checked in and a card is under way for the rest: what may happen to slot and deposit meanwhile."""

import pytest

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
