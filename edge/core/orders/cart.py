"""Decisions about the shared cart (seed 000 §1-4): who may change which line, and from which version.

The order of the checks is part of the contract: membership, pass word, lock, the line's existence, who
owns it, its version, and only then what was asked for. So a stranger learns nothing from a refusal, and a
stale request by somebody who may not change the line is told 'not authorised', not 'version conflict'.
"""

import msgspec

from edge.core.clock import Now
from edge.core.commands import AddItem, ChangeItem, RemoveItem
from edge.core.orders import pricing
from edge.core.orders.terms import recalled
from edge.core.tables.table import seated
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.cart import Cart, CartItem, ItemAdded, ItemChanged, ItemRemoved
from protocol.facts.menu import MenuBook
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


def add(view: VenueView, command: AddItem, now: Now) -> list[Proposal] | Refusal:
    """A new line at today's price."""
    session = _may_mutate(view, command.session_pid, command.member_pid)
    if isinstance(session, Refusal):
        return session
    line = _new_line(view, command, now)
    if isinstance(line, Refusal):
        return line
    return [(aggregate_of(command.session_pid), ItemAdded(line, command.tmp_id))]


def _new_line(view: VenueView, command: AddItem, now: Now) -> CartItem | Refusal:
    if not 1 <= command.qty <= MOST_QTY:
        return refuse("invalid", f"A quantity is a whole number from 1 to {MOST_QTY}.")
    cart = view.cart(command.session_pid)
    if cart is not None and len(cart.live()) >= MOST_LINES:
        return refuse("cart_full")
    found = pricing.menu_item(view, command.menu_item)
    if isinstance(found, Refusal):
        return found
    book, item = found
    dish = pricing.made(book, item, command.modifiers, command.choices)
    if isinstance(dish, Refusal):
        return dish
    missing = pricing.no_takeaway(view, takeaway=command.takeaway) or pricing.availability(
        view, dish, command.qty, now
    )
    if missing is not None:
        return missing
    return CartItem(
        id=view.next_item_id,
        menu_item=item.id,
        name=item.name,
        qty=command.qty,
        member=command.member_pid,
        price_minor=dish.price_minor(takeaway=command.takeaway),
        menu_version=book.menu.menu_version,
        note=command.note,
        modifiers=command.modifiers,
        takeaway=command.takeaway,
        choices=command.choices,
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


def change(view: VenueView, command: ChangeItem, now: Now) -> list[Proposal] | Refusal:
    """The line's next version."""
    item = _changeable(view, command)
    if isinstance(item, Refusal):
        return item
    wanted = _wanted(item, command)
    if not 1 <= wanted.qty <= MOST_QTY:
        return refuse("invalid", f"A quantity is 1 to {MOST_QTY}; delete the item instead.")
    line = _agreed_anew(view, wanted, now) if command.confirm else _repriced(view, item, wanted, now)
    if isinstance(line, Refusal):
        return line
    event = ItemChanged(
        id=line.id,
        version=line.version + 1,
        qty=line.qty,
        price_minor=line.price_minor,
        note=line.note,
        modifiers=line.modifiers,
        takeaway=line.takeaway,
        choices=line.choices,
        menu_version=None if line.menu_version == item.menu_version else line.menu_version,
        name=None if line.name == item.name else line.name,
    )
    return [(aggregate_of(command.session_pid), event)]


def _wanted(item: CartItem, command: ChangeItem) -> CartItem:
    """The line with what the command names, at the price that it has."""
    return msgspec.structs.replace(
        item,
        qty=item.qty if command.qty is None else command.qty,
        note=item.note if command.note is None else command.note,
        modifiers=item.modifiers if command.modifiers is None else command.modifiers,
        takeaway=item.takeaway if command.takeaway is None else command.takeaway,
        choices=item.choices if command.choices is None else command.choices,
    )


def _repriced(view: VenueView, item: CartItem, wanted: CartItem, now: Now) -> CartItem | Refusal:
    """The line at its price. Only what is chosen anew is priced anew: a price once seen is held."""
    chosen = (wanted.modifiers, wanted.takeaway, wanted.choices)
    same = chosen == (item.modifiers, item.takeaway, item.choices)
    if same and wanted.qty <= item.qty:
        return wanted
    found = pricing.menu_item(view, item.menu_item)
    if isinstance(found, Refusal):
        return _no_longer("withdrawn")
    book, _ = found
    if same:
        return _more_of_it(view, book, wanted, now)
    if book.menu.menu_version != item.menu_version:
        return refuse("recalled", "The menu has changed; please remove this line and add it again.")
    return pricing.no_takeaway(view, takeaway=wanted.takeaway) or _agreed_anew(view, wanted, now)


def _more_of_it(view: VenueView, book: MenuBook, wanted: CartItem, now: Now) -> CartItem | Refusal:
    dish, reason = pricing.line_made(book, wanted), recalled(view, wanted, now)
    if dish is None or reason == "repriced":
        return _no_longer(reason)
    return pricing.availability(view, dish, wanted.qty, now) or wanted


def _agreed_anew(view: VenueView, wanted: CartItem, now: Now) -> CartItem | Refusal:
    """The line as the menu in force has it: its name, its price. What it cannot be made of is refused."""
    found = pricing.menu_item(view, wanted.menu_item)
    if isinstance(found, Refusal):
        return _no_longer("withdrawn")
    book, item = found
    dish = pricing.made(book, item, wanted.modifiers, wanted.choices)
    if isinstance(dish, Refusal):
        return dish if recalled(view, wanted, now) is None else _no_longer("withdrawn")
    missing = pricing.availability(view, dish, wanted.qty, now)
    if missing is not None:
        return missing
    return msgspec.structs.replace(
        wanted,
        name=item.name,
        price_minor=dish.price_minor(takeaway=wanted.takeaway),
        menu_version=book.menu.menu_version,
    )


def _no_longer(reason: str | None) -> Refusal:
    code = "price_lapsed" if reason == "repriced" else "recalled"
    return refuse(code, detail={"reason": reason or "withdrawn"})


def remove(view: VenueView, command: RemoveItem, _now: Now) -> list[Proposal] | Refusal:
    """A tombstone with the next version."""
    item = _changeable(view, command)
    if isinstance(item, Refusal):
        return item
    return [(aggregate_of(command.session_pid), ItemRemoved(item.id, item.version + 1))]


def subtotal_minor(cart: Cart | None) -> int:
    """Sum of the live lines."""
    return sum(item.qty * item.price_minor for item in cart.live()) if cart else 0
