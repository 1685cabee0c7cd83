"""Decisions about money coming and going: nobody ever pays more than is owed, or twice.

A payment holds its amount of the bill in the same transaction in which it begins. All decisions of the box
are taken one after the other, so of two people who pay the last ten euros at once one is told `overpays`.
Cash is there at once (seed 003 §6), and so is a balance, which is debited in that transaction and can never
be overdrawn; a card is INITIATED until whoever moves the money says how it went,
with `AdvancePayment`: a person at a terminal of its own, or an adapter behind `cards.CardPort`.

Payments without a bill (play time that is paid at its start) go the same way with `session_pid` None.
"""

from collections.abc import Sequence

import msgspec

from edge.core.clock import Now
from edge.core.money import bill as bills
from edge.core.money import grants, prepaid, receipts, shift
from edge.core.money.commands import AdvancePayment, RefundPayment, TakePayment
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.bill import Bill
from protocol.facts.bill_events import (
    PLAY_SESSION,
    BillEvent,
    DiscountGiven,
    PaymentBegun,
    PaymentReleased,
    PaymentReturned,
    PaymentSettled,
)
from protocol.facts.payment import (
    TRANSITIONS,
    UNDER_WAY,
    Payment,
    PaymentCompleted,
    PaymentEvent,
    PaymentFailed,
    PaymentInitiated,
    PaymentPartlyRefunded,
    PaymentPending,
    PaymentRefunded,
    PaymentUnknown,
)
from protocol.facts.shift import CASH, Counted, ReturnCounted, TakingsCounted
from protocol.money import cash_step_minor
from protocol.shares import share_of
from protocol.taxes import cash_rounding

CARD = "CARD"
BALANCE = "BALANCE"


def aggregate_of(payment_pid: str) -> str:
    """`payment:{payment_pid}`."""
    return f"payment:{payment_pid}"


def take(view: VenueView, command: TakePayment, now: Now) -> list[Proposal] | Refusal:
    """Hold the amount; cash and balances are there with it."""
    venue = view.venue()
    if venue is None:
        return refuse("not_configured")
    bill = bills.found(view, command.session_pid)
    if isinstance(bill, Refusal):
        return bill
    amount_minor = _amount(bill, command)
    if isinstance(amount_minor, Refusal):
        return amount_minor
    initiated = _initiated(command, amount_minor, bill.currency, rounds=venue.config.cash_rounding)
    if isinstance(initiated, Refusal):
        return initiated
    begun = PaymentBegun(
        initiated.payment_pid,
        initiated.method,
        amount_minor,
        initiated.tip_minor,
        initiated.rounding_minor,
        initiated.share,
    )
    aggregate = aggregate_of(command.payment_pid)
    if command.method == CARD:
        return [(bills.aggregate_of(bill.session_pid), begun), (aggregate, initiated)]
    spent = _spent(view, initiated)
    if isinstance(spent, Refusal):
        return spent
    till = shift.Till(command.till, command.shift_pid)
    settled = PaymentSettled(initiated.payment_pid)
    return [
        *receipts.conclude(view, bill, [begun, settled], till, now, counted=[_takings(initiated)]),
        *spent,
        (aggregate, initiated),
        (aggregate, PaymentCompleted(shift.pid_at(view, till))),
    ]


def _amount(bill: Bill, command: TakePayment) -> int | Refusal:
    """What of the bill is paid; a tip alone may come when nothing is due any more."""
    due_minor = bill.due_minor
    if command.share is not None:
        share = share_of(bill, command.share)
        if share is None:
            return refuse("unknown_share")
        due_minor = share.due_minor
    amount_minor = due_minor if command.amount_minor is None else command.amount_minor
    if amount_minor > due_minor:
        return refuse("overpays", detail={"due_minor": due_minor, "held_minor": bill.held_minor})
    if amount_minor < 0 or command.tip_minor < 0:
        return refuse("invalid", "Amounts are not below zero; give money back as a refund.")
    if amount_minor == command.tip_minor == 0:
        return refuse("nothing_due")
    return amount_minor


def _initiated(
    command: TakePayment, amount_minor: int, currency: str, *, rounds: bool
) -> PaymentInitiated | Refusal:
    unavailable = _unavailable(command)
    if unavailable is not None:
        return unavailable
    step_minor = cash_step_minor(currency) if rounds else 1
    owed_minor = amount_minor + command.tip_minor
    rounding_minor = cash_rounding(owed_minor, step_minor) if command.method == CASH else 0
    if command.tendered_minor is not None and command.tendered_minor < owed_minor + rounding_minor:
        return refuse("tendered_short", detail={"owed_minor": owed_minor + rounding_minor})
    return PaymentInitiated(
        payment_pid=command.payment_pid,
        method=command.method,
        currency=currency,
        amount_minor=amount_minor,
        tip_minor=command.tip_minor,
        rounding_minor=rounding_minor,
        tendered_minor=command.tendered_minor,
        session_pid=command.session_pid,
        share=command.share,
        till=command.till,
        user_id=command.user_id if command.method == BALANCE else None,
    )


def _unavailable(command: TakePayment) -> Refusal | None:
    """Why nobody can pay in this way."""
    if command.method not in (CASH, CARD, BALANCE):
        return refuse("method_unavailable")
    if command.method == BALANCE and not command.user_id:
        return refuse("invalid", "Say whose balance it is.")
    if command.method == BALANCE and command.tip_minor:
        return refuse("method_unavailable", "A tip is given in cash or by card.")
    return None


def _spent(view: VenueView, initiated: PaymentInitiated) -> list[Proposal] | Refusal:
    """What leaves a balance, which pays all of it or nothing."""
    if initiated.method != BALANCE or initiated.user_id is None:
        return []
    return grants.spend(
        view, initiated.user_id, initiated.payment_pid, initiated.amount_minor, initiated.currency, "bill"
    )


def _takings(initiated: PaymentInitiated) -> TakingsCounted:
    return TakingsCounted(
        initiated.payment_pid,
        initiated.method,
        initiated.amount_minor,
        initiated.tip_minor,
        initiated.rounding_minor,
    )


def advance(view: VenueView, command: AdvancePayment, now: Now) -> list[Proposal] | Refusal:
    """One step along the payment's table; the state it is already in is a repeat, not an error."""
    payment = view.payment(command.payment_pid)
    if payment is None:
        return refuse("unknown_payment")
    if payment.provider and payment.provider != command.provider:
        return refuse("payment_online")
    if payment.status == command.state and payment.provider == command.provider:
        return []
    till = shift.Till(payment.initiated.till, command.shift_pid)
    event = _step(command, shift.pid_at(view, till))
    if payment.status not in UNDER_WAY or type(event).__name__ not in TRANSITIONS[payment.status]:
        return refuse("payment_final", detail={"status": payment.status})
    on_bill: list[BillEvent] = []
    counted: list[Counted] = []
    if isinstance(event, PaymentCompleted):
        first = payment.initiated
        on_bill = [PaymentSettled(command.payment_pid)]
        counted = [_takings(first), *prepaid.counted(first, "paid_in", first.amount_minor)]
    elif isinstance(event, PaymentFailed):
        on_bill = [PaymentReleased(command.payment_pid)]
    step: Proposal = (aggregate_of(command.payment_pid), event)
    came = prepaid.came(view, payment.initiated) if isinstance(event, PaymentCompleted) else []
    return [step, *_on_bill(view, payment, on_bill, till, now, counted), *came]


def _step(command: AdvancePayment, shift_pid: str) -> PaymentEvent:
    match command.state:
        case "COMPLETED":
            return PaymentCompleted(shift_pid, command.reference)
        case "FAILED":
            return PaymentFailed(command.reason)
        case "PENDING":
            return PaymentPending(command.reference, command.provider)
        case _:
            return PaymentUnknown(command.reason)


def _on_bill(
    view: VenueView,
    payment: Payment,
    events: list[BillEvent],
    till: shift.Till,
    now: Now,
    counted: list[Counted],
) -> list[Proposal]:
    """What a payment does to its bill, if it is on one, and to the shift.

    A card for play time comes onto the bill with the time it buys, not before (`play/money.py`).
    """
    session_pid = payment.initiated.session_pid
    bill = view.bill(bills.paying(view, session_pid)) if session_pid is not None else None
    if bill is None or payment.initiated.payment_pid not in bill.payments:
        return shift.counting(view, till, payment.initiated.currency, counted)
    return receipts.conclude(view, bill, events, till, now, counted=counted)


def refund(view: VenueView, command: RefundPayment, now: Now) -> list[Proposal] | Refusal:
    """Give back some or all of a payment, on a manager's word."""
    payment, venue = view.payment(command.payment_pid), view.venue()
    if venue is None:
        return refuse("not_configured")
    if payment is None:
        return refuse("unknown_payment")
    refused = bills.unapproved(view, command.approved_by)
    if refused is not None:
        return refused
    whole = command.amount_minor is None
    amount_minor = payment.left_minor if command.amount_minor is None else command.amount_minor
    tip_minor = payment.left_tip_minor if whole else command.tip_minor
    left_minor = payment.left_minor, payment.left_tip_minor
    if not (0 <= amount_minor <= left_minor[0] and 0 <= tip_minor <= left_minor[1]):
        return refuse(
            "refund_too_high", detail={"left_minor": left_minor[0], "left_tip_minor": left_minor[1]}
        )
    if amount_minor == tip_minor == 0:
        return refuse(
            "refund_too_high", detail={"left_minor": left_minor[0], "left_tip_minor": left_minor[1]}
        )
    bound = kept(view, payment, amount_minor)
    if bound is not None:
        return bound
    given = Back(command.refund_pid, amount_minor, tip_minor, command.reason, command.approved_by)
    return refunded(view, payment, given, shift.Till(command.till, command.shift_pid), now)


def kept(view: VenueView, payment: Payment, amount_minor: int) -> Refusal | None:
    """Why so much of a payment stays here, although it was not given back yet."""
    return promised(view, payment) or prepaid.spent(view, payment, amount_minor)


def promised(view: VenueView, payment: Payment) -> Refusal | None:
    """Why a deposit stays here: it pays for play that waits for the card for the rest."""
    deposit_pid = payment.initiated.payment_pid
    booking = view.booking(payment.initiated.session_pid or "")
    if booking is None or (booking.status, booking.deposit) != ("CHECKED_IN", "paid"):
        return None
    session = view.play(booking.session_id or "")
    if session is None or session.status != "AWAITING" or booking.deposit_pid != deposit_pid:
        return None
    words = "The guest is checked in and a card is under way for the rest; say first how it went."
    return refuse("deposit_pending", words, detail={"payment_id": session.ordered.entitlement.id})


def refunded(view: VenueView, payment: Payment, given: "Back", till: shift.Till, now: Now) -> list[Proposal]:
    """Money is handed back, in coins where it came so; what was paid ahead with it is not owed any more."""
    venue = view.venue()
    if venue is not None and venue.config.cash_rounding:
        rounding_minor = _rounding_back(payment, given.amount_minor, given.tip_minor)
        given = msgspec.structs.replace(given, rounding_minor=rounding_minor)
    return give_back(view, payment, given, till, now, _no_longer_owed(view, payment, given))


class Back(msgspec.Struct, frozen=True):
    """What of a payment is taken back, why, and on whose word."""

    refund_pid: str
    amount_minor: int
    tip_minor: int
    reason: str
    approved_by: str
    rounding_minor: int = 0


def give_back(
    view: VenueView,
    payment: Payment,
    given: Back,
    till: shift.Till,
    now: Now,
    cheaper: Sequence[BillEvent] = (),
) -> list[Proposal]:
    """Some of a payment, or all that is left of it, is not there any more: payment, bill and shift say so."""
    parts = given.amount_minor, given.tip_minor
    kind = PaymentRefunded if parts == (payment.left_minor, payment.left_tip_minor) else PaymentPartlyRefunded
    event = kind(
        given.refund_pid,
        *parts,
        given.rounding_minor,
        given.reason,
        given.approved_by,
        shift.pid_at(view, till),
    )
    first = payment.initiated
    on_bill = [*cheaper, PaymentReturned(first.payment_pid, given.refund_pid, *parts)]
    back = ReturnCounted(given.refund_pid, first.method, sum(parts) + given.rounding_minor)
    counted = [back, *prepaid.counted(first, "given_back", given.amount_minor)]
    owner = first.user_id
    return [
        (aggregate_of(first.payment_pid), event),
        *(grants.returned(view, owner, given.refund_pid, given.amount_minor) if owner else ()),
        *prepaid.taken_off(view, first, given.refund_pid, given.amount_minor),
        *_on_bill(view, payment, on_bill, till, now, counted),
    ]


def _no_longer_owed(view: VenueView, payment: Payment, given: Back) -> list[BillEvent]:
    """Time that was paid ahead is taken back with its money; what was eaten stays owed until it is voided."""
    session_pid = payment.initiated.session_pid
    bill = view.bill(bills.paying(view, session_pid)) if session_pid is not None else None
    line = bill.lines.get(f"{PLAY_SESSION}:{payment.initiated.payment_pid}") if bill else None
    off_minor = min(given.amount_minor, line.amount_minor) if line else 0
    if line is None or off_minor <= 0:
        return []
    parts = ((line.id, off_minor),)
    return [DiscountGiven(given.refund_pid, parts, given.reason, given.approved_by)]


def _rounding_back(payment: Payment, amount_minor: int, tip_minor: int) -> int:
    """What coins round when money is given back; a whole payment goes back as it came."""
    first = payment.initiated
    if first.method != CASH:
        return 0
    if (amount_minor, tip_minor) == (first.amount_minor, first.tip_minor):
        return first.rounding_minor
    return cash_rounding(amount_minor + tip_minor, cash_step_minor(first.currency))
