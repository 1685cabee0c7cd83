"""What stands on paper about money: a bill before it is paid, a receipt, a shift's report.

Rule of the file: slips from state, nothing else; a slip is the same on screen, on 58 and on 80 mm. A receipt
names the venue as its owner wrote it, each line with tax, the taxes by rate, and how it was paid.
Counterparts: `slips.py` has the kitchen's, `edge/adapters/kitchen/escpos.py` fits them to the paper.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from protocol.facts.bill import Bill
from protocol.facts.payment import Payment
from protocol.facts.printout import Slip, SlipLine
from protocol.facts.receipt import REFUND, Receipt, ReceiptPayment
from protocol.facts.shift import Shift, Totals
from protocol.facts.venue import VenueConfig
from protocol.money import written
from protocol.shares import gross_of_lines
from protocol.taxes import TaxGroup

COLUMNS = 42
_RULE = SlipLine("-" * 32)
_METHODS = {"CASH": "Cash", "CARD": "Card", "BALANCE": "Balance"}
_ADJUSTMENTS = {"void": "Voids", "comp": "Comps", "discount": "Discounts"}
_DEPOSITS = {"taken": "taken", "used": "used for play", "kept": "kept", "returned": "given back"}

#: Money that is still the guests' own, on no receipt until it pays for something.
_PREPAID = {"paid_in": "Balances paid in", "given_back": "Balances given back"}


def _at(wall_ms: int, timezone: str) -> str:
    """When, as the venue's clocks showed it."""
    return f"{datetime.fromtimestamp(wall_ms / 1000, ZoneInfo(timezone)):%Y-%m-%d %H:%M}"


def _sum(name: str, minor: int, currency: str, *, bold: bool = False) -> SlipLine:
    return SlipLine(name, right=written(minor, currency), bold=bold)


def receipt_slip(receipt: Receipt, config: VenueConfig, *, copy: bool = False) -> Slip:
    """A receipt; a `copy` says so at its head."""
    currency = receipt.currency
    title = "REFUND" if receipt.kind == REFUND else "RECEIPT"
    head = [SlipLine(line) for line in config.receipt_heading]
    named = [SlipLine(receipt.label)] if receipt.label else []
    sold = [
        line
        for each in receipt.lines
        for line in (
            _sum(f"{each.qty} x {each.name}", each.amount_minor, currency),
            *(SlipLine(f"   + {name}") for name in each.modifiers),
        )
    ]
    return Slip(
        heading=config.name,
        lines=(
            *head,
            SlipLine(f"{title} {receipt.number}", right=_at(receipt.issued_ms, config.timezone), bold=True),
            SlipLine(receipt.table_name),
            *named,
            _RULE,
            *sold,
            _RULE,
            _sum(f"TOTAL {currency}", receipt.total_minor, currency, bold=True),
            *_taxed(receipt.taxes, currency),
            *(line for each in receipt.payments for line in _paid(each, currency)),
        ),
        reprint=copy,
    )


def _taxed(groups: Iterable[TaxGroup], currency: str) -> list[SlipLine]:
    return [
        _sum(f"  net {written(group.net_minor, currency)} + tax {_rate(group)}", group.tax_minor, currency)
        for group in groups
    ]


def _rate(group: TaxGroup) -> str:
    """`7 %`, `19 %`, `5.5 %`."""
    return f"{group.rate_bp / 100:g} %"


def _paid(payment: ReceiptPayment, currency: str) -> list[SlipLine]:
    name = _METHODS.get(payment.method, payment.method)
    lines = [_sum(name, payment.amount_minor, currency)]
    if payment.rounding_minor:
        lines.append(_sum("  rounding", payment.rounding_minor, currency))
    if payment.tip_minor:
        lines.append(_sum("  tip", payment.tip_minor, currency))
    return lines


def bill_slip(bill: Bill, config: VenueConfig, wall_ms: int) -> Slip:
    """What is owed, before it is paid; it says itself that it is no receipt."""
    gross, currency = gross_of_lines(bill), bill.currency
    owed = [
        _sum(f"{line.left} x {line.name}", gross[line.id], currency)
        for line in bill.lines.values()
        if line.left
    ]
    paid = [_sum("Paid", -bill.paid_minor, currency)] if bill.paid_minor else []
    return Slip(
        heading=config.name,
        lines=(
            SlipLine(f"BILL {bill.table_name}", right=_at(wall_ms, config.timezone), bold=True),
            _RULE,
            *owed,
            _RULE,
            _sum(f"TOTAL {currency}", bill.total_minor, currency, bold=True),
            *_taxed(bill.assessment().groups, currency),
            *paid,
            _sum("DUE", bill.balance_minor, currency, bold=True),
        ),
        footing="This is not a receipt.",
    )


def report_slip(shift: Shift, config: VenueConfig, wall_ms: int) -> Slip:
    """An X report while the shift is open, its Z report afterwards."""
    first, closed, currency = shift.opened, shift.closed, shift.opened.currency
    title = f"Z REPORT {closed.z_number}" if closed else "X REPORT"
    ended_ms = shift.closed_ms if shift.closed_ms is not None else wall_ms
    counted = (
        [
            _sum("Counted", closed.counted_minor, currency),
            _sum("Difference", closed.difference_minor, currency, bold=True),
        ]
        if closed
        else []
    )
    return Slip(
        heading=config.name,
        lines=(
            SlipLine(title, right=first.till, bold=True),
            SlipLine("from", right=_at(shift.opened_ms, config.timezone)),
            SlipLine("to", right=_at(ended_ms, config.timezone)),
            _RULE,
            *_totals(shift.totals, currency),
            _RULE,
            *_drawer(shift.totals, currency),
            *counted,
        ),
    )


def _totals(totals: Totals, currency: str) -> list[SlipLine]:
    """What was sold, taxed, paid and taken off."""
    numbers = f"{totals.first_receipt or '-'} to {totals.last_receipt or '-'}"
    lines = [
        SlipLine(f"Receipts {numbers}", right=str(totals.receipts.count)),
        _sum("Sales", totals.receipts.amount_minor, currency, bold=True),
        *_taxed(totals.taxes, currency),
    ]
    for name, each in sorted(totals.methods.items()):
        lines.append(_sum(f"{_METHODS.get(name, name)} ({each.count})", each.amount_minor, currency))
        lines += [
            _sum(f"  {word}", minor, currency)
            for word, minor in (("tips", each.tip_minor), ("rounding", each.rounding_minor))
            if minor
        ]
        if each.back_minor:
            lines.append(_sum("  given back", -each.back_minor, currency))
    for kind, taken_off in sorted(totals.adjustments.items()):
        name = _ADJUSTMENTS.get(kind, kind)
        lines.append(_sum(f"{name} ({taken_off.count})", taken_off.amount_minor, currency))
    for kind, word in _DEPOSITS.items():
        deposits = totals.deposits_by_kind.get(kind)
        if deposits is not None:
            lines.append(_sum(f"Deposits {word} ({deposits.count})", deposits.amount_minor, currency))
    for kind, word in _PREPAID.items():
        prepaid = totals.prepaid_by_kind.get(kind)
        if prepaid is not None:
            lines.append(_sum(f"{word} ({prepaid.count})", prepaid.amount_minor, currency))
    return lines


def _drawer(totals: Totals, currency: str) -> list[SlipLine]:
    return [
        _sum("Float", totals.float_minor, currency),
        _sum("Cash in", totals.cash_in_minor, currency),
        _sum("Cash out", -totals.cash_out_minor, currency),
        _sum("Should be in the drawer", totals.expected_minor, currency, bold=True),
    ]


def paid_in_slip(payment: Payment, after_minor: int | None, config: VenueConfig) -> Slip:
    """What a guest takes along who has paid in: no sale, so it has no number of receipts and no tax.

    `after_minor` is the balance after it, where it is there already.
    """
    first, currency = payment.initiated, payment.initiated.currency
    owed_minor = first.amount_minor + first.rounding_minor
    change = first.tendered_minor - owed_minor if first.tendered_minor is not None else 0
    when_ms = payment.completed_ms if payment.completed_ms is not None else payment.initiated_ms
    parts = (
        (_METHODS.get(first.method, first.method), first.amount_minor),
        ("  rounding", first.rounding_minor),
        ("  handed over", first.tendered_minor if change else 0),
        ("  change", change),
        ("Given back", -payment.refunded_minor),
    )
    after = [_sum("Balance after it", after_minor, currency)] if after_minor is not None else []
    return Slip(
        heading=config.name,
        lines=(
            *(SlipLine(line) for line in config.receipt_heading),
            SlipLine("PAID IN", right=_at(when_ms, config.timezone), bold=True),
            SlipLine(f"Balance of {first.balance_of}"),
            _RULE,
            _sum(f"PAID IN {currency}", first.amount_minor, currency, bold=True),
            *(_sum(name, minor, currency) for name, minor in parts if minor),
            *after,
            SlipLine(f"No. {first.payment_pid[:12]}"),
        ),
        footing="No sale: taxed when it is spent.",
    )


def as_text(slip: Slip, columns: int = COLUMNS) -> str:
    """A slip for a screen: as many columns as a printer has."""
    rows = [slip.heading.center(columns).rstrip()]
    for line in slip.lines:
        room = columns - len(line.right) - 1 if line.right else columns
        left = line.text if len(line.text) <= room else f"{line.text[: room - 1]}…"
        rows.append(f"{left:<{room}} {line.right}" if line.right else left)
    footing = [slip.footing.center(columns).rstrip()] if slip.footing else []
    return "\n".join([*rows, *footing]) + "\n"
