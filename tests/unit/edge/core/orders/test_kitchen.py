"""What the kitchen may do: every pair of ticket states, dishes taken off, counts (contract.md, Kitchen)."""

from collections.abc import Callable

import msgspec
import pytest

from edge.core.commands import AdvanceTicket, BumpLine, Command, CountStock, TakeItemOff
from protocol.facts.stock import ItemTakenOff, StockCounted
from protocol.facts.ticket import TO_COOK, TRANSITIONS, TicketAdvanced, TicketLineBumped
from tests.sample_venue import BURGER, CAKE, CHIPS, add, join, opening, place, say_word
from tests.unit.edge.core.script import Script

#: A way to each state.
PATHS: dict[str, tuple[str, ...]] = {
    "fired": (),
    "received": ("received",),
    "accepted": ("accepted",),
    "preparing": ("preparing",),
    "ready": ("preparing", "ready"),
    "served": ("preparing", "ready", "served"),
    "recalled": ("preparing", "ready", "recalled"),
    "rejected": ("rejected",),
}


def bump(state: str, station: str = "grill", ticket: str = "K-1") -> AdvanceTicket:
    """The cook moves a ticket."""
    return AdvanceTicket(ticket, station, state, "cook")


def fired(*states: str) -> Script:
    """A venue with one ticket, moved along `states`."""
    return Script(*opening(), join("chinu"), say_word(), add(), place(), *map(bump, states))


def standing(made: Callable[..., Script], state: str) -> Script:
    """The venue with its ticket in a state. A held one was never fired: its course comes later."""
    if state != "held":
        return made(*PATHS[state])
    venue = made()
    ticket = venue.ticket("K-1", "grill")
    assert ticket is not None
    venue.states["ticket:K-1@grill"] = msgspec.structs.replace(ticket, state="held")
    return venue


@pytest.mark.parametrize("before", TRANSITIONS)
@pytest.mark.parametrize("after", TRANSITIONS)
def test_every_pair_of_states(before: str, after: str) -> None:
    venue = standing(fired, before)
    command = bump(after)
    if before == after or (after == "received" and before not in ("held", "fired")):
        assert venue.do(command) == []
    elif after != "fired" and after in TRANSITIONS[before]:
        assert venue.do(command) == [TicketAdvanced(after)]
    else:
        refusal = venue.refusal(command)
        assert (refusal.code, refusal.detail) == ("illegal_transition", {"state": before})


@pytest.mark.parametrize(
    "command", [bump("ready", "bar"), bump("ready", ticket="K-9"), bump("ready", "roof")]
)
def test_a_ticket_that_is_not_there(command: Command) -> None:
    assert fired().code(command) == "unknown_ticket"


def test_a_dish_is_taken_off_and_brought_back_once() -> None:
    venue = Script(*opening())
    assert venue.do(TakeItemOff(BURGER, False, "cook")) == []
    assert venue.do(TakeItemOff(BURGER, True, "cook")) == [ItemTakenOff(BURGER, True)]
    assert venue.do(TakeItemOff(BURGER, True, "cook")) == []
    assert venue.do(TakeItemOff(BURGER, False, "cook")) == [ItemTakenOff(BURGER, False)]


@pytest.mark.parametrize("qty", [0, 1, 1_000_000, None])
def test_a_count_is_taken_as_it_is(qty: int | None) -> None:
    venue = Script(*opening())
    assert venue.do(CountStock(CAKE, qty, "ann")) == [StockCounted(CAKE, qty)]


@pytest.mark.parametrize(
    ("before", "command", "code"),
    [
        ([], TakeItemOff(BURGER, True, "cook"), "not_configured"),
        ([], CountStock(BURGER, 1, "cook"), "not_configured"),
        (opening(), TakeItemOff(404, True, "cook"), "unknown_menu_item"),
        (opening(), CountStock(404, 1, "cook"), "unknown_menu_item"),
        (opening(), CountStock(CAKE, -1, "cook"), "invalid"),
        (opening(), CountStock(CAKE, 1_000_001, "cook"), "invalid"),
    ],
)
def test_refusals(before: list[Command], command: Command, code: str) -> None:
    venue = Script(*before)
    assert venue.code(command) == code


# ── line by line ─────────────────────────────────────────────────────────────────────────────────


def two_lines(*states: str) -> Script:
    """A ticket of a burger (line 1) and chips (line 2), moved along `states`."""
    guests = (join("chinu"), say_word(), add(), add(dish=CHIPS), place())
    return Script(*opening(), *guests, *map(bump, states))


def line(number: int, done: bool = True) -> BumpLine:
    """The cook has a line done, or takes that back."""
    return BumpLine("K-1", "grill", number, done, "cook")


def stands(venue: Script) -> tuple[str, tuple[int, ...]]:
    """The ticket's state and the lines that are done."""
    ticket = venue.ticket("K-1", "grill")
    assert ticket is not None
    return ticket.state, ticket.done


def test_the_last_line_makes_the_ticket_ready() -> None:
    venue = two_lines("preparing")
    assert venue.do(line(2)) == [TicketLineBumped(2, True)]
    assert stands(venue) == ("preparing", (2,))
    assert venue.do(line(1)) == [TicketLineBumped(1, True), TicketAdvanced("ready")]
    assert stands(venue) == ("ready", (1, 2))


def test_whoever_bumps_has_seen_the_ticket() -> None:
    venue = two_lines()
    assert venue.do(line(1)) == [TicketLineBumped(1, True), TicketAdvanced("received")]
    assert stands(venue) == ("received", (1,))
    assert [type(each) for each in fired().do(line(1))] == [TicketLineBumped, TicketAdvanced, TicketAdvanced]


def test_a_line_may_be_taken_back_and_saying_so_twice_changes_nothing() -> None:
    venue = two_lines("preparing")
    venue.do(line(1))
    assert venue.do(line(1)) == []
    assert venue.do(line(1, done=False)) == [TicketLineBumped(1, False)]
    assert venue.do(line(1, done=False)) == []
    assert stands(venue) == ("preparing", ())


def test_a_recalled_ticket_is_cooked_anew() -> None:
    venue = two_lines("preparing")
    venue.do(line(1))
    venue.do(line(2))
    venue.do(bump("recalled"))
    assert stands(venue) == ("recalled", ())
    venue.do(line(1))
    assert stands(venue) == ("recalled", (1,))


@pytest.mark.parametrize("state", [state for state in TRANSITIONS if state not in TO_COOK])
def test_nothing_is_bumped_on_a_ticket_that_is_done(state: str) -> None:
    refusal = standing(two_lines, state).refusal(line(1))
    assert (refusal.code, refusal.detail) == ("illegal_transition", {"state": state})


def test_lines_and_tickets_that_are_not_there_are_refused() -> None:
    venue = two_lines()
    assert venue.code(line(9)) == "unknown_item"
    assert venue.code(BumpLine("K-9", "grill", 1, True, "cook")) == "unknown_ticket"
    assert venue.code(BumpLine("K-1", "bar", 1, True, "cook")) == "unknown_ticket"
