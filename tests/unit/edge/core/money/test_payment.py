"""Money comes once and never more than is owed; it goes back with a reason; the drawer knows all of it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.afar.commands import AcceptGrant
from edge.core.decide import decide
from edge.core.money import grants
from edge.core.money.commands import AdvancePayment, TakePayment
from protocol.errors import Refusal
from protocol.facts.bill_events import PaymentBegun, PaymentSettled, ReceiptIssued, Share
from protocol.facts.payment import PaymentCompleted, PaymentInitiated, PaymentPartlyRefunded, PaymentRefunded
from protocol.facts.receipt import Receipt
from protocol.facts.shift import CASH, ShiftOpened, TakingsCounted
from protocol.shares import shares_of
from protocol.taxes import difference
from tests.sample_venue import WINE, add, config, opening, place
from tests.unit.edge.core.money.test_bill import split
from tests.unit.edge.core.script import Script
from tests.unit.edge.core.tables_that_pay import (
    ANN,
    BURGERS,
    SOUPS,
    TOTAL_MINOR,
    Table,
    comp,
    discount,
    pay,
    refund,
    void,
)


def step(payment: TakePayment, state: str, **what: Any) -> AdvancePayment:
    """Whoever moves card money says how far it is."""
    return AdvancePayment(payment.payment_pid, state, ANN, "shift of the card", **what)


def receipts_of(events: list[Any]) -> list[Receipt]:
    """The receipts among events."""
    return [event.receipt for event in events if isinstance(event, ReceiptIssued)]


def test_cash_is_there_at_once() -> None:
    table = Table()
    command = pay(1000)
    events = table.do(command)
    assert [type(event) for event in events] == [
        PaymentBegun,
        PaymentSettled,
        ShiftOpened,
        TakingsCounted,
        PaymentInitiated,
        PaymentCompleted,
    ]
    payment = table.payment(command.payment_pid)
    assert payment is not None
    assert (payment.status, payment.shift_pid) == ("COMPLETED", command.shift_pid)
    assert (table.paid.paid_minor, table.paid.due_minor) == (1000, TOTAL_MINOR - 1000)


def test_the_last_part_settles_the_bill_and_brings_a_receipt() -> None:
    table = Table()
    assert receipts_of(table.do(pay(1000, tip_minor=50))) == []
    (receipt,) = receipts_of(table.do(pay()))
    assert table.paid.status == "settled"
    assert (receipt.number, receipt.total_minor, receipt.tax_minor) == (1, TOTAL_MINOR, 38)
    assert [line.amount_minor for line in receipt.lines] == [1900, 580, 325]
    assert [each.amount_minor for each in receipt.payments] == [1000, TOTAL_MINOR - 1000]
    assert table.code(pay()) == "nothing_due"


def test_two_who_pay_the_last_of_it_at_once_pay_once() -> None:
    table = Table()
    table.do(pay())
    assert table.code(pay(TOTAL_MINOR)) == "overpays"
    assert table.refusal(pay(1)).detail == {"due_minor": 0, "held_minor": 0}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (pay(TOTAL_MINOR + 1), "overpays"),
        (pay(-1), "invalid"),
        (pay(0), "nothing_due"),
        (pay(10, tip_minor=-1), "invalid"),
        (pay(1000, tendered_minor=999), "tendered_short"),
        (pay(1000, tip_minor=100, tendered_minor=1099), "tendered_short"),
        (pay(1000, share=1), "unknown_share"),
        (pay(1000, method="CHEQUE"), "method_unavailable"),
        (pay(1000, method="BALANCE"), "invalid"),
        (pay(1000, method="BALANCE", user_id="mia"), "insufficient_balance"),
        (pay(1000, method="BALANCE", user_id="mia", tip_minor=1), "method_unavailable"),
        (msgspec.structs.replace(pay(5), session_pid="s9"), "unknown_bill"),
    ],
)
def test_money_that_is_not_taken(command: TakePayment, code: str) -> None:
    table = Table()
    facts = len(table.facts)
    assert table.code(command) == code
    assert len(table.facts) == facts


def test_nothing_is_taken_before_the_venue_is_there() -> None:
    assert Script().code(pay(5)) == "not_configured"
    assert Script(*opening()).code(pay(5)) == "unknown_bill"


def test_a_tip_may_come_after_the_bill_was_paid() -> None:
    table = Table()
    table.do(pay())
    assert receipts_of(table.do(pay(0, tip_minor=200))) == []
    assert (table.paid.tip_minor, table.paid.status) == (200, "settled")
    assert table.drawer.totals.expected_minor == TOTAL_MINOR + 200


def test_more_orders_open_the_bill_again_and_the_next_receipt_has_the_rest() -> None:
    table = Table()
    table.do(pay())
    table.do(add("anshu", WINE))
    table.do(place("anshu"))
    assert table.paid.status == "open"
    (receipt,) = receipts_of(table.do(pay()))
    assert (receipt.number, receipt.total_minor) == (2, 640)
    assert [line.name for line in receipt.lines] == ["Wine"]


class TestBalances:
    """The balance of a guest pays a bill of the table, here and at once."""

    @pytest.fixture
    def table(self) -> Table:
        """Mia, a guest, has 20.00 to spend here, which the cloud has granted."""
        return Table(AcceptGrant("mia", "grant-1", 2000, "cloud"))

    def left(self, table: Table) -> int:
        """What is on it."""
        holder = table.account("mia")
        assert holder is not None
        return holder.balance_minor

    def test_it_pays_all_that_is_asked_for_or_nothing(self, table: Table) -> None:
        assert table.refusal(pay(2001, method="BALANCE", user_id="mia")).detail == {"balance_minor": 2000}
        table.do(pay(2000, method="BALANCE", user_id="mia"))
        assert (self.left(table), table.paid.paid_minor) == (0, 2000)
        assert table.code(pay(1, method="BALANCE", user_id="mia")) == "insufficient_balance"
        assert table.drawer.totals.expected_minor == 0
        (receipt,) = receipts_of(table.do(pay()))
        assert [each.method for each in receipt.payments] == ["BALANCE", "CASH"]

    def test_what_is_given_back_goes_onto_the_balance_once(self, table: Table) -> None:
        command = pay(1500, method="BALANCE", user_id="mia")
        table.do(command)
        table.do(refund(command.payment_pid, 400))
        assert (self.left(table), table.paid.due_minor) == (900, TOTAL_MINOR - 1100)
        table.do(refund(command.payment_pid))
        assert self.left(table) == 2000
        assert table.code(refund(command.payment_pid)) == "refund_too_high"

    def test_money_of_another_currency_does_not_pay(self, table: Table) -> None:
        spent = grants.spend(table, "mia", "p", 1, "CHF", "bill")
        assert isinstance(spent, Refusal)
        assert spent.code == "insufficient_balance"


class TestCards:
    def test_a_card_holds_its_amount_until_it_is_known_how_it_went(self) -> None:
        table = Table()
        card = pay(2000, method="CARD")
        assert [type(event) for event in table.do(card)] == [PaymentBegun, PaymentInitiated]
        assert (table.paid.due_minor, table.paid.held_minor) == (TOTAL_MINOR - 2000, 2000)
        assert table.code(pay(TOTAL_MINOR)) == "overpays"
        table.do(step(card, "PENDING", reference="tx-1"))
        table.do(step(card, "UNKNOWN", reason="no answer"))
        assert table.paid.held_minor == 2000
        table.do(step(card, "COMPLETED", reference="tx-1"))
        assert (table.paid.paid_minor, table.paid.held_minor) == (2000, 0)
        assert table.do(step(card, "COMPLETED")) == []
        assert table.code(step(card, "FAILED", reason="late")) == "payment_final"

    def test_a_refused_card_lets_go_of_what_it_held(self) -> None:
        table = Table()
        card = pay(method="CARD")
        table.do(card)
        table.do(step(card, "FAILED", reason="declined"))
        assert (table.paid.due_minor, table.paid.held_minor) == (TOTAL_MINOR, 0)
        payment = table.payment(card.payment_pid)
        assert payment is not None
        assert (payment.status, payment.failure) == ("FAILED", "declined")
        assert table.code(step(card, "COMPLETED")) == "payment_final"
        assert table.code(AdvancePayment("p?", "FAILED", ANN, "x")) == "unknown_payment"
        assert table.code(refund(card.payment_pid)) == "refund_too_high"

    def test_a_card_that_pays_the_rest_brings_the_receipt_when_it_comes(self) -> None:
        table = Table()
        table.do(pay(805))
        card = pay(method="CARD")
        assert receipts_of(table.do(card)) == []
        assert table.paid.status == "open"
        (receipt,) = receipts_of(table.do(step(card, "COMPLETED")))
        assert [each.method for each in receipt.payments] == ["CASH", "CARD"]
        assert table.drawer.totals.methods["CARD"].amount_minor == 2000
        assert table.drawer.totals.expected_minor == 805


class TestShares:
    def test_each_share_that_is_paid_has_a_receipt_and_they_sum_to_the_bill(self) -> None:
        table = Table()
        table.do(split("guest", Share(1, "Chinu", member="chinu"), Share(2, "Anshu", member="anshu")))
        (first,) = receipts_of(table.do(pay(share=2)))
        assert (first.share, first.label, first.total_minor) == (2, "Anshu", 325)
        assert table.code(pay(share=2)) == "nothing_due"
        assert table.code(pay(2481, share=1)) == "overpays"
        assert receipts_of(table.do(pay(80, share=1))) == []
        (second,) = receipts_of(table.do(pay(share=1)))
        assert [line.amount_minor for line in second.lines] == [1900, 580]
        assert first.total_minor + second.total_minor == TOTAL_MINOR
        assert difference(table.paid.assessment().groups, first.taxes, second.taxes) == ()
        assert table.paid.status == "settled"

    def test_amounts_share_the_tax_too(self) -> None:
        table = Table()
        table.do(split("amount", Share(1, "", amount_minor=1000), Share(2, "", amount_minor=1000)))
        issued = [receipts_of(table.do(pay(share=number)))[0] for number in (1, 2, 0)]
        assert [receipt.total_minor for receipt in issued] == [1000, 1000, 805]
        assert difference(table.paid.assessment().groups, *(receipt.taxes for receipt in issued)) == ()

    def test_what_changed_after_a_share_was_receipted_is_put_right_at_the_end(self) -> None:
        """The shares took some of the soup's tax; then the soup was voided and wine came for as much."""
        table = Table()
        table.do(split("amount", Share(1, "", amount_minor=1000)))
        table.do(pay(share=1))
        table.do(void(SOUPS))
        table.do(comp(BURGERS, 2))
        table.do(comp("order_line:3"))
        table.do(add("anshu", WINE))
        table.do(place("anshu"))
        assert table.paid.balance_minor == -360
        table.do(add("anshu", WINE))
        table.do(place("anshu"))
        events = table.do(discount(amount_minor=280))
        (correction,) = receipts_of(events)
        assert (correction.total_minor, table.paid.status) == (0, "settled")
        assert [group.rate_bp for group in correction.taxes] == [0, 700]
        assert difference(table.paid.assessment().groups, *(each.taxes for each in table.paid.receipts)) == ()

    def test_a_bill_that_an_order_settles_gets_its_receipt(self) -> None:
        table = Table()
        table.do(pay(1545))
        table.do(comp(BURGERS, 2))
        assert table.paid.balance_minor == -640
        table.do(add("anshu", WINE))
        (receipt,) = receipts_of(table.do(place("anshu")))
        assert (receipt.total_minor, table.paid.status) == (1545, "settled")
        assert [line.name for line in receipt.lines] == ["Soup", "Chips", "Wine"]

    def test_what_was_paid_before_the_split_counts_for_the_rest(self) -> None:
        table = Table()
        table.do(pay(805))
        table.do(split("amount", Share(1, "", amount_minor=1000), Share(2, "", amount_minor=1000)))
        assert [each.due_minor for each in shares_of(table.paid)] == [1000, 1000, 0]


class TestRounding:
    def swiss(self, *, rounding: bool = True) -> Table:
        francs = msgspec.structs.replace(config(), currency="CHF", cash_rounding=rounding)
        table = Table(venue=francs)
        table.do(void(BURGERS, 2))
        table.do(comp("order_line:3"))
        return table

    def test_coins_round_and_the_bill_is_paid_to_the_cent(self) -> None:
        table = self.swiss()
        table.do(pay(577, tendered_minor=575))
        totals = table.drawer.totals
        assert totals.methods[CASH].rounding_minor == -2
        assert (totals.expected_minor, table.paid.paid_minor, table.paid.due_minor) == (575, 577, 3)

    def test_only_coins_round_and_only_where_the_venue_does(self) -> None:
        card = self.swiss()
        card.do(pay(577, method="CARD"))
        assert next(iter(card.paid.payments.values())).rounding_minor == 0
        exact = self.swiss(rounding=False)
        assert exact.code(pay(577, tendered_minor=575)) == "tendered_short"


class TestRefunds:
    def test_money_goes_back_with_a_manager_and_a_receipt_below_zero(self) -> None:
        table = Table()
        cash = pay(tip_minor=100)
        table.do(cash)
        assert table.code(refund(cash.payment_pid, approved_by="ann")) == "forbidden"
        table.do(void(SOUPS))
        assert (table.paid.balance_minor, table.paid.status) == (-580, "open")
        events = table.do(refund(cash.payment_pid, 580))
        assert isinstance(events[0], PaymentPartlyRefunded)
        (receipt,) = receipts_of(events)
        assert (receipt.kind, receipt.number, receipt.total_minor, receipt.tax_minor) == (
            "refund",
            2,
            -580,
            -38,
        )
        assert [(line.line, line.qty) for line in receipt.lines] == [(SOUPS, -1)]
        assert (table.paid.status, table.drawer.totals.expected_minor) == ("settled", TOTAL_MINOR + 100 - 580)

    def test_a_whole_payment_goes_back_and_can_be_made_again(self) -> None:
        table = Table()
        cash = pay(tip_minor=100)
        table.do(cash)
        (event, *rest) = table.do(refund(cash.payment_pid))
        assert isinstance(event, PaymentRefunded)
        assert receipts_of(rest)[0].total_minor == -TOTAL_MINOR
        assert (table.paid.due_minor, table.paid.tip_minor) == (TOTAL_MINOR, 0)
        assert table.drawer.totals.expected_minor == 0
        assert table.code(refund(cash.payment_pid)) == "refund_too_high"
        (receipt,) = receipts_of(table.do(pay()))
        assert (receipt.number, receipt.total_minor) == (3, TOTAL_MINOR)
        assert difference(table.paid.assessment().groups, *(each.taxes for each in table.paid.receipts)) == ()

    def test_a_part_that_was_never_receipted_goes_back_without_one(self) -> None:
        table = Table()
        cash = pay(1000)
        table.do(cash)
        assert receipts_of(table.do(refund(cash.payment_pid, 400))) == []
        assert table.code(refund(cash.payment_pid, 601)) == "refund_too_high"
        assert table.code(refund(cash.payment_pid, 0)) == "refund_too_high"
        assert table.code(refund("p?")) == "unknown_payment"
        assert table.paid.due_minor == TOTAL_MINOR - 600


wishes = st.lists(
    st.tuples(
        st.sampled_from(["pay", "pay", "card", "void", "comp", "refund", "order", "fail", "settle", "share"]),
        st.integers(0, 4000),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=150)
@given(wishes)
def test_whatever_is_done_the_sums_hold(asked: list[tuple[str, int]]) -> None:
    """Never more is taken than owed, receipts sum to what was paid, and the drawer to what came and went."""
    table = Table()
    table.do(split("amount", Share(1, "", amount_minor=1000), Share(2, "", amount_minor=700)))
    for what, number in asked:
        before = table.paid
        _try(table, _command(table, what, number))
        bill = table.paid
        assert bill.paid_minor + bill.held_minor <= max(
            bill.total_minor, before.paid_minor + before.held_minor
        )
        receipted = sum(receipt.total_minor for receipt in bill.receipts)
        assert receipted <= bill.paid_minor
        if bill.status == "settled":
            assert receipted == bill.total_minor == bill.paid_minor
            left = difference(bill.assessment().groups, *(each.taxes for each in bill.receipts))
            assert left == ()
        assert sum(share.total_minor for share in shares_of(bill)) == bill.total_minor
        assert [each.number for each in bill.receipts] == list(range(1, len(bill.receipts) + 1))
    shift = table.shift(table.open_shift_at("main") or "")
    if shift is not None:
        taken = [each for each in table.paid.payments.values() if each.state == "settled"]
        cash = [each for each in taken if each.method == CASH]
        assert shift.totals.expected_minor == sum(each.amount_minor - each.returned_minor for each in cash)
        assert shift.totals.receipts.amount_minor == sum(each.total_minor for each in table.paid.receipts)


def _command(table: Table, what: str, number: int) -> Any:
    line = list(table.paid.lines)[number % len(table.paid.lines)]
    paid = list(table.paid.payments) or ["p?"]
    payment = paid[number % len(paid)]
    match what:
        case "pay" | "card":
            return pay(number or None, method="CARD" if what == "card" else "CASH")
        case "share":
            return pay(share=number % 3)
        case "void" | "comp":
            return void(line) if what == "void" else comp(line)
        case "refund":
            return refund(payment, number or None)
        case "fail" | "settle":
            return AdvancePayment(payment, "FAILED" if what == "fail" else "COMPLETED", ANN, f"of {payment}")
        case _:
            table.do(add("anshu", WINE))
            return place("anshu")


def _try(table: Table, command: Any) -> None:
    """Do it if it may be done."""
    if not isinstance(decide(table, command, table.now), Refusal):
        table.do(command)
