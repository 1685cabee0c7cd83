"""Payments, shifts and bills: what each state takes, and what cannot happen to them."""

from typing import Any

import pytest

from protocol.facts import bill, bill_events, payment, shift
from protocol.facts.fact import ImpossibleFact
from protocol.facts.fold import evolve
from tests.unit.protocol.facts.test_transitions import (
    BEGUN,
    BILL_EVENTS,
    PARTLY,
    PAYMENT_EVENTS,
    REFUNDED,
    SHIFT_EVENTS,
    _moves,
    a_bill,
    fact,
    payment_in,
    shift_in,
)


@pytest.mark.parametrize("status", payment.TRANSITIONS)
@pytest.mark.parametrize(("name", "event"), PAYMENT_EVENTS)
def test_payments(status: str, name: str, event: Any) -> None:
    _moves(payment_in(status), "payment:p1", event, payment.TRANSITIONS[status].get(name))


@pytest.mark.parametrize(
    "event", [payment.PaymentPartlyRefunded(*REFUNDED), payment.PaymentRefunded(*PARTLY)]
)
def test_a_refund_says_whether_anything_is_left(event: Any) -> None:
    with pytest.raises(ImpossibleFact):
        evolve(payment_in("COMPLETED"), fact("payment:p1", 2, event))


@pytest.mark.parametrize("status", shift.TRANSITIONS)
@pytest.mark.parametrize("event", SHIFT_EVENTS)
def test_shifts(status: str, event: str) -> None:
    _moves(shift_in(status), "shift:m1", SHIFT_EVENTS[event], shift.TRANSITIONS[status].get(event))


@pytest.mark.parametrize("event", BILL_EVENTS)
def test_a_merged_bill_takes_nothing_more(event: Any) -> None:
    assert evolve(a_bill(), fact("bill:s1", 2, event))
    with pytest.raises(ImpossibleFact):
        evolve(a_bill(bill_events.BillMerged("s2")), fact("bill:s1", 2, event))


def test_a_bill_is_settled_while_nothing_is_owed() -> None:
    held = a_bill(bill_events.PaymentBegun("p1", "CARD", 950))
    assert (held.status, held.due_minor) == ("open", 0)
    paid = bill.following(held, bill_events.PaymentSettled("p1"))
    assert (paid.status, paid.paid_minor) == ("settled", 950)
    back = bill.following(paid, bill_events.PaymentReturned("p1", "r1", 50, 0))
    assert (back.status, back.balance_minor) == ("open", 50)
    with pytest.raises(ImpossibleFact):
        bill.following(paid, bill_events.BillMerged("s2"))


@pytest.mark.parametrize(
    ("before", "event"),
    [
        ([], bill_events.PaymentBegun("p1", "CASH", 951)),
        ([BEGUN], BEGUN),
        ([], bill_events.PaymentSettled("p1")),
        ([BEGUN, bill_events.PaymentReleased("p1")], bill_events.PaymentSettled("p1")),
        ([BEGUN], bill_events.PaymentReturned("p1", "r1", 1, 0)),
        ([BEGUN, bill_events.PaymentSettled("p1")], bill_events.PaymentReturned("p1", "r1", 101, 0)),
        ([BEGUN, bill_events.PaymentSettled("p1")], bill_events.PaymentReturned("p1", "r1", 1, 1)),
        ([], bill_events.LineVoided("a1", "order_line:1", 2, 950, "burnt", "mia")),
        ([], bill_events.LineVoided("a1", "order_line:9", 1, 950, "burnt", "mia")),
        ([], bill_events.DiscountGiven("a1", (("order_line:1", 951),), "waited", "mia")),
        ([bill_events.LinesMoved(("order_line:1",), "s2")], bill_events.LinesMoved(("order_line:1",), "s3")),
        ([], bill_events.LinesCharged(tuple(a_bill().lines.values()))),
        ([BEGUN], bill_events.LinesCharged((), "s2", {"p1": bill_events.BillPayment("CASH", 1)})),
    ],
)
def test_what_cannot_happen_to_a_bill(before: list[Any], event: Any) -> None:
    with pytest.raises(ImpossibleFact):
        evolve(a_bill(*before), fact("bill:s1", 2, event))
