"""A brand's menu as it is edited, and what becomes of it at one venue at one moment.

Rule of the file: pure. The menu within is the protocol's own (`protocol/facts/menu.py`), so whatever that
learns is edited and published here without another word. Around it stand the two things that only a brand
has: what is different at single venues, and prices that will hold from some moment on.

Which price counts, the later in this list the stronger: the item's; a planned one for all venues that has
come; the venue's own; a planned one for this venue that has come. Moments are the venue's local time, so a
price that changes at midnight does so at each venue's own.
"""

import re
from collections.abc import Iterator
from datetime import datetime

import msgspec

from protocol.facts.menu import Menu, MenuItem, flaw
from protocol.money import MOST_MINOR

_LONGEST_NAME = 80
_LONGEST_DESCRIPTION = 500
_MOST_ITEMS = 2000
_MOST_RATE_BP = 10_000
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d\Z", re.ASCII)


class Override(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is different about an item at one venue; None where it is as everywhere."""

    item: int
    price_minor: int | None = None
    tax_rate_bp: int | None = None
    station: str | None = None
    hidden: bool = False


class VenueOverrides(msgspec.Struct, frozen=True, omit_defaults=True):
    """All that is different at one venue."""

    venue_id: str
    items: tuple[Override, ...] = ()


class PriceChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """From `at` on (`2026-12-01T00:00`, local) the item costs this; everywhere, or at one venue."""

    item: int
    price_minor: int
    at: str
    venue_id: str | None = None


class BrandMenu(msgspec.Struct, frozen=True, omit_defaults=True):
    """The document. Its menu has no version of its own: each venue's stream gives it one."""

    menu: Menu
    overrides: tuple[VenueOverrides, ...] = ()
    price_changes: tuple[PriceChange, ...] = ()


class Selling(msgspec.Struct, frozen=True):
    """A venue as far as a menu has to fit it. `stations` are ids of its kitchen stations."""

    venue_id: str
    name: str
    currency: str
    stations: frozenset[str]


def at_venue(brand: BrandMenu, venue_id: str, local_now: str) -> Menu:
    """The menu that the venue sells from at its local time `local_now`; `menu_version` is still 0."""
    different = {each.item: each for row in brand.overrides if row.venue_id == venue_id for each in row.items}
    shown = {each.id for each in brand.menu.items if not _hidden(different, each.id)}
    items = tuple(
        _at_venue(brand, item, different.get(item.id), venue_id, local_now)
        for item in (_without(item, shown) for item in brand.menu.items if item.id in shown)
        if item is not None
    )
    sold = {item.category for item in items}
    categories = tuple(name for name in brand.menu.categories if name in sold)
    return msgspec.structs.replace(brand.menu, menu_version=0, items=items, categories=categories)


def _hidden(different: dict[int, Override], item_id: int) -> bool:
    return item_id in different and different[item_id].hidden


def _without(item: MenuItem, shown: set[int]) -> MenuItem | None:
    """A combo offers only what is shown; one with a slot that nothing fills is not offered at all."""
    slots = tuple(
        msgspec.structs.replace(slot, choices=tuple(each for each in slot.choices if each.menu_item in shown))
        for slot in item.slots
    )
    if not all(slot.choices for slot in slots):
        return None
    return msgspec.structs.replace(item, slots=slots) if slots != item.slots else item


def _at_venue(
    brand: BrandMenu, item: MenuItem, different: Override | None, venue_id: str, local_now: str
) -> MenuItem:
    changes: dict[str, object] = {}
    common = _planned(brand, item.id, None, local_now)
    if common is not None:
        changes["price_minor"] = common
    if different is not None:
        own = {name: getattr(different, name) for name in ("price_minor", "tax_rate_bp", "station")}
        changes |= {name: value for name, value in own.items() if value is not None}
    here = _planned(brand, item.id, venue_id, local_now)
    if here is not None:
        changes["price_minor"] = here
    return msgspec.structs.replace(item, **changes) if changes else item


def _planned(brand: BrandMenu, item_id: int, venue_id: str | None, local_now: str) -> int | None:
    """The planned price that holds by now, None before the first one."""
    came = [
        change
        for change in brand.price_changes
        if (change.item, change.venue_id) == (item_id, venue_id) and change.at <= local_now
    ]
    return max(came, key=lambda change: change.at).price_minor if came else None


def next_moment(brand: BrandMenu, venue_id: str, local_now: str) -> str | None:
    """When the venue's prices change next, in its local time."""
    coming = [
        change.at
        for change in brand.price_changes
        if change.venue_id in (None, venue_id) and change.at > local_now
    ]
    return min(coming, default=None)


def complaints(brand: BrandMenu, venues: list[Selling], local_now: str) -> list[str]:
    """Everything for which the menu cannot be sold from at these venues, in sentences; empty when it can."""
    found = [*_of_items(brand.menu), *_of_plans(brand)]
    whole = flaw(brand.menu)
    if whole is not None:
        found.append(whole)
    if found:
        return found
    return [sentence for venue in venues for sentence in _at(brand, venue, local_now)]


def _of_items(menu: Menu) -> Iterator[str]:
    if not menu.items:
        yield "There is nothing on this menu."
    if len(menu.items) > _MOST_ITEMS:
        yield f"{len(menu.items)} items are more than the {_MOST_ITEMS} that a menu can hold."
    if len(set(menu.categories)) < len(menu.categories):
        yield "Two categories have the same name."
    for item in menu.items:
        yield from _of_item(item, menu)
    for group in menu.modifier_groups:
        if not group.name.strip() or not all(option.name.strip() for option in group.options):
            yield f"A question or an answer without words: “{group.name}”."


def _of_item(item: MenuItem, menu: Menu) -> Iterator[str]:
    if not item.name.strip() or len(item.name) > _LONGEST_NAME:
        yield f"Item {item.id} needs a name of {_LONGEST_NAME} letters at most."
    if len(item.description) > _LONGEST_DESCRIPTION:
        yield f"The description of {item.name} is longer than {_LONGEST_DESCRIPTION} letters."
    if item.category not in menu.categories:
        yield f"{item.name} stands in no category of this menu."
    if item.id < 1:
        yield f"{item.name} has no number above 0."
    if not 0 <= item.tax_rate_bp <= _MOST_RATE_BP:
        yield f"The tax of {item.name} is no percentage."


def _of_plans(brand: BrandMenu) -> Iterator[str]:
    names = {item.id: item.name for item in brand.menu.items}
    for change in brand.price_changes:
        name = names.get(change.item)
        if name is None:
            yield f"A price is planned for item {change.item}, which is not on the menu."
        elif not _is_moment(change.at):
            yield f"The moment of a planned price of {name} is not like 2026-12-01T00:00."
        elif not 0 <= change.price_minor <= MOST_MINOR:
            yield f"A planned price of {name} is no price."
    for row in brand.overrides:
        for each in row.items:
            if each.item not in names:
                yield f"Something is different about item {each.item}, which is not on the menu."


def _is_moment(text: str) -> bool:
    """Whether there is such a minute: February has no 30th."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return _MOMENT.match(text) is not None


def _at(brand: BrandMenu, venue: Selling, local_now: str) -> Iterator[str]:
    menu = at_venue(brand, venue.venue_id, local_now)
    if menu.currency != venue.currency:
        yield f"{venue.name} sells in {venue.currency}, this menu is in {menu.currency}."
    if not menu.items:
        yield f"Nothing is left to sell at {venue.name}."
    for item in menu.items:
        if item.station not in venue.stations:
            known = ", ".join(sorted(venue.stations))
            yield f"{item.name}: {venue.name} has no station “{item.station}”, only {known}."
    left = flaw(menu)
    if left is not None:
        yield f"At {venue.name}: {left}"
