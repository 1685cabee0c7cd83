"""The menu as a phone gets it: `GET /menu`, with every field written out and what is sold out marked.

Counterparts: `facts/menu.py` is the menu itself, `facts/stock.py` knows what is left,
`edge/web/guests/offer.py` works out what can be had now.
"""

import msgspec

from protocol.facts.menu import ComboSlot, DishPicture, MenuBook, MenuItem, ModifierGroup
from protocol.facts.venue import VenueConfig
from protocol.serving_hours import in_words


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


class ComboChoiceMessage(msgspec.Struct, frozen=True):
    """A dish that may fill a slot; `price_minor` is added to the combo's price, and may be below zero."""

    menu_item: int
    price_minor: int


class ComboSlotMessage(msgspec.Struct, frozen=True):
    """A place in a combo that exactly one of `choices` fills."""

    id: int
    name: str
    choices: tuple[ComboChoiceMessage, ...]


class MenuItemMessage(msgspec.Struct, frozen=True):
    """A dish; `modifier_groups` are ids of groups, in the order in which they are asked.

    `takeaway_price_minor` is its price where it is taken away. `hours` says in words when it is served, empty
    for always, and `available` whether that is now. With `slots` it is a combo; one is also sold out, or not
    available, when nothing is left to fill a slot. `picture` names files under `/dishes/`.
    """

    id: int
    name: str
    category: str
    price_minor: int
    description: str
    station: str
    allergens: tuple[str, ...]
    modifier_groups: tuple[int, ...]
    sold_out: bool
    takeaway_price_minor: int
    hours: str
    available: bool
    slots: tuple[ComboSlotMessage, ...]
    picture: DishPicture | None


class MenuMessage(msgspec.Struct, frozen=True):
    """Answer to `GET /menu`. Prices are in minor units of `currency`; `takeaway` says if there is any.

    With `shop` the venue has things to design, too.
    """

    menu_version: int
    currency: str
    venue_name: str
    categories: tuple[str, ...]
    items: tuple[MenuItemMessage, ...]
    modifier_groups: tuple[ModifierGroupMessage, ...]
    takeaway: bool
    shop: bool


class Offer(msgspec.Struct, frozen=True):
    """What of a menu can be had now: ids of dishes that are sold out, and of those whose hour it is not."""

    sold_out: frozenset[int]
    not_now: frozenset[int]

    def lacks(self, out: frozenset[int], item: MenuItem) -> bool:
        """Whether a dish is `out`, or a combo for want of something to fill a slot with."""
        empty = (all(choice.menu_item in out for choice in slot.choices) for slot in item.slots)
        return item.id in out or any(empty)


def menu_message(book: MenuBook, offer: Offer, venue: VenueConfig) -> MenuMessage:
    """The menu in force."""
    menu = book.menu
    return MenuMessage(
        menu_version=menu.menu_version,
        currency=menu.currency,
        venue_name=venue.name,
        categories=menu.categories,
        items=tuple(_item(item, offer) for item in menu.items),
        modifier_groups=tuple(_group(group) for group in menu.modifier_groups),
        takeaway=venue.takeaway,
        shop=bool(venue.shop.products),
    )


def _item(item: MenuItem, offer: Offer) -> MenuItemMessage:
    return MenuItemMessage(
        id=item.id,
        name=item.name,
        category=item.category,
        price_minor=item.price_minor,
        description=item.description,
        station=item.station,
        allergens=item.allergens,
        modifier_groups=item.modifier_groups,
        sold_out=offer.lacks(offer.sold_out, item),
        takeaway_price_minor=item.price_for(takeaway=True),
        hours=in_words(item.hours),
        available=not offer.lacks(offer.not_now, item),
        slots=tuple(map(_slot, item.slots)),
        picture=item.picture,
    )


def _slot(slot: ComboSlot) -> ComboSlotMessage:
    choices = tuple(ComboChoiceMessage(each.menu_item, each.price_minor) for each in slot.choices)
    return ComboSlotMessage(slot.id, slot.name, choices)


def _group(group: ModifierGroup) -> ModifierGroupMessage:
    options = tuple(OptionMessage(each.id, each.name, each.price_minor) for each in group.options)
    return ModifierGroupMessage(group.id, group.name, options, group.least, group.most)
