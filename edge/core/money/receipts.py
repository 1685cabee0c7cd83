"""When a bill is paid, receipts are due: one for the whole, or one for each share that was paid.

Whatever changes a bill goes through `conclude`, so that a bill that comes to be paid by a void, a comp or a
discount gets its receipt like any other. Receipts of a bill sum to what was paid for it, rate by rate: the
last one is the difference between the bill and all earlier ones, even where that is nothing in all but moves
tax from one rate to another. What was given back after a receipt is taken out again with one below zero.
"""

from collections.abc import Sequence

import msgspec

from edge.core.clock import Now
from edge.core.money import shift
from edge.core.shop import goods as shop_goods
from edge.core.view import Proposal, VenueView
from protocol.facts.bill import Bill, following
from protocol.facts.bill_events import BillEvent, ReceiptIssued
from protocol.facts.receipt import REFUND, SALE, Receipt, ReceiptLine, ReceiptPayment
from protocol.facts.shift import Counted, ReceiptCount, ReceiptsCounted
from protocol.shares import ShareState, gross_of_lines, shares_of
from protocol.taxes import TaxGroup, difference, portion


def conclude(
    view: VenueView,
    bill: Bill,
    events: Sequence[BillEvent],
    till: shift.Till,
    now: Now,
    *,
    counted: Sequence[Counted] = (),
) -> list[Proposal]:
    """`events` on a bill, the receipts that they make due, and what the shift counts."""
    after = bill
    for event in events:
        after = following(after, event)
    issued: list[Receipt] = []
    while (receipt := _next(after, view.next_receipt_number + len(issued), now.wall_ms)) is not None:
        issued.append(receipt)
        after = following(after, ReceiptIssued(receipt))
    aggregate = f"bill:{bill.session_pid}"
    sums = tuple(ReceiptCount(receipt.number, receipt.taxes) for receipt in issued)
    totals = [*counted, ReceiptsCounted(sums)] if sums else counted
    return [
        *((aggregate, event) for event in events),
        *((aggregate, ReceiptIssued(receipt)) for receipt in issued),
        *shift.counting(view, till, bill.currency, totals),
        *shop_goods.follow(view, after),
    ]


def _next(bill: Bill, number: int, wall_ms: int) -> Receipt | None:
    """The receipt that is due next; None when there is none."""
    receipted_minor = sum(receipt.total_minor for receipt in bill.receipts)
    blank = Receipt(number, SALE, bill.currency, bill.table_name, (), (), wall_ms)
    if receipted_minor > bill.paid_minor:
        return _taken_back(bill, blank, receipted_minor - bill.paid_minor)
    for share in shares_of(bill):
        if _is_due(bill, share):
            return _of_share(bill, blank, share)
    if bill.status != "settled" or not _left(bill):
        return None
    return _of_rest(bill, blank, bill.total_minor - receipted_minor)


def _is_due(bill: Bill, share: ShareState) -> bool:
    """Whether a share was paid whole, as a share, and has no receipt yet."""
    has_one = any(receipt.share == share.id for receipt in bill.receipts)
    return 0 < share.total_minor == share.paid_minor and not has_one


def _of_share(bill: Bill, blank: Receipt, share: ShareState) -> Receipt:
    lines = tuple(
        ReceiptLine(bill.lines[part.line].name, part.qty, part.amount_minor, part.line)
        for part in share.lines
    )
    return msgspec.structs.replace(
        blank,
        lines=lines or (ReceiptLine(bill.table_name, 1, share.total_minor),),
        taxes=_taxes(bill, share.total_minor, lines),
        payments=_payments(bill, share.id),
        share=share.id,
        label=share.label,
    )


def _of_rest(bill: Bill, blank: Receipt, amount_minor: int) -> Receipt:
    """The whole bill, or what earlier receipts have left of it."""
    lines = _unreceipted(bill)
    told = sum(line.amount_minor for line in lines) == amount_minor
    return msgspec.structs.replace(
        blank,
        lines=lines if told else (ReceiptLine(bill.table_name, 1, amount_minor),),
        taxes=_left(bill),
        payments=_payments(bill, None),
    )


def _taken_back(bill: Bill, blank: Receipt, amount_minor: int) -> Receipt:
    """A receipt below zero for what was given back."""
    lines, left = _unreceipted(bill), _left(bill)
    sums = {sum(line.amount_minor for line in lines), sum(group.gross_minor for group in left)}
    told = sums == {-amount_minor}
    groups = left if told else tuple(map(_negative, portion(_receipted(bill), amount_minor)))
    return msgspec.structs.replace(
        blank,
        kind=REFUND,
        lines=lines if told else (ReceiptLine(bill.table_name, 1, -amount_minor),),
        taxes=groups,
    )


def _unreceipted(bill: Bill) -> tuple[ReceiptLine, ...]:
    """What of each line no receipt has named yet; below zero where one has named too much."""
    qty: dict[str, int] = {name: line.left for name, line in bill.lines.items()}
    amount = gross_of_lines(bill)
    for named in (line for receipt in bill.receipts for line in receipt.lines):
        if named.line is not None:
            qty[named.line] -= named.qty
            amount[named.line] -= named.amount_minor
    return tuple(
        ReceiptLine(bill.lines[name].name, qty[name], amount[name], name, bill.lines[name].modifiers)
        for name in bill.lines
        if qty[name] or amount[name]
    )


def _receipted(bill: Bill) -> tuple[TaxGroup, ...]:
    """What all receipts come to, by rate."""
    empty: tuple[TaxGroup, ...] = ()
    return tuple(map(_negative, difference(empty, *(receipt.taxes for receipt in bill.receipts))))


def _left(bill: Bill) -> tuple[TaxGroup, ...]:
    """What no receipt has named yet, by rate."""
    return difference(bill.assessment().groups, *(receipt.taxes for receipt in bill.receipts))


def _taxes(bill: Bill, amount_minor: int, lines: tuple[ReceiptLine, ...]) -> tuple[TaxGroup, ...]:
    """The tax in a share: of its lines where it has some, else in proportion to what is left."""
    left = _left(bill)
    if not lines:
        return portion(left, amount_minor)
    by_rate: dict[int, int] = {}
    for line in lines:
        rate_bp = bill.lines[line.line or ""].rate_bp
        by_rate[rate_bp] = by_rate.get(rate_bp, 0) + line.amount_minor
    of_rate = {group.rate_bp: group for group in left}
    nothing = (TaxGroup(rate, 0, 0, 0) for rate in by_rate)
    known = {group.rate_bp: of_rate.get(group.rate_bp, group) for group in nothing}
    whole = [portion((known[rate],), gross) for rate, gross in by_rate.items() if gross]
    return tuple(group for groups in whole for group in groups)


def _negative(group: TaxGroup) -> TaxGroup:
    return TaxGroup(group.rate_bp, -group.net_minor, -group.tax_minor, -group.gross_minor)


def _payments(bill: Bill, share: int | None) -> tuple[ReceiptPayment, ...]:
    """Settled payments that no receipt has named yet; of one share, or all."""
    named = {payment.payment_pid for receipt in bill.receipts for payment in receipt.payments}
    return tuple(
        ReceiptPayment(pid, each.method, each.amount_minor, each.rounding_minor, each.tip_minor)
        for pid, each in bill.payments.items()
        if each.state == "settled" and pid not in named and share in (None, each.share)
    )
