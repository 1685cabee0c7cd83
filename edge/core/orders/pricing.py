"""What a line costs and whether it can be had, by the menu in force. Integers only.

A dish is found, what was chosen with it is checked, then its price follows. Each slot of a combo is filled
by exactly one dish, which comes with its own options; `edge/core/orders/ordered.py` makes order lines of
the result.
"""

import msgspec

from edge.core.clock import Now
from edge.core.local_time import local
from edge.core.view import VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.cart import CartItem, Choice
from protocol.facts.menu import ComboSlot, MenuBook, MenuItem, Option
from protocol.serving_hours import in_words, served_at


class Part(msgspec.Struct, frozen=True):
    """A dish that fills a slot of a combo, for `price_minor` more, with its options."""

    item: MenuItem
    price_minor: int
    options: list[Option]


class Made(msgspec.Struct, frozen=True):
    """A dish as somebody wants it: its own options, or the parts of a combo."""

    item: MenuItem
    options: list[Option]
    parts: list[Part]

    def dishes(self) -> list[MenuItem]:
        """Everything that has to be there for it: the dish and its parts."""
        return [self.item, *(part.item for part in self.parts)]

    def price_minor(self, *, takeaway: bool) -> int:
        """Price of one piece."""
        options = [*self.options, *(option for part in self.parts for option in part.options)]
        extras = sum(option.price_minor for option in options) + sum(part.price_minor for part in self.parts)
        return self.item.price_for(takeaway=takeaway) + extras


def menu_item(view: VenueView, menu_item_id: int) -> tuple[MenuBook, MenuItem] | Refusal:
    """The item on the menu in force."""
    book = view.menu()
    if book is None:
        return refuse("not_configured")
    item = book.items.get(menu_item_id)
    if item is None:
        return refuse("unknown_menu_item")
    return book, item


def made(
    book: MenuBook, item: MenuItem, modifiers: tuple[int, ...], choices: tuple[Choice, ...]
) -> Made | Refusal:
    """The item with what was chosen, each group's least and most and each slot of a combo respected."""
    options = chosen_options(book, item, modifiers)
    if isinstance(options, Refusal):
        return options
    if len({choice.slot for choice in choices}) < len(choices) or len(choices) > len(item.slots):
        return refuse("invalid", f"{item.name} has one choice for each of its {len(item.slots)} slots.")
    chosen = {choice.slot: choice for choice in choices}
    parts: list[Part] = []
    for slot in item.slots:
        part = _part(book, item, slot, chosen.get(slot.id))
        if isinstance(part, Refusal):
            return part
        parts.append(part)
    return Made(item, options, parts)


def _part(book: MenuBook, item: MenuItem, slot: ComboSlot, choice: Choice | None) -> Part | Refusal:
    if choice is None:
        return refuse("invalid", f"{item.name}: choose one of “{slot.name}”.")
    offered = next((each for each in slot.choices if each.menu_item == choice.menu_item), None)
    if offered is None:
        return refuse("invalid", f"{item.name} does not come with that as “{slot.name}”.")
    dish = book.items[offered.menu_item]
    options = chosen_options(book, dish, choice.modifiers)
    return options if isinstance(options, Refusal) else Part(dish, offered.price_minor, options)


def chosen_options(book: MenuBook, item: MenuItem, modifiers: tuple[int, ...]) -> list[Option] | Refusal:
    """The options behind `modifiers`, each group's least and most respected."""
    if len(set(modifiers)) != len(modifiers):
        return refuse("invalid", "A modifier is named twice.")
    chosen: list[Option] = []
    for group_id in item.modifier_groups:
        group = book.groups[group_id]
        picked = [option for option in group.options if option.id in modifiers]
        if not group.least <= len(picked) <= group.most:
            wanted = f"{group.least}" if group.least == group.most else f"{group.least} to {group.most}"
            return refuse("invalid", f"{item.name}: choose {wanted} of “{group.name}”.")
        chosen.extend(picked)
    if len(chosen) != len(modifiers):
        return refuse("invalid", f"{item.name} does not come with that modifier.")
    return chosen


def no_takeaway(view: VenueView, *, takeaway: bool) -> Refusal | None:
    """Why nothing can be taken away, where that is wanted and the venue does not do it."""
    venue = view.venue()
    if takeaway and (venue is None or not venue.config.takeaway):
        return refuse("not_available", "Nothing can be taken away here.")
    return None


def availability(view: VenueView, dish: Made, qty: int, now: Now) -> Refusal | None:
    """`not_available` or `sold_out` unless `qty` pieces, with all that belongs to them, can be had now."""
    wanted: dict[int, int] = {}
    for item in dish.dishes():
        wanted[item.id] = wanted.get(item.id, 0) + qty
    for item in dish.dishes():
        missing = hours(view, item, now) or stock(view, item, wanted[item.id])
        if missing is not None:
            return missing
    return None


def served(view: VenueView, item: MenuItem, now: Now) -> bool:
    """Whether it is the hour for a dish. While nobody knows the time of day every dish is served."""
    venue = view.venue()
    if not item.hours or venue is None or not now.clock_trusted:
        return True
    return served_at(item.hours, local(now.wall_ms, venue.config.timezone))


def hours(view: VenueView, item: MenuItem, now: Now) -> Refusal | None:
    """`not_available` outside of a dish's hours."""
    if served(view, item, now):
        return None
    words = in_words(item.hours)
    return refuse(
        "not_available", f"{item.name} is served {words}.", detail={"menu_item": item.id, "hours": words}
    )


def stock(view: VenueView, item: MenuItem, qty: int) -> Refusal | None:
    """`sold_out` unless `qty` pieces can be had now."""
    level = view.stock(item.id)
    if level is None or not (level.sold_out or (level.qty is not None and level.qty < qty)):
        return None
    if level.sold_out or not level.qty:
        return refuse("sold_out", f"{item.name} has just sold out.", detail={"menu_item": item.id, "left": 0})
    left = level.qty
    return refuse(
        "sold_out", f"Only {left} of {item.name} left.", detail={"menu_item": item.id, "left": left}
    )


def line_made(book: MenuBook, line: CartItem) -> Made | None:
    """A cart line by a menu; None where that menu has nothing like it."""
    item = book.items.get(line.menu_item)
    if item is None:
        return None
    found = made(book, item, line.modifiers, line.choices)
    return None if isinstance(found, Refusal) else found
