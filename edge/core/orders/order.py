"""Decisions about how an order begins: the cart is locked, stock is taken, the order is placed.

Where the box is its own point of sale the order is confirmed in the same transaction; the facts are
nevertheless the same ones, in the same order, as with a slow point of sale in between (seed 002 §4.1).

Ordering again what has failed, with the same lines and the same words for the kitchen, is the same order
under the same id: a point of sale that has seen it will not take it twice. Anything else gives the failed
order up and is a new one.

Counterpart: `settling.py` decides how an order goes on.
"""

from edge.core.clock import Now
from edge.core.commands import PlaceOrder
from edge.core.orders import cart as carts
from edge.core.orders import location, ordered, pricing
from edge.core.orders.settling import abandoning, aggregate_of, confirming
from edge.core.orders.terms import recalled
from edge.core.tables.table import seated
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.cart import Cart, CartLocked, cart_hash
from protocol.facts.menu import MenuBook
from protocol.facts.order import Order, OrderPlaced, OrderRetried
from protocol.facts.stock import StockTaken
from protocol.facts.table import TableSession
from protocol.facts.venue import VenueConfig
from protocol.identity import order_id

#: An order that nobody confirmed or failed within this time gives the cart back.
LOCK_NS = 60 * 1_000_000_000


def place(view: VenueView, command: PlaceOrder, now: Now) -> list[Proposal] | Refusal:
    """Lock, place, take stock, and confirm where the box decides itself; or a refusal and nothing at all."""
    session = seated(view, command.session_pid, command.member_pid)
    if isinstance(session, Refusal):
        return session
    venue, book = view.venue(), view.menu()
    if venue is None or book is None:
        return refuse("not_configured")
    if not session.pass_validated:
        return refuse("pass_required")
    away = location.elsewhere(venue.config.location, command.origin, command.gps)
    if away is not None and command.by is None:
        return away
    cart = _agreed_cart(view, command, venue.config.currency)
    if isinstance(cart, Refusal):
        return cart
    missing = _recalled(view, cart, now) or _missing(view, book, cart, now)
    if missing is not None:
        return missing
    return _begin(view, session, cart, venue.config, book, command, now)


def _begin(
    view: VenueView,
    session: TableSession,
    cart: Cart,
    config: VenueConfig,
    book: MenuBook,
    command: PlaceOrder,
    now: Now,
) -> list[Proposal]:
    """The failed order once more, or a new one."""
    failed = _failed(view, session.session_pid, cart, command)
    placed = failed.placed if failed else _placed(view, session, cart, config, book, command)
    lock = CartLocked(placed.order_id, command.member_pid, now.mono_ns + LOCK_NS)
    return [
        (carts.aggregate_of(placed.session_pid), lock),
        *([] if failed else abandoning(view, session.session_pid, "another order was placed instead")),
        (aggregate_of(placed.order_id), OrderRetried(command.member_pid) if failed else placed),
        *_taking(view, placed),
        *(confirming(view, placed) if config.pos.kind == "builtin" else []),
    ]


def _failed(view: VenueView, session_pid: str, cart: Cart, command: PlaceOrder) -> Order | None:
    """The session's failed order, if it may be tried again and this is the same one."""
    last = view.last_order_of(session_pid)
    order = view.order(last) if last else None
    if order is None or order.status != "failed" or not order.allow_retry:
        return None
    placed = order.placed
    same = (cart_hash(cart.live()), command.special_instructions)
    return order if (placed.cart_hash, placed.special_instructions) == same else None


def _agreed_cart(view: VenueView, command: PlaceOrder, currency: str) -> Cart | Refusal:
    """The cart, if it is what the guest saw and nobody is ordering it already."""
    cart = view.cart(command.session_pid)
    if cart is not None and cart.lock is not None:
        return refuse("order_in_progress", detail={"order_id": cart.lock.order_id})
    last = view.last_order_of(command.session_pid)
    order = view.order(last) if last else None
    had = order is not None and order.status in ("processing", "confirmed")
    if order is not None and had and command.cart_hash == order.placed.cart_hash:
        return refuse("order_in_progress", detail={"order_id": order.order_id})
    live = cart.live() if cart else []
    if command.cart_hash is not None and command.cart_hash != cart_hash(live):
        return refuse("cart_changed", detail={"cart_hash": cart_hash(live)})
    if cart is None or not live:
        if order is not None and _asks_for(command, order.placed):
            return refuse("order_in_progress", detail={"order_id": order.order_id})
        return refuse("cart_empty")
    if command.expected_lines is not None and command.expected_lines != tuple(
        sorted((item.menu_item, item.qty) for item in live)
    ):
        return refuse("cart_changed", detail={"cart_hash": cart_hash(live)})
    if command.expected_total_minor not in (None, carts.subtotal_minor(cart)):
        return refuse("cart_changed", f"The cart comes to another total in {currency}.")
    return cart


def _asks_for(command: PlaceOrder, placed: OrderPlaced) -> bool:
    """Whether what the guest saw, told by lines and total, is what somebody at the table has just ordered."""
    told = command.expected_lines, command.expected_total_minor
    lines = tuple(sorted((line.menu_item, line.qty) for line in placed.lines))
    return told in ((lines, placed.total_minor), (lines, None), (None, placed.total_minor))


def _recalled(view: VenueView, cart: Cart, now: Now) -> Refusal | None:
    """Lines that are no longer what was put into the cart; each is to be taken out or agreed to."""
    found = [(line, reason) for line in cart.live() if (reason := recalled(view, line, now))]
    if not found:
        return None
    first = found[0][0]
    words = f"{first.name} is no longer what it was on the menu; please look at it again."
    lines = [{"id": line.id, "reason": reason} for line, reason in found]
    if all(reason == "repriced" for _, reason in found):
        words = f"The price of {first.name} was held for as long as it is here; please look at the new one."
        return refuse("price_lapsed", words, detail={"menu_item": first.menu_item, "lines": lines})
    return refuse("recalled", words, detail={"menu_item": first.menu_item, "lines": lines})


def _missing(view: VenueView, book: MenuBook, cart: Cart, now: Now) -> Refusal | None:
    """The first dish that cannot be had now; lines and parts of the same dish are counted together."""
    wanted: dict[int, int] = {}
    for line in cart.live():
        dish = pricing.line_made(book, line)
        for item in dish.dishes() if dish else ():
            wanted[item.id] = wanted.get(item.id, 0) + line.qty
    for menu_item, qty in wanted.items():
        item = book.items[menu_item]
        missing = pricing.hours(view, item, now) or pricing.stock(view, item, qty)
        if missing is not None:
            return missing
    return None


def _placed(
    view: VenueView,
    session: TableSession,
    cart: Cart,
    config: VenueConfig,
    book: MenuBook,
    command: PlaceOrder,
) -> OrderPlaced:
    number = view.next_order_number
    return OrderPlaced(
        order_id=order_id(config.restaurant_id, number),
        number=number,
        session_pid=session.session_pid,
        table_name=session.table_name,
        member_pid=command.member_pid,
        cart_hash=cart_hash(cart.live()),
        lines=tuple(ordered.order_line(view, book, line) for line in cart.live()),
        total_minor=carts.subtotal_minor(cart),
        currency=config.currency,
        special_instructions=command.special_instructions,
    )


def _taking(view: VenueView, placed: OrderPlaced) -> list[Proposal]:
    """What the order takes from the shelf, where somebody counts."""
    taken: list[Proposal] = []
    for line in placed.lines:
        for menu_item, qty in line.pieces().items():
            stock = view.stock(menu_item)
            if stock is not None and stock.qty is not None:
                taken.append((f"stock:{menu_item}", StockTaken(menu_item, qty, placed.order_id)))
    return taken
