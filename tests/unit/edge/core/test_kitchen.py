"""What the kitchen may do: every pair of ticket states, dishes taken off, counts (contract.md, Kitchen)."""

import pytest

from edge.core.commands import AdvanceTicket, Command, CountStock, TakeItemOff
from protocol.facts.stock import ItemTakenOff, StockCounted
from protocol.facts.ticket import TRANSITIONS, TicketAdvanced
from tests.sample_venue import BURGER, CAKE, add, join, opening, place, say_word
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


@pytest.mark.parametrize("before", TRANSITIONS)
@pytest.mark.parametrize("after", TRANSITIONS)
def test_every_pair_of_states(before: str, after: str) -> None:
    venue = fired(*PATHS[before])
    command = bump(after)
    if before == after or (after == "received" and before != "fired"):
        assert venue.do(command) == []
    elif after in TRANSITIONS[before]:
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
