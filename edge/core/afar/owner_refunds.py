"""Decisions about money that an owner gives back from afar: by itself where it can, or a task for staff.

What went by way of the provider returns to the card, and what came from a balance to the balance, in the very
transaction that takes the command. Cash lies in a drawer and a terminal has buttons, so there it becomes a
request that somebody at the counter carries out: the money is taken out of the open shift when they say so.
Each is one record under the id that the owner's page made, so however often it arrives it is given back once.

Counterparts: `protocol/facts/refund_request.py`, `payment.py` takes the money back.
"""

from edge.core.afar.commands import ReturnPayment, SettleRefund
from edge.core.clock import Now
from edge.core.money import payment as payments
from edge.core.money import shift
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.payment import Payment
from protocol.facts.refund_request import RefundRequest, RefundRequested, RefundSettled, aggregate_of

ABOUT = "payment:"


def give(view: VenueView, command: ReturnPayment, now: Now) -> list[Proposal] | Refusal:
    """All that is left of a payment, or a part of its amount."""
    known = view.refund_request(command.refund_id)
    if known is not None:
        return [] if _same(known, command) else refuse("mid_reused")
    payment = view.payment(command.payment_pid)
    if payment is None:
        return refuse("unknown_payment")
    parts = _parts(payment, command.amount_minor)
    if parts is None:
        return refuse("refund_too_high", detail={"left_minor": payment.left_minor})
    kept = payments.kept(view, payment, parts[0])
    if kept is not None:
        return kept
    first, aggregate = payment.initiated, aggregate_of(command.refund_id)
    requested = RefundRequested(
        command.refund_id, f"{ABOUT}{first.payment_pid}", sum(parts), first.currency, command.reason
    )
    if not (payment.provider or first.method == payments.BALANCE):
        return [(aggregate, requested)]
    given = payments.Back(command.refund_id, *parts, command.reason, _name(command.by))
    back = payments.refunded(view, payment, given, shift.Till(shift.MAIN, command.shift_pid), now)
    return [(aggregate, requested), (aggregate, RefundSettled("granted", "given back by itself")), *back]


def _same(known: RefundRequest, command: ReturnPayment) -> bool:
    """Whether the request of this id is this one and not about other money."""
    asked = known.requested
    same_amount = command.amount_minor in (None, asked.amount_minor)
    return asked.about == f"{ABOUT}{command.payment_pid}" and same_amount


def _parts(payment: Payment, amount_minor: int | None) -> tuple[int, int] | None:
    """Amount and tip that go back; None where there is not so much."""
    if amount_minor is None or amount_minor == payment.left_minor + payment.left_tip_minor:
        whole = payment.left_minor, payment.left_tip_minor
        return whole if sum(whole) else None
    return (amount_minor, 0) if 0 < amount_minor <= payment.left_minor else None


def settle(
    view: VenueView, command: SettleRefund, request: RefundRequest, now: Now
) -> list[Proposal] | Refusal:
    """Somebody at the counter has handed it out, or it is not given back after all."""
    settled: Proposal = (aggregate_of(command.request_id), RefundSettled(command.decision, command.note))
    if command.decision == "declined":
        return [settled]
    if command.by.startswith("owner:"):
        return refuse("forbidden", "Cash is given back by somebody at the counter.")
    payment = view.payment(request.requested.about.removeprefix(ABOUT))
    parts = _parts(payment, request.requested.amount_minor) if payment is not None else None
    if payment is None or parts is None:
        return refuse("refund_too_high")
    kept = payments.kept(view, payment, parts[0])
    if kept is not None:
        return kept
    asked_by = _name(request.requested_by or "")
    given = payments.Back(command.request_id, *parts, request.requested.reason, asked_by)
    till = shift.Till(shift.MAIN, command.shift_pid)
    return [settled, *payments.refunded(view, payment, given, till, now)]


def _name(by: str) -> str:
    return by.removeprefix("owner:")
