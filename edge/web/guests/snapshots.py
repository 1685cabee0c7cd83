"""The whole of a table for a phone that has just arrived, reloaded or lost its socket."""

from collections.abc import Iterable

from edge.core.clock import Now
from edge.core.orders.cart import subtotal_minor
from edge.core.orders.terms import held, recall
from edge.journal.hot import Hot
from protocol.cart_snapshot import CartSnapshot, OrderFailure, OrderProcessing, RecalledLine
from protocol.facts.cart import Cart, CartItem, cart_hash
from protocol.facts.menu import MenuBook
from protocol.facts.order import Order
from protocol.facts.table import TableSession
from protocol.facts.ticket import Ticket, aggregate_of
from protocol.facts.venue import VenueConfig
from protocol.money import to_major
from protocol.table import (
    iso,
    item_message,
    kitchen_status,
    member_message,
    order_message,
    processing_words,
)


def order_status(hot: Hot, order: Order) -> str:
    """The guest's word for how far an order is."""
    tickets = (hot.committed(aggregate_of(name, station)) for name, station in order.tickets())
    return kitchen_status(order, [each for each in tickets if isinstance(each, Ticket)])


def orders_of(hot: Hot, session_pid: str) -> list[Order]:
    """Orders of a session, oldest first."""
    found = (hot.committed(f"order:{order_id}") for order_id in hot.committed_orders_of(session_pid))
    return [order for order in found if isinstance(order, Order)]


def snapshot(hot: Hot, session: TableSession, now: Now) -> CartSnapshot:
    """Everything committed about a table, for `GET /cart_snapshot`."""
    state = hot.committed(f"cart:{session.session_pid}")
    cart = state if isinstance(state, Cart) else None
    venue, book = hot.committed_venue(), hot.committed_menu()
    currency = venue.config.currency if venue else "EUR"
    live = cart.live() if cart else []
    total_minor = subtotal_minor(cart)
    orders = orders_of(hot, session.session_pid)
    lock = cart.lock if cart else None
    last = orders[-1] if orders else None
    failure = _failure(last, live)
    under_way = last if last is not None and last.status == "processing" else None
    return CartSnapshot(
        items=tuple(map(item_message, live)),
        members=tuple(map(member_message, session.members.values())),
        orders=tuple(
            order_message(order, order_status(hot, order)) for order in orders if order.status == "confirmed"
        ),
        cart_version=cart.version if cart else 0,
        cart_hash=cart_hash(live),
        total=to_major(total_minor, currency),
        total_minor=total_minor,
        currency=currency,
        pass_validated=session.pass_validated,
        cart_locked=lock is not None,
        locked_by_member=lock.member_pid if lock else None,
        pending_order_id=lock.order_id if lock else None,
        order_processing_status=_status(under_way, failure),
        order_processing_message=processing_words(under_way) if under_way else None,
        order_failure=failure,
        location_policy=venue.config.location.policy if venue else "off",
        last_updated=iso(cart.updated_ms if cart else session.opened_ms),
        menu_version=book.menu.menu_version if book else 0,
        table_name=session.table_name,
        venue_name=venue.config.name if venue else "",
        recalled=tuple(_recalled(hot, live, book, venue.config, now)) if book and venue else (),
    )


def _recalled(
    hot: Hot, live: list[CartItem], book: MenuBook, config: VenueConfig, now: Now
) -> Iterable[RecalledLine]:
    for line in live:
        holds = held(line, config.price_hold_minutes, now)
        reason = recall(line, hot.menu_of(line.menu_version), book, held=holds)
        if reason is not None:
            yield RecalledLine(line.id, reason)


def _failure(last: Order | None, live: list[CartItem]) -> OrderFailure | None:
    """Why the order placed last failed, until somebody changes what is in the cart."""
    if last is None or last.status != "failed" or last.placed.cart_hash != cart_hash(live):
        return None
    return OrderFailure(last.order_id, last.failure or "", last.error or "", last.allow_retry)


def _status(under_way: Order | None, failure: OrderFailure | None) -> OrderProcessing:
    """`idle`, `processing` or `failed` (seed 002 §2A)."""
    if under_way is not None:
        return "processing"
    return "idle" if failure is None else "failed"
