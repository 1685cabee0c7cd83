"""Shifts and the cash drawer: what was taken, put in and counted."""

from edge.core.money.commands import CloseShift, MoveCash, OpenShift
from protocol.facts.shift import ReceiptsCounted, Shift
from tests.unit.edge.core.tables_that_pay import (
    ANN,
    BURGERS,
    TOTAL_MINOR,
    Table,
    comp,
    pay,
    void,
)


class TestShifts:
    def test_a_drawer_is_counted(self) -> None:
        table = Table(OpenShift("m1", "main", 15_000, ANN))
        assert table.code(OpenShift("m2", "main", 0, ANN)) == "shift_open"
        table.do(pay(1000, tip_minor=50))
        table.do(MoveCash("m1", "c1", -2000, "ice", ANN))
        table.do(MoveCash("m1", "c2", 500, "change", ANN))
        assert table.code(MoveCash("m1", "c3", -99_999, "too much", ANN)) == "invalid"
        assert table.code(MoveCash("m1", "c3", 0, "nothing", ANN)) == "invalid"
        table.do(pay())
        totals = table.drawer.totals
        assert (totals.cash_in_minor, totals.cash_out_minor) == (500, 2000)
        assert totals.expected_minor == 15_000 + TOTAL_MINOR + 50 - 1500
        assert (totals.receipts.count, totals.receipts.amount_minor) == (1, TOTAL_MINOR)
        table.do(CloseShift("m1", totals.expected_minor - 20, ANN))
        closed = table.shift("m1")
        assert isinstance(closed, Shift)
        assert closed.closed is not None
        assert (closed.closed.z_number, closed.closed.difference_minor) == (1, -20)
        assert closed.closed.totals == totals
        assert table.code(CloseShift("m1", 0, ANN)) == "shift_closed"
        assert table.code(MoveCash("m1", "c4", 5, "late", ANN)) == "shift_closed"
        assert table.code(CloseShift("m9", 0, ANN)) == "unknown_shift"

    def test_money_before_anybody_opened_a_shift_opens_one(self) -> None:
        table = Table()
        table.do(pay(1000))
        assert table.drawer.opened.by_itself
        table.do(CloseShift(table.drawer.opened.shift_pid, 1000, ANN))
        table.do(OpenShift("next", "main", 0, ANN))
        table.do(pay())
        assert table.drawer.totals.expected_minor == TOTAL_MINOR - 1000
        table.do(CloseShift("next", 0, ANN))
        closed = table.shift("next")
        assert closed is not None
        assert closed.closed is not None
        assert closed.closed.z_number == 2

    def test_a_shift_knows_taxes_and_what_was_taken_off(self) -> None:
        table = Table()
        table.do(void(BURGERS))
        table.do(comp(BURGERS))
        events = table.do(pay())
        assert any(isinstance(event, ReceiptsCounted) for event in events)
        totals = table.drawer.totals
        assert {kind: each.amount_minor for kind, each in totals.adjustments.items()} == {
            "void": 950,
            "comp": 950,
        }
        assert totals.taxes == table.paid.assessment().groups
        assert (totals.first_receipt, totals.last_receipt) == (1, 1)
