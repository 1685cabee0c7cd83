"""Whether a line in a cart still is what is sold: recalled lines (sync.md, Conflicts, row 'price').

A line keeps price and tax of the menu under which it was added, whatever a later menu says. But what is no
longer sold, or is another dish by now — another name, other allergens, another meaning of what was chosen —
nobody may get unasked. Such a line is `withdrawn` and can only be taken out, or `changed` and has to be
agreed to. Where the venue limits how long a price is held, a line that is older and costs something else by
now is `repriced`: it has to be agreed to as well, and never changes by itself. This is a function of the
line, two menus and the time, so it needs no fact and holds for every way of ordering.

How long ago a price was agreed to is counted on the clock that nobody can set. It goes on through restarts
of the program; after a restart of the machine only the time since then counts, because nobody knows how long
it was off. So a price is held too long rather than too short.
"""

from typing import Literal

from edge.core.clock import Now
from edge.core.orders.pricing import Made, line_made
from edge.core.view import VenueView
from protocol.facts.cart import CartItem
from protocol.facts.menu import MenuBook, MenuItem, Option

Recall = Literal["withdrawn", "changed", "repriced"]
MINUTE_NS = 60 * 1_000_000_000
_Words = tuple[str, frozenset[str], tuple[tuple[int, str], ...]]


def held(line: CartItem, hold_minutes: int, now: Now) -> bool:
    """Whether the line's price still is the venue's word; for ever where there is no limit."""
    since_ns = line.agreed_ns if line.agreed_boot == now.boot else 0
    return not hold_minutes or now.mono_ns - since_ns < hold_minutes * MINUTE_NS


def recall(
    line: CartItem, added_under: MenuBook | None, book: MenuBook, *, held: bool = True
) -> Recall | None:
    """Why a line has to be looked at again by the menu in force; None for one that is as it was."""
    if line.menu_version == book.menu.menu_version:
        return None
    today = line_made(book, line)
    if today is None:
        return "withdrawn"
    then = line_made(added_under, line) if added_under is not None else None
    if then is None or _words(then) != _words(today):
        return "changed"
    same = held or today.price_minor(takeaway=line.takeaway) == line.price_minor
    return None if same else "repriced"


def recalled(view: VenueView, line: CartItem, now: Now) -> Recall | None:
    """The same, by what the view has."""
    book, venue = view.menu(), view.venue()
    if book is None or venue is None or line.menu_version == book.menu.menu_version:
        return None
    holds = held(line, venue.config.price_hold_minutes, now)
    return recall(line, view.menu_of(line.menu_version), book, held=holds)


def _words(dish: Made) -> list[_Words]:
    """What a guest has read of a dish before agreeing to it; prices are held and do not count."""
    parts = [_said(part.item, part.options) for part in dish.parts]
    return [_said(dish.item, dish.options), *parts]


def _said(item: MenuItem, options: list[Option]) -> _Words:
    return item.name, frozenset(item.allergens), tuple((option.id, option.name) for option in options)
