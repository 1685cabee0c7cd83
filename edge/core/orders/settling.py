"""Decisions about an order under way: the point of sale is asked, says yes or no, or the lock runs out.

    ask ──► PosAsked ──► yes: confirm ──► OrderConfirmed, tickets, ItemsOrdered
               ▲   ├───► no, and tries are left: fail ──► PosDeclined ──┐
               │   └───► no: fail ──► OrderFailed, StockReturned, CartUnlocked
               └────────────────────────────────────────────────────────┘

A call is recorded before it is made, so an order of which the last `PosAsked` has no answer is in doubt: its
lock outlives expiry and reboot until somebody knows (sync.md, Conflicts). An answer names the attempt it is
about; one to an earlier attempt changes nothing. A failed order gives its stock back at once, and takes it
anew when it is tried again, so nobody waits for what is only in a cart.

Counterparts: `order.py` decides how an order begins, `edge/effects/orders/point_of_sale.py` asks.
"""

from edge.core.clock import Now
from edge.core.commands import AskPointOfSale, ConfirmOrder, FailOrder, ReleaseLock, SettleOrder
from edge.core.orders import courses
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.cart import CartLock, CartUnlocked, ItemsOrdered
from protocol.facts.order import (
    LaterTicket,
    Order,
    OrderAbandoned,
    OrderConfirmed,
    OrderFailed,
    OrderPlaced,
    PosAsked,
    PosDeclined,
)
from protocol.facts.stock import StockReturned
from protocol.facts.ticket import TicketHeld
from protocol.facts.ticket import aggregate_of as ticket_aggregate
from protocol.identity import ticket_name

#: How often the box asks again by itself after a no (seed 002 §7.2).
AUTOMATIC_RETRIES = 3
#: First pause before trying again; each further one is twice as long (seed 002 §7.2).
FIRST_RETRY_S = 2


def aggregate_of(order_id: str) -> str:
    """`order:ORD-7-123`."""
    return f"order:{order_id}"


def retry_delay_s(tries: int) -> int:
    """Seconds between the `tries`-th no and the next question: 2, 4, 8."""
    return int(FIRST_RETRY_S * 2 ** (tries - 1))


def lock_of(view: VenueView, order: Order) -> CartLock | None:
    """The lock that an order holds on its cart."""
    cart = view.cart(order.placed.session_pid)
    lock = cart.lock if cart else None
    return lock if lock is not None and lock.order_id == order.order_id else None


def void(lock: CartLock | None, now: Now) -> str | None:
    """Why a lock no longer counts: `interrupted` by a reboot, or `expired`; None while it does."""
    if lock is None or lock.boot != now.boot:
        return "interrupted"
    return "expired" if now.mono_ns >= lock.expires_mono_ns else None


def _under_way(view: VenueView, order_id: str) -> Order | Refusal:
    order = view.order(order_id)
    if order is None:
        return refuse("unknown_order")
    return order if order.status == "processing" else refuse("stale_answer")


def ask(view: VenueView, command: AskPointOfSale, now: Now) -> list[Proposal] | Refusal:
    """Record the call before it is made, while the cart is held for it and nothing is in doubt."""
    order = _under_way(view, command.order_id)
    if isinstance(order, Refusal):
        return order
    venue = view.venue()
    if venue is None:
        return refuse("not_configured")
    if order.doubt is not None or command.attempt != order.asked + 1:
        return refuse("pos_in_doubt")
    if void(lock_of(view, order), now):
        return refuse("stale_answer")
    return [(aggregate_of(order.order_id), PosAsked(command.attempt, venue.config.pos))]


def confirm(view: VenueView, command: ConfirmOrder, _now: Now) -> list[Proposal] | Refusal:
    """It is an order now; hearing so twice changes nothing."""
    known = view.order(command.order_id)
    if known is not None and known.status == "confirmed":
        return []
    order = _under_way(view, command.order_id)
    if isinstance(order, Refusal):
        return order
    if command.attempt > order.asked:
        return refuse("stale_answer")
    return confirming(view, order.placed, command.reference)


def confirming(view: VenueView, placed: OrderPlaced, reference: str = "") -> list[Proposal]:
    """Everything that happens once the point of sale has said yes."""
    number = view.next_ticket_number
    now, later = courses.tickets(placed, ticket_name(number))
    held = tuple(LaterTicket(each.ticket, each.station, each.course) for each in later)
    stations = tuple(each.station for each in now)
    confirmed = OrderConfirmed(ticket_name(number), number, stations, reference, held)
    return [
        (aggregate_of(placed.order_id), confirmed),
        *((ticket_aggregate(each.ticket, each.station), each) for each in now),
        *((ticket_aggregate(each.ticket, each.station), TicketHeld(each)) for each in later),
        (f"cart:{placed.session_pid}", ItemsOrdered(placed.order_id)),
    ]


def fail(view: VenueView, command: FailOrder, now: Now) -> list[Proposal] | Refusal:
    """Try again later, or give the cart back."""
    order = _under_way(view, command.order_id)
    if isinstance(order, Refusal):
        return order
    if order.doubt is None or order.doubt.attempt != command.attempt:
        return refuse("stale_answer")
    spent = order.tries > AUTOMATIC_RETRIES or void(lock_of(view, order), now) is not None
    if command.final or spent:
        failed = OrderFailed(command.error, command.message, allow_retry=not command.final)
        return failing(view, order, failed)
    declined = PosDeclined(command.attempt, command.error, command.message)
    return [(aggregate_of(order.order_id), declined)]


def failing(view: VenueView, order: Order, failed: OrderFailed) -> list[Proposal]:
    """Everything that happens once it is certain that the point of sale does not have the order."""
    placed = order.placed
    returned: list[Proposal] = []
    for line in placed.lines:
        for menu_item, qty in line.pieces().items():
            stock = view.stock(menu_item)
            if stock is not None and stock.qty is not None:
                returned.append((f"stock:{menu_item}", StockReturned(menu_item, qty, placed.order_id)))
    return [
        (aggregate_of(placed.order_id), failed),
        *returned,
        (f"cart:{placed.session_pid}", CartUnlocked(placed.order_id, failed.error)),
    ]


_RELEASED = {
    "interrupted": "The box was restarted",
    "expired": "It took too long",
    "owner_gone": "The phone that ordered has gone",
}


def release(view: VenueView, command: ReleaseLock, now: Now) -> list[Proposal] | Refusal:
    """Give the cart back unless it is rightly held; never while the point of sale may have the order."""
    order = _under_way(view, command.order_id)
    if isinstance(order, Refusal):
        return order
    if order.doubt is not None:
        return refuse("pos_in_doubt")
    why = void(lock_of(view, order), now) or ("owner_gone" if command.owner_gone else None)
    if why is None:
        return refuse("lock_held")
    words = order.failure or _RELEASED[why]
    return failing(view, order, OrderFailed(why, words, True, _phone_retry_s(order, why)))


def _phone_retry_s(order: Order, why: str) -> int | None:
    """When the phone may try again by itself: only if the box has not done so, and at most as often."""
    if why == "owner_gone" or order.tries > 1 or order.attempts > AUTOMATIC_RETRIES:
        return None
    return retry_delay_s(order.attempts)


def settle(view: VenueView, command: SettleOrder, _now: Now) -> list[Proposal] | Refusal:
    """A person's word ends the doubt."""
    order = _under_way(view, command.order_id)
    if isinstance(order, Refusal):
        return order
    if order.doubt is None:
        return refuse("stale_answer", "Nothing is in doubt about this order.")
    if command.taken:
        return confirming(view, order.placed)
    failed = OrderFailed("settled", "The staff found that the till does not have it", allow_retry=True)
    return failing(view, order, failed)


def abandoning(view: VenueView, session_pid: str, reason: str) -> list[Proposal]:
    """The session's failed order is given up for good, if there is one."""
    last = view.last_order_of(session_pid)
    order = view.order(last) if last else None
    if order is None or order.status != "failed":
        return []
    return [(aggregate_of(order.order_id), OrderAbandoned(reason))]
