"""What a venue sells from: the brand's menu, its own differences, and planned prices that have come."""

import msgspec
import pytest

from cloud.owners.menu.brand_menu import (
    BrandMenu,
    Override,
    PriceChange,
    Selling,
    VenueOverrides,
    at_venue,
    complaints,
    next_moment,
)
from protocol.facts.menu import ComboChoice, ComboSlot, Menu, MenuItem, ModifierGroup, Option

HARBOUR, PIER = "harbour", "pier"
NOON = "2026-12-01T12:00"
SOUP = MenuItem(id=1, name="Soup", category="Starters", price_minor=600, tax_rate_bp=700)
STEAK = MenuItem(id=2, name="Steak", category="Mains", price_minor=2400, station="grill")
MENU = Menu(menu_version=0, currency="EUR", categories=("Starters", "Mains"), items=(SOUP, STEAK))
WHERE = [Selling(HARBOUR, "Harbour", "EUR", frozenset({"kitchen", "grill"}))]


def prices(brand: BrandMenu, venue_id: str, local_now: str = NOON) -> dict[str, int]:
    return {item.name: item.price_minor for item in at_venue(brand, venue_id, local_now).items}


def test_a_menu_without_more_is_the_same_everywhere() -> None:
    assert at_venue(BrandMenu(MENU), HARBOUR, NOON) == MENU


def test_a_venue_may_differ_and_the_others_do_not_notice() -> None:
    different = (Override(1, price_minor=700, tax_rate_bp=1900), Override(2, hidden=True))
    brand = BrandMenu(MENU, overrides=(VenueOverrides(HARBOUR, different),))
    there = at_venue(brand, HARBOUR, NOON)
    assert [(item.name, item.price_minor, item.tax_rate_bp) for item in there.items] == [("Soup", 700, 1900)]
    assert there.categories == ("Starters",), "a category with nothing in it is not shown"
    assert at_venue(brand, PIER, NOON) == MENU


def test_a_combo_offers_only_what_its_venue_has() -> None:
    slots = tuple(
        ComboSlot(number, name, tuple(ComboChoice(each) for each in choices))
        for number, name, choices in ((1, "First", (1, 2)), (2, "Second", (2,)))
    )
    lunch = MenuItem(id=3, name="Lunch", category="Mains", price_minor=2500, slots=slots[:1])
    feast = MenuItem(id=4, name="Feast", category="Mains", price_minor=4500, slots=slots)
    brand = BrandMenu(
        msgspec.structs.replace(MENU, items=(SOUP, STEAK, lunch, feast)),
        overrides=(VenueOverrides(HARBOUR, (Override(2, hidden=True),)),),
    )
    there = at_venue(brand, HARBOUR, NOON)
    assert [item.name for item in there.items] == ["Soup", "Lunch"]
    assert [choice.menu_item for choice in there.items[1].slots[0].choices] == [1]
    assert complaints(brand, WHERE, NOON) == []
    assert at_venue(brand, PIER, NOON) == brand.menu


def test_which_price_counts() -> None:
    brand = BrandMenu(
        MENU,
        overrides=(VenueOverrides(PIER, (Override(1, price_minor=750),)),),
        price_changes=(
            PriceChange(1, 650, "2026-12-01T00:00"),
            PriceChange(1, 660, "2026-12-02T00:00"),
            PriceChange(1, 800, "2026-12-03T00:00", PIER),
        ),
    )
    days = [f"2026-{day}T00:00" for day in ("11-30", "12-01", "12-02", "12-03")]
    assert [prices(brand, HARBOUR, day)["Soup"] for day in days] == [600, 650, 660, 660]
    assert [prices(brand, PIER, day)["Soup"] for day in days] == [750, 750, 750, 800]
    assert [next_moment(brand, HARBOUR, day) for day in days] == [
        "2026-12-01T00:00",
        "2026-12-02T00:00",
        None,
        None,
    ]
    assert next_moment(brand, PIER, days[2]) == "2026-12-03T00:00"


def _with(**changes: object) -> BrandMenu:
    return BrandMenu(msgspec.structs.replace(MENU, **changes))


def _item(**changes: object) -> BrandMenu:
    return _with(items=(msgspec.structs.replace(SOUP, **changes), STEAK))


@pytest.mark.parametrize(
    ("brand", "says"),
    [
        (_with(items=()), "nothing on this menu"),
        (_with(categories=("Mains", "Mains", "Starters")), "same name"),
        (_item(name=" "), "needs a name"),
        (_item(name="x" * 81), "needs a name"),
        (_item(description="x" * 501), "longer than"),
        (_item(category="Nowhere"), "in no category"),
        (_item(id=0), "number above 0"),
        (_item(id=2), "same id"),
        (_item(price_minor=-1), "is no price"),
        (_item(tax_rate_bp=10_001), "no percentage"),
        (_item(modifier_groups=(9,)), "modifier group 9"),
        (_item(station="bar"), "no station “bar”, only grill, kitchen"),
        (_with(currency="USD"), "sells in EUR"),
        (_with(modifier_groups=(ModifierGroup(1, "Size", (Option(1, ""),)),)), "without words"),
        (BrandMenu(MENU, price_changes=(PriceChange(7, 1, NOON),)), "not on the menu"),
        (BrandMenu(MENU, price_changes=(PriceChange(1, -1, NOON),)), "is no price"),
        (BrandMenu(MENU, overrides=(VenueOverrides(PIER, (Override(9),)),)), "not on the menu"),
        (
            BrandMenu(
                MENU,
                overrides=(VenueOverrides(HARBOUR, (Override(1, hidden=True), Override(2, hidden=True))),),
            ),
            "Nothing is left to sell at Harbour",
        ),
        *(
            (BrandMenu(MENU, price_changes=(PriceChange(1, 1, at),)), "is not like")
            for at in (
                "",
                "tomorrow",
                "2026-02-30T00:00",
                "2026-12-01",
                "2026-12-01T24:00",
                "2026-12-01T00:00Z",
            )
        ),
    ],
)
def test_what_cannot_be_sold_from_is_said_in_words(brand: BrandMenu, says: str) -> None:
    found = complaints(brand, WHERE, NOON)
    assert any(says in sentence for sentence in found), found


def test_nothing_is_said_of_a_menu_that_can() -> None:
    assert complaints(BrandMenu(MENU), WHERE, NOON) == []
