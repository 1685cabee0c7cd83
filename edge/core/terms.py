"""Whether a line in a cart still is what is sold: recalled lines (sync.md, Conflicts, row 'price').

A line keeps price and tax of the menu under which it was added, whatever a later menu says. But what is no
longer sold, or is another dish by now — another name, other allergens, another meaning of what was chosen —
nobody may get unasked. Such a line is `withdrawn` and can only be taken out, or `changed` and has to be
agreed to. This is a function of the line and two menus, so it needs no fact and holds for every way of
ordering.
"""

from typing import Literal

from edge.core.pricing import Made, line_made
from edge.core.view import VenueView
from protocol.facts.cart import CartItem
from protocol.facts.menu import MenuBook, MenuItem, Option

Recall = Literal["withdrawn", "changed"]
_Words = tuple[str, frozenset[str], tuple[tuple[int, str], ...]]


def recall(line: CartItem, added_under: MenuBook | None, book: MenuBook) -> Recall | None:
    """Why a line has to be looked at again by the menu in force; None for one that is as it was."""
    if line.menu_version == book.menu.menu_version:
        return None
    today = line_made(book, line)
    if today is None:
        return "withdrawn"
    then = line_made(added_under, line) if added_under is not None else None
    return None if then is not None and _words(then) == _words(today) else "changed"


def recalled(view: VenueView, line: CartItem) -> Recall | None:
    """The same, by what the view has."""
    book = view.menu()
    if book is None or line.menu_version == book.menu.menu_version:
        return None
    return recall(line, view.menu_of(line.menu_version), book)


def _words(dish: Made) -> list[_Words]:
    """What a guest has read of a dish before agreeing to it; prices are held and do not count."""
    parts = [_said(part.item, part.options) for part in dish.parts]
    return [_said(dish.item, dish.options), *parts]


def _said(item: MenuItem, options: list[Option]) -> _Words:
    return item.name, frozenset(item.allergens), tuple((option.id, option.name) for option in options)
