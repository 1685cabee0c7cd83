"""What the cloud hands down is adopted once, in order; counts begin where a menu brings them."""

from edge.core.commands import AdoptMenu, ConfigureVenue, CountStock
from protocol.facts.menu import MenuAdopted
from protocol.facts.stock import StockCounted
from protocol.facts.venue import VenueConfigured
from tests.sample_venue import CAKE, WINE, config, menu
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


def test_what_is_made_on_the_box_carries_the_cursor_on() -> None:
    venue = Script(ConfigureVenue(config(), 4), AdoptMenu(menu(), 6))
    venue.do(AdoptMenu(menu(2)))
    venue.do(ConfigureVenue(config("The Pier")))
    book, house = venue.menu(), venue.venue()
    assert book is not None
    assert house is not None
    assert (book.down_seq, house.down_seq) == (6, 4)
    assert (book.menu.menu_version, house.config.name) == (2, "The Pier")
