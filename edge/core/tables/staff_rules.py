"""Rules of what staff do to tables, bills, payments and shifts: a row for each command of
`tables/commands.py` and `money/commands.py`."""

from typing import Any

from edge.core.money import bill, payment, shift, stored_cards
from edge.core.money import commands as till
from edge.core.rule import Rule
from edge.core.tables import commands as floor
from edge.core.tables import seating, table
from edge.core.view import VenueView
from protocol.facts import bill_events as bills
from protocol.facts import payment as payments
from protocol.facts.shift import CashMoved, ShiftClosed, ShiftOpened
from protocol.facts.stored_card import StoredCardDeclined, StoredCardSent
from protocol.facts.stored_card import aggregate_of as stored_aggregate
from protocol.facts.table import (
    MemberJoined,
    PassValidated,
    TableMerged,
    TableMoved,
    TableOpened,
    TableSplit,
)
from protocol.facts.terminal import AGGREGATE as TERMINAL
from protocol.facts.terminal import CutOffNoted


def _open_table(view: VenueView, command: floor.AttendTable) -> str | None:
    session_pid = view.open_session_at(command.table_code)
    return table.aggregate_of(session_pid) if session_pid else None


def _table(view: VenueView, command: floor.MoveTable | floor.MergeTables | floor.SplitTable) -> str:
    return table.aggregate_of(command.session_pid)


def _bill(view: VenueView, command: Any) -> str:
    return bill.aggregate_of(command.session_pid)


def _payment(view: VenueView, command: till.AdvancePayment | till.RefundPayment | till.StoreCard) -> str:
    return payment.aggregate_of(command.payment_pid)


def _stored(view: VenueView, command: till.SettleStoredCard) -> str:
    return stored_aggregate(command.payment_pid)


def _shift(view: VenueView, command: till.OpenShift | till.MoveCash | till.CloseShift) -> str:
    return shift.aggregate_of(command.shift_pid)


RULES: dict[type, Rule] = {
    floor.AttendTable: Rule(seating.attend, (TableOpened, MemberJoined, PassValidated), _open_table),
    floor.MoveTable: Rule(seating.move, (TableMoved,), _table),
    floor.MergeTables: Rule(seating.merge, (TableMerged,), _table),
    floor.SplitTable: Rule(seating.split, (TableSplit,), _table),
    till.VoidLine: Rule(bill.void, (bills.LineVoided,), _bill),
    till.CompLine: Rule(bill.comp, (bills.LineComped,), _bill),
    till.GiveDiscount: Rule(bill.discount, (bills.DiscountGiven,), _bill),
    till.ChangeService: Rule(bill.change_service, (bills.ServiceChanged,), _bill),
    till.SplitBill: Rule(bill.split, (bills.BillSplit,), _bill),
    till.TakePayment: Rule(payment.take, (bills.PaymentBegun,), _bill),
    till.AdvancePayment: Rule(
        payment.advance,
        (
            payments.PaymentPending,
            payments.PaymentCompleted,
            payments.PaymentFailed,
            payments.PaymentUnknown,
        ),
        _payment,
    ),
    till.RefundPayment: Rule(
        payment.refund, (payments.PaymentPartlyRefunded, payments.PaymentRefunded), _payment
    ),
    till.StoreCard: Rule(stored_cards.store, (payments.PaymentCompleted,), _payment),
    till.SettleStoredCard: Rule(stored_cards.settle, (StoredCardSent, StoredCardDeclined), _stored),
    till.NoteCutOff: Rule(stored_cards.note_cut_off, (CutOffNoted,), lambda view, command: TERMINAL),
    till.OpenShift: Rule(shift.open_, (ShiftOpened,), _shift),
    till.MoveCash: Rule(shift.move_cash, (CashMoved,), _shift),
    till.CloseShift: Rule(shift.close, (ShiftClosed,), _shift),
}
