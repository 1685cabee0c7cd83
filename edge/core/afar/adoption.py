"""Decisions about what the cloud hands down: a menu or a configuration is adopted once, in order.

A stream entry at or below the cursor was applied before and is accepted without a fact, so the box can
acknowledge it again after a crash between its commit and its acknowledgement. Every fact carries the cursor,
also one made on the box, so that the newest fact alone tells how things are (`fold.restored`).
"""

from edge.core.clock import Now
from edge.core.commands import AdoptMenu, ConfigureVenue
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.menu import Menu, MenuAdopted, MenuBook, flaw
from protocol.facts.stock import StockCounted
from protocol.facts.venue import VenueConfigured

MENU = "menu:menu"
VENUE = "venue:venue"


def adopt_menu(view: VenueView, command: AdoptMenu, _now: Now) -> list[Proposal] | Refusal:
    """The menu, and a first count for items that bring one and were never counted."""
    book = view.menu()
    cursor = book.down_seq if book else 0
    if 0 < command.down_seq <= cursor:
        return []
    fault = _fault(command.menu, book)
    if fault is not None:
        return refuse("invalid", fault)
    counted: list[Proposal] = [
        (f"stock:{item.id}", StockCounted(item.id, item.stock))
        for item in command.menu.items
        if item.stock is not None and view.stock(item.id) is None
    ]
    return [(MENU, MenuAdopted(command.menu, max(command.down_seq, cursor))), *counted]


def _fault(menu: Menu, book: MenuBook | None) -> str | None:
    """Why a menu is not adopted: it makes no sense, or its number stands for another one already."""
    if book is not None and menu.menu_version <= book.menu.menu_version and menu != book.menu:
        return f"Menu {menu.menu_version} is not newer than {book.menu.menu_version}, and menus never change."
    return flaw(menu)


def configure(view: VenueView, command: ConfigureVenue, _now: Now) -> list[Proposal] | Refusal:
    """The whole configuration, whatever it was before."""
    venue = view.venue()
    cursor = venue.down_seq if venue else 0
    if 0 < command.down_seq <= cursor:
        return []
    return [(VENUE, VenueConfigured(command.config, max(command.down_seq, cursor)))]
