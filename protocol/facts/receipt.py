"""A receipt as it was handed out: what was sold, its taxes, how it was paid. It never changes.

Numbers run without a gap over the whole venue, receipts for refunds among them. The sums of all receipts of
a bill are those of the bill, rate by rate. Counterpart: `bill_events.ReceiptIssued` carries one.
"""

import msgspec

from protocol.taxes import TaxGroup

SALE, REFUND = "sale", "refund"


class ReceiptLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """`qty` pieces for `amount_minor` in all, with tax. `line` is the bill's line; None for a mere amount."""

    name: str
    qty: int
    amount_minor: int
    line: str | None = None
    modifiers: tuple[str, ...] = ()


class ReceiptPayment(msgspec.Struct, frozen=True, omit_defaults=True):
    """How `amount_minor` of it was paid, what was rounded away for coins, and what was given on top."""

    payment_pid: str
    method: str
    amount_minor: int
    rounding_minor: int = 0
    tip_minor: int = 0


class Receipt(msgspec.Struct, frozen=True, omit_defaults=True):
    """`kind` is `sale` or `refund`; a refund's amounts are below zero."""

    number: int
    kind: str
    currency: str
    table_name: str
    lines: tuple[ReceiptLine, ...]
    taxes: tuple[TaxGroup, ...]
    issued_ms: int
    payments: tuple[ReceiptPayment, ...] = ()
    share: int | None = None
    label: str = ""

    @property
    def total_minor(self) -> int:
        """What it is about, with tax and without tips."""
        return sum(group.gross_minor for group in self.taxes)

    @property
    def tax_minor(self) -> int:
        """The tax in it."""
        return sum(group.tax_minor for group in self.taxes)
