"""Decisions about what comes from afar and may be too late: cancelling an order, more time for a session.

Final states absorb. An order that the kitchen has is never taken back, a session that is over is never
revived; the request becomes a record of its own, exactly once, and a person decides about the money
(sync.md, Conflicts).
"""

from edge.core.afar import owner_refunds
from edge.core.afar.commands import AcceptExtend, CancelOrder, SettleRefund
from edge.core.clock import Now
from edge.core.orders import settling
from edge.core.play import session as play
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.order import OrderAbandoned, OrderFailed
from protocol.facts.play_events import Entitlement, TimeAdded
from protocol.facts.refund_request import RefundRequested, RefundSettled, aggregate_of

#: Tariff of time that was sold or given in the cloud; the money never passes the venue's till.
IN_THE_CLOUD = "cloud"
CANCELLED = "cancelled"


def cancel(view: VenueView, command: CancelOrder, _now: Now) -> list[Proposal] | Refusal:
    """Before the kitchen has it, as if it had failed; afterwards a refund request."""
    order = view.order(command.order_id)
    if order is None:
        return refuse("unknown_order")
    aggregate = settling.aggregate_of(command.order_id)
    abandoned: Proposal = (aggregate, OrderAbandoned(command.reason))
    if order.status == "abandoned":
        return []
    if order.status == "failed":
        return [abandoned]
    if order.status == "confirmed" or order.doubt is not None:
        placed = order.placed
        return _request(
            view, command.request_id, aggregate, placed.total_minor, placed.currency, command.reason
        )
    failed = OrderFailed(CANCELLED, f"The venue cancelled it: {command.reason}", allow_retry=False)
    return [*settling.failing(view, order, failed), abandoned]


def accept_extend(view: VenueView, command: AcceptExtend, now: Now) -> list[Proposal] | Refusal:
    """Time is added, whatever else was added meanwhile; the same `extend_id` counts once on every path."""
    found = play.present(view, command.session_id, now)
    if isinstance(found, Refusal):
        return _owed(view, command) or found
    session, before = found
    if command.extend_id in session.granted or command.extend_id in session.offered:
        return []
    # The timer may not have had its turn yet; time that is used up is over all the same.
    over = session.status == "ACTIVE" and session.left_ns(now.boot, now.mono_ns) <= 0
    if over or session.status not in ("ACTIVE", "PAUSED"):
        return _owed(view, command) or refuse("session_not_active", "The session does not run.")
    bought = Entitlement(command.extend_id, command.seconds, command.amount_minor, "CODE", IN_THE_CLOUD)
    return [*before, (play.aggregate_of(command.session_id), TimeAdded(bought))]


def _owed(view: VenueView, command: AcceptExtend) -> list[Proposal]:
    """What was paid for time that cannot be given; nothing if it was given for nothing."""
    if not command.amount_minor:
        return []
    venue = view.venue()
    currency = venue.config.currency if venue else ""
    about = play.aggregate_of(command.session_id)
    reason = "more time was paid for after the session had ended"
    return _request(view, command.extend_id, about, command.amount_minor, currency, reason)


def _request(
    view: VenueView, request_id: str, about: str, amount_minor: int, currency: str, reason: str
) -> list[Proposal]:
    if view.refund_request(request_id) is not None:
        return []
    requested = RefundRequested(request_id, about, amount_minor, currency, reason)
    return [(aggregate_of(request_id), requested)]


def settle_refund(view: VenueView, command: SettleRefund, now: Now) -> list[Proposal] | Refusal:
    """A person has decided; deciding the same again changes nothing."""
    request = view.refund_request(command.request_id)
    if request is None:
        return refuse("unknown_request")
    if request.status != "pending":
        return [] if request.status == command.decision else refuse("request_settled")
    if request.requested.about.startswith(owner_refunds.ABOUT):
        return owner_refunds.settle(view, command, request, now)
    settled = RefundSettled(command.decision, command.note)
    return [(aggregate_of(command.request_id), settled)]
