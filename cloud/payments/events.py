"""What a Stripe event says, in the cloud's words. Pure.

Rule of the file: an event is a state of an object at some moment, not a command; events come twice, late and
in any order, and what they say is folded by the table of states. Shapes: docs.stripe.com/api/events/types.
"""

from typing import Any

import msgspec

from cloud.payments.gateway import Progress, Returned, State

#: docs.stripe.com/payments/paymentintents/lifecycle. What is not here waits for a card.
_INTENT: dict[str, State] = {"succeeded": "COMPLETED", "canceled": "FAILED"}
_REFUND: dict[str, State] = {"succeeded": "COMPLETED", "failed": "FAILED", "canceled": "FAILED"}


class Event(msgspec.Struct, frozen=True):
    """The envelope; `data.object` is kept as it came."""

    id: str
    type: str
    created: int
    data: "EventData"


class EventData(msgspec.Struct, frozen=True):
    """The object as it was when the event happened."""

    object: dict[str, Any]


class PaymentWord(msgspec.Struct, frozen=True):
    """How far a payment is. Without `payment_id` it was not begun by us."""

    organisation_id: str | None
    payment_id: str | None
    progress: Progress


class RefundWord(msgspec.Struct, frozen=True):
    """How far a refund is."""

    returned: Returned


class PayoutWord(msgspec.Struct, frozen=True):
    """Money is on its way to the bank: the provider's books have something new."""

    payout_id: str


Word = PaymentWord | RefundWord | PayoutWord

_event = msgspec.json.Decoder(Event)


def read(body: bytes) -> Event | None:
    """The event; None for what is signed and is none."""
    try:
        return _event.decode(body)
    except msgspec.MsgspecError:
        return None


def word_of(event: Event) -> Word | None:
    """What it says; None for what concerns nobody here."""
    thing = event.data.object
    match thing.get("object"):
        case "payment_intent":
            return _about(thing, intent_progress(thing))
        case "checkout.session":
            return _about(thing, session_progress(thing))
        case "refund":
            return RefundWord(refund_progress(thing))
        case "payout":
            return PayoutWord(str(thing.get("id")))
        case _:
            return None


def _about(thing: dict[str, Any], progress: Progress) -> PaymentWord:
    metadata = thing.get("metadata") or {}
    return PaymentWord(metadata.get("organisation_id"), metadata.get("payment_id"), progress)


def intent_progress(intent: dict[str, Any]) -> Progress:
    """A PaymentIntent."""
    state = _INTENT.get(intent.get("status", ""), "PENDING")
    error = intent.get("last_payment_error") or {}
    if state == "COMPLETED":
        error = {}
    code = str(error.get("decline_code") or error.get("code") or "")
    if state == "FAILED" and not code:
        code = "canceled"
    return Progress(
        state=state,
        reference=intent.get("id"),
        client_secret=intent.get("client_secret"),
        received_minor=intent.get("amount_received"),
        currency=str(intent.get("currency") or "").upper(),
        code=code,
        reason=str(error.get("message") or ""),
    )


def session_progress(session: dict[str, Any]) -> Progress:
    """A Checkout Session. Complete and unpaid means that a slow way of paying is under way."""
    status, paid = session.get("status"), session.get("payment_status") == "paid"
    state: State = "COMPLETED" if paid else "FAILED" if status == "expired" else "PENDING"
    intent = session.get("payment_intent")
    return Progress(
        state=state,
        reference=intent if isinstance(intent, str) else None,
        session=session.get("id"),
        url=session.get("url"),
        received_minor=session.get("amount_total") if paid else None,
        currency=str(session.get("currency") or "").upper(),
        code="expired" if state == "FAILED" else "",
        reason="The payment page was closed." if state == "FAILED" else "",
    )


def refund_progress(refund: dict[str, Any]) -> Returned:
    """A Refund."""
    intent = refund.get("payment_intent")
    return Returned(
        state=_REFUND.get(refund.get("status") or "", "PENDING"),
        reference=refund.get("id"),
        refund_id=(refund.get("metadata") or {}).get("refund_id"),
        payment_reference=intent if isinstance(intent, str) else None,
        amount_minor=int(refund.get("amount") or 0),
        currency=str(refund.get("currency") or "").upper(),
        reason=str(refund.get("failure_reason") or ""),
    )
