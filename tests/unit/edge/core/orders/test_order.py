"""Ordering: the hash of what was seen, one order a cart, stock, tickets by station (seeds 000 §5, 002)."""

from typing import Any

import pytest

from edge.core.commands import (
    AdoptMenu,
    ChangeItem,
    CloseTable,
    Command,
    CountStock,
    PlaceOrder,
    RemoveItem,
    TakeItemOff,
)
from protocol.facts.bill_events import BillOpened, LinesCharged
from protocol.facts.cart import CartLocked, ItemsOrdered, cart_hash
from protocol.facts.order import OrderConfirmed, OrderPlaced
from protocol.facts.stock import StockTaken
from protocol.facts.ticket import TicketFired
from tests.sample_venue import (
    BURGER,
    CAKE,
    CHIPS,
    SOUP,
    WINE,
    add,
    join,
    menu,
    opening,
    place,
    say_word,
)
from tests.unit.edge.core.script import Script

SEATED: list[Command] = [*opening(), join("chinu"), join("anshu"), say_word()]


def seen(venue: Script) -> str:
    """The hash of the cart as it stands."""
    cart = venue.cart("s1")
    return cart_hash(cart.live() if cart else [])


def order(**fields: Any) -> PlaceOrder:
    """Chinu orders."""
    return PlaceOrder("s1", "chinu", **fields)


def test_an_order_is_locked_placed_stocked_confirmed_and_fired() -> None:
    venue = Script(*SEATED, add(qty=2), add("anshu", CAKE, 3), add(dish=CHIPS))
    events = venue.do(place(cart_hash=seen(venue)))
    assert [type(event) for event in events] == [
        CartLocked,
        OrderPlaced,
        StockTaken,
        OrderConfirmed,
        TicketFired,
        TicketFired,
        ItemsOrdered,
        BillOpened,
        LinesCharged,
    ]
    assert events[2] == StockTaken(CAKE, 3, "ORD-7-1")
    assert events[3] == OrderConfirmed("K-1", 1, ("bar", "grill"))


def test_an_order_keeps_what_was_ordered_and_what_it_cost() -> None:
    venue = Script(*SEATED, add(qty=2), add("anshu", SOUP), AdoptMenu(menu(2, burger_minor=5000)))
    venue.do(order(special_instructions="all at once"))
    placed = venue.order("ORD-7-1")
    assert placed is not None
    first = placed.placed
    assert first.total_minor == 2 * 950 + 580
    assert [(line.name, line.qty, line.price_minor, line.member) for line in first.lines] == [
        ("Burger", 2, 950, "chinu"),
        ("Soup", 1, 580, "anshu"),
    ]
    assert [line.tax_rate_bp for line in first.lines] == [0, 700]
    assert (first.special_instructions, first.table_name, first.currency) == ("all at once", "T1", "EUR")


def test_each_station_gets_its_own_lines_under_one_name() -> None:
    venue = Script(*SEATED, add(), add(dish=WINE), add(dish=CHIPS))
    venue.do(place())
    grill, bar = venue.ticket("K-1", "grill"), venue.ticket("K-1", "bar")
    assert grill is not None
    assert bar is not None
    assert [line.name for line in grill.fired.lines] == ["Burger", "Chips"]
    assert [line.name for line in bar.fired.lines] == ["Wine"]


def test_what_the_guest_asks_of_the_kitchen_stands_on_every_ticket() -> None:
    venue = Script(*SEATED, add(), add(dish=WINE))
    venue.do(order(special_instructions="no nuts, please"))
    tickets = [venue.ticket("K-1", station) for station in ("grill", "bar")]
    asked = [each.fired.special_instructions if each else None for each in tickets]
    assert asked == ["no nuts, please"] * 2


def test_an_ordered_cart_is_empty_and_open_again() -> None:
    venue = Script(*SEATED, add())
    venue.do(place())
    cart = venue.cart("s1")
    assert cart is not None
    assert (cart.live(), cart.lock) == ([], None)
    assert venue.do(add("anshu"))
    assert isinstance(venue.do(place("anshu"))[1], OrderPlaced)
    assert venue.last_order_of("s1") == "ORD-7-2"


def test_a_cart_that_was_ordered_is_not_ordered_again() -> None:
    venue = Script(*SEATED, add())
    pressed = seen(venue)
    venue.do(place(cart_hash=pressed))
    refusal = venue.refusal(place("anshu", pressed))
    assert (refusal.code, refusal.detail) == ("order_in_progress", {"order_id": "ORD-7-1"})
    venue.do(add())
    venue.do(place())
    assert venue.code(place("anshu", pressed)) == "cart_changed"


def test_whoever_presses_second_without_a_hash_hears_that_it_is_ordered_already() -> None:
    venue = Script(*SEATED, add(), add(dish=CHIPS))
    venue.do(place())
    saw = ((BURGER, 1), (CHIPS, 1))
    for told in ({"expected_lines": saw}, {"expected_total_minor": 1275}):
        refusal = venue.refusal(order(**told))
        assert (refusal.code, refusal.detail) == ("order_in_progress", {"order_id": "ORD-7-1"})
    assert venue.code(order(expected_lines=saw, expected_total_minor=1274)) == "cart_empty"
    assert venue.code(order(expected_lines=((BURGER, 1),))) == "cart_empty"
    assert venue.code(order()) == "cart_empty"


def test_an_order_under_way_is_named() -> None:
    venue = Script(*SEATED, add())
    venue.happened("cart:s1", CartLocked("ORD-7-9", "anshu", 1), place("anshu"))
    refusal = venue.refusal(place())
    assert (refusal.code, refusal.detail) == ("order_in_progress", {"order_id": "ORD-7-9"})
    assert venue.code(CloseTable("s1", "left", "staff:ann")) == "order_in_progress"


@pytest.mark.parametrize(
    ("before", "command", "code"),
    [
        ([], order(), "cart_empty"),
        ([add(), RemoveItem("s1", "chinu", 1, 1)], order(), "cart_empty"),
        ([], order(cart_hash="0" * 64), "cart_changed"),
        ([add()], order(cart_hash="0" * 64), "cart_changed"),
        ([add()], order(expected_lines=((BURGER, 2),)), "cart_changed"),
        ([add()], order(expected_lines=((CHIPS, 1),)), "cart_changed"),
        ([add()], order(expected_lines=((BURGER, 1), (BURGER, 1))), "cart_changed"),
        ([add()], order(expected_total_minor=949), "cart_changed"),
        ([add()], order(expected_total_minor=0), "cart_changed"),
        ([add()], PlaceOrder("s1", "stranger"), "not_authorised"),
        ([add()], PlaceOrder("s9", "chinu"), "unknown_session"),
        ([add(), TakeItemOff(BURGER, True, "cook")], order(), "sold_out"),
        ([add(dish=CAKE, qty=2), CountStock(CAKE, 1, "ann")], order(), "sold_out"),
        ([add(dish=CAKE, qty=2), add(dish=CAKE, qty=2)], order(), "sold_out"),
        ([add(), AdoptMenu(menu(2, without=(BURGER,)))], order(), "recalled"),
        ([add(), CloseTable("s1", "left", "staff:ann")], order(), "session_closed"),
    ],
)
def test_refusals(before: list[Command], command: Command, code: str) -> None:
    venue = Script(*SEATED, *before)
    facts = len(venue.facts)
    assert venue.code(command) == code
    assert len(venue.facts) == facts


def test_nothing_is_ordered_before_the_pass_word() -> None:
    assert Script(*opening(), join("chinu")).code(place()) == "pass_required"


def test_what_the_socket_says_must_agree_with_the_cart() -> None:
    venue = Script(*SEATED, add(qty=2), add("anshu", CHIPS))
    agreed = order(expected_lines=((BURGER, 2), (CHIPS, 1)), expected_total_minor=2225, cart_hash=seen(venue))
    assert isinstance(venue.do(agreed)[1], OrderPlaced)


def test_a_change_after_the_look_makes_the_order_wait() -> None:
    venue = Script(*SEATED, add())
    pressed = seen(venue)
    venue.do(ChangeItem("s1", "chinu", 1, 1, qty=2))
    refusal = venue.refusal(place(cart_hash=pressed))
    assert (refusal.code, refusal.detail) == ("cart_changed", {"cart_hash": seen(venue)})


def test_two_tables_cannot_both_get_the_last_one() -> None:
    venue = Script(*SEATED, join("bela", "s2", "TABLE2"), say_word("bela", "s2"), CountStock(CAKE, 1, "ann"))
    venue.do(add(dish=CAKE))
    venue.do(type(add())("s2", "bela", CAKE, 1))
    venue.do(PlaceOrder("s2", "bela"))
    refusal = venue.refusal(place())
    assert (refusal.code, refusal.detail) == ("sold_out", {"menu_item": CAKE, "left": 0})
    stock = venue.stock(CAKE)
    assert stock is not None
    assert stock.qty == 0


def test_lines_of_the_same_dish_are_counted_together() -> None:
    venue = Script(*SEATED, add(dish=CAKE, qty=2), add("anshu", CAKE, 1))
    venue.do(place())
    stock = venue.stock(CAKE)
    assert stock is not None
    assert stock.qty == 0
