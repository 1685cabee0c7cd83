"""What the staff asks about money: take it, give it back, take something off a bill, count the drawer.

All amounts are in minor units. Pids are fresh and client-made `mid`s make repeats harmless: money is taken
once however often it is asked for. `approved_by` is the user whose PIN was checked. `shift_pid` is fresh and
used only if no shift is open at the till. Counterparts: `bill.py`, `payment.py` and `shift.py` decide these.
"""

import msgspec

from protocol.facts.bill_events import Share


class VoidLine(msgspec.Struct, frozen=True):
    """`qty` pieces of a bill's line were not sold after all; with `restock` they can be sold again."""

    session_pid: str
    line: str
    qty: int
    adjustment: str
    reason: str
    approved_by: str
    by: str
    shift_pid: str
    till: str = "main"
    restock: bool = False
    mid: str | None = None


class CompLine(msgspec.Struct, frozen=True):
    """`qty` pieces of a bill's line are on the house."""

    session_pid: str
    line: str
    qty: int
    adjustment: str
    reason: str
    approved_by: str
    by: str
    shift_pid: str
    till: str = "main"
    mid: str | None = None


class GiveDiscount(msgspec.Struct, frozen=True):
    """The bill is cheaper by a part of what is on it now, in basis points, or by an amount."""

    session_pid: str
    adjustment: str
    reason: str
    approved_by: str
    by: str
    shift_pid: str
    percent_bp: int | None = None
    amount_minor: int | None = None
    till: str = "main"
    mid: str | None = None


class ChangeService(msgspec.Struct, frozen=True):
    """Lines are taken away, or eaten here after all; None means all lines."""

    session_pid: str
    takeaway: bool
    by: str
    shift_pid: str
    lines: tuple[str, ...] | None = None
    till: str = "main"
    mid: str | None = None


class SplitBill(msgspec.Struct, frozen=True):
    """Pay in shares `by` `item`, `guest` or `amount`; without shares, as one."""

    session_pid: str
    split_by: str
    shares: tuple[Share, ...]
    by: str
    mid: str | None = None


class TakePayment(msgspec.Struct, frozen=True):
    """Somebody pays `amount_minor` (None for all that is due, of the share if one is named) and a tip.

    With the method BALANCE it comes from the balance of `user_id`.
    """

    session_pid: str
    payment_pid: str
    method: str
    by: str
    shift_pid: str
    amount_minor: int | None = None
    tip_minor: int = 0
    tendered_minor: int | None = None
    share: int | None = None
    till: str = "main"
    user_id: str | None = None
    mid: str | None = None


class AdvancePayment(msgspec.Struct, frozen=True):
    """Whoever moves the money says how far it is: PENDING, COMPLETED, FAILED or UNKNOWN.

    `provider` is named by a provider's own word; from the first such word on nobody else's counts.
    """

    payment_pid: str
    state: str
    by: str
    shift_pid: str
    reference: str | None = None
    reason: str = ""
    provider: str = ""
    mid: str | None = None


class RefundPayment(msgspec.Struct, frozen=True):
    """Give back `amount_minor` and `tip_minor` of a payment; None for all that is left of it."""

    payment_pid: str
    refund_pid: str
    reason: str
    approved_by: str
    by: str
    shift_pid: str
    amount_minor: int | None = None
    tip_minor: int = 0
    till: str = "main"
    mid: str | None = None


class StoreCard(msgspec.Struct, frozen=True):
    """The venue's own terminal has stored a card payment, to send it later.

    `cut_off_s` is for how long this run of the box has not heard the cloud, None while it does;
    `heard_since` whether it was heard after the last word on disk about that. A `reason` with the user whose
    PIN was checked goes beyond the limits.
    """

    payment_pid: str
    by: str
    shift_pid: str
    cut_off_s: float | None
    heard_since: bool
    reference: str | None = None
    reason: str = ""
    approved_by: str = ""
    mid: str | None = None


class SettleStoredCard(msgspec.Struct, frozen=True):
    """The terminal has sent a stored payment, or it was declined for `reason`."""

    payment_pid: str
    sent: bool
    reason: str
    by: str
    shift_pid: str
    cut_off_s: float | None = None
    heard_since: bool = True
    mid: str | None = None


class NoteCutOff(msgspec.Struct, frozen=True):
    """The cloud is still away."""

    cut_off_s: float
    heard_since: bool
    mid: str | None = None


class OpenShift(msgspec.Struct, frozen=True):
    """The drawer of `till` holds `float_minor` of change."""

    shift_pid: str
    till: str
    float_minor: int
    by: str
    mid: str | None = None


class MoveCash(msgspec.Struct, frozen=True):
    """Money is put into the drawer or, below zero, taken out of it."""

    shift_pid: str
    movement: str
    amount_minor: int
    reason: str
    by: str
    mid: str | None = None


class CloseShift(msgspec.Struct, frozen=True):
    """Somebody counted `counted_minor` in the drawer."""

    shift_pid: str
    counted_minor: int
    by: str
    mid: str | None = None


TillCommand = (
    VoidLine
    | CompLine
    | GiveDiscount
    | ChangeService
    | SplitBill
    | TakePayment
    | AdvancePayment
    | RefundPayment
    | StoreCard
    | SettleStoredCard
    | NoteCutOff
    | OpenShift
    | MoveCash
    | CloseShift
)
