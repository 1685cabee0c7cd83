"""Money that came for play time after the seat was given up, or the session was over: it goes back, once.

It buys nothing any more and revives nothing (sync.md, 'play session'). It is counted, because it came, and in
the same transaction it is given back: what went by way of the provider returns to the card by itself, as the
cloud hears of it. A terminal of the venue's own has buttons, so there it becomes a task of whoever serves,
under *Approvals* on the staff's page, and stands on the owner's list until it is done. Both are named by the
payment, so there is one of them however often, and by whichever way, the word of the payment arrives.

Counterparts: `edge/core/afar/owner_refunds.py` settles the task; `edge/core/play/money.py` says what is late.
"""

import msgspec

from edge.core.afar.owner_refunds import ABOUT
from edge.core.clock import Now
from edge.core.money import payment as payments
from edge.core.money import shift
from edge.core.view import Proposal, VenueView
from protocol.facts.payment import Payment
from protocol.facts.refund_request import RefundRequested, aggregate_of
from protocol.facts.shift import ShiftOpened

REASON = "Paid for play time that had been given up"
#: Whose word it is given back on, where nobody had to say anything.
BY_ITSELF = "by itself"


def gone_back(view: VenueView, payment: Payment, till: shift.Till, now: Now) -> list[Proposal]:
    """What follows in the transaction in which such a payment was completed and counted."""
    first = payment.initiated
    if not first.amount_minor + first.tip_minor:
        return []
    name = f"late-{first.payment_pid}"
    if not payment.provider:
        return [_task(name, payment)] if view.refund_request(name) is None else []
    came = msgspec.structs.replace(payment, status="COMPLETED")
    given = payments.Back(name, first.amount_minor, first.tip_minor, REASON, BY_ITSELF)
    back = payments.refunded(view, came, given, till, now)
    # The payment was counted just before, so the shift is open by now.
    return [each for each in back if not isinstance(each[1], ShiftOpened)]


def _task(name: str, payment: Payment) -> Proposal:
    first = payment.initiated
    amount_minor = first.amount_minor + first.tip_minor
    about = f"{ABOUT}{first.payment_pid}"
    return aggregate_of(name), RefundRequested(name, about, amount_minor, first.currency, REASON)
