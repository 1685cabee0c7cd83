"""Rules of what staff do to bills, payments, stored cards and shifts: a row for each command of
`money/commands.py`."""

from typing import Any

from edge.core.money import bill, commands, payment, shift, stored_cards
from edge.core.rule import Rule
from edge.core.view import VenueView
from protocol.facts import bill_events as bills
from protocol.facts import payment as payments
from protocol.facts.shift import CashMoved, ShiftClosed, ShiftOpened
from protocol.facts.stored_card import StoredCardDeclined, StoredCardSent
from protocol.facts.stored_card import aggregate_of as stored_aggregate
from protocol.facts.terminal import AGGREGATE as TERMINAL
from protocol.facts.terminal import CutOffNoted


def _bill(view: VenueView, command: Any) -> str:
    return bill.aggregate_of(command.session_pid)


def _payment(
    view: VenueView, command: commands.AdvancePayment | commands.RefundPayment | commands.StoreCard
) -> str:
    return payment.aggregate_of(command.payment_pid)


def _stored(view: VenueView, command: commands.SettleStoredCard) -> str:
    return stored_aggregate(command.payment_pid)


def _shift(view: VenueView, command: commands.OpenShift | commands.MoveCash | commands.CloseShift) -> str:
    return shift.aggregate_of(command.shift_pid)


RULES: dict[type, Rule] = {
    commands.VoidLine: Rule(bill.void, (bills.LineVoided,), _bill),
    commands.CompLine: Rule(bill.comp, (bills.LineComped,), _bill),
    commands.GiveDiscount: Rule(bill.discount, (bills.DiscountGiven,), _bill),
    commands.ChangeService: Rule(bill.change_service, (bills.ServiceChanged,), _bill),
    commands.SplitBill: Rule(bill.split, (bills.BillSplit,), _bill),
    commands.TakePayment: Rule(payment.take, (bills.PaymentBegun,), _bill),
    commands.AdvancePayment: Rule(
        payment.advance,
        (
            payments.PaymentPending,
            payments.PaymentCompleted,
            payments.PaymentFailed,
            payments.PaymentUnknown,
        ),
        _payment,
    ),
    commands.RefundPayment: Rule(
        payment.refund, (payments.PaymentPartlyRefunded, payments.PaymentRefunded), _payment
    ),
    commands.StoreCard: Rule(stored_cards.store, (payments.PaymentCompleted,), _payment),
    commands.SettleStoredCard: Rule(stored_cards.settle, (StoredCardSent, StoredCardDeclined), _stored),
    commands.NoteCutOff: Rule(stored_cards.note_cut_off, (CutOffNoted,), lambda view, command: TERMINAL),
    commands.OpenShift: Rule(shift.open_, (ShiftOpened,), _shift),
    commands.MoveCash: Rule(shift.move_cash, (CashMoved,), _shift),
    commands.CloseShift: Rule(shift.close, (ShiftClosed,), _shift),
}
