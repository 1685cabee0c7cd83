"""What can happen to a bill, and the things that it is about: lines, payments, shares.

A line keeps price, tax rate and whether the price holds the tax from the moment it was charged. A void takes
it off as if it had never been sold, a comp gives it away; both, and discounts, name a reason and who
approved. Where a line comes from is told by its `source`; play time is charged like food.

Counterpart: `bill.py` folds these.
"""

import msgspec

from protocol.facts.receipt import Receipt

#: Sources of a line; its `ref` names the order or the play session.
ORDER_LINE, PLAY_SESSION = "order_line", "play_session"


class BillLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """`qty` pieces at `price_minor` each, less what was voided, comped or discounted since.

    `id` is `source:…` and unique in the venue. `takeaway_rate_bp` is the rate that counts instead while
    `takeaway` is set. A line that went to another bill names it in `moved_to` and is worth nothing here.
    """

    id: str
    source: str
    ref: str
    name: str
    qty: int
    price_minor: int
    tax_rate_bp: int = 0
    takeaway_rate_bp: int | None = None
    takeaway: bool = False
    tax_inclusive: bool = True
    member: str | None = None
    menu_item: int | None = None
    modifiers: tuple[str, ...] = ()
    voided: int = 0
    comped: int = 0
    discount_minor: int = 0
    moved_to: str | None = None

    @property
    def left(self) -> int:
        """Pieces that are to be paid."""
        return 0 if self.moved_to else self.qty - self.voided - self.comped

    @property
    def amount_minor(self) -> int:
        """What these cost; with tax if prices hold it."""
        return self.left * self.price_minor - self.discount_minor if self.left else 0

    @property
    def rate_bp(self) -> int:
        """The tax rate that counts."""
        takeaway = self.takeaway_rate_bp if self.takeaway else None
        return self.tax_rate_bp if takeaway is None else takeaway


class BillPayment(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the bill knows of a payment. `state` is `pending`, `settled` or `released`.

    It settles `amount_minor` of the bill; in coins `rounding_minor` more changed hands, or less.
    """

    method: str
    amount_minor: int
    tip_minor: int = 0
    rounding_minor: int = 0
    share: int | None = None
    state: str = "pending"
    returned_minor: int = 0
    returned_tip_minor: int = 0


class ShareLine(msgspec.Struct, frozen=True):
    """`qty` pieces of a line."""

    line: str
    qty: int


class Share(msgspec.Struct, frozen=True, omit_defaults=True):
    """One payer's part: pieces of lines, all lines of a member, or an amount. Ids begin at 1."""

    id: int
    label: str
    lines: tuple[ShareLine, ...] = ()
    member: str | None = None
    amount_minor: int | None = None


class BillOpened(msgspec.Struct, frozen=True, tag=True):
    """Something is about to be charged to this table for the first time."""

    session_pid: str
    table_name: str
    currency: str


class LinesCharged(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """New lines, or lines and payments that came over from the bill `moved_from`."""

    lines: tuple[BillLine, ...]
    moved_from: str | None = None
    payments: dict[str, BillPayment] = {}


class LineVoided(msgspec.Struct, frozen=True, tag=True):
    """`qty` pieces were not sold after all; worth `amount_minor`."""

    adjustment: str
    line: str
    qty: int
    amount_minor: int
    reason: str
    approved_by: str


class LineComped(msgspec.Struct, frozen=True, tag=True):
    """`qty` pieces are on the house; worth `amount_minor`."""

    adjustment: str
    line: str
    qty: int
    amount_minor: int
    reason: str
    approved_by: str


class DiscountGiven(msgspec.Struct, frozen=True, tag=True):
    """Lines are cheaper by so much each: `parts` are pairs of line and minor units."""

    adjustment: str
    parts: tuple[tuple[str, int], ...]
    reason: str
    approved_by: str


class ServiceChanged(msgspec.Struct, frozen=True, tag=True):
    """These lines are taken away, or eaten here after all; another tax rate may count."""

    takeaway: bool
    lines: tuple[str, ...]


class BillSplit(msgspec.Struct, frozen=True, tag=True):
    """The bill is paid in shares `by` `item`, `guest` or `amount`; without shares, as one again."""

    by: str
    shares: tuple[Share, ...]


class PaymentBegun(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """A payment holds `amount_minor` of the bill until it is settled or released."""

    payment_pid: str
    method: str
    amount_minor: int
    tip_minor: int = 0
    rounding_minor: int = 0
    share: int | None = None


class PaymentSettled(msgspec.Struct, frozen=True, tag=True):
    """The money is there."""

    payment_pid: str


class PaymentReleased(msgspec.Struct, frozen=True, tag=True):
    """It did not come; what the payment held is owed again."""

    payment_pid: str


class PaymentReturned(msgspec.Struct, frozen=True, tag=True):
    """Some of it was given back."""

    payment_pid: str
    refund_pid: str
    amount_minor: int
    tip_minor: int


class ReceiptIssued(msgspec.Struct, frozen=True, tag=True):
    """A numbered receipt; it never changes."""

    receipt: Receipt


class LinesMoved(msgspec.Struct, frozen=True, tag=True):
    """These lines are on another bill now."""

    lines: tuple[str, ...]
    to: str


class BillMerged(msgspec.Struct, frozen=True, tag=True):
    """The bill `into` has taken over all lines and payments."""

    into: str


Adjusted = LineVoided | LineComped | DiscountGiven
BillEvent = (
    BillOpened
    | LinesCharged
    | Adjusted
    | ServiceChanged
    | BillSplit
    | PaymentBegun
    | PaymentSettled
    | PaymentReleased
    | PaymentReturned
    | ReceiptIssued
    | LinesMoved
    | BillMerged
)
