"""How long a price is held: on the clock that nobody can set; then somebody is asked."""

import msgspec
import pytest

from edge.core.clock import Now
from edge.core.commands import AdoptMenu, ChangeItem, ConfigureVenue
from edge.core.orders.terms import MINUTE_NS, recalled
from edge.core.tables.commands import MergeTables
from protocol.facts.cart import CartItem
from tests.sample_venue import BURGER, T2, add, config, join, menu, opening, place, say_word
from tests.unit.edge.core.script import Script

HOLD = 30
LINE = {"id": 1, "reason": "repriced"}


def at(minute: float, boot: str = "boot-1", wall_ms: int = 1_700_000_000_000) -> Now:
    """So many minutes after a boot."""
    return Now(boot, int(minute * MINUTE_NS), wall_ms, True)


def carted(hold: int = HOLD, *, burger_minor: int = 1200) -> Script:
    """A burger for 9.50 was added in the tenth minute, then another price came."""
    limited = msgspec.structs.replace(config(), price_hold_minutes=hold)
    venue = Script(*opening(), ConfigureVenue(limited, 2), join("chinu"), say_word())
    venue.now = at(10)
    venue.do(add(dish=BURGER))
    venue.do(AdoptMenu(menu(2, burger_minor=burger_minor)))
    return venue


def line_of(venue: Script) -> CartItem:
    """The burger in the cart."""
    cart = venue.cart("s1")
    assert cart is not None
    return cart.items[1]


def ordered_minor(venue: Script) -> int:
    """What the first order comes to."""
    order = venue.order("ORD-7-1")
    assert order is not None
    return order.placed.total_minor


@pytest.mark.parametrize(
    ("venue", "then", "code"),
    [
        (carted(), at(39.9), None),
        (carted(), at(40), "price_lapsed"),
        (carted(0), at(9_999), None),
        (carted(burger_minor=950), at(9_999), None),
        (carted(burger_minor=500), at(40), "price_lapsed"),
        (carted(), at(39.9, wall_ms=4_000_000_000_000), None),
        (carted(), at(29.9, "boot-2"), None),
        (carted(), at(30, "boot-2"), "price_lapsed"),
    ],
)
def test_a_price_is_held_for_so_long(venue: Script, then: Now, code: str | None) -> None:
    """Wall clocks change nothing; after a restart of the machine only the time since then counts."""
    venue.now = then
    if code is None:
        venue.do(place())
        assert ordered_minor(venue) == 950, "what was seen is what is paid"
    else:
        refusal = venue.refusal(place())
        assert (refusal.code, refusal.detail) == (code, {"menu_item": BURGER, "lines": [LINE]})
        assert line_of(venue).price_minor == 950, "nothing changes by itself"


def test_agreeing_takes_the_new_price_and_holds_it_anew() -> None:
    venue = carted()
    venue.now = at(50)
    assert venue.code(ChangeItem("s1", "chinu", 1, 1, qty=2)) == "price_lapsed"
    venue.do(ChangeItem("s1", "chinu", 1, 1, confirm=True))
    venue.do(AdoptMenu(menu(3, burger_minor=1500)))
    assert recalled(venue, line_of(venue), at(79.9)) is None
    assert recalled(venue, line_of(venue), at(80)) == "repriced"
    venue.now = at(79)
    venue.do(place())
    assert ordered_minor(venue) == 1200


def test_fewer_of_it_may_be_had_at_any_time() -> None:
    venue = carted()
    venue.do(ChangeItem("s1", "chinu", 1, 1, qty=3))
    venue.now = at(50)
    venue.do(ChangeItem("s1", "chinu", 1, 2, qty=1))
    assert venue.code(place()) == "price_lapsed"


def test_a_dish_that_is_another_by_now_is_told_as_that() -> None:
    venue = carted()
    gone = menu(3, without=(BURGER,))
    venue.do(AdoptMenu(gone))
    venue.now = at(50)
    assert venue.code(place()) == "recalled"


def test_the_record_of_a_line_does_not_repeat_when_it_was_agreed_to() -> None:
    venue = carted()
    added = next(fact.event for fact in venue.facts if type(fact.event).__name__ == "ItemAdded")
    assert b"agreed" not in msgspec.json.encode(added)
    assert line_of(venue).agreed_ns == at(10).mono_ns


def test_a_line_that_moves_to_another_table_is_held_for_as_long_as_it_was() -> None:
    venue = carted()
    venue.now = at(35)
    venue.do(join("bela", "s2", T2))
    venue.do(MergeTables("s1", "s2", "staff:ann"))
    cart = venue.cart("s2")
    assert cart is not None
    (line,) = cart.live()
    assert recalled(venue, line, at(39.9)) is None
    assert recalled(venue, line, at(40)) == "repriced"
