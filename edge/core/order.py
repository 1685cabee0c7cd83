"""Decisions about how an order begins: the cart is locked, stock is taken, the order is placed.

Where the box is its own point of sale the order is confirmed in the same transaction; the facts are
nevertheless the same ones, in the same order, as with a slow point of sale in between (seed 002 §4.1).

Ordering again what has failed, with the same lines and the same words for the kitchen, is the same order
under the same id: a point of sale that has seen it will not take it twice. Anything else gives the failed
order up and is a new one.

Counterpart: `settling.py` decides how an order goes on.
"""

from edge.core import cart as carts
from edge.core import location, pricing
from edge.core.clock import Now
from edge.core.commands import PlaceOrder
from edge.core.settling import abandoning, aggregate_of, confirming
from edge.core.table import seated
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.cart import Cart, CartItem, CartLocked, cart_hash
from protocol.facts.menu import MenuBook
from protocol.facts.order import Order, OrderLine, OrderPlaced, OrderRetried
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
    missing = _missing(view, cart)
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


def _missing(view: VenueView, cart: Cart) -> Refusal | None:
    """The first line that can no longer be had, lines of the same item counted together."""
    wanted: dict[int, int] = {}
    for item in cart.live():
        wanted[item.menu_item] = wanted.get(item.menu_item, 0) + item.qty
    for menu_item, qty in wanted.items():
        found = pricing.menu_item(view, menu_item)
        if isinstance(found, Refusal):
            return refuse("recalled", detail={"menu_item": menu_item})
        missing = pricing.availability(view, found[1], qty)
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
        lines=tuple(_line(book, item) for item in cart.live()),
        total_minor=carts.subtotal_minor(cart),
        currency=config.currency,
        special_instructions=command.special_instructions,
    )


def _line(book: MenuBook, item: CartItem) -> OrderLine:
    dish = book.items[item.menu_item]
    names = {option.id: option.name for group in book.groups.values() for option in group.options}
    return OrderLine(
        id=item.id,
        menu_item=item.menu_item,
        name=item.name,
        qty=item.qty,
        price_minor=item.price_minor,
        menu_version=item.menu_version,
        member=item.member,
        station=dish.station,
        note=item.note,
        modifiers=tuple(names[option] for option in item.modifiers if option in names),
        tax_rate_bp=dish.tax_rate_bp,
    )


def _taking(view: VenueView, placed: OrderPlaced) -> list[Proposal]:
    """What the order takes from the shelf, where somebody counts."""
    taken: list[Proposal] = []
    for line in placed.lines:
        stock = view.stock(line.menu_item)
        if stock is not None and stock.qty is not None:
            event = StockTaken(line.menu_item, line.qty, placed.order_id)
            taken.append((f"stock:{line.menu_item}", event))
    return taken
