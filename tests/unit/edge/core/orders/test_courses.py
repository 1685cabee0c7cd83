"""Hold and fire: what of an order is cooked at once, what waits, and how a course is called."""

import msgspec
import pytest

from edge.core.commands import (
    AddItem,
    AdoptMenu,
    AdvanceTicket,
    BumpLine,
    CloseTable,
    ConfigureVenue,
    FireCourse,
)
from edge.core.tables.commands import MoveTable
from protocol.facts.cart import Choice
from protocol.facts.menu import ComboChoice, ComboSlot, Menu, MenuItem
from protocol.facts.ticket import HeldTicketFired, Ticket
from protocol.table import kitchen_status
from tests.sample_venue import (
    BURGER,
    CAKE,
    CHIPS,
    SOUP,
    T2,
    WINE,
    config,
    coursed_menu,
    join,
    now,
    place,
    say_word,
)
from tests.unit.edge.core.script import Script

TAPAS = 71
FIRE = FireCourse("ORD-7-1", "main", "staff:ann")


def menu() -> Menu:
    """The sample's courses and one more main, at another station than the others."""
    plain = coursed_menu()
    tapas = MenuItem(TAPAS, "Tapas", "Mains", 900, station="bar", course="main")
    return msgspec.structs.replace(plain, items=(*plain.items, tapas))


def ordered(*dishes: int, takeaway: bool = False) -> Script:
    """An order of one of each."""
    venue = Script(ConfigureVenue(config()), AdoptMenu(menu()), join("chinu"), say_word())
    for dish in dishes:
        venue.do(AddItem("s1", "chinu", dish, 1, takeaway=takeaway))
    venue.do(place())
    return venue


def tickets(venue: Script) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Name and station -> state and dishes."""
    found = (state for state in venue.states.values() if isinstance(state, Ticket))
    return {
        f"{each.fired.ticket}@{each.fired.station}": (
            each.state,
            tuple(line.name for line in each.fired.lines),
        )
        for each in found
    }


def status(venue: Script) -> str:
    """What guests are told of the order."""
    order = venue.order("ORD-7-1")
    assert order is not None
    found = [venue.ticket(name, station) for name, station in order.tickets()]
    return kitchen_status(order, [each for each in found if each is not None])


def test_the_first_course_is_fired_and_each_later_one_held_at_its_stations() -> None:
    assert tickets(ordered(SOUP, BURGER, CAKE, WINE, CHIPS)) == {
        "K-1@grill": ("fired", ("Soup", "Chips")),
        "K-1@bar": ("fired", ("Wine",)),
        "K-1.2@grill": ("held", ("Burger",)),
        "K-1.3@bar": ("held", ("Cake",)),
    }


@pytest.mark.parametrize(
    ("dishes", "held"),
    [
        ((BURGER,), set()),
        ((CAKE, WINE), set()),
        ((CHIPS, WINE), set()),
        ((BURGER, CAKE), {"K-1.2@bar"}),
        ((SOUP, CAKE), {"K-1.2@bar"}),
    ],
)
def test_what_comes_first_is_not_made_to_wait(dishes: tuple[int, ...], held: set[str]) -> None:
    found = tickets(ordered(*dishes))
    assert {name for name, (state, _) in found.items() if state == "held"} == held


def test_what_is_taken_away_is_not_served_in_courses() -> None:
    found = tickets(ordered(SOUP, BURGER, CAKE, takeaway=True))
    assert {state for state, _ in found.values()} == {"fired"}


def test_the_dishes_of_a_combo_come_in_their_courses() -> None:
    plain = menu()
    slots = tuple(ComboSlot(n, f"Course {n}", (ComboChoice(dish),)) for n, dish in enumerate((SOUP, CAKE)))
    combo = MenuItem(70, "Menu", "Deals", 900, slots=slots)
    deals = msgspec.structs.replace(plain, items=(*plain.items, combo))
    venue = Script(ConfigureVenue(config()), AdoptMenu(deals), join("chinu"), say_word())
    venue.do(AddItem("s1", "chinu", 70, 2, choices=(Choice(0, SOUP), Choice(1, CAKE))))
    venue.do(place())
    assert tickets(venue) == {"K-1@grill": ("fired", ("Soup",)), "K-1.2@bar": ("held", ("Cake",))}


def test_a_course_is_fired_at_all_its_stations_once() -> None:
    venue = ordered(SOUP, BURGER, TAPAS)
    venue.now = now(600)
    assert venue.do(FIRE) == [HeldTicketFired(), HeldTicketFired()]
    assert {state for state, _ in tickets(venue).values()} == {"fired"}
    assert venue.do(FIRE) == []
    fired = venue.ticket("K-1.2", "grill")
    assert fired is not None
    assert (fired.placed_ms, fired.fired.course) == (now(600).wall_ms, "main")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (FireCourse("ORD-7-9", "main", "staff:ann"), "unknown_order"),
        (FireCourse("ORD-7-1", "cheese", "staff:ann"), "unknown_course"),
        (FireCourse("ORD-7-1", "starter", "staff:ann"), "unknown_course"),
        (AdvanceTicket("K-1.2", "grill", "received", "device:grill"), "illegal_transition"),
        (AdvanceTicket("K-1.2", "grill", "fired", "device:grill"), "illegal_transition"),
        (AdvanceTicket("K-1.2", "grill", "preparing", "device:grill"), "illegal_transition"),
        (BumpLine("K-1.2", "grill", 2, True, "staff:ann"), "illegal_transition"),
    ],
)
def test_what_cannot_be_done_with_a_course_that_waits(command: FireCourse, code: str) -> None:
    assert ordered(SOUP, BURGER).code(command) == code


def test_a_course_may_be_given_up_and_then_cannot_be_fired() -> None:
    venue = ordered(SOUP, BURGER)
    venue.do(AdvanceTicket("K-1.2", "grill", "rejected", "staff:ann"))
    assert venue.do(FIRE) == []
    assert venue.code(AdvanceTicket("K-1.2", "grill", "preparing", "staff:ann")) == "illegal_transition"


def test_a_fired_ticket_cannot_be_fired_by_a_device_again() -> None:
    venue = ordered(BURGER)
    assert venue.do(AdvanceTicket("K-1", "grill", "fired", "device:grill")) == []
    venue.do(AdvanceTicket("K-1", "grill", "received", "device:grill"))
    assert venue.code(AdvanceTicket("K-1", "grill", "fired", "device:grill")) == "illegal_transition"


def test_guests_are_told_of_what_is_being_cooked() -> None:
    venue = ordered(SOUP, BURGER)
    told = [status(venue)]
    for state in ("preparing", "ready", "served"):
        venue.do(AdvanceTicket("K-1", "grill", state, "staff:ann"))
        told.append(status(venue))
    venue.do(FIRE)
    told.append(status(venue))
    for state in ("preparing", "ready", "served"):
        venue.do(AdvanceTicket("K-1.2", "grill", state, "staff:ann"))
        told.append(status(venue))
    starter, main = ["preparing", "ready", "confirmed"], ["confirmed", "preparing", "ready", "served"]
    assert told == ["confirmed", *starter, *main]


def test_courses_that_wait_go_with_the_guests_to_another_table() -> None:
    venue = ordered(SOUP, BURGER)
    venue.do(MoveTable("s1", T2, "staff:ann"))
    waiting = venue.ticket("K-1.2", "grill")
    assert waiting is not None
    assert (waiting.state, waiting.fired.table_name) == ("held", "T2")


def test_what_waits_is_given_up_when_the_guests_have_left() -> None:
    venue = ordered(SOUP, BURGER, CAKE)
    venue.do(FIRE)
    venue.do(CloseTable("s1", "left", "staff:ann"))
    states = {name: state for name, (state, _) in tickets(venue).items()}
    assert states == {"K-1@grill": "fired", "K-1.2@grill": "fired", "K-1.3@bar": "rejected"}


def test_orders_of_one_table_do_not_wait_for_each_other() -> None:
    venue = ordered(SOUP, BURGER)
    venue.do(AddItem("s1", "chinu", CHIPS, 1))
    venue.do(AddItem("s1", "chinu", BURGER, 1))
    venue.do(place())
    assert tickets(venue)["K-2@grill"] == ("fired", ("Chips", "Burger"))
