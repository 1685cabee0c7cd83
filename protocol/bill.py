"""Bills, payments and receipts over HTTP: what the staff asks, what the box answers (contract.md).

All amounts are integers in minor units of `currency`. Payments carry a client-made `mid`, so that a repeat
takes nothing. What takes money off a bill or out of the drawer carries a manager's PIN in the same request.
Counterparts: `shift.py` has the drawer, `bill_messages.py` makes the answers, `facts/bill_events.py` says
what they mean.
"""

from typing import Annotated, Literal

import msgspec

from protocol.money import MOST_MINOR
from protocol.table import Mid, Pid

Minor = Annotated[int, msgspec.Meta(ge=0, le=MOST_MINOR)]
#: Why somebody did it; blank is refused in words, so the pattern only stands in the description.
Reason = Annotated[
    str, msgspec.Meta(min_length=1, max_length=280, extra_json_schema={"pattern": r"[^\s\x00]"})
]
Till = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
LineId = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Qty = Annotated[int, msgspec.Meta(ge=1, le=1000)]
ShareId = Annotated[int, msgspec.Meta(ge=0, le=40)]
Label = Annotated[str, msgspec.Meta(max_length=40)]
UserId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
PayMethod = Literal["CASH", "CARD", "BALANCE"]
TipMethod = Literal["CASH", "CARD"]
BillStatus = Literal["open", "settled", "merged"]
PayStatus = Literal["INITIATED", "PENDING", "UNKNOWN", "COMPLETED", "FAILED", "REFUNDED"]


# ── requests ────────────────────────────────────────────────────────────────────────────────────────
class Approval(msgspec.Struct, frozen=True):
    """A manager's user and PIN, typed for this one thing."""

    user: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    pin: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class PaymentRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/bills/{session_pid}/payments`. Without `amount_minor`, all that is due.

    `tendered_minor` is the cash that was handed over; `user_id` is whose balance pays, for `BALANCE`; `print`
    wants the receipt on paper.
    """

    mid: Mid
    method: PayMethod = "CASH"
    amount_minor: Minor | None = None
    tip_minor: Minor = 0
    tendered_minor: Minor | None = None
    share: ShareId | None = None
    till: Till = "main"
    user_id: UserId | None = None
    print: bool = False


class TipRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/bills/{session_pid}/tip`, also long after the bill was paid."""

    mid: Mid
    tip_minor: Annotated[int, msgspec.Meta(ge=1, le=MOST_MINOR)]
    method: TipMethod = "CASH"
    till: Till = "main"


class VoidRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/bills/{session_pid}/void`. With `restock`, counted stock can be sold again."""

    line: LineId
    reason: Reason
    approval: Approval
    qty: Qty = 1
    restock: bool = False
    till: Till = "main"
    mid: Mid | None = None


class CompRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/bills/{session_pid}/comp`."""

    line: LineId
    reason: Reason
    approval: Approval
    qty: Qty = 1
    till: Till = "main"
    mid: Mid | None = None


class DiscountRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/bills/{session_pid}/discount`. Either a part in basis points or an amount."""

    reason: Reason
    approval: Approval
    percent_bp: Annotated[int, msgspec.Meta(ge=1, le=10_000)] | None = None
    amount_minor: Annotated[int, msgspec.Meta(ge=1, le=MOST_MINOR)] | None = None
    till: Till = "main"
    mid: Mid | None = None


class ServiceRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/bills/{session_pid}/service`. Without `lines`, all of them."""

    takeaway: bool
    lines: Annotated[tuple[LineId, ...], msgspec.Meta(max_length=500)] | None = None
    till: Till = "main"
    mid: Mid | None = None


class PiecesRequest(msgspec.Struct, frozen=True):
    """`qty` pieces of a line."""

    line: LineId
    qty: Qty


class ShareRequest(msgspec.Struct, frozen=True):
    """One payer: pieces of lines, a guest, or an amount, as the split is `by`."""

    label: Label = ""
    lines: Annotated[tuple[PiecesRequest, ...], msgspec.Meta(max_length=500)] = ()
    member: Pid | None = None
    amount_minor: Minor | None = None


class SplitRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/bills/{session_pid}/split`. `guest` without shares means one each; `equal` takes `parts`.

    `none` makes it one bill again.
    """

    by: Literal["item", "guest", "amount", "equal", "none"]
    shares: Annotated[tuple[ShareRequest, ...], msgspec.Meta(max_length=40)] = ()
    parts: Annotated[int, msgspec.Meta(ge=2, le=40)] = 2
    mid: Mid | None = None


class RefundRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/payments/{payment_pid}/refund`. Without `amount_minor`, all that is left of it."""

    mid: Mid
    reason: Reason
    approval: Approval
    amount_minor: Minor | None = None
    tip_minor: Minor = 0
    till: Till = "main"


class ProgressRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/payments/{payment_pid}/progress`: how a card payment went at a terminal of its own."""

    state: Literal["PENDING", "COMPLETED", "FAILED", "UNKNOWN"]
    reference: Annotated[str, msgspec.Meta(max_length=100)] | None = None
    reason: Annotated[str, msgspec.Meta(max_length=280)] = ""


class PrintRequest(msgspec.Struct, frozen=True):
    """Put it on paper; `printer` is the name of one, else the one that prints receipts."""

    printer: Annotated[str, msgspec.Meta(max_length=64)] = ""


# ── answers ─────────────────────────────────────────────────────────────────────────────────────────
class BillLineMessage(msgspec.Struct, frozen=True):
    """A line of a bill. `left` pieces are to be paid and come to `amount_minor`, with tax."""

    id: str
    source: str
    ref: str
    name: str
    modifiers: tuple[str, ...]
    member: str | None
    qty: int
    left: int
    voided: int
    comped: int
    price_minor: int
    discount_minor: int
    amount_minor: int
    tax_rate_bp: int
    takeaway: bool


class TaxMessage(msgspec.Struct, frozen=True):
    """Everything of one rate; `rate_bp` 1900 is 19 %."""

    rate_bp: int
    net_minor: int
    tax_minor: int
    gross_minor: int


class SharePieceMessage(msgspec.Struct, frozen=True):
    """Pieces of a line in a share."""

    line: str
    qty: int
    amount_minor: int


class ShareMessage(msgspec.Struct, frozen=True):
    """One payer's share; share 0 is what no other names."""

    id: int
    label: str
    total_minor: int
    paid_minor: int
    due_minor: int
    lines: tuple[SharePieceMessage, ...]


class BillPaymentMessage(msgspec.Struct, frozen=True):
    """A payment as the bill knows it; `state` is `pending`, `settled` or `released`."""

    payment_pid: str
    method: str
    amount_minor: int
    tip_minor: int
    rounding_minor: int
    share: int | None
    state: str
    returned_minor: int


class BillMessage(msgspec.Struct, frozen=True):
    """A bill as it stands. `due_minor` may be paid now; `balance_minor` below zero has to be given back."""

    session_pid: str
    table_name: str
    status: BillStatus
    currency: str
    lines: tuple[BillLineMessage, ...]
    taxes: tuple[TaxMessage, ...]
    net_minor: int
    tax_minor: int
    total_minor: int
    discount_minor: int
    paid_minor: int
    held_minor: int
    tip_minor: int
    balance_minor: int
    due_minor: int
    split_by: str | None
    shares: tuple[ShareMessage, ...]
    payments: tuple[BillPaymentMessage, ...]
    receipts: tuple[int, ...]
    merged_into: str | None


class BillRow(msgspec.Struct, frozen=True):
    """A bill in a list."""

    session_pid: str
    table_name: str
    currency: str
    total_minor: int
    balance_minor: int
    opened_at: str


class BillsReply(msgspec.Struct, frozen=True):
    """Bills that are owed, the oldest first; also of tables that were closed."""

    bills: tuple[BillRow, ...]


class ReceiptLineMessage(msgspec.Struct, frozen=True):
    """A line of a receipt, with tax."""

    name: str
    qty: int
    amount_minor: int
    modifiers: tuple[str, ...]


class ReceiptMessage(msgspec.Struct, frozen=True):
    """A receipt; `text` is what a printer of 42 columns would print."""

    number: int
    kind: Literal["sale", "refund"]
    session_pid: str
    table_name: str
    label: str
    currency: str
    issued_at: str
    lines: tuple[ReceiptLineMessage, ...]
    taxes: tuple[TaxMessage, ...]
    total_minor: int
    tax_minor: int
    payments: tuple[BillPaymentMessage, ...]
    text: str


class ReceiptsReply(msgspec.Struct, frozen=True):
    """Answer to `GET /bill/receipts`: all receipts of the guest's table, the first one first."""

    receipts: tuple[ReceiptMessage, ...]


class PaymentMessage(msgspec.Struct, frozen=True):
    """A payment. `change_minor` goes back over the counter."""

    payment_pid: str
    method: str
    status: PayStatus
    amount_minor: int
    tip_minor: int
    rounding_minor: int
    tendered_minor: int | None
    change_minor: int
    currency: str
    session_pid: str | None
    share: int | None
    till: str
    shift_pid: str | None
    reference: str | None
    failure: str | None
    refunded_minor: int
    refunded_tip_minor: int


class PaidReply(msgspec.Struct, frozen=True):
    """What became of a payment or a refund: itself, the bill, and the receipts that it brought."""

    payment: PaymentMessage
    bill: BillMessage | None
    receipts: tuple[ReceiptMessage, ...]


class PrintReply(msgspec.Struct, frozen=True):
    """It waits for its printer under this name."""

    job: str
