"""Printouts are begun before they are sent, come out once, and may be given up until then."""

from edge.core.commands import AskPrint, BeginPrint, DropPrint, FinishPrint
from protocol.facts.printout import PrintAsked, PrintBegun, PrintFinished, Slip, SlipLine
from tests.unit.edge.core.script import Script

RECEIPT = Slip("The Harbour", (SlipLine("Burger", "9.50"),))
ASK = AskPrint("R-1", "receipt", RECEIPT, "staff:ann", "Till")
TICKET = BeginPrint("K-1@grill", "ticket", "Grill")


def state(venue: Script, job: str) -> tuple[str, int]:
    """How far a printout has come, and how often it was sent."""
    printout = venue.printout(job)
    assert printout is not None
    return printout.state, printout.attempts


def test_a_slip_is_asked_for_once() -> None:
    venue = Script()
    assert venue.do(ASK) == [PrintAsked("R-1", "receipt", "Till", RECEIPT)]
    assert venue.do(ASK) == []
    assert state(venue, "R-1") == ("asked", 0)


def test_a_tickets_first_attempt_makes_its_printout() -> None:
    venue = Script()
    assert venue.do(TICKET) == [PrintAsked("K-1@grill", "ticket"), PrintBegun("Grill")]
    assert venue.do(TICKET) == [PrintBegun("Grill")]
    assert state(venue, "K-1@grill") == ("sending", 2)


def test_what_has_come_out_is_not_begun_again() -> None:
    venue = Script(TICKET)
    assert venue.do(FinishPrint("K-1@grill", "Bar")) == [PrintFinished("Bar")]
    assert venue.do(FinishPrint("K-1@grill", "Grill")) == []
    assert venue.do(DropPrint("K-1@grill", "served", "box")) == []
    assert venue.refusal(TICKET).detail == {"state": "printed"}
    assert state(venue, "K-1@grill") == ("printed", 1)


def test_a_slip_nobody_wants_is_dropped_and_stays_so() -> None:
    venue = Script(ASK)
    venue.do(DropPrint("R-1", "not wanted", "staff:ann"))
    assert venue.do(DropPrint("R-1", "not wanted", "staff:ann")) == []
    assert venue.code(BeginPrint("R-1", "receipt", "Till")) == "illegal_transition"
    assert state(venue, "R-1") == ("dropped", 0)


def test_nothing_is_finished_or_dropped_that_was_never_begun() -> None:
    venue = Script()
    assert venue.do(FinishPrint("R-9", "Till")) == []
    assert venue.do(DropPrint("R-9", "not wanted", "staff:ann")) == []
    venue.do(ASK)
    assert venue.do(FinishPrint("R-1", "Till")) == []
