"""A brand's menu for managers of single venues: whatever they send, nothing else is touched."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cloud.owners.menu.brand_menu import BrandMenu, Override, PriceChange, VenueOverrides
from cloud.owners.menu.reach import is_theirs, put, seen
from protocol.facts.menu import Menu, MenuItem

VENUES = ("bar", "pier", "attic")
ITEMS = (17, 18, 19)


def _menu(*ids: int) -> Menu:
    items = tuple(MenuItem(id=each, name=f"Dish {each}", category="Food", price_minor=500) for each in ids)
    return Menu(menu_version=0, currency="EUR", categories=("Food",), items=items)


_overrides = st.dictionaries(
    st.tuples(st.sampled_from(VENUES), st.sampled_from(ITEMS)), st.integers(0, 999), max_size=6
).map(
    lambda prices: tuple(
        VenueOverrides(
            venue, tuple(Override(item, price) for (where, item), price in prices.items() if where == venue)
        )
        for venue in VENUES
        if any(where == venue for where, _ in prices)
    )
)
_changes = st.lists(
    st.builds(
        PriceChange,
        item=st.sampled_from(ITEMS),
        price_minor=st.integers(0, 999),
        at=st.sampled_from(["2026-12-01T00:00", "2027-01-01T00:00"]),
        venue_id=st.sampled_from([None, *VENUES]),
    ),
    max_size=6,
    unique_by=lambda change: (change.item, change.at, change.venue_id),
).map(tuple)
_ids = st.lists(st.sampled_from(ITEMS), min_size=1, unique=True)
_brands = st.builds(lambda ids, rows, plans: BrandMenu(_menu(*ids), rows, plans), _ids, _overrides, _changes)
_reaches = st.frozensets(st.sampled_from(VENUES), min_size=1)


def _about(brand: BrandMenu, venues: frozenset[str]) -> set[tuple[object, ...]]:
    """Everything that is said of these venues, thing by thing."""
    return {
        (row.venue_id, each) for row in brand.overrides if row.venue_id in venues for each in row.items
    } | {(change.venue_id, change) for change in brand.price_changes if change.venue_id in venues}


@given(_brands, _brands, _reaches)
def test_somebody_sees_what_is_published_and_their_own(
    published: BrandMenu, draft: BrandMenu, venues: frozenset[str]
) -> None:
    shown = seen(published, draft, venues)
    assert shown.menu == published.menu
    assert _about(shown, frozenset(VENUES) - venues) == set()
    assert _about(shown, venues) <= _about(draft, venues)
    assert is_theirs(shown, published, venues)


@given(_brands, _brands, _brands, _reaches)
def test_what_somebody_saves_leaves_everything_else_as_it_was(
    published: BrandMenu, draft: BrandMenu, theirs: BrandMenu, venues: frozenset[str]
) -> None:
    wanted = seen(published, theirs, venues)
    kept = put(draft, wanted, venues, published.menu)
    others = frozenset(VENUES) - venues
    assert kept.menu == draft.menu
    assert _about(kept, others) == _about(draft, others)
    assert {each for each in kept.price_changes if each.venue_id is None} == {
        each for each in draft.price_changes if each.venue_id is None
    }
    assert _about(seen(published, kept, venues), venues) == _about(wanted, venues)
    unsold = {item for item in ITEMS if item not in {each.id for each in published.menu.items}}
    assert {each for each in _about(kept, venues) if _item(each) in unsold} == {
        each for each in _about(draft, venues) if _item(each) in unsold
    }


def _item(said: tuple[object, ...]) -> int:
    assert isinstance(said[1], Override | PriceChange)
    return said[1].item


def test_a_dish_a_common_price_and_another_venue_are_not_theirs() -> None:
    published = BrandMenu(_menu(17, 18))
    dearer = msgspec.structs.replace(published.menu.items[0], price_minor=900)
    menu = msgspec.structs.replace(published.menu, items=(dearer, published.menu.items[1]))
    common = (PriceChange(17, 900, "2026-12-01T00:00"),)
    elsewhere = (VenueOverrides("pier", (Override(17, hidden=True),)),)
    planned = (PriceChange(17, 900, "2026-12-01T00:00", "pier"),)
    bar = frozenset({"bar"})
    assert not is_theirs(BrandMenu(menu), published, bar)
    assert not is_theirs(BrandMenu(published.menu, price_changes=common), published, bar)
    assert not is_theirs(BrandMenu(published.menu, overrides=elsewhere), published, bar)
    assert not is_theirs(BrandMenu(published.menu, price_changes=planned), published, bar)
    own = BrandMenu(published.menu, (VenueOverrides("bar", (Override(17, 450),)),))
    assert is_theirs(own, published, bar)
