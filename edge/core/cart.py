"""Decisions about the shared cart (seed 000 §1-4): who may change which line, and from which version.

The order of the checks is part of the contract: membership, pass word, lock, the line's existence, who
owns it, its version, and only then what was asked for. So a stranger learns nothing from a refusal, and a
stale request by somebody who may not change the line is told 'not authorised', not 'version conflict'.
"""

from edge.core import pricing
from edge.core.clock import Now
from edge.core.commands import AddItem, ChangeItem, RemoveItem
from edge.core.table import seated
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.cart import Cart, CartItem, ItemAdded, ItemChanged, ItemRemoved
from protocol.facts.table import TableSession
from protocol.table import item_message

#: Live lines in one cart; beyond it a phone is broken or hostile.
MOST_LINES = 200
MOST_QTY = 99


def aggregate_of(session_pid: str) -> str:
    """`cart:{session_pid}`."""
    return f"cart:{session_pid}"


def _may_mutate(view: VenueView, session_pid: str, member_pid: str) -> TableSession | Refusal:
    session = seated(view, session_pid, member_pid)
    if isinstance(session, Refusal):
        return session
    if not session.pass_validated:
        return refuse("pass_required")
    cart = view.cart(session_pid)
    if cart is not None and cart.lock is not None:
        return refuse("cart_locked", detail={"order_id": cart.lock.order_id})
    return session


def add(view: VenueView, command: AddItem, _now: Now) -> list[Proposal] | Refusal:
    """A new line at today's price."""
    session = _may_mutate(view, command.session_pid, command.member_pid)
    if isinstance(session, Refusal):
        return session
    line = _new_line(view, command)
    if isinstance(line, Refusal):
        return line
    return [(aggregate_of(command.session_pid), ItemAdded(line, command.tmp_id))]


def _new_line(view: VenueView, command: AddItem) -> CartItem | Refusal:
    if not 1 <= command.qty <= MOST_QTY:
        return refuse("invalid", f"A quantity is a whole number from 1 to {MOST_QTY}.")
    cart = view.cart(command.session_pid)
    if cart is not None and len(cart.live()) >= MOST_LINES:
        return refuse("cart_full")
    found = pricing.menu_item(view, command.menu_item)
    if isinstance(found, Refusal):
        return found
    book, item = found
    options = pricing.chosen_options(book, item, command.modifiers)
    if isinstance(options, Refusal):
        return options
    missing = pricing.availability(view, item, command.qty)
    if missing is not None:
        return missing
    return CartItem(
        id=view.next_item_id,
        menu_item=item.id,
        name=item.name,
        qty=command.qty,
        member=command.member_pid,
        price_minor=pricing.unit_price_minor(item, options),
        menu_version=book.menu.menu_version,
        note=command.note,
        modifiers=command.modifiers,
    )


def _changeable(view: VenueView, command: ChangeItem | RemoveItem) -> CartItem | Refusal:
    """The line, if this member may change it from the version they saw."""
    session = _may_mutate(view, command.session_pid, command.member_pid)
    if isinstance(session, Refusal):
        return session
    cart = view.cart(command.session_pid)
    item = cart.items.get(command.id) if cart else None
    if item is None:
        return refuse("unknown_item")
    if item.member != command.member_pid and not session.members[command.member_pid].host:
        return refuse("not_authorised")
    if item.version != command.version or item.state != "pending":
        return refuse("version_conflict", detail={"item": item_message(item)})
    return item


def change(view: VenueView, command: ChangeItem, _now: Now) -> list[Proposal] | Refusal:
    """The line's next version."""
    item = _changeable(view, command)
    if isinstance(item, Refusal):
        return item
    qty = item.qty if command.qty is None else command.qty
    if not 1 <= qty <= MOST_QTY:
        return refuse("invalid", f"A quantity is 1 to {MOST_QTY}; delete the item instead.")
    price = _price_after(view, item, command, qty)
    if isinstance(price, Refusal):
        return price
    event = ItemChanged(
        id=item.id,
        version=item.version + 1,
        qty=qty,
        price_minor=price,
        note=item.note if command.note is None else command.note,
        modifiers=item.modifiers if command.modifiers is None else command.modifiers,
    )
    return [(aggregate_of(command.session_pid), event)]


def _price_after(view: VenueView, item: CartItem, command: ChangeItem, qty: int) -> int | Refusal:
    """Price of one piece after the change. Only new modifiers are priced anew: a price once seen is held."""
    if qty > item.qty or command.modifiers is not None:
        found = pricing.menu_item(view, item.menu_item)
        if isinstance(found, Refusal):
            return refuse("recalled")
        book, dish = found
        missing = pricing.availability(view, dish, qty)
        if missing is not None:
            return missing
        if command.modifiers is not None and command.modifiers != item.modifiers:
            if book.menu.menu_version != item.menu_version:
                return refuse("recalled", "The menu has changed; please remove this line and add it again.")
            options = pricing.chosen_options(book, dish, command.modifiers)
            if isinstance(options, Refusal):
                return options
            return pricing.unit_price_minor(dish, options)
    return item.price_minor


def remove(view: VenueView, command: RemoveItem, _now: Now) -> list[Proposal] | Refusal:
    """A tombstone with the next version."""
    item = _changeable(view, command)
    if isinstance(item, Refusal):
        return item
    return [(aggregate_of(command.session_pid), ItemRemoved(item.id, item.version + 1))]


def subtotal_minor(cart: Cart | None) -> int:
    """Sum of the live lines."""
    return sum(item.qty * item.price_minor for item in cart.live()) if cart else 0
