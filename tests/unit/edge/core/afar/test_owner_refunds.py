"""The owner gives money back from afar: by itself or by somebody's hands, and never twice."""

import pytest

from edge.core.afar.commands import ReturnPayment, SettleRefund
from edge.core.money.commands import TakePayment
from protocol.facts.refund_request import RefundRequested, RefundSettled
from tests.unit.edge.core.money.test_payment import receipts_of, step
from tests.unit.edge.core.tables_that_pay import ANN, TOTAL_MINOR, Table, pay, refund

OWNER = "owner:ada@example.com"


def give(payment: TakePayment, name: str = "r1", amount_minor: int | None = None) -> ReturnPayment:
    """The owner gives it back."""
    return ReturnPayment(payment.payment_pid, name, amount_minor, "cold food", OWNER, f"shift of {name}")


def done(name: str = "r1", decision: str = "granted", by: str = ANN) -> SettleRefund:
    """Somebody at the counter has done it, or cannot."""
    return SettleRefund(name, decision, "", by, f"shift of {name} at the counter")  # type: ignore[arg-type]


def paid(method: str = "CASH", *, online: bool = False, tip_minor: int = 0) -> tuple[Table, TakePayment]:
    """A table that has paid all of it."""
    table, payment = Table(), pay(method=method, tip_minor=tip_minor)
    table.do(payment)
    if method == "CARD":
        provider = "stripe" if online else ""
        if online:
            table.do(step(payment, "PENDING", provider=provider))
        table.do(step(payment, "COMPLETED", provider=provider))
    return table, payment


def test_a_card_that_went_by_the_provider_goes_back_by_itself() -> None:
    table, payment = paid("CARD", online=True, tip_minor=200)
    events = table.do(give(payment))
    assert [type(event) for event in events[:2]] == [RefundRequested, RefundSettled]
    back = table.payment(payment.payment_pid)
    assert back is not None
    assert (back.status, back.refunded_minor, back.refunded_tip_minor) == ("REFUNDED", TOTAL_MINOR, 200)
    assert [receipt.total_minor for receipt in receipts_of(events)] == [-TOTAL_MINOR]
    assert table.do(give(payment)) == []
    assert table.code(give(payment, "r2")) == "refund_too_high"


def test_an_id_that_stands_for_other_money_is_refused() -> None:
    table, payment = paid("CARD", online=True)
    table.do(give(payment, amount_minor=500))
    assert table.code(give(payment, amount_minor=501)) == "mid_reused"
    assert table.code(give(pay(), amount_minor=500)) == "mid_reused"
    assert table.do(give(payment, amount_minor=500)) == []


@pytest.mark.parametrize("method", ["CASH", "CARD"])
def test_what_somebody_has_to_hand_out_is_a_task_first(method: str) -> None:
    table, payment = paid(method)
    before = table.drawer.totals.expected_minor
    assert [type(event) for event in table.do(give(payment, amount_minor=500))] == [RefundRequested]
    assert table.paid.due_minor == 0
    assert table.do(give(payment, amount_minor=500)) == []
    assert table.code(done(by=OWNER)) == "forbidden"
    table.do(done())
    assert table.paid.due_minor == 500
    assert table.drawer.totals.expected_minor == before - (500 if method == "CASH" else 0)
    assert table.do(done()) == []
    assert table.code(done(decision="declined")) == "request_settled"


def test_what_the_counter_has_given_back_meanwhile_is_not_given_twice() -> None:
    table, payment = paid()
    table.do(give(payment))
    table.do(refund(payment.payment_pid))
    assert table.code(done()) == "refund_too_high"
    table.do(done(decision="declined"))
    assert table.paid.due_minor == TOTAL_MINOR
    assert table.code(give(payment, "r2")) == "refund_too_high"


def test_of_two_words_for_the_same_money_the_second_finds_nothing() -> None:
    table, payment = paid()
    table.do(give(payment, "r1"))
    table.do(give(payment, "r2"))
    table.do(done("r1"))
    assert table.code(done("r2")) == "refund_too_high"
    assert table.drawer.totals.expected_minor == 0


def test_a_task_that_cannot_be_done_leaves_everything_as_it_is() -> None:
    table, payment = paid()
    before = table.paid
    table.do(give(payment))
    table.do(done(decision="declined", by=OWNER))
    assert table.paid == before
    assert table.code(done()) == "request_settled"


@pytest.mark.parametrize("amount_minor", [0, -1, TOTAL_MINOR + 1])
def test_amounts_that_were_never_paid(amount_minor: int) -> None:
    table, payment = paid()
    assert table.code(give(payment, amount_minor=amount_minor)) == "refund_too_high"
    assert table.code(give(pay())) == "unknown_payment"
