"""Bills, receipts, payments and shifts in the words of `bill.py` and `shift.py`, made from folded state."""

from typing import Any

from protocol import bill as wire
from protocol import shift as drawer
from protocol.facts import bill_events as events
from protocol.facts.bill import Bill
from protocol.facts.bill_events import BillLine
from protocol.facts.payment import Payment
from protocol.facts.receipt import Receipt
from protocol.facts.shift import Shift, Totals
from protocol.news import BillChangedMessage
from protocol.shares import gross_of_lines, shares_of
from protocol.table import iso
from protocol.taxes import TaxGroup


def empty_bill(session_pid: str, table_name: str, currency: str) -> wire.BillMessage:
    """The bill of a table at which nothing was ordered yet."""
    return bill_message(Bill(0, session_pid, table_name, currency, "open", 0))


def bill_message(bill: Bill) -> wire.BillMessage:
    """A bill as it stands; lines that went to another bill are left out."""
    gross, assessed = gross_of_lines(bill), bill.assessment()
    here = [line for line in bill.lines.values() if line.moved_to is None]
    status: Any = bill.status
    return wire.BillMessage(
        session_pid=bill.session_pid,
        table_name=bill.table_name,
        status=status,
        currency=bill.currency,
        lines=tuple(_line(line, gross[line.id]) for line in here),
        taxes=_taxes(assessed.groups),
        net_minor=assessed.net_minor,
        tax_minor=assessed.tax_minor,
        total_minor=bill.total_minor,
        discount_minor=sum(line.discount_minor for line in here),
        paid_minor=bill.paid_minor,
        held_minor=bill.held_minor,
        tip_minor=bill.tip_minor,
        balance_minor=bill.balance_minor,
        due_minor=bill.due_minor,
        split_by=bill.split.by if bill.split else None,
        shares=_shares(bill),
        payments=_payments(bill),
        receipts=tuple(receipt.number for receipt in bill.receipts),
        merged_into=bill.merged_into,
    )


#: What guests are told of at once. A line that their own order charged comes with the news of the order.
_HEARD = (
    events.LineVoided,
    events.LineComped,
    events.DiscountGiven,
    events.ServiceChanged,
    events.PaymentSettled,
    events.PaymentReturned,
    events.LinesMoved,
)


def bill_broadcasts(bill: Bill, event: events.BillEvent) -> list[BillChangedMessage]:
    """What everyone at the table is told about a change of their bill."""
    came_over = isinstance(event, events.LinesCharged) and event.moved_from is not None
    if not came_over and not isinstance(event, _HEARD):
        return []
    return [BillChangedMessage(bill.total_minor, bill.paid_minor, bill.due_minor, bill.currency)]


def _line(line: BillLine, gross_minor: int) -> wire.BillLineMessage:
    return wire.BillLineMessage(
        id=line.id,
        source=line.source,
        ref=line.ref,
        name=line.name,
        modifiers=line.modifiers,
        member=line.member,
        qty=line.qty,
        left=line.left,
        voided=line.voided,
        comped=line.comped,
        price_minor=line.price_minor,
        discount_minor=line.discount_minor,
        amount_minor=gross_minor,
        tax_rate_bp=line.rate_bp,
        takeaway=line.takeaway,
    )


def _taxes(groups: tuple[TaxGroup, ...]) -> tuple[wire.TaxMessage, ...]:
    return tuple(
        wire.TaxMessage(group.rate_bp, group.net_minor, group.tax_minor, group.gross_minor)
        for group in groups
    )


def _shares(bill: Bill) -> tuple[wire.ShareMessage, ...]:
    return tuple(
        wire.ShareMessage(
            share.id,
            share.label,
            share.total_minor,
            share.paid_minor,
            share.due_minor,
            tuple(wire.SharePieceMessage(part.line, part.qty, part.amount_minor) for part in share.lines),
        )
        for share in shares_of(bill)
    )


def _payments(bill: Bill) -> tuple[wire.BillPaymentMessage, ...]:
    return tuple(
        wire.BillPaymentMessage(
            pid,
            each.method,
            each.amount_minor,
            each.tip_minor,
            each.rounding_minor,
            each.share,
            each.state,
            each.returned_minor,
        )
        for pid, each in bill.payments.items()
    )


def receipt_message(receipt: Receipt, session_pid: str, text: str) -> wire.ReceiptMessage:
    """A receipt; `text` as it would be printed."""
    kind: Any = receipt.kind
    return wire.ReceiptMessage(
        number=receipt.number,
        kind=kind,
        session_pid=session_pid,
        table_name=receipt.table_name,
        label=receipt.label,
        currency=receipt.currency,
        issued_at=iso(receipt.issued_ms),
        lines=tuple(
            wire.ReceiptLineMessage(line.name, line.qty, line.amount_minor, line.modifiers)
            for line in receipt.lines
        ),
        taxes=_taxes(receipt.taxes),
        total_minor=receipt.total_minor,
        tax_minor=receipt.tax_minor,
        payments=tuple(
            wire.BillPaymentMessage(
                each.payment_pid,
                each.method,
                each.amount_minor,
                each.tip_minor,
                each.rounding_minor,
                receipt.share,
                "settled",
                0,
            )
            for each in receipt.payments
        ),
        text=text,
    )


def payment_message(payment: Payment) -> wire.PaymentMessage:
    """A payment as it stands."""
    first, status = payment.initiated, payment.status
    owed_minor = first.amount_minor + first.tip_minor + first.rounding_minor
    told: Any = status
    return wire.PaymentMessage(
        payment_pid=first.payment_pid,
        method=first.method,
        status=told,
        amount_minor=first.amount_minor,
        tip_minor=first.tip_minor,
        rounding_minor=first.rounding_minor,
        tendered_minor=first.tendered_minor,
        change_minor=0 if first.tendered_minor is None else first.tendered_minor - owed_minor,
        currency=first.currency,
        session_pid=first.session_pid,
        share=first.share,
        till=first.till,
        shift_pid=payment.shift_pid,
        reference=payment.reference,
        failure=payment.failure,
        refunded_minor=payment.refunded_minor,
        refunded_tip_minor=payment.refunded_tip_minor,
    )


def shift_message(shift: Shift, text: str) -> drawer.ShiftMessage:
    """A shift with its report; `text` as it would be printed."""
    first, closed = shift.opened, shift.closed
    status: Any = shift.status
    return drawer.ShiftMessage(
        shift_pid=first.shift_pid,
        till=first.till,
        status=status,
        currency=first.currency,
        opened_at=iso(shift.opened_ms),
        opened_by=shift.opened_by,
        by_itself=first.by_itself,
        closed_at=iso(shift.closed_ms) if shift.closed_ms is not None else None,
        counted_minor=closed.counted_minor if closed else None,
        difference_minor=closed.difference_minor if closed else None,
        z_number=closed.z_number if closed else None,
        report=_report(shift.totals),
        text=text,
    )


def _report(totals: Totals) -> drawer.ReportMessage:
    return drawer.ReportMessage(
        float_minor=totals.float_minor,
        cash_in_minor=totals.cash_in_minor,
        cash_out_minor=totals.cash_out_minor,
        expected_minor=totals.expected_minor,
        methods=tuple(
            drawer.MethodMessage(
                name, each.count, each.amount_minor, each.tip_minor, each.rounding_minor, each.back_minor
            )
            for name, each in sorted(totals.methods.items())
        ),
        adjustments=tuple(
            drawer.AdjustmentMessage(kind, each.count, each.amount_minor)
            for kind, each in sorted(totals.adjustments.items())
        ),
        receipts=totals.receipts.count,
        receipts_minor=totals.receipts.amount_minor,
        first_receipt=totals.first_receipt,
        last_receipt=totals.last_receipt,
        taxes=_taxes(totals.taxes),
        deposits=tuple(
            drawer.DepositMessage(kind, each.count, each.amount_minor)
            for kind, each in sorted(totals.deposits_by_kind.items())
        ),
        prepaid=tuple(
            drawer.PrepaidMessage(kind, each.count, each.amount_minor)
            for kind, each in sorted(totals.prepaid_by_kind.items())
        ),
    )
