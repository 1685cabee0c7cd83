"""What the cloud hands down is adopted once, in order; counts begin where a menu brings them."""

import msgspec
import pytest

from edge.core.commands import AdoptMenu, ConfigureVenue, CountStock
from protocol.facts.menu import MenuAdopted, MenuItem, ModifierGroup, Option
from protocol.facts.stock import StockCounted
from protocol.facts.venue import VenueConfigured
from tests.sample_venue import BURGER, CAKE, WINE, config, menu
from tests.unit.edge.core.script import Script


def test_a_menu_brings_its_first_counts() -> None:
    venue = Script(ConfigureVenue(config()))
    assert venue.do(AdoptMenu(menu(), 1)) == [
        MenuAdopted(menu(), 1),
        StockCounted(CAKE, 3),
        StockCounted(WINE, 40),
    ]


def test_a_later_menu_leaves_counts_alone() -> None:
    venue = Script(ConfigureVenue(config()), AdoptMenu(menu(), 1), CountStock(CAKE, 9, "ann"))
    assert venue.do(AdoptMenu(menu(2), 2)) == [MenuAdopted(menu(2), 2)]
    stock = venue.stock(CAKE)
    assert stock is not None
    assert stock.qty == 9


def test_an_entry_that_was_applied_before_changes_nothing() -> None:
    venue = Script(ConfigureVenue(config(), 4), AdoptMenu(menu(), 4))
    assert venue.do(AdoptMenu(menu(2), 4)) == []
    assert venue.do(AdoptMenu(menu(2), 3)) == []
    assert venue.do(ConfigureVenue(config("The Pier"), 4)) == []
    assert venue.do(ConfigureVenue(config("The Pier"), 5)) == [VenueConfigured(config("The Pier"), 5)]


def test_the_number_of_a_menu_never_stands_for_another_one() -> None:
    venue = Script(ConfigureVenue(config()), AdoptMenu(menu(), 1), AdoptMenu(menu(3), 2))
    for version in (1, 2, 3):
        assert venue.code(AdoptMenu(menu(version, burger_minor=1), 3)) == "invalid"
    assert venue.do(AdoptMenu(menu(3), 3)) == [MenuAdopted(menu(3), 3)]
    assert venue.do(AdoptMenu(menu(4, burger_minor=1), 4))


@pytest.mark.parametrize(
    ("dish", "group", "sentence"),
    [
        (MenuItem(1, "Pie", "Mains", 900, modifier_groups=(9,)), ModifierGroup(8, "Size", ()), "not there"),
        (MenuItem(1, "Pie", "Mains", -1), None, "no price"),
        (MenuItem(1, "Pie", "Mains", 10**12 + 1), None, "no price"),
        (MenuItem(BURGER, "Pie", "Mains", 900), None, "the same id"),
        (MenuItem(1, "Pie", "Mains", 900), ModifierGroup(11, "Size", ()), "the same id"),
        (MenuItem(1, "Pie", "Mains", 900), ModifierGroup(8, "Size", (), 1, 1), "Nobody can choose"),
        (MenuItem(1, "Pie", "Mains", 900), ModifierGroup(8, "Size", (Option(9, "L"),), 1, 0), "Nobody can"),
        (MenuItem(1, "Pie", "Mains", 900), ModifierGroup(8, "Size", (Option(9, "L", 2**70),)), "no price"),
    ],
)
def test_a_menu_that_cannot_be_sold_from_is_not_adopted(
    dish: MenuItem, group: ModifierGroup | None, sentence: str
) -> None:
    sold = menu()
    groups = (*sold.modifier_groups, *([group] if group else []))
    flawed = msgspec.structs.replace(sold, items=(*sold.items, dish), modifier_groups=groups)
    refusal = Script(ConfigureVenue(config())).refusal(AdoptMenu(flawed, 1))
    assert refusal.code == "invalid"
    assert sentence in refusal.message


def test_what_is_made_on_the_box_carries_the_cursor_on() -> None:
    venue = Script(ConfigureVenue(config(), 4), AdoptMenu(menu(), 6))
    venue.do(AdoptMenu(menu(2)))
    venue.do(ConfigureVenue(config("The Pier")))
    book, house = venue.menu(), venue.venue()
    assert book is not None
    assert house is not None
    assert (book.down_seq, house.down_seq) == (6, 4)
    assert (book.menu.menu_version, house.config.name) == (2, "The Pier")
