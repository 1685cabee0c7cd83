"""The drawer over HTTP: opening a shift, cash in and out, X and Z reports (contract.md).

All amounts are integers in minor units of `currency`. Counterparts: `bill.py` has what is sold and paid,
`bill_messages.py` makes the answers, `facts/shift.py` says what they mean.
"""

from typing import Annotated, Literal

import msgspec

from protocol.bill import Minor, Reason, TaxMessage, Till
from protocol.money import MOST_MINOR
from protocol.table import Mid


# ── requests ────────────────────────────────────────────────────────────────────────────────────────
class ShiftRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/shifts`."""

    mid: Mid
    float_minor: Minor = 0
    till: Till = "main"


class CashRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/shifts/{shift_pid}/cash`."""

    mid: Mid
    direction: Literal["in", "out"]
    amount_minor: Annotated[int, msgspec.Meta(ge=1, le=MOST_MINOR)]
    reason: Reason


class CloseShiftRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/shifts/{shift_pid}/close`."""

    counted_minor: Minor
    mid: Mid | None = None


# ── answers ─────────────────────────────────────────────────────────────────────────────────────────
class MethodMessage(msgspec.Struct, frozen=True):
    """What came by one means of payment."""

    method: str
    count: int
    amount_minor: int
    tip_minor: int
    rounding_minor: int
    back_minor: int


class AdjustmentMessage(msgspec.Struct, frozen=True):
    """How often something was taken off, and how much."""

    kind: str
    count: int
    amount_minor: int


class DepositMessage(msgspec.Struct, frozen=True):
    """Deposits of bookings, by what became of them: taken, used, kept, returned."""

    kind: str
    count: int
    amount_minor: int


class PrepaidMessage(msgspec.Struct, frozen=True):
    """What guests paid in on their balances (`paid_in`) and had back of it (`given_back`)."""

    kind: str
    count: int
    amount_minor: int


class ReportMessage(msgspec.Struct, frozen=True):
    """An X or Z report. Deposits that are taken are no sales yet; used or kept they are, and no takings.

    What is prepaid is among the takings and no sale: it is owed to guests until it pays for something.
    """

    float_minor: int
    cash_in_minor: int
    cash_out_minor: int
    expected_minor: int
    methods: tuple[MethodMessage, ...]
    adjustments: tuple[AdjustmentMessage, ...]
    receipts: int
    receipts_minor: int
    first_receipt: int | None
    last_receipt: int | None
    taxes: tuple[TaxMessage, ...]
    deposits: tuple[DepositMessage, ...]
    prepaid: tuple[PrepaidMessage, ...]


class ShiftMessage(msgspec.Struct, frozen=True):
    """A shift. The report is X while it is open and Z, with a number, once it is closed."""

    shift_pid: str
    till: str
    status: Literal["open", "closed"]
    currency: str
    opened_at: str
    opened_by: str | None
    by_itself: bool
    closed_at: str | None
    counted_minor: int | None
    difference_minor: int | None
    z_number: int | None
    report: ReportMessage
    text: str


class ShiftRow(msgspec.Struct, frozen=True):
    """A shift in a list."""

    shift_pid: str
    till: str
    status: Literal["open", "closed"]
    opened_at: str
    expected_minor: int
    difference_minor: int | None
    z_number: int | None


class ShiftsReply(msgspec.Struct, frozen=True):
    """The shifts that were opened last, newest first."""

    shifts: tuple[ShiftRow, ...]
