"""A brand's menu for somebody who is bound to some of its venues: what they see of it, and what they may say.

Dishes, questions and what holds everywhere belong to whoever runs the brand; at their own venues managers say
what is different and which prices will hold. So they work on the *published* menu and never on what
colleagues are still writing: what they save goes into the brand's draft beside it, what they publish is the
published menu with their own venues' differences of now.

Rule of the file: pure. Counterparts: `brand_menu.py` is the document, `menu/desk.py` asks for it.
"""

import msgspec

from cloud.owners.menu.brand_menu import BrandMenu, PriceChange, VenueOverrides
from protocol.facts.menu import Menu

Venues = frozenset[str]


def seen(published: BrandMenu, draft: BrandMenu, venues: Venues) -> BrandMenu:
    """The published menu with what the draft says of these venues, and nothing of any other."""
    overrides, changes = _own(draft, venues, published.menu)
    return BrandMenu(published.menu, overrides, (*_common(published), *changes))


def is_theirs(wanted: BrandMenu, published: BrandMenu, venues: Venues) -> bool:
    """Whether `wanted` says nothing of its own but about these venues."""
    named = {row.venue_id for row in wanted.overrides} | {
        change.venue_id for change in wanted.price_changes if change.venue_id is not None
    }
    same = wanted.menu == published.menu and set(_common(wanted)) == set(_common(published))
    return same and named <= venues


def put(into: BrandMenu, wanted: BrandMenu, venues: Venues, sold: Menu) -> BrandMenu:
    """`into` with what `wanted` says of these venues; what it has on dishes not yet `sold` stays."""
    items = {item.id for item in sold.items}
    rows, changes = _own(wanted, venues, sold)
    rest = [_without(row, items) if row.venue_id in venues else row for row in into.overrides]
    left = [each for each in into.price_changes if each.venue_id not in venues or each.item not in items]
    return msgspec.structs.replace(into, overrides=_joined([*rest, *rows]), price_changes=(*left, *changes))


def _common(brand: BrandMenu) -> tuple[PriceChange, ...]:
    return tuple(change for change in brand.price_changes if change.venue_id is None)


def _own(
    brand: BrandMenu, venues: Venues, sold: Menu
) -> tuple[tuple[VenueOverrides, ...], tuple[PriceChange, ...]]:
    """What is said of these venues about dishes that are sold."""
    items = {item.id for item in sold.items}
    rows = (
        VenueOverrides(row.venue_id, tuple(each for each in row.items if each.item in items))
        for row in brand.overrides
        if row.venue_id in venues
    )
    changes = (each for each in brand.price_changes if each.venue_id in venues and each.item in items)
    return tuple(row for row in rows if row.items), tuple(changes)


def _without(row: VenueOverrides, items: set[int]) -> VenueOverrides:
    return VenueOverrides(row.venue_id, tuple(each for each in row.items if each.item not in items))


def _joined(rows: list[VenueOverrides]) -> tuple[VenueOverrides, ...]:
    """One row a venue, in the order in which venues come first."""
    found: dict[str, VenueOverrides] = {}
    for row in rows:
        before = found.get(row.venue_id, VenueOverrides(row.venue_id))
        found[row.venue_id] = VenueOverrides(row.venue_id, before.items + row.items)
    return tuple(row for row in found.values() if row.items)
