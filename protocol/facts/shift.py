"""A shift: the money of one till between two counts, and everything that was sold meanwhile.

    (none) --ShiftOpened--> open --ShiftClosed--> closed

A till has one open shift at a time; it opens by itself when money comes before anybody opened it, so no
money is outside every shift. Whatever counts is told to the shift in the transaction that makes it so. The
X report is the open shift's `Totals`, the Z report those at its close; Z reports are numbered without a gap.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape
from protocol.taxes import TaxGroup

TRANSITIONS: dict[str, dict[str, str]] = {
    "open": {
        "CashMoved": "open",
        "TakingsCounted": "open",
        "ReturnCounted": "open",
        "ReceiptsCounted": "open",
        "AdjustmentCounted": "open",
        "DepositCounted": "open",
        "PrepaidCounted": "open",
        "ShiftClosed": "closed",
    },
    "closed": {},
}
CASH = "CASH"


class MethodTotal(msgspec.Struct, frozen=True):
    """What came by one means of payment. `back_minor` was given back; coins rounded `rounding_minor`."""

    count: int = 0
    amount_minor: int = 0
    tip_minor: int = 0
    rounding_minor: int = 0
    back_minor: int = 0


class Tally(msgspec.Struct, frozen=True):
    """How many, and worth how much."""

    count: int = 0
    amount_minor: int = 0


class Totals(msgspec.Struct, frozen=True):
    """An X or Z report. `adjustments` are by kind: void, comp, discount; taxes are those of the receipts.

    `deposits` of bookings are by what became of them: taken, used, kept, returned. What is taken is among the
    takings and no sale yet; what is used or kept is a sale, on a receipt, and no takings any more. `prepaid`
    is what guests paid in on their balances (`paid_in`) and had back of it (`given_back`): among the takings,
    and no sale either, because it is theirs until it pays for something.
    """

    float_minor: int
    cash_in_minor: int = 0
    cash_out_minor: int = 0
    methods: dict[str, MethodTotal] = {}
    adjustments: dict[str, Tally] = {}
    receipts: Tally = Tally()
    first_receipt: int | None = None
    last_receipt: int | None = None
    taxes: tuple[TaxGroup, ...] = ()
    deposits: dict[str, Tally] | msgspec.UnsetType = msgspec.UNSET
    prepaid: dict[str, Tally] | msgspec.UnsetType = msgspec.UNSET

    @property
    def deposits_by_kind(self) -> dict[str, Tally]:
        """`deposits`; empty for shifts without any, whose rows say nothing of them."""
        return self.deposits or {}

    @property
    def prepaid_by_kind(self) -> dict[str, Tally]:
        """`prepaid`; empty for shifts without any, whose rows say nothing of it."""
        return self.prepaid or {}

    @property
    def expected_minor(self) -> int:
        """What should be in the drawer."""
        cash = self.methods.get(CASH, MethodTotal())
        taken_minor = cash.amount_minor + cash.tip_minor + cash.rounding_minor - cash.back_minor
        return self.float_minor + self.cash_in_minor - self.cash_out_minor + taken_minor


class ReceiptCount(msgspec.Struct, frozen=True):
    """What a shift remembers of a receipt."""

    number: int
    taxes: tuple[TaxGroup, ...]


class ShiftOpened(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The till has `float_minor` of change in it; `by_itself` because money came first."""

    shift_pid: str
    till: str
    currency: str
    float_minor: int
    by_itself: bool = False


class CashMoved(msgspec.Struct, frozen=True, tag=True):
    """Money was put in or, below zero, taken out, and it was no sale."""

    movement: str
    amount_minor: int
    reason: str


class TakingsCounted(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """A payment came."""

    payment_pid: str
    method: str
    amount_minor: int
    tip_minor: int = 0
    rounding_minor: int = 0


class ReturnCounted(msgspec.Struct, frozen=True, tag=True):
    """`amount_minor` in all was given back."""

    refund_pid: str
    method: str
    amount_minor: int


class ReceiptsCounted(msgspec.Struct, frozen=True, tag=True):
    """These receipts were handed out."""

    receipts: tuple[ReceiptCount, ...]


class AdjustmentCounted(msgspec.Struct, frozen=True, tag=True):
    """Something was voided, comped or discounted."""

    adjustment: str
    kind: str
    amount_minor: int


class DepositCounted(msgspec.Struct, frozen=True, tag=True):
    """A booking's deposit was `taken`, `used` to pay for play, `kept` or `returned`."""

    payment_pid: str
    kind: str
    amount_minor: int


class PrepaidCounted(msgspec.Struct, frozen=True, tag=True):
    """Money came onto a guest's balance (`paid_in`), or was handed back off it (`given_back`)."""

    payment_pid: str
    kind: str
    amount_minor: int


class ShiftClosed(msgspec.Struct, frozen=True, tag=True):
    """Somebody counted the drawer. `difference_minor` is what was there less what should have been."""

    z_number: int
    counted_minor: int
    difference_minor: int
    totals: Totals


Counted = (
    CashMoved
    | TakingsCounted
    | ReturnCounted
    | ReceiptsCounted
    | AdjustmentCounted
    | DepositCounted
    | PrepaidCounted
)
ShiftEvent = ShiftOpened | Counted | ShiftClosed


class Shift(msgspec.Struct, frozen=True):
    """The state that the events fold into."""

    version: int
    opened: ShiftOpened
    status: str
    totals: Totals
    opened_ms: int
    opened_by: str | None = None
    closed: ShiftClosed | None = None
    closed_ms: int | None = None


def opened(shift: Shift | None, event: ShiftOpened, fact: Fact[ShiftEvent]) -> Shift:
    """A shift in which nothing was sold yet."""
    if shift is not None:
        raise ImpossibleFact(f"{fact.aggregate} was opened twice")
    return Shift(fact.version, event, "open", Totals(event.float_minor), fact.wall_ms, fact.by)


def changed(shift: Shift | None, event: ShiftEvent, fact: Fact[ShiftEvent]) -> Shift:
    """The shift with the event counted."""
    name = type(event).__name__
    if shift is None or name not in TRANSITIONS[shift.status]:
        raise ImpossibleFact(f"{name} on {fact.aggregate}")
    status = TRANSITIONS[shift.status][name]
    after = msgspec.structs.replace(shift, version=fact.version, status=status)
    if isinstance(event, ShiftClosed):
        return msgspec.structs.replace(after, closed=event, closed_ms=fact.wall_ms)
    return msgspec.structs.replace(after, totals=_COUNTS[type(event)](shift.totals, event))


def _moved(totals: Totals, event: CashMoved) -> Totals:
    if event.amount_minor < 0:
        return msgspec.structs.replace(totals, cash_out_minor=totals.cash_out_minor - event.amount_minor)
    return msgspec.structs.replace(totals, cash_in_minor=totals.cash_in_minor + event.amount_minor)


def _took(totals: Totals, event: TakingsCounted) -> Totals:
    before = totals.methods.get(event.method, MethodTotal())
    method = MethodTotal(
        before.count + 1,
        before.amount_minor + event.amount_minor,
        before.tip_minor + event.tip_minor,
        before.rounding_minor + event.rounding_minor,
        before.back_minor,
    )
    return msgspec.structs.replace(totals, methods=totals.methods | {event.method: method})


def _returned(totals: Totals, event: ReturnCounted) -> Totals:
    before = totals.methods.get(event.method, MethodTotal())
    method = msgspec.structs.replace(before, back_minor=before.back_minor + event.amount_minor)
    return msgspec.structs.replace(totals, methods=totals.methods | {event.method: method})


def _receipted(totals: Totals, event: ReceiptsCounted) -> Totals:
    numbers = [receipt.number for receipt in event.receipts]
    taxes = [group for receipt in event.receipts for group in receipt.taxes]
    amount_minor = sum(group.gross_minor for group in taxes)
    return msgspec.structs.replace(
        totals,
        receipts=Tally(totals.receipts.count + len(numbers), totals.receipts.amount_minor + amount_minor),
        first_receipt=totals.first_receipt or min(numbers),
        last_receipt=max(numbers),
        taxes=_summed((*totals.taxes, *taxes)),
    )


def _summed(groups: tuple[TaxGroup, ...]) -> tuple[TaxGroup, ...]:
    sums: dict[int, TaxGroup] = {}
    for each in groups:
        before = sums.get(each.rate_bp, TaxGroup(each.rate_bp, 0, 0, 0))
        sums[each.rate_bp] = TaxGroup(
            each.rate_bp,
            before.net_minor + each.net_minor,
            before.tax_minor + each.tax_minor,
            before.gross_minor + each.gross_minor,
        )
    return tuple(sums[rate] for rate in sorted(sums))


def _adjusted(totals: Totals, event: AdjustmentCounted) -> Totals:
    before = totals.adjustments.get(event.kind, Tally())
    after = Tally(before.count + 1, before.amount_minor + event.amount_minor)
    return msgspec.structs.replace(totals, adjustments=totals.adjustments | {event.kind: after})


def _deposited(totals: Totals, event: DepositCounted) -> Totals:
    deposits = totals.deposits_by_kind
    before = deposits.get(event.kind, Tally())
    after = Tally(before.count + 1, before.amount_minor + event.amount_minor)
    return msgspec.structs.replace(totals, deposits=deposits | {event.kind: after})


def _prepaid(totals: Totals, event: PrepaidCounted) -> Totals:
    prepaid = totals.prepaid_by_kind
    before = prepaid.get(event.kind, Tally())
    after = Tally(before.count + 1, before.amount_minor + event.amount_minor)
    return msgspec.structs.replace(totals, prepaid=prepaid | {event.kind: after})


_COUNTS: dict[type, Callable[[Totals, Any], Totals]] = {
    CashMoved: _moved,
    TakingsCounted: _took,
    ReturnCounted: _returned,
    ReceiptsCounted: _receipted,
    AdjustmentCounted: _adjusted,
    DepositCounted: _deposited,
    PrepaidCounted: _prepaid,
}

EVOLVE = {ShiftOpened: opened, **dict.fromkeys((*_COUNTS, ShiftClosed), changed)}

SHAPES = (
    shape(
        "shifts",
        "shift_pid",
        "shift_pid =till =currency status =by_itself:bool =opened_by =float_minor:int expected_minor:int "
        "counted_minor:int difference_minor:int z_number:int totals =opened_ms:int closed_ms:int version:int",
    ),
    shape(
        "cash_movements",
        "movement",
        "movement =shift_pid =amount_minor:int =reason =by =made_ms:int",
    ),
)


def rows(shift: Shift, fact: Fact[ShiftEvent]) -> list[Row]:
    """The shift's row after every event, and one for money that was no sale."""
    first, closed, event = shift.opened, shift.closed, fact.event
    start = first.shift_pid, first.till, first.currency, shift.status, first.by_itself, shift.opened_by
    sums = first.float_minor, shift.totals.expected_minor
    count = (closed.counted_minor, closed.difference_minor, closed.z_number) if closed else (None, None, None)
    totals = msgspec.json.encode(shift.totals).decode()
    times = shift.opened_ms, shift.closed_ms, shift.version
    row: Row = ("shifts", (*start, *sums, *count, totals, *times))
    if not isinstance(event, CashMoved):
        return [row]
    movement = (event.movement, first.shift_pid, event.amount_minor, event.reason, fact.by, fact.wall_ms)
    return [row, ("cash_movements", movement)]
