"""The shared cart: owner-or-host, versions, tmpIds, prices, and every refusal (seed 000 §1-4)."""

from typing import Any

import pytest

from edge.core.commands import (
    AddItem,
    AdoptMenu,
    ChangeItem,
    CloseTable,
    Command,
    CountStock,
    RemoveItem,
    TakeItemOff,
)
from edge.core.orders.cart import MOST_LINES, MOST_QTY
from protocol.facts.cart import CartLocked, ItemAdded, ItemChanged, ItemRemoved
from tests.sample_venue import (
    BACON,
    BURGER,
    CAKE,
    CHIPS,
    DONE,
    EGG,
    ONIONS,
    RARE,
    SOUP,
    STEAK,
    add,
    join,
    menu,
    opening,
    place,
    say_word,
)
from tests.unit.edge.core.script import Script

SEATED: list[Command] = [*opening(), join("chinu"), join("anshu"), say_word()]


def add_to(member: str = "chinu", dish: int = BURGER, **fields: Any) -> AddItem:
    """A line with more than dish and quantity."""
    return AddItem("s1", member, dish, fields.pop("qty", 1), **fields)


def change(item: int, version: int, member: str = "chinu", **fields: Any) -> ChangeItem:
    """A change of a line of session s1."""
    return ChangeItem("s1", member, item, version, **fields)


def remove(item: int, version: int, member: str = "chinu") -> RemoveItem:
    """A line of session s1 is taken out."""
    return RemoveItem("s1", member, item, version)


def test_a_new_line_has_version_1_an_owner_and_the_menus_price() -> None:
    venue = Script(*SEATED)
    (event,) = venue.do(add_to(tmp_id="c1", note="no salt", qty=2))
    assert isinstance(event, ItemAdded)
    item = event.item
    assert (event.tmp_id, item.id, item.version, item.qty, item.member) == ("c1", 1, 1, 2, "chinu")
    assert (item.name, item.price_minor, item.menu_version, item.note) == ("Burger", 950, 1, "no salt")


def test_line_ids_are_never_used_twice_in_the_venue() -> None:
    venue = Script(*SEATED, add(), remove(1, 1), join("bela", "s2", "TABLE2"), say_word("bela", "s2"))
    (event,) = venue.do(AddItem("s2", "bela", CHIPS, 1))
    assert isinstance(event, ItemAdded)
    assert event.item.id == 2


def test_the_host_raises_a_quantity_as_in_the_seed() -> None:
    venue = Script(*SEATED, add())
    (event,) = venue.do(change(1, 1, qty=2))
    assert event == ItemChanged(id=1, version=2, qty=2, price_minor=950)


def test_a_change_leaves_alone_what_it_does_not_name() -> None:
    venue = Script(*SEATED, add_to(note="no salt", modifiers=(BACON,)))
    venue.do(change(1, 1, qty=3))
    cart = venue.cart("s1")
    assert cart is not None
    assert (cart.items[1].note, cart.items[1].modifiers, cart.items[1].qty) == ("no salt", (BACON,), 3)
    venue.do(change(1, 2, note=""))
    cart = venue.cart("s1")
    assert cart is not None
    assert (cart.items[1].note, cart.items[1].qty) == ("", 3)


def test_owner_and_host_may_change_a_line_and_nobody_else() -> None:
    venue = Script(*SEATED, join("bela"), add("anshu"))
    assert venue.code(change(1, 1, "bela", qty=2)) == "not_authorised"
    assert venue.do(change(1, 1, "anshu", qty=2))
    assert venue.do(change(1, 2, "chinu", qty=3))
    assert venue.do(remove(1, 3, "anshu")) == [ItemRemoved(1, 4)]


def test_a_rogue_members_stale_change_is_not_authorised_rather_than_stale() -> None:
    venue = Script(*SEATED, add(), change(1, 1, qty=2))
    assert venue.code(change(1, 1, "anshu", qty=3)) == "not_authorised"


def test_a_stale_change_is_told_how_the_line_stands_now() -> None:
    venue = Script(*SEATED, add(), change(1, 1, qty=2))
    refusal = venue.refusal(change(1, 1, qty=3))
    assert refusal.code == "version_conflict"
    assert refusal.detail is not None
    assert (refusal.detail["item"].version, refusal.detail["item"].qty) == (2, 2)


@pytest.mark.parametrize("version", [0, 2, 2**53 - 1])
def test_only_the_present_version_can_be_changed(version: int) -> None:
    venue = Script(*SEATED, add())
    assert venue.code(change(1, version, qty=2)) == "version_conflict"
    assert venue.code(remove(1, version)) == "version_conflict"


def test_a_removed_or_ordered_line_cannot_be_changed() -> None:
    venue = Script(*SEATED, add(), add(), remove(1, 1), place())
    assert venue.code(change(1, 2, qty=2)) == "version_conflict"
    assert venue.code(change(2, 1, qty=2)) == "version_conflict"
    assert venue.code(remove(2, 1)) == "version_conflict"


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (add("stranger"), "not_authorised"),
        (AddItem("s9", "chinu", BURGER, 1), "unknown_session"),
        (add(dish=404), "unknown_menu_item"),
        (add(qty=0), "invalid"),
        (add(qty=-1), "invalid"),
        (add(qty=MOST_QTY + 1), "invalid"),
        (change(1, 1, qty=2), "unknown_item"),
        (remove(1, 1), "unknown_item"),
        (change(1, 1, "stranger", qty=2), "not_authorised"),
        (add_to(modifiers=(BACON, BACON)), "invalid"),
        (add_to(modifiers=(BACON, EGG, ONIONS)), "invalid"),
        (add_to(modifiers=(999,)), "invalid"),
        (add_to(dish=CHIPS, modifiers=(BACON,)), "invalid"),
        (add_to(dish=STEAK), "invalid"),
        (add_to(dish=STEAK, modifiers=(RARE, DONE)), "invalid"),
        (add(dish=CAKE, qty=4), "sold_out"),
    ],
)
def test_refusals(command: Command, code: str) -> None:
    venue = Script(*SEATED)
    facts = len(venue.facts)
    assert venue.code(command) == code
    assert len(venue.facts) == facts


@pytest.mark.parametrize("command", [add(), change(1, 1, qty=2), remove(1, 1)])
def test_nothing_moves_before_the_pass_word(command: Command) -> None:
    assert Script(*opening(), join("chinu")).code(command) == "pass_required"


@pytest.mark.parametrize("command", [add(), change(1, 1, qty=2), remove(1, 1)])
def test_nothing_moves_in_a_closed_session(command: Command) -> None:
    venue = Script(*SEATED, add(), CloseTable("s1", "left", "staff:ann"))
    assert venue.code(command) == "session_closed"


@pytest.mark.parametrize("command", [add(), change(1, 1, qty=2), remove(1, 1)])
def test_nothing_moves_while_an_order_holds_the_cart(command: Command) -> None:
    venue = Script(*SEATED, add())
    venue.happened("cart:s1", CartLocked("ORD-7-9", "anshu", 1), place("anshu"))
    refusal = venue.refusal(command)
    assert (refusal.code, refusal.detail) == ("cart_locked", {"order_id": "ORD-7-9"})


def test_a_cart_holds_only_so_many_lines_until_it_is_ordered() -> None:
    venue = Script(*SEATED, *(add(dish=SOUP) for _ in range(MOST_LINES)))
    assert venue.code(add()) == "cart_full"
    venue.do(remove(1, 1))
    assert venue.do(add())
    venue.do(place())
    assert venue.do(add())


def test_a_dish_that_was_taken_off_cannot_be_added_until_it_is_back() -> None:
    venue = Script(*SEATED, TakeItemOff(BURGER, True, "cook"))
    refusal = venue.refusal(add())
    assert (refusal.code, refusal.detail) == ("sold_out", {"menu_item": BURGER, "left": 0})
    venue.do(TakeItemOff(BURGER, False, "cook"))
    assert venue.do(add())


def test_what_is_left_is_told() -> None:
    venue = Script(*SEATED, CountStock(CAKE, 2, "ann"))
    refusal = venue.refusal(add(dish=CAKE, qty=3))
    assert refusal.detail == {"menu_item": CAKE, "left": 2}
    venue.do(CountStock(CAKE, 0, "ann"))
    assert venue.code(add(dish=CAKE)) == "sold_out"
    venue.do(CountStock(CAKE, None, "ann"))
    assert venue.do(add(dish=CAKE, qty=9))


def test_a_sold_out_line_can_be_lowered_but_not_raised() -> None:
    venue = Script(*SEATED, add(qty=3), TakeItemOff(BURGER, True, "cook"))
    assert venue.code(change(1, 1, qty=4)) == "sold_out"
    assert venue.do(change(1, 1, qty=1))
    assert venue.do(remove(1, 2))


@pytest.mark.parametrize(
    ("dish", "modifiers", "price_minor"),
    [
        (BURGER, (), 950),
        (BURGER, (BACON,), 1070),
        (BURGER, (BACON, EGG), 1160),
        (BURGER, (ONIONS,), 950),
        (STEAK, (RARE,), 2190),
        (STEAK, (DONE, EGG), 2280),
        (CHIPS, (), 325),
    ],
)
def test_prices(dish: int, modifiers: tuple[int, ...], price_minor: int) -> None:
    (event,) = Script(*SEATED).do(add_to(dish=dish, modifiers=modifiers))
    assert isinstance(event, ItemAdded)
    assert event.item.price_minor == price_minor


def test_new_modifiers_are_priced_anew() -> None:
    venue = Script(*SEATED, add_to(modifiers=(BACON,)))
    (event,) = venue.do(change(1, 1, modifiers=(EGG,)))
    assert isinstance(event, ItemChanged)
    assert event.price_minor == 1040


def test_a_price_that_was_seen_is_held() -> None:
    venue = Script(*SEATED, add(), AdoptMenu(menu(2, burger_minor=1200)))
    (event,) = venue.do(change(1, 1, qty=5))
    assert isinstance(event, ItemChanged)
    assert event.price_minor == 950
    assert venue.code(change(1, 2, modifiers=(BACON,))) == "recalled"
    (added,) = venue.do(add())
    assert isinstance(added, ItemAdded)
    assert (added.item.price_minor, added.item.menu_version) == (1200, 2)


def test_a_dish_that_left_the_menu_can_be_lowered_or_removed_only() -> None:
    venue = Script(*SEATED, add(qty=2), AdoptMenu(menu(2, without=(BURGER,))))
    assert venue.code(add()) == "unknown_menu_item"
    assert venue.code(change(1, 1, qty=3)) == "recalled"
    assert venue.do(change(1, 1, qty=1))
    assert venue.do(remove(1, 2))
