"""Bookings: whose a slot is, what a deposit becomes, and what walk-ins are told."""

from typing import Any

import pytest

from edge.core.bookings.commands import LapseBooking
from edge.core.money.commands import AdvancePayment, CloseShift, RefundPayment
from edge.core.play.commands import (
    AbandonPlay,
    CreditAccount,
    ExpirePlay,
    IssueCode,
    MovePlay,
    SetMaintenance,
    StopPlay,
)
from protocol.facts.booking_config import BookingRules
from tests.sample_venue import PC1, PC2, PS5, extend
from tests.unit.edge.core.bookings.diary import (
    ANN,
    HOUR_MS,
    MIA,
    OPENS_MS,
    Diary,
    book,
    cancel,
    check_in,
    miss,
    pay,
    walk_in,
)


@pytest.fixture
def venue() -> Diary:
    """At six in the evening."""
    return Diary()


def card(state: str, pid: str = "b1:paid") -> AdvancePayment:
    return AdvancePayment(pid, state, ANN, "m1")


# ── slots ────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("minute", "minutes", "free"),
    [
        (180, 120, False),
        (150, 40, False),
        (299, 30, False),
        (200, 10, False),
        (60, 120, True),
        (300, 60, True),
    ],
)
def test_two_bookings_never_share_an_instant(venue: Diary, minute: int, minutes: int, free: bool) -> None:
    venue.do(book())
    again = book(minute, minutes, "b2", name="Ben")
    if free:
        venue.do(again)
    else:
        refusal = venue.refusal(again)
        assert (refusal.code, refusal.detail["name"]) == ("slot_taken", "Anna")  # type: ignore[index]


def test_any_station_of_a_zone_is_the_first_that_is_free_and_in_service(venue: Diary) -> None:
    for name in ("b1", "b2"):
        venue.do(book(booking=name, station_id=None, zone="hall"))
    assert [venue.noted(each).station_id for each in ("b1", "b2")] == [PC1, PC2]
    assert venue.code(book(booking="b3", station_id=None, zone="hall")) == "slot_taken"
    venue.do(SetMaintenance(PC1, True, ANN))
    venue.do(book(600, booking="b4", station_id=None, zone="hall"))
    assert venue.noted("b4").station_id == PC2
    assert venue.code(book(booking="b5", station_id=None, zone="roof")) == "unknown_zone"
    assert venue.code(book(booking="b5", station_id="pc-9")) == "unknown_station"


def test_a_repeat_is_one_booking(venue: Diary) -> None:
    venue.do(book())
    assert venue.do(book()) == []
    assert venue.deposits() == {"taken": 500}


def test_house_rules(venue: Diary) -> None:
    assert venue.code(book(-6)) == "booking_past"
    assert venue.code(book(61 * 24 * 60)) == "booking_too_far"
    assert venue.code(book(minutes=721)) == "booking_too_long"
    venue.at(0, trusted=False).do(book(-600))  # nobody knows what hour it is


def test_who_plays_until_then_has_the_slot(venue: Diary) -> None:
    venue.do(walk_in(minutes=120))
    assert venue.code(book(90)) == "slot_taken"
    venue.do(book(120))
    venue.do(walk_in(PC2, session="walk-2", method="POSTPAID"))
    venue.do(book(60, booking="b2", station_id=PC2))  # on account there is no end; somebody is told in time


# ── walk-ins ─────────────────────────────────────────────────────────────────────────────────────
def test_a_walk_in_is_told_until_when_it_is_free(venue: Diary) -> None:
    venue.do(book(45))
    refusal = venue.refusal(walk_in())
    assert refusal.code == "station_booked"
    assert refusal.detail == {
        "booking_id": "b1",
        "name": "Anna",
        "free_until": "2023-11-17T17:45:00.000Z",
        "free_minutes": 45,
    }
    assert refusal.message == "Booked from 18:45 for Anna; free for 45 min until then."
    venue.do(walk_in(minutes=45))
    assert venue.code(extend(1, "walk-1", amount_minor=None)) == "station_booked"
    venue.do(extend(1, "walk-1", amount_minor=None, despite_booking=True))
    venue.do(walk_in(PC2, session="walk-2", minutes=120))
    venue.do(StopPlay("walk-1", "left", ANN))
    assert venue.code(MovePlay("walk-2", PC1, ANN)) == "station_booked"
    venue.do(MovePlay("walk-2", PC1, ANN, despite_booking=True))


def test_an_unknown_hour_keeps_nobody_from_playing(venue: Diary) -> None:
    venue.do(book(45))
    venue.at(0, trusted=False).do(walk_in())


def test_on_account_and_codes_are_warned_as_well(venue: Diary) -> None:
    venue.do(book(45))
    venue.do(IssueCode("KB7T", 3600, 600, "CASH", ANN))
    ways: tuple[dict[str, Any], ...] = ({"method": "POSTPAID"}, {"method": "CODE", "code": "KB7T"})
    for given in ways:
        assert venue.code(walk_in(**given)) == "station_booked"
    assert venue.play_code("KB7T").status == "issued"  # type: ignore[union-attr]


# ── deposits ─────────────────────────────────────────────────────────────────────────────────────
def test_a_deposit_is_money_in_the_drawer_and_no_sale(venue: Diary) -> None:
    venue.do(book())
    totals = venue.totals()
    assert venue.stands() == ("CONFIRMED", "paid")
    assert (totals.expected_minor, totals.methods["CASH"].amount_minor) == (500, 500)
    assert (totals.receipts.amount_minor, venue.deposits()) == (0, {"taken": 500})
    assert venue.bill("b1") is None


def test_a_deposit_is_never_more_than_the_time_costs(venue: Diary) -> None:
    venue.do(book(minutes=30))
    assert venue.noted().made.deposit_minor == 300
    venue.do(book(booking="b2", station_id=PS5))
    assert venue.noted("b2").made.deposit_minor == 500


def test_checked_in_the_deposit_pays_first(venue: Diary) -> None:
    venue.do(book())
    venue.at(178).do(check_in())
    session, bill = venue.play("play-1"), venue.bill("play-1")
    assert session is not None
    assert bill is not None
    assert (session.status, session.entitled_s, session.paid_minor, session.station_id) == (
        "ACTIVE",
        7200,
        1200,
        PC1,
    )
    assert venue.stands() == ("CHECKED_IN", "used")
    assert (bill.status, bill.total_minor, bill.paid_minor) == ("settled", 1200, 1200)
    (receipt,) = bill.receipts
    assert [(each.method, each.amount_minor) for each in receipt.payments] == [("CASH", 700), ("CASH", 500)]
    assert receipt.taxes[0].tax_minor == 192
    totals = venue.totals()
    assert (totals.expected_minor, totals.receipts.amount_minor) == (1200, 1200)
    assert venue.deposits() == {"taken": 500, "used": 500}


def test_used_money_goes_back_like_any_other(venue: Diary) -> None:
    venue.do(book())
    venue.at(180).do(check_in())
    venue.do(RefundPayment("b1:paid", "r1", "broken pad", MIA, ANN, "m1"))
    bill = venue.bill("play-1")
    assert bill is not None
    assert (bill.total_minor, bill.paid_minor, bill.balance_minor, bill.status) == (700, 700, 0, "settled")
    assert [each.total_minor for each in bill.receipts] == [1200, -500]
    assert venue.deposits() == {"taken": 500, "used": 500}
    assert venue.totals().expected_minor == 700


def test_a_deposit_that_pays_for_all_of_it_asks_for_nothing_more(venue: Diary) -> None:
    venue.do(book(minutes=50))
    venue.at(180).do(check_in(method="CARD"))
    assert (venue.play("play-1").status, venue.stands()) == ("ACTIVE", ("CHECKED_IN", "used"))  # type: ignore[union-attr]
    assert venue.bill("play-1").total_minor == 500  # type: ignore[union-attr]


def test_on_account_the_deposit_is_taken_off_at_the_end(venue: Diary) -> None:
    venue.do(book())
    venue.at(180).do(check_in(method="POSTPAID"))
    assert venue.stands() == ("CHECKED_IN", "used")
    venue.at(300).do(StopPlay("play-1", "left", ANN))
    bill = venue.bill("play-1")
    assert bill is not None
    assert (bill.total_minor, bill.paid_minor, bill.due_minor) == (1200, 500, 700)


def test_the_rest_by_card_uses_the_deposit_when_the_money_comes(venue: Diary) -> None:
    venue.do(book())
    venue.at(180).do(check_in(method="CARD"))
    assert (venue.play("play-1").status, venue.stands()) == ("AWAITING", ("CHECKED_IN", "paid"))  # type: ignore[union-attr]
    venue.do(card("COMPLETED", "play-1:first"))
    assert (venue.play("play-1").status, venue.stands()) == ("ACTIVE", ("CHECKED_IN", "used"))  # type: ignore[union-attr]
    assert venue.bill("play-1").paid_minor == 1200  # type: ignore[union-attr]
    assert venue.deposits() == {"taken": 500, "used": 500}


@pytest.mark.parametrize(
    "end", [AbandonPlay("play-1"), StopPlay("play-1", "off", ANN), card("FAILED", "play-1:first")]
)
def test_a_card_for_the_rest_that_never_comes_opens_the_booking_again(venue: Diary, end: Any) -> None:
    venue.do(book())
    venue.at(180).do(check_in(method="CARD"))
    venue.do(end)
    assert venue.stands() == ("CONFIRMED", "paid")
    venue.do(check_in(session="play-2"))
    assert venue.stands() == ("CHECKED_IN", "used")


def test_cancelled_in_time_it_goes_back_as_it_came(venue: Diary) -> None:
    venue.do(book())
    venue.do(cancel())
    assert venue.stands() == ("CANCELLED", "returned")
    assert (venue.paid("b1:paid").status, venue.totals().expected_minor) == ("REFUNDED", 0)
    assert venue.deposits() == {"taken": 500, "returned": 500}
    assert venue.do(cancel()) == []
    assert venue.code(check_in()) == "booking_over"
    venue.do(book(booking="b2"))  # the slot is free again


def test_a_balance_pays_and_gets_it_back(venue: Diary) -> None:
    venue.do(CreditAccount("lea", "entry-1", 600, "gift", ANN))
    venue.do(book(method="BALANCE", user_id="lea"))
    assert venue.account("lea").balance_minor == 100  # type: ignore[union-attr]
    assert venue.code(book(400, booking="b2", method="BALANCE", user_id="lea")) == "insufficient_balance"
    venue.do(cancel())
    assert venue.account("lea").balance_minor == 600  # type: ignore[union-attr]


@pytest.mark.parametrize(("command", "minute"), [(cancel(), 61), (miss(), 195)])
def test_too_late_the_house_keeps_it_as_a_sale(venue: Diary, command: Any, minute: int) -> None:
    venue.do(book())
    venue.at(minute).do(command)
    assert venue.stands()[1] == "forfeited"
    bill = venue.bill("b1")
    assert bill is not None
    assert (bill.total_minor, bill.status, bill.receipts[0].taxes[0].tax_minor) == (500, "settled", 80)
    assert venue.deposits() == {"taken": 500, "kept": 500}
    venue.do(RefundPayment("b1:paid", "r1", "goodwill", MIA, ANN, "m1"))
    assert venue.bill("b1").total_minor == 0  # type: ignore[union-attr]
    assert venue.totals().expected_minor == 0


def test_a_later_shift_keeps_what_an_earlier_one_took(venue: Diary) -> None:
    venue.do(book())
    venue.do(CloseShift("m1", 500, ANN))
    venue.at(180).do(check_in(entitlement_id="late"))
    late = venue.shift("late")
    assert late is not None
    assert late.totals.receipts.amount_minor == 1200
    assert late.totals.methods["CASH"].amount_minor == 700
    assert {kind: each.amount_minor for kind, each in late.totals.deposits_by_kind.items()} == {"used": 500}


# ── cards, holding, late money ───────────────────────────────────────────────────────────────────
def test_a_card_confirms_when_its_money_is_there(venue: Diary) -> None:
    venue.do(book(method="CARD"))
    assert venue.stands() == ("HELD", "due")
    assert venue.code(check_in()) == "deposit_pending"
    assert venue.code(pay()) == "deposit_pending"
    venue.do(card("COMPLETED"))
    assert (venue.stands(), venue.deposits()) == (("CONFIRMED", "paid"), {"taken": 500})


def test_a_card_that_failed_may_be_followed_by_cash(venue: Diary) -> None:
    venue.do(book(method="CARD"))
    venue.do(card("FAILED"))
    assert venue.stands() == ("HELD", "due")
    venue.do(pay())
    assert venue.stands() == ("CONFIRMED", "paid")
    assert venue.code(pay(pid="b1:again")) == "nothing_to_pay"


def test_without_its_deposit_it_lapses(venue: Diary) -> None:
    venue.do(book(method=None))
    assert venue.at(59).do(LapseBooking("b1")) == []
    venue.wall(900)
    assert venue.do(LapseBooking("b1")) == []  # the wall has nothing to say in it
    venue.at(60).do(LapseBooking("b1"))
    assert venue.stands() == ("CANCELLED", "due")


def test_money_that_comes_after_the_end_is_owed(venue: Diary) -> None:
    venue.do(book(method="CARD"))
    venue.at(60).do(LapseBooking("b1"))
    assert venue.paid("b1:paid").status == "UNKNOWN"
    venue.do(card("COMPLETED"))
    assert (venue.stands(), venue.deposits()) == (("CANCELLED", "owed"), {"taken": 500})
    venue.do(RefundPayment("b1:paid", "r1", "too late", MIA, ANN, "m1"))
    assert (venue.stands()[1], venue.deposits()) == ("returned", {"taken": 500, "returned": 500})


def test_a_manager_may_give_a_deposit_back_before_the_day(venue: Diary) -> None:
    venue.do(book())
    venue.do(RefundPayment("b1:paid", "r1", "regular", MIA, ANN, "m1", 200))
    assert (venue.stands(), venue.deposits()) == (("CONFIRMED", "paid"), {"taken": 500, "returned": 200})
    venue.at(180).do(check_in())
    assert venue.bill("play-1").total_minor == 1200  # type: ignore[union-attr]
    assert venue.deposits() == {"taken": 500, "returned": 200, "used": 300}


def test_no_deposit_where_the_house_asks_for_none_or_waives_it() -> None:
    venue = Diary(BookingRules())
    venue.do(book(method=None))
    assert venue.stands() == ("CONFIRMED", "")
    venue.at(180).do(check_in())
    assert venue.bill("play-1").total_minor == 1200  # type: ignore[union-attr]
    asking = Diary()
    asking.do(book(method=None, waived=True))
    assert asking.stands() == ("CONFIRMED", "")


# ── no-shows ─────────────────────────────────────────────────────────────────────────────────────
def test_nobody_is_missed_before_the_grace_is_over(venue: Diary) -> None:
    venue.do(book())
    assert venue.at(194).refusal(miss()).detail == {"from": "2023-11-17T20:15:00.000Z"}
    assert venue.code(miss(by=ANN)) == "booking_not_missed"
    assert venue.at(400, trusted=False).code(miss()) == "booking_not_missed"
    venue.do(miss(by=ANN))  # somebody looked, and the clock has nothing to say
    assert venue.stands() == ("NO_SHOW", "forfeited")
    assert venue.do(miss()) == []
    assert venue.code(cancel()) == "booking_over"


def test_a_missed_station_is_free_again(venue: Diary) -> None:
    venue.do(book())
    assert venue.at(181).code(walk_in()) == "station_booked"
    venue.at(195).do(miss())
    venue.do(walk_in())
    venue.at(255).do(ExpirePlay("walk-1"))


def test_the_guest_may_sit_down_elsewhere_and_for_another_time(venue: Diary) -> None:
    venue.do(book())
    venue.do(walk_in(minutes=10))
    assert venue.at(1).code(check_in()) == "station_busy"
    venue.do(check_in(station_id=PC2, seconds=1800 * 2))
    assert venue.noted().station_id == PC2
    assert venue.play("play-1").entitled_s == 3600  # type: ignore[union-attr]
    assert venue.bookings_at(PC1) == ()


def test_who_comes_early_must_leave_before_the_next_one(venue: Diary) -> None:
    venue.do(book())
    venue.do(book(300, booking="b2", name="Ben"))
    refusal = venue.at(190).refusal(check_in())
    assert (refusal.code, refusal.detail["name"]) == ("station_booked", "Ben")  # type: ignore[index]
    venue.do(check_in(despite_booking=True))


def test_times_are_instants(venue: Diary) -> None:
    venue.do(book())
    first = venue.noted().made
    assert (first.starts_ms - OPENS_MS, first.ends_ms - first.starts_ms) == (3 * HOUR_MS, 2 * HOUR_MS)
    assert first.free_until_ms == OPENS_MS + HOUR_MS
