"""Every cent of play time is in a payment, on a bill, on a receipt and in the drawer: once."""

import pytest

from edge.core.afar.commands import SettleRefund
from edge.core.money.commands import AdvancePayment, RefundPayment, TakePayment
from edge.core.play.commands import (
    AbandonPlay,
    ConfirmPlayPayment,
    CreditAccount,
    ExpirePlay,
    IssueCode,
    StopPlay,
)
from protocol.facts.bill import Bill
from protocol.facts.payment import Payment
from protocol.facts.refund_request import RefundRequest
from protocol.facts.shift import Shift
from tests.sample_venue import PC1, extend, join, opening, say_word, start
from tests.unit.edge.core.play.test_play import ANN, Play
from tests.unit.edge.core.script import Script


@pytest.fixture
def venue() -> Play:
    """Before anybody plays, one second after the start."""
    return Play().at(1)


def bill(venue: Script, session: str = "play-1") -> Bill:
    found = venue.bill(session)
    assert found is not None
    return found


def payment(venue: Script, pid: str = "play-1:first") -> Payment:
    found = venue.payment(pid)
    assert found is not None
    return found


def drawer(venue: Script) -> dict[str, int]:
    """What each means of payment has brought."""
    shifts = [state for state in venue.states.values() if isinstance(state, Shift)]
    assert len(shifts) == 1
    return {name: each.amount_minor for name, each in shifts[0].totals.methods.items()}


def given_back(venue: Play) -> dict[str, int]:
    """What was given back by each means of payment that had any."""
    shifts = [state for state in venue.states.values() if isinstance(state, Shift)]
    assert len(shifts) == 1
    return {name: each.back_minor for name, each in shifts[0].totals.methods.items() if each.back_minor}


def test_cash_is_paid_receipted_and_in_the_drawer(venue: Play) -> None:
    venue.do(start())
    assert (payment(venue).status, payment(venue).initiated.session_pid) == ("COMPLETED", "play-1")
    assert (bill(venue).status, bill(venue).total_minor, bill(venue).table_name) == (
        "settled",
        1000,
        "PS5-1",
    )
    venue.do(extend())
    assert (bill(venue).status, bill(venue).paid_minor) == ("settled", 1500)
    assert [receipt.total_minor for receipt in bill(venue).receipts] == [1000, 500]
    assert drawer(venue) == {"CASH": 1500}


def test_a_balance_is_no_cash(venue: Play) -> None:
    venue.do(CreditAccount("mia", "entry-1", 2500, "counter", ANN))
    venue.do(start(method="BALANCE", user_id="mia"))
    assert drawer(venue) == {"CASH": 2500, "BALANCE": 1000}


def test_a_code_is_paid_when_it_is_sold_and_not_when_it_is_played(venue: Play) -> None:
    venue.do(IssueCode("KB7T", 1800, 400, "CASH", ANN))
    venue.do(start(method="CODE", code="KB7T", amount_minor=None))
    assert drawer(venue) == {"CASH": 400}
    assert venue.bill("play-1") is None


@pytest.mark.parametrize("how", ["at the counter", "by the terminal"])
def test_a_card_is_counted_when_it_came_whoever_says_so(venue: Play, how: str) -> None:
    venue.do(start(method="CARD"))
    assert (payment(venue).status, venue.bill("play-1")) == ("INITIATED", None)
    if how == "at the counter":
        venue.do(ConfirmPlayPayment("play-1", "play-1:first", ANN))
    else:
        venue.do(AdvancePayment("play-1:first", "COMPLETED", ANN, "shift-1"))
    assert (payment(venue).status, venue.status()) == ("COMPLETED", "ACTIVE")
    assert (bill(venue).status, bill(venue).paid_minor, len(bill(venue).receipts)) == ("settled", 1000, 1)
    assert drawer(venue) == {"CARD": 1000}


@pytest.mark.parametrize("how", ["at the counter", "by the terminal"])
def test_more_time_by_card_joins_the_bill_that_is_there(venue: Play, how: str) -> None:
    venue.do(start())
    venue.do(extend(method="CARD", entitlement_id="more"))
    assert (bill(venue).total_minor, drawer(venue)) == (1000, {"CASH": 1000})
    if how == "at the counter":
        venue.do(ConfirmPlayPayment("play-1", "more", ANN))
    else:
        venue.do(AdvancePayment("more", "COMPLETED", ANN, "shift-1"))
    assert (bill(venue).status, bill(venue).paid_minor, venue.left_s()) == ("settled", 1500, 5400)
    assert [receipt.number for receipt in bill(venue).receipts] == [1, 2]
    assert drawer(venue) == {"CASH": 1000, "CARD": 500}


def test_what_is_given_back_of_a_balance_goes_onto_the_balance(venue: Play) -> None:
    venue.do(CreditAccount("mia", "entry-1", 2500, "counter", ANN))
    venue.do(start(method="BALANCE", user_id="mia"))
    venue.do(RefundPayment("play-1:first", "refund-1", "too loud", "mia", ANN, "shift-1", 400))
    assert venue.account("mia").balance_minor == 1900  # type: ignore[union-attr]
    assert payment(venue).left_minor == 600
    assert bill(venue).receipts[-1].total_minor == -400
    assert (bill(venue).status, bill(venue).total_minor, bill(venue).balance_minor) == ("settled", 600, 0)
    venue.do(RefundPayment("play-1:first", "refund-2", "too loud", "mia", ANN, "shift-1"))
    assert (bill(venue).status, bill(venue).total_minor, bill(venue).balance_minor) == ("settled", 0, 0)
    assert sum(receipt.total_minor for receipt in bill(venue).receipts) == 0


def test_a_balance_that_the_cloud_grants_brings_no_money_into_the_drawer(venue: Play) -> None:
    venue.do(CreditAccount("mia", "entry-1", 2500, "granted by the cloud", ANN))
    assert venue.open_shift_at("main") is None
    assert venue.payment("entry-1") is None


def test_a_card_that_is_refused_frees_the_station(venue: Play) -> None:
    venue.do(start(method="CARD"))
    venue.do(AdvancePayment("play-1:first", "FAILED", ANN, "shift-1", reason="declined"))
    assert venue.status() == "ABANDONED"
    venue.do(start(session="play-2"))


def given_up(venue: Play, how: str) -> None:
    """A seat whose card nobody waits for any more, or more time by a card whose session has ended."""
    if how == "a seat":
        venue.do(start(method="CARD", entitlement_id="late"))
        venue.at(601).do(AbandonPlay("play-1"))
    else:
        venue.do(start(minutes=1))
        venue.do(extend(method="CARD", entitlement_id="late", amount_minor=1000))
        venue.at(61).do(ExpirePlay("play-1"))


def task(venue: Play) -> RefundRequest:
    """The one task that there is for whoever serves."""
    found = [state for state in venue.states.values() if isinstance(state, RefundRequest)]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("what", ["a seat", "more time"])
@pytest.mark.parametrize("how", ["at the counter", "by the terminal"])
def test_a_card_that_comes_too_late_is_counted_and_its_return_is_somebodys_task(
    venue: Play, how: str, what: str
) -> None:
    given_up(venue, what)
    others = drawer(venue) if what == "more time" else {}
    come = ConfirmPlayPayment("play-1", "late", ANN)
    if how == "by the terminal":
        venue.do(AdvancePayment("late", "COMPLETED", ANN, "shift-1"))
        assert venue.do(AdvancePayment("late", "COMPLETED", ANN, "shift-2")) == []
    else:
        venue.do(come)
    assert venue.do(come) == []
    assert (payment(venue, "late").status, venue.played().refunds) == ("COMPLETED", {"late": 1000})
    assert (drawer(venue), given_back(venue)) == ({**others, "CARD": 1000}, {})
    assert (task(venue).status, task(venue).requested.amount_minor) == ("pending", 1000)
    settle = SettleRefund(task(venue).requested.request_id, "granted", "on the terminal", ANN, "shift-3")
    venue.do(settle)
    assert venue.do(settle) == []
    assert (payment(venue, "late").status, task(venue).status) == ("REFUNDED", "granted")
    assert (drawer(venue), given_back(venue)) == ({**others, "CARD": 1000}, {"CARD": 1000})


@pytest.mark.parametrize("what", ["a seat", "more time"])
def test_money_that_comes_too_late_by_way_of_the_provider_goes_back_by_itself_once(
    venue: Play, what: str
) -> None:
    given_up(venue, what)
    others = drawer(venue) if what == "more time" else {}
    venue.do(AdvancePayment("late", "PENDING", "box", "shift-0", provider="stripe"))
    came = AdvancePayment("late", "COMPLETED", "box", "shift-1", reference="pi_1", provider="stripe")
    venue.do(came)
    assert venue.code(came) == "payment_final"
    late = payment(venue, "late")
    assert (late.status, late.refunded_minor, late.reference) == ("REFUNDED", 1000, "pi_1")
    assert venue.played().refunds == {"late": 1000}
    assert (drawer(venue), given_back(venue)) == ({**others, "CARD": 1000}, {"CARD": 1000})
    assert not [state for state in venue.states.values() if isinstance(state, RefundRequest)]


def test_a_payment_that_has_nothing_to_do_with_play_is_left_alone(venue: Play) -> None:
    venue.do(start(method="CARD"))
    venue.do(AdvancePayment("play-1:first", "PENDING", ANN, "shift-1"))
    assert venue.status() == "AWAITING"


def test_postpaid_play_is_on_the_tables_bill_with_the_food() -> None:
    venue = Play().at(1)
    for command in (join("chinu"), say_word()):
        venue.do(command)
    venue.do(start(PC1, method="POSTPAID", amount_minor=None, table_session="s1"))
    assert venue.bill("s1") is None
    venue.at(1 + 3600).do(StopPlay("play-1", "left", ANN))
    assert (bill(venue, "s1").status, bill(venue, "s1").balance_minor) == ("open", 600)
    assert venue.code(start(session="p", method="POSTPAID", table_session="s9")) == "unknown_session"


def test_postpaid_play_without_a_table_waits_on_a_bill_of_its_own(venue: Play) -> None:
    venue.do(start(PC1, method="POSTPAID", amount_minor=None))
    venue.at(1 + 3600).do(StopPlay("play-1", "left", ANN))
    assert (bill(venue).status, bill(venue).balance_minor) == ("open", 600)


def test_a_refund_goes_to_the_balance_that_paid_and_not_to_the_player(venue: Play) -> None:
    for name in ("mia", "bo"):
        venue.do(CreditAccount(name, f"entry-{name}", 2500, "counter", ANN))
    venue.do(start(PC1, method="POSTPAID", amount_minor=None, user_id="mia"))
    venue.at(1 + 3600).do(StopPlay("play-1", "left", ANN))
    venue.do(TakePayment("play-1", "p1", "BALANCE", ANN, "shift-1", user_id="bo"))
    venue.do(RefundPayment("p1", "refund-1", "too loud", "mia", ANN, "shift-1", 200))
    balances = [venue.account(name).balance_minor for name in ("mia", "bo")]  # type: ignore[union-attr]
    assert balances == [2500, 2500 - 600 + 200]


def test_what_is_free_is_on_no_bill() -> None:
    venue = Script(*opening())
    venue.do(IssueCode("KB7T", 1800, 0, "CASH", ANN))
    assert not [state for state in venue.states.values() if isinstance(state, Shift | Payment)]
