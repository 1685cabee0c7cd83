"""Combos, what is taken away, what is served when: prices, shares, stock, stations and the bill."""

import msgspec
import pytest

from edge.core.commands import AddItem, AdoptMenu, ChangeItem, ConfigureVenue, CountStock, TakeItemOff
from edge.core.orders.ordered import to_cook
from protocol.facts.cart import Choice
from protocol.facts.menu import ComboChoice, ComboSlot, Menu, MenuItem
from protocol.facts.order import OrderPart
from protocol.serving_hours import ServingHours
from tests.sample_venue import (
    BACON,
    BURGER,
    CHIPS,
    RARE,
    STEAK,
    WINE,
    config,
    join,
    menu,
    now,
    place,
    say_word,
)
from tests.unit.edge.core.script import Script

LUNCH, BREAKFAST = 50, 51
MAIN, DRINK = 1, 2
SLOTS = (
    ComboSlot(MAIN, "Main", (ComboChoice(BURGER), ComboChoice(STEAK, 800))),
    ComboSlot(DRINK, "Drink", (ComboChoice(WINE), ComboChoice(CHIPS, -100))),
)


def deals(version: int = 1, **of_lunch: object) -> Menu:
    """The sample menu with wine taxed at 19 %, a burger cheaper to take away, a combo and a breakfast."""
    plain = menu(version)
    changed = {
        WINE: {"tax_rate_bp": 1900, "takeaway_tax_rate_bp": 1900},
        BURGER: {"tax_rate_bp": 1900, "takeaway_tax_rate_bp": 700, "takeaway_price_minor": 900},
    }
    items = (msgspec.structs.replace(item, **changed.get(item.id, {})) for item in plain.items)
    combo = MenuItem(LUNCH, "Lunch", "Deals", 1200, slots=SLOTS, takeaway_price_minor=1100)
    early = MenuItem(BREAKFAST, "Eggs", "Deals", 700, "", "grill", hours=(ServingHours("07:00", "11:00"),))
    return msgspec.structs.replace(plain, items=(*items, msgspec.structs.replace(combo, **of_lunch), early))


def seated(*more: AdoptMenu | ConfigureVenue | CountStock) -> Script:
    return Script(ConfigureVenue(config()), AdoptMenu(deals()), *more, join("chinu"), say_word())


def lunch(main: int = BURGER, drink: int = WINE, qty: int = 1, *, takeaway: bool = False) -> AddItem:
    choices = (Choice(MAIN, main, (RARE,) if main == STEAK else ()), Choice(DRINK, drink))
    return AddItem("s1", "chinu", LUNCH, qty, takeaway=takeaway, choices=choices)


@pytest.mark.parametrize(
    ("command", "minor"),
    [
        (lunch(), 1200),
        (lunch(STEAK), 2000),
        (lunch(drink=CHIPS), 1100),
        (lunch(takeaway=True), 1100),
        (lunch(STEAK, CHIPS, takeaway=True), 1800),
        (AddItem("s1", "chinu", BURGER, 1, takeaway=True), 900),
        (AddItem("s1", "chinu", CHIPS, 1, takeaway=True), 325),
        (
            AddItem("s1", "chinu", LUNCH, 1, choices=(Choice(1, BURGER, (BACON,)), Choice(2, WINE))),
            1320,
        ),
    ],
)
def test_a_combo_costs_its_price_and_what_is_chosen(command: AddItem, minor: int) -> None:
    venue = seated()
    venue.do(command)
    cart = venue.cart("s1")
    assert cart is not None
    assert [(item.price_minor, item.takeaway) for item in cart.live()] == [(minor, command.takeaway)]


@pytest.mark.parametrize(
    "choices",
    [
        (),
        (Choice(MAIN, BURGER),),
        (Choice(MAIN, BURGER), Choice(MAIN, STEAK)),
        (Choice(MAIN, WINE), Choice(DRINK, WINE)),
        (Choice(MAIN, STEAK), Choice(DRINK, WINE)),
        (Choice(MAIN, BURGER, (RARE,)), Choice(DRINK, WINE)),
        (Choice(MAIN, BURGER), Choice(DRINK, WINE), Choice(3, WINE)),
        (Choice(MAIN, BURGER), Choice(DRINK, 99)),
    ],
)
def test_every_slot_is_filled_once_by_what_it_offers(choices: tuple[Choice, ...]) -> None:
    refusal = seated().refusal(AddItem("s1", "chinu", LUNCH, 1, choices=choices))
    assert refusal.code == "invalid"


def test_a_plain_dish_has_no_choices() -> None:
    assert seated().code(AddItem("s1", "chinu", BURGER, 1, choices=(Choice(1, WINE),))) == "invalid"


def test_a_choice_may_be_changed_and_is_priced_anew() -> None:
    venue = seated()
    venue.do(lunch())
    other = (Choice(MAIN, STEAK, (RARE,)), Choice(DRINK, WINE))
    venue.do(ChangeItem("s1", "chinu", 1, 1, choices=other))
    cart = venue.cart("s1")
    assert cart is not None
    assert (cart.items[1].price_minor, cart.items[1].choices) == (2000, other)
    assert venue.code(ChangeItem("s1", "chinu", 1, 2, choices=())) == "invalid"


def test_a_line_may_be_taken_away_after_all_at_that_price() -> None:
    venue = seated()
    venue.do(AddItem("s1", "chinu", BURGER, 2))
    venue.do(ChangeItem("s1", "chinu", 1, 1, takeaway=True))
    venue.do(ChangeItem("s1", "chinu", 1, 2, qty=3))
    cart = venue.cart("s1")
    assert cart is not None
    assert (cart.items[1].price_minor, cart.items[1].takeaway, cart.items[1].qty) == (900, True, 3)


def test_where_nothing_is_taken_away_it_is_refused() -> None:
    here = msgspec.structs.replace(config(), takeaway=False)
    venue = Script(ConfigureVenue(here), AdoptMenu(deals()), join("chinu"), say_word())
    assert venue.code(AddItem("s1", "chinu", BURGER, 1, takeaway=True)) == "not_available"
    venue.do(AddItem("s1", "chinu", BURGER, 1))
    assert venue.code(ChangeItem("s1", "chinu", 1, 1, takeaway=True)) == "not_available"


def test_the_price_of_a_combo_is_laid_on_its_dishes() -> None:
    """Burger 9.50 and wine 6.40 alone: 12.00 is 7.17 and 4.83, to the cent."""
    venue = seated()
    venue.do(lunch(qty=2))
    venue.do(place())
    order = venue.order("ORD-7-1")
    assert order is not None
    (line,) = order.placed.lines
    assert line.parts == (
        OrderPart(BURGER, "Burger", 717, "grill", (), 1900, 700),
        OrderPart(WINE, "Wine", 483, "bar", (), 1900, 1900),
    )
    assert sum(part.price_minor for part in line.parts) == line.price_minor


def test_each_station_gets_its_own_dish_of_a_combo() -> None:
    venue = seated()
    venue.do(lunch(STEAK, CHIPS))
    venue.do(place())
    grill, bar = venue.ticket("K-1", "grill"), venue.ticket("K-1", "bar")
    assert grill is not None
    assert bar is None
    assert [(each.name, each.of, each.modifiers) for each in grill.fired.lines] == [
        ("Steak", "Lunch", ("rare",)),
        ("Chips", "Lunch", ()),
    ]
    assert len({each.id for each in grill.fired.lines}) == 2
    venue.do(lunch())
    venue.do(place())
    assert [
        ticket and ticket.fired.lines[0].name for ticket in map(venue.ticket, ("K-2",) * 2, ("grill", "bar"))
    ] == [
        "Burger",
        "Wine",
    ]


def test_dishes_of_a_combo_are_counted_with_those_ordered_alone() -> None:
    venue = seated(CountStock(WINE, 3, "staff:ann"))
    venue.do(lunch(qty=2))
    venue.do(AddItem("s1", "chinu", WINE, 2))
    refusal = venue.refusal(place())
    assert (refusal.code, (refusal.detail or {})["menu_item"]) == ("sold_out", WINE)
    venue.do(ChangeItem("s1", "chinu", 2, 1, qty=1))
    venue.do(place())
    stock = venue.stock(WINE)
    assert stock is not None
    assert stock.qty == 0
    assert venue.code(lunch()) == "sold_out"
    venue.do(lunch(drink=CHIPS))


def test_a_combo_that_is_itself_off_cannot_be_had() -> None:
    venue = seated()
    venue.do(TakeItemOff(LUNCH, True, "cook"))
    assert venue.code(lunch()) == "sold_out"


def test_the_bill_tells_the_taxes_of_a_combo_apart() -> None:
    venue = seated()
    venue.do(lunch(qty=2, takeaway=True))
    venue.do(place())
    bill = venue.bill("s1")
    assert bill is not None
    first, second = bill.lines.values()
    assert (first.name, first.rate_bp, first.takeaway) == ("Lunch: Burger", 700, True)
    assert (second.name, second.rate_bp, second.id) == ("Lunch: Wine", 1900, f"{first.id}/2")
    assert first.amount_minor + second.amount_minor == bill.total_minor == 2200


def test_a_combo_of_one_rate_is_one_line_on_the_bill() -> None:
    venue = seated()
    venue.do(lunch(STEAK, CHIPS))
    venue.do(place())
    bill = venue.bill("s1")
    assert bill is not None
    (line,) = bill.lines.values()
    assert (line.name, line.modifiers, line.price_minor) == ("Lunch", ("Steak", "Chips"), 1900)


def test_what_is_cooked_of_plain_lines_is_the_lines() -> None:
    venue = seated()
    venue.do(AddItem("s1", "chinu", BURGER, 1))
    venue.do(place())
    order = venue.order("ORD-7-1")
    assert order is not None
    assert to_cook(order.placed.lines) == list(order.placed.lines)


# ── by the hour; the sample's clock stands at 22:13 UTC on a Tuesday ─────────────────────────────────


def test_outside_of_its_hours_a_dish_is_refused_by_name() -> None:
    refusal = seated().refusal(AddItem("s1", "chinu", BREAKFAST, 1))
    assert refusal.code == "not_available"
    assert refusal.detail == {"menu_item": BREAKFAST, "hours": "07:00-11:00"}
    assert refusal.status == 409


def test_a_dish_is_served_by_the_venues_clock_and_a_cart_may_be_late() -> None:
    venue = seated()
    early = now(0)
    venue.now = msgspec.structs.replace(early, wall_ms=early.wall_ms + 10 * 3_600_000)
    venue.do(AddItem("s1", "chinu", BREAKFAST, 1))
    assert venue.do(ChangeItem("s1", "chinu", 1, 1, qty=2))
    venue.now = early
    assert venue.code(place()) == "not_available"
    assert venue.code(ChangeItem("s1", "chinu", 1, 2, qty=3)) == "not_available"
    venue.do(ChangeItem("s1", "chinu", 1, 2, qty=1))
    down_under = msgspec.structs.replace(config(), timezone="Australia/Sydney")
    venue.do(ConfigureVenue(down_under))
    assert venue.do(place())


def test_while_nobody_knows_the_time_everything_is_served() -> None:
    venue = seated()
    venue.now = msgspec.structs.replace(venue.now, clock_trusted=False)
    assert venue.do(AddItem("s1", "chinu", BREAKFAST, 1))


def test_a_combo_is_served_when_its_dishes_are() -> None:
    slots = (ComboSlot(MAIN, "Main", (ComboChoice(BREAKFAST),)),)
    venue = Script(ConfigureVenue(config()), AdoptMenu(deals(slots=slots)), join("chinu"), say_word())
    command = AddItem("s1", "chinu", LUNCH, 1, choices=(Choice(MAIN, BREAKFAST),))
    assert venue.code(command) == "not_available"
