"""One payment, from the moment somebody asks for money until it is there, refused, or given back.

    INITIATED --PaymentPending--> PENDING --PaymentCompleted--> COMPLETED --PaymentRefunded--> REFUNDED
        |                          ^  |                         ^    ^  `--PaymentPartlyRefunded
        |                          |  `-----PaymentUnknown--> UNKNOWN
        `--PaymentFailed--> FAILED <--------------------------'

Seed 003 §6 and cloud.md, Money. Cash is COMPLETED in the transaction that begins it. UNKNOWN is a card
whose answer was lost: it is asked about until somebody knows, and never simply tried again. A refund is a
record of its own, with a reason and who approved it.

Counterparts: `bill.py` holds the amount while a payment is under way; `shift.py` counts it once it is there.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

TRANSITIONS: dict[str, dict[str, str]] = {
    "INITIATED": {
        "PaymentPending": "PENDING",
        "PaymentCompleted": "COMPLETED",
        "PaymentFailed": "FAILED",
        "PaymentUnknown": "UNKNOWN",
    },
    "PENDING": {
        "PaymentCompleted": "COMPLETED",
        "PaymentFailed": "FAILED",
        "PaymentUnknown": "UNKNOWN",
    },
    "UNKNOWN": {
        "PaymentPending": "PENDING",
        "PaymentCompleted": "COMPLETED",
        "PaymentFailed": "FAILED",
    },
    "COMPLETED": {"PaymentPartlyRefunded": "COMPLETED", "PaymentRefunded": "REFUNDED"},
    "FAILED": {},
    "REFUNDED": {},
}
#: The same table for whoever is told of states and not of events, as the cloud is by its provider.
SUCCESSORS = {status: frozenset(moves.values()) for status, moves in TRANSITIONS.items()}
#: States in which nobody knows yet whether the money comes.
UNDER_WAY = ("INITIATED", "PENDING", "UNKNOWN")


class PaymentInitiated(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """Somebody wants to pay `amount_minor`, and `tip_minor` on top.

    In coins `rounding_minor` more (or less) changes hands; `tendered_minor` is what was handed over before
    change. `session_pid` names the bill, `share` its share; `till` is where the money goes.
    `user_id` is whose balance paid a bill, and where it goes when it is given back; `balance_of`, onto whose
    balance the money comes, for which there is no bill.
    """

    payment_pid: str
    method: str
    currency: str
    amount_minor: int
    tip_minor: int = 0
    rounding_minor: int = 0
    tendered_minor: int | None = None
    session_pid: str | None = None
    share: int | None = None
    till: str = "main"
    user_id: str | None = None
    balance_of: str | None = None


class PaymentPending(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """Whoever moves the money is at work on it, under `reference`.

    With a `provider` it goes by way of the cloud, and nobody but the provider says how it ends.
    """

    reference: str | None = None
    provider: str = ""


class PaymentCompleted(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """The money is there; `shift_pid` is the shift that counts it."""

    shift_pid: str
    reference: str | None = None


class PaymentFailed(msgspec.Struct, frozen=True, tag=True):
    """It will not come."""

    reason: str


class PaymentUnknown(msgspec.Struct, frozen=True, tag=True):
    """The answer was lost."""

    reason: str


class PaymentPartlyRefunded(msgspec.Struct, frozen=True, tag=True):
    """Some was given back, and some was not."""

    refund_pid: str
    amount_minor: int
    tip_minor: int
    rounding_minor: int
    reason: str
    approved_by: str
    shift_pid: str


class PaymentRefunded(PaymentPartlyRefunded, frozen=True, tag=True):
    """All that was left of it was given back."""


PaymentEvent = (
    PaymentInitiated
    | PaymentPending
    | PaymentCompleted
    | PaymentFailed
    | PaymentUnknown
    | PaymentPartlyRefunded
    | PaymentRefunded
)


class Payment(msgspec.Struct, frozen=True):
    """The state that the events fold into."""

    version: int
    initiated: PaymentInitiated
    status: str
    initiated_ms: int
    reference: str | None = None
    failure: str | None = None
    shift_pid: str | None = None
    refunded_minor: int = 0
    refunded_tip_minor: int = 0
    completed_ms: int | None = None
    provider: str = ""

    @property
    def left_minor(self) -> int:
        """What of the amount could still be given back."""
        return self.initiated.amount_minor - self.refunded_minor if self.status == "COMPLETED" else 0

    @property
    def left_tip_minor(self) -> int:
        """What of the tip could still be given back."""
        return self.initiated.tip_minor - self.refunded_tip_minor if self.status == "COMPLETED" else 0


def initiated(payment: Payment | None, event: PaymentInitiated, fact: Fact[PaymentEvent]) -> Payment:
    """A payment of which nothing is known yet."""
    if payment is not None:
        raise ImpossibleFact(f"{fact.aggregate} was initiated twice")
    return Payment(fact.version, event, "INITIATED", fact.wall_ms)


def advanced(payment: Payment | None, event: PaymentEvent, fact: Fact[PaymentEvent]) -> Payment:
    """The payment in its next state."""
    name = type(event).__name__
    if payment is None or name not in TRANSITIONS[payment.status]:
        raise ImpossibleFact(f"{name} on {fact.aggregate}")
    status = TRANSITIONS[payment.status][name]
    return _CHANGES[type(event)](
        msgspec.structs.replace(payment, version=fact.version, status=status), event, fact.wall_ms
    )


def _pending(payment: Payment, event: PaymentPending, _wall_ms: int) -> Payment:
    return msgspec.structs.replace(
        payment,
        reference=event.reference or payment.reference,
        failure=None,
        provider=event.provider or payment.provider,
    )


def _completed(payment: Payment, event: PaymentCompleted, wall_ms: int) -> Payment:
    return msgspec.structs.replace(
        payment,
        reference=event.reference or payment.reference,
        failure=None,
        shift_pid=event.shift_pid,
        completed_ms=wall_ms,
    )


def _troubled(payment: Payment, event: PaymentFailed | PaymentUnknown, _wall_ms: int) -> Payment:
    return msgspec.structs.replace(payment, failure=event.reason)


def _refunded(payment: Payment, event: PaymentPartlyRefunded, _wall_ms: int) -> Payment:
    after = msgspec.structs.replace(
        payment,
        refunded_minor=payment.refunded_minor + event.amount_minor,
        refunded_tip_minor=payment.refunded_tip_minor + event.tip_minor,
    )
    first = payment.initiated
    left = first.amount_minor - after.refunded_minor, first.tip_minor - after.refunded_tip_minor
    if min(left) < 0 or (after.status == "REFUNDED") != (left == (0, 0)):
        raise ImpossibleFact(f"a refund that leaves {left} of payment {first.payment_pid}")
    return after


_CHANGES: dict[type, Callable[[Payment, Any, int], Payment]] = {
    PaymentPending: _pending,
    PaymentCompleted: _completed,
    PaymentFailed: _troubled,
    PaymentUnknown: _troubled,
    PaymentPartlyRefunded: _refunded,
    PaymentRefunded: _refunded,
}

EVOLVE = {PaymentInitiated: initiated, **dict.fromkeys(_CHANGES, advanced)}

SHAPES = (
    shape(
        "payments",
        "payment_pid",
        "payment_pid =method =currency =amount_minor:int =tip_minor:int =rounding_minor:int =session_pid "
        "=share:int =till status reference failure shift_pid refunded_minor:int refunded_tip_minor:int "
        "=initiated_ms:int completed_ms:int version:int",
    ),
    shape(
        "refunds",
        "refund_pid",
        "refund_pid =payment_pid =amount_minor:int =tip_minor:int =rounding_minor:int =reason =by "
        "=approved_by =shift_pid =made_ms:int",
    ),
)


def rows(payment: Payment, fact: Fact[PaymentEvent]) -> list[Row]:
    """The payment's row after every event, and one for each refund."""
    first = payment.initiated
    amounts = first.amount_minor, first.tip_minor, first.rounding_minor
    place = first.session_pid, first.share, first.till
    now = payment.status, payment.reference, payment.failure, payment.shift_pid
    back = payment.refunded_minor, payment.refunded_tip_minor
    times = payment.initiated_ms, payment.completed_ms, payment.version
    row = (first.payment_pid, first.method, first.currency, *amounts, *place, *now, *back, *times)
    event = fact.event
    if not isinstance(event, PaymentPartlyRefunded):
        return [("payments", row)]
    given = event.amount_minor, event.tip_minor, event.rounding_minor
    who = event.reason, fact.by, event.approved_by, event.shift_pid, fact.wall_ms
    return [("payments", row), ("refunds", (event.refund_pid, first.payment_pid, *given, *who))]
