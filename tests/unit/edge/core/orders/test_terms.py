"""Lines whose dish is no longer what was added: flagged, refused at the order, agreed to or taken out."""

import msgspec
import pytest

from edge.core.commands import AddItem, AdoptMenu, ChangeItem, RemoveItem
from edge.core.orders.terms import recalled
from protocol.facts.menu import ComboChoice, ComboSlot, Menu, Option
from tests.sample_venue import BACON, BURGER, CHIPS, join, menu, opening, place, say_word
from tests.unit.edge.core.script import Script


def other(version: int = 2, dish: int = BURGER, **changes: object) -> Menu:
    """The sample menu with one dish changed."""
    plain = menu(version)
    items = (msgspec.structs.replace(item, **changes) if item.id == dish else item for item in plain.items)
    return msgspec.structs.replace(plain, items=tuple(items))


def renamed_bacon() -> Menu:
    """Under bacon's number there is cheese now."""
    plain = menu(2)
    first, second = plain.modifier_groups
    cheese = msgspec.structs.replace(second, options=(Option(BACON, "cheese", 120), *second.options[1:]))
    return msgspec.structs.replace(plain, modifier_groups=(first, cheese))


def with_burger(*, bacon: bool = True) -> Script:
    venue = Script(*opening(), join("chinu"), join("anshu"), say_word())
    venue.do(AddItem("s1", "chinu", BURGER, 1, modifiers=(BACON,) if bacon else ()))
    return venue


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (menu(2), None),
        (menu(2, burger_minor=1950), None),
        (other(description="now with love", station="bar", tax_rate_bp=700), None),
        (menu(2, without=(BURGER,)), "withdrawn"),
        (other(name="Veggie Burger"), "changed"),
        (other(allergens=("nuts",)), "changed"),
        (other(modifier_groups=()), "withdrawn"),
        (other(modifier_groups=(11, 12)), "withdrawn"),
        (renamed_bacon(), "changed"),
        (other(dish=CHIPS, name="Fries"), None),
    ],
)
def test_what_a_guest_agreed_to_is_what_counts(after: Menu, reason: str | None) -> None:
    venue = with_burger()
    venue.do(AdoptMenu(after))
    cart = venue.cart("s1")
    assert cart is not None
    assert recalled(venue, cart.items[1], venue.now) == reason
    if reason is None:
        venue.do(place())
    else:
        refusal = venue.refusal(place())
        assert refusal.code == "recalled"
        assert refusal.detail == {"menu_item": BURGER, "lines": [{"id": 1, "reason": reason}]}


def test_an_option_that_nobody_chose_may_change_its_meaning() -> None:
    venue = with_burger(bacon=False)
    venue.do(AdoptMenu(renamed_bacon()))
    venue.do(place())


def test_price_and_words_of_the_old_menu_are_ordered() -> None:
    venue = with_burger()
    venue.do(AdoptMenu(msgspec.structs.replace(other(tax_rate_bp=700), menu_version=2)))
    venue.do(place())
    order = venue.order("ORD-7-1")
    assert order is not None
    (line,) = order.placed.lines
    assert (line.price_minor, line.menu_version, line.tax_rate_bp) == (950 + 120, 1, 0)
    assert line.modifiers == ("bacon",)


def test_agreeing_takes_the_dish_as_it_is_now() -> None:
    venue = with_burger()
    venue.do(AdoptMenu(other(name="Veggie Burger", price_minor=1250)))
    assert venue.code(ChangeItem("s1", "anshu", 1, 1, confirm=True)) == "not_authorised"
    venue.do(ChangeItem("s1", "chinu", 1, 1, confirm=True))
    cart = venue.cart("s1")
    assert cart is not None
    line = cart.items[1]
    assert (line.name, line.price_minor, line.menu_version, line.version) == ("Veggie Burger", 1370, 2, 2)
    venue.do(place())


def test_what_is_withdrawn_cannot_be_agreed_to_only_taken_out() -> None:
    venue = with_burger()
    venue.do(AddItem("s1", "chinu", CHIPS, 1))
    venue.do(AdoptMenu(menu(2, without=(BURGER,))))
    assert venue.code(ChangeItem("s1", "chinu", 1, 1, confirm=True)) == "recalled"
    assert venue.code(ChangeItem("s1", "chinu", 1, 1, qty=2)) == "recalled"
    assert venue.code(place()) == "recalled"
    venue.do(RemoveItem("s1", "chinu", 1, 1))
    venue.do(place())


def test_a_dish_that_returns_as_another_is_another() -> None:
    venue = with_burger()
    venue.do(AdoptMenu(menu(2, without=(BURGER,))))
    venue.do(AdoptMenu(other(3, name="Bean Burger")))
    assert venue.code(place()) == "recalled"
    venue.do(ChangeItem("s1", "chinu", 1, 1, confirm=True))
    venue.do(AdoptMenu(other(4, name="Bean Burger", price_minor=1)))
    venue.do(place())


def test_agreeing_to_what_never_changed_is_todays_price() -> None:
    venue = with_burger(bacon=False)
    venue.do(AdoptMenu(menu(2, burger_minor=1000)))
    venue.do(ChangeItem("s1", "chinu", 1, 1, confirm=True))
    cart = venue.cart("s1")
    assert cart is not None
    assert (cart.items[1].price_minor, cart.items[1].menu_version) == (1000, 2)


def test_a_single_dish_that_became_a_combo_is_withdrawn() -> None:
    venue = with_burger(bacon=False)
    slots = (ComboSlot(1, "Side", (ComboChoice(CHIPS),)),)
    venue.do(AdoptMenu(other(modifier_groups=(), slots=slots)))
    refusal = venue.refusal(place())
    assert refusal.detail == {"menu_item": BURGER, "lines": [{"id": 1, "reason": "withdrawn"}]}
