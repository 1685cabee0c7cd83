"""What a table owes: lines as they were charged, what was taken off them, what was paid, what was receipted.

    (none) --BillOpened--> open <--> settled
                             `--BillMerged--> merged

A bill is `settled` while something was charged and nothing is owed; more lines or a refund open it again.
`merged` is final: another bill has taken everything over.

A payment holds its amount from the moment it begins, so two at once can never take more than is owed; its
own life is told in `payment.py`. Receipts are numbered without a gap over the whole venue.
Counterpart: `bill_events.py` says what can happen.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from protocol.facts import bill_events as events
from protocol.facts.bill_events import BillEvent, BillLine, BillPayment
from protocol.facts.fact import Fact, ImpossibleFact, Row, shape
from protocol.facts.receipt import Receipt
from protocol.taxes import Assessment, Charge, assess

#: state -> states that it may become.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "open": ("settled", "merged"),
    "settled": ("open",),
    "merged": (),
}


class Bill(msgspec.Struct, frozen=True):
    """The state that the events fold into. `total_minor` is what all lines come to, with tax."""

    version: int
    session_pid: str
    table_name: str
    currency: str
    status: str
    opened_ms: int
    lines: dict[str, BillLine] = {}
    payments: dict[str, BillPayment] = {}
    split: events.BillSplit | None = None
    receipts: tuple[Receipt, ...] = ()
    merged_into: str | None = None
    settled_ms: int | None = None
    net_minor: int = 0
    total_minor: int = 0

    def assessment(self) -> Assessment:
        """The tax of the lines, in their order."""
        return assess(
            Charge(line.amount_minor, line.rate_bp, line.tax_inclusive) for line in self.lines.values()
        )

    @property
    def paid_minor(self) -> int:
        """What was paid and not given back."""
        settled = (each for each in self.payments.values() if each.state == "settled")
        return sum(each.amount_minor - each.returned_minor for each in settled)

    @property
    def held_minor(self) -> int:
        """What payments under way hold."""
        return sum(each.amount_minor for each in self.payments.values() if each.state == "pending")

    @property
    def tip_minor(self) -> int:
        """Tips that came and were not given back."""
        settled = (each for each in self.payments.values() if each.state == "settled")
        return sum(each.tip_minor - each.returned_tip_minor for each in settled)

    @property
    def balance_minor(self) -> int:
        """What is owed; below zero, what has to be given back."""
        return 0 if self.status == "merged" else self.total_minor - self.paid_minor

    @property
    def due_minor(self) -> int:
        """What may be paid now."""
        return max(0, self.balance_minor - self.held_minor)


def opened(bill: Bill | None, event: events.BillOpened, fact: Fact[BillEvent]) -> Bill:
    """A bill with nothing on it."""
    if bill is not None:
        raise ImpossibleFact(f"{fact.aggregate} was opened twice")
    first = fact.version, event.session_pid, event.table_name, event.currency
    return Bill(*first, status="open", opened_ms=fact.wall_ms)


def changed(bill: Bill | None, event: BillEvent, fact: Fact[BillEvent]) -> Bill:
    """The bill after any other event."""
    if bill is None or isinstance(event, events.BillOpened):
        raise ImpossibleFact(f"{type(event).__name__} on {fact.aggregate}")
    after = following(bill, event)
    settled_ms = (bill.settled_ms or fact.wall_ms) if after.status == "settled" else None
    return msgspec.structs.replace(after, version=fact.version, settled_ms=settled_ms)


def following(bill: Bill, event: BillEvent) -> Bill:
    """The bill as it would be after `event`, its sums and its status worked out anew.

    Raises `ImpossibleFact`. Version and times are those of before: decisions look ahead with this.
    """
    if bill.status == "merged":
        raise ImpossibleFact(f"{type(event).__name__} on the merged bill of {bill.session_pid}")
    after = _CHANGES[type(event)](bill, event)
    assessed = after.assessment()
    after = msgspec.structs.replace(after, net_minor=assessed.net_minor, total_minor=assessed.total_minor)
    status = _status(after)
    if status not in (bill.status, *TRANSITIONS[bill.status]):
        raise ImpossibleFact(f"{type(event).__name__} makes the bill of {bill.session_pid} {status}")
    return msgspec.structs.replace(after, status=status)


def _status(bill: Bill) -> str:
    if bill.merged_into is not None:
        return "merged"
    return "settled" if bill.lines and not bill.balance_minor and not bill.held_minor else "open"


# ── what each event changes ─────────────────────────────────────────────────────────────────────────
def _with_lines(bill: Bill, lines: dict[str, BillLine]) -> Bill:
    return msgspec.structs.replace(bill, lines={**bill.lines, **lines})


def _charged(bill: Bill, event: events.LinesCharged) -> Bill:
    for line in event.lines:
        before = bill.lines.get(line.id)
        if before is not None and before.moved_to is None:
            raise ImpossibleFact(f"{line.id} was charged twice")
    if set(event.payments) & set(bill.payments):
        raise ImpossibleFact("a payment came over twice")
    after = _with_lines(bill, {line.id: line for line in event.lines})
    return msgspec.structs.replace(after, payments={**bill.payments, **event.payments})


def taken_off(line: BillLine, qty: int, *, comped: bool) -> BillLine:
    """The line with `qty` pieces less to pay; a discount shrinks with it, in the guest's favour."""
    left = line.left - qty
    if not 0 < qty <= line.left:
        raise ImpossibleFact(f"{qty} of {line.id} cannot be taken off")
    kept_minor = -(-line.discount_minor * left // line.left)
    if comped:
        return msgspec.structs.replace(line, comped=line.comped + qty, discount_minor=kept_minor)
    return msgspec.structs.replace(line, voided=line.voided + qty, discount_minor=kept_minor)


def _adjusted(bill: Bill, event: events.LineVoided | events.LineComped) -> Bill:
    comped = isinstance(event, events.LineComped)
    return _with_lines(bill, {event.line: taken_off(_line(bill, event.line), event.qty, comped=comped)})


def _discounted(bill: Bill, event: events.DiscountGiven) -> Bill:
    cheaper: dict[str, BillLine] = {}
    for name, minor in event.parts:
        line = _line(bill, name)
        if not 0 <= minor <= line.amount_minor:
            raise ImpossibleFact(f"{name} is not worth {minor}")
        cheaper[name] = msgspec.structs.replace(line, discount_minor=line.discount_minor + minor)
    return _with_lines(bill, cheaper)


def _served(bill: Bill, event: events.ServiceChanged) -> Bill:
    lines = {name: _line(bill, name) for name in event.lines}
    return _with_lines(
        bill, {name: msgspec.structs.replace(line, takeaway=event.takeaway) for name, line in lines.items()}
    )


def _split(bill: Bill, event: events.BillSplit) -> Bill:
    return msgspec.structs.replace(bill, split=event if event.shares else None)


def _begun(bill: Bill, event: events.PaymentBegun) -> Bill:
    if event.payment_pid in bill.payments or event.amount_minor > bill.due_minor:
        raise ImpossibleFact(f"payment {event.payment_pid} takes more than is owed")
    begun = BillPayment(event.method, event.amount_minor, event.tip_minor, event.rounding_minor, event.share)
    return _with_payment(bill, event.payment_pid, begun)


def _with_payment(bill: Bill, payment_pid: str, payment: BillPayment) -> Bill:
    return msgspec.structs.replace(bill, payments={**bill.payments, payment_pid: payment})


def _ended(bill: Bill, event: events.PaymentSettled | events.PaymentReleased) -> Bill:
    payment = bill.payments.get(event.payment_pid)
    if payment is None or payment.state != "pending":
        raise ImpossibleFact(f"payment {event.payment_pid} is not under way")
    state = "settled" if isinstance(event, events.PaymentSettled) else "released"
    return _with_payment(bill, event.payment_pid, msgspec.structs.replace(payment, state=state))


def _returned(bill: Bill, event: events.PaymentReturned) -> Bill:
    payment = bill.payments.get(event.payment_pid)
    if payment is None or payment.state != "settled":
        raise ImpossibleFact(f"payment {event.payment_pid} was never taken")
    amount_minor = payment.returned_minor + event.amount_minor
    tip_minor = payment.returned_tip_minor + event.tip_minor
    if amount_minor > payment.amount_minor or tip_minor > payment.tip_minor:
        raise ImpossibleFact(f"payment {event.payment_pid} was not as much")
    after = msgspec.structs.replace(payment, returned_minor=amount_minor, returned_tip_minor=tip_minor)
    return _with_payment(bill, event.payment_pid, after)


def _receipted(bill: Bill, event: events.ReceiptIssued) -> Bill:
    return msgspec.structs.replace(bill, receipts=(*bill.receipts, event.receipt))


def _moved(bill: Bill, event: events.LinesMoved) -> Bill:
    lines = {name: _line(bill, name) for name in event.lines}
    return _with_lines(
        bill, {name: msgspec.structs.replace(line, moved_to=event.to) for name, line in lines.items()}
    )


def _merged(bill: Bill, event: events.BillMerged) -> Bill:
    stayed = [line for line in bill.lines.values() if line.moved_to is None]
    gone = {line.id: msgspec.structs.replace(line, moved_to=event.into) for line in stayed}
    return msgspec.structs.replace(_with_lines(bill, gone), merged_into=event.into)


def _line(bill: Bill, name: str) -> BillLine:
    line = bill.lines.get(name)
    if line is None or line.moved_to is not None:
        raise ImpossibleFact(f"{name} is not on the bill of {bill.session_pid}")
    return line


_CHANGES: dict[type, Callable[[Bill, Any], Bill]] = {
    events.LinesCharged: _charged,
    events.LineVoided: _adjusted,
    events.LineComped: _adjusted,
    events.DiscountGiven: _discounted,
    events.ServiceChanged: _served,
    events.BillSplit: _split,
    events.PaymentBegun: _begun,
    events.PaymentSettled: _ended,
    events.PaymentReleased: _ended,
    events.PaymentReturned: _returned,
    events.ReceiptIssued: _receipted,
    events.LinesMoved: _moved,
    events.BillMerged: _merged,
}

EVOLVE = {events.BillOpened: opened, **dict.fromkeys(_CHANGES, changed)}

SHAPES = (
    shape(
        "bills",
        "session_pid",
        "session_pid =table_name =currency status net_minor:int total_minor:int paid_minor:int "
        "held_minor:int tip_minor:int balance_minor:int merged_into =opened_ms:int settled_ms:int "
        "version:int",
    ),
    shape(
        "bill_lines",
        "session_pid id",
        "session_pid id =source =ref =menu_item:int =name =qty:int =price_minor:int =member tax_rate_bp:int "
        "=tax_inclusive:bool takeaway:bool voided:int comped:int discount_minor:int amount_minor:int "
        "moved_to",
    ),
    shape(
        "bill_adjustments",
        "session_pid adjustment",
        "session_pid adjustment =kind =line =qty:int =amount_minor:int =reason =by =approved_by =made_ms:int",
    ),
    shape(
        "receipts",
        "number",
        "number:int =session_pid =kind =total_minor:int =tax_minor:int =currency =body =issued_ms:int",
    ),
)
_KINDS: dict[type, str] = {
    events.LineVoided: "void",
    events.LineComped: "comp",
    events.DiscountGiven: "discount",
}


def rows(bill: Bill, fact: Fact[BillEvent]) -> list[Row]:
    """The bill's row after every event, and those of what the event touched."""
    event = fact.event
    found = [_bill_row(bill), *(_line_row(bill, bill.lines[name]) for name in _touched(bill, event))]
    if isinstance(event, events.LineVoided | events.LineComped | events.DiscountGiven):
        found.append(_adjustment_row(bill, event, fact))
    elif isinstance(event, events.ReceiptIssued):
        found.append(_receipt_row(bill, event.receipt, fact.wall_ms))
    return found


def _touched(bill: Bill, event: BillEvent) -> list[str]:
    match event:
        case events.LinesCharged(lines=lines):
            return [line.id for line in lines]
        case events.LineVoided(line=name) | events.LineComped(line=name):
            return [name]
        case events.DiscountGiven(parts=parts):
            return [name for name, _ in parts]
        case events.ServiceChanged(lines=names) | events.LinesMoved(lines=names):
            return list(names)
        case events.BillMerged():
            return list(bill.lines)
        case _:
            return []


def _bill_row(bill: Bill) -> Row:
    sums = bill.net_minor, bill.total_minor, bill.paid_minor, bill.held_minor, bill.tip_minor
    first = bill.session_pid, bill.table_name, bill.currency, bill.status
    ends = bill.merged_into, bill.opened_ms, bill.settled_ms, bill.version
    return "bills", (*first, *sums, bill.balance_minor, *ends)


def _line_row(bill: Bill, line: BillLine) -> Row:
    first = line.id, line.source, line.ref, line.menu_item, line.name, line.qty, line.price_minor, line.member
    rate = line.rate_bp, line.tax_inclusive, line.takeaway
    off = line.voided, line.comped, line.discount_minor
    return "bill_lines", (bill.session_pid, *first, *rate, *off, line.amount_minor, line.moved_to)


def _adjustment_row(bill: Bill, event: events.Adjusted, fact: Fact[BillEvent]) -> Row:
    kind = _KINDS[type(event)]
    if isinstance(event, events.DiscountGiven):
        what: tuple[object, ...] = (None, None, sum(minor for _, minor in event.parts))
    else:
        what = (event.line, event.qty, event.amount_minor)
    who = (event.reason, fact.by, event.approved_by, fact.wall_ms)
    return "bill_adjustments", (bill.session_pid, event.adjustment, kind, *what, *who)


def _receipt_row(bill: Bill, receipt: Receipt, wall_ms: int) -> Row:
    body = msgspec.json.encode(receipt).decode()
    sums = receipt.total_minor, receipt.tax_minor, receipt.currency
    return "receipts", (receipt.number, bill.session_pid, receipt.kind, *sums, body, wall_ms)
