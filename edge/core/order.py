"""Decisions about orders: the cart becomes an order, the order becomes kitchen tickets.

Placing locks the cart, confirming turns its lines into tickets. The box is its own point of sale, so both
happen in one transaction; the facts are nevertheless the same ones, in the same order, as with a slow
point of sale in between (seed 002 §4.1).
"""

from edge.core import cart as carts
from edge.core import pricing
from edge.core.clock import Now
from edge.core.commands import PlaceOrder
from edge.core.table import seated
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.cart import Cart, CartItem, CartLocked, ItemsOrdered, cart_hash
from protocol.facts.menu import MenuBook
from protocol.facts.order import OrderConfirmed, OrderLine, OrderPlaced
from protocol.facts.stock import StockTaken
from protocol.facts.table import TableSession
from protocol.facts.ticket import TicketFired
from protocol.facts.ticket import aggregate_of as ticket_aggregate
from protocol.facts.venue import VenueConfig
from protocol.identity import order_id, ticket_name

#: An order that nobody confirmed or failed within this time gives the cart back.
LOCK_NS = 60 * 1_000_000_000


def place(view: VenueView, command: PlaceOrder, now: Now) -> list[Proposal] | Refusal:
    """Lock, place, take stock, confirm, fire: one order, or a refusal and nothing at all."""
    session = seated(view, command.session_pid, command.member_pid)
    if isinstance(session, Refusal):
        return session
    venue, book = view.venue(), view.menu()
    if venue is None or book is None:
        return refuse("not_configured")
    if not session.pass_validated:
        return refuse("pass_required")
    cart = _agreed_cart(view, command, venue.config.currency)
    if isinstance(cart, Refusal):
        return cart
    missing = _missing(view, cart)
    if missing is not None:
        return missing
    placed = _placed(view, session, cart, venue.config, book, command)
    return [*_placing(view, placed, now), *_confirming(view, placed)]


def _agreed_cart(view: VenueView, command: PlaceOrder, currency: str) -> Cart | Refusal:
    """The cart, if it is what the guest saw and nobody is ordering it already."""
    cart = view.cart(command.session_pid)
    if cart is not None and cart.lock is not None:
        return refuse("order_in_progress", detail={"order_id": cart.lock.order_id})
    last = view.last_order_of(command.session_pid)
    order = view.order(last) if last else None
    if order is not None and command.cart_hash == order.placed.cart_hash:
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


def _placing(view: VenueView, placed: OrderPlaced, now: Now) -> list[Proposal]:
    """Everything that happens before the point of sale is asked."""
    lock = CartLocked(placed.order_id, placed.member_pid, now.mono_ns + LOCK_NS)
    taken: list[Proposal] = []
    for line in placed.lines:
        stock = view.stock(line.menu_item)
        if stock is not None and stock.qty is not None:
            event = StockTaken(line.menu_item, line.qty, placed.order_id)
            taken.append((f"stock:{line.menu_item}", event))
    return [
        (carts.aggregate_of(placed.session_pid), lock),
        (f"order:{placed.order_id}", placed),
        *taken,
    ]


def _confirming(view: VenueView, placed: OrderPlaced) -> list[Proposal]:
    """Everything that happens once the point of sale has said yes."""
    number = view.next_ticket_number
    ticket = ticket_name(number)
    stations = tuple(sorted({line.station for line in placed.lines}))
    fired: list[Proposal] = [
        (
            ticket_aggregate(ticket, station),
            TicketFired(
                ticket=ticket,
                station=station,
                order_id=placed.order_id,
                session_pid=placed.session_pid,
                table_name=placed.table_name,
                lines=tuple(line for line in placed.lines if line.station == station),
                special_instructions=placed.special_instructions,
            ),
        )
        for station in stations
    ]
    return [
        (f"order:{placed.order_id}", OrderConfirmed(ticket, number, stations)),
        *fired,
        (carts.aggregate_of(placed.session_pid), ItemsOrdered(placed.order_id)),
    ]
