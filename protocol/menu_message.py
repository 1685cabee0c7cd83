"""The menu as a phone gets it: `GET /menu`, with every field written out and what is sold out marked.

Counterparts: `facts/menu.py` is the menu itself, `facts/stock.py` knows what is left.
"""

import msgspec

from protocol.facts.menu import MenuBook, MenuItem, ModifierGroup
from protocol.facts.stock import Stock


class OptionMessage(msgspec.Struct, frozen=True):
    """One choice of a group; `price_minor` is added to the dish's price."""

    id: int
    name: str
    price_minor: int


class ModifierGroupMessage(msgspec.Struct, frozen=True):
    """A question about a dish; between `least` and `most` options are chosen."""

    id: int
    name: str
    options: tuple[OptionMessage, ...]
    least: int
    most: int


class MenuItemMessage(msgspec.Struct, frozen=True):
    """A dish; `modifier_groups` are ids of groups, in the order in which they are asked."""

    id: int
    name: str
    category: str
    price_minor: int
    description: str
    station: str
    allergens: tuple[str, ...]
    modifier_groups: tuple[int, ...]
    sold_out: bool


class MenuMessage(msgspec.Struct, frozen=True):
    """Answer to `GET /menu`. Prices are in minor units of `currency`."""

    menu_version: int
    currency: str
    venue_name: str
    categories: tuple[str, ...]
    items: tuple[MenuItemMessage, ...]
    modifier_groups: tuple[ModifierGroupMessage, ...]


def menu_message(book: MenuBook, levels: dict[int, Stock], venue_name: str) -> MenuMessage:
    """The menu in force; `levels` are the stock levels of dishes that are counted or taken off."""
    menu = book.menu
    sold_out = {item_id for item_id, level in levels.items() if level.sold_out}
    return MenuMessage(
        menu_version=menu.menu_version,
        currency=menu.currency,
        venue_name=venue_name,
        categories=menu.categories,
        items=tuple(_item(item, item.id in sold_out) for item in menu.items),
        modifier_groups=tuple(_group(group) for group in menu.modifier_groups),
    )


def _item(item: MenuItem, sold_out: bool) -> MenuItemMessage:
    return MenuItemMessage(
        id=item.id,
        name=item.name,
        category=item.category,
        price_minor=item.price_minor,
        description=item.description,
        station=item.station,
        allergens=item.allergens,
        modifier_groups=item.modifier_groups,
        sold_out=sold_out,
    )


def _group(group: ModifierGroup) -> ModifierGroupMessage:
    options = tuple(OptionMessage(each.id, each.name, each.price_minor) for each in group.options)
    return ModifierGroupMessage(group.id, group.name, options, group.least, group.most)
