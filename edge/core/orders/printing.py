"""Decisions about printouts: a slip is begun before it is sent, and finished once.

What has come out stays so: a second word of it, by a slow printer or after a restart, changes nothing.
Counterparts: `protocol/facts/printout.py` has the states, `edge/effects/kitchen/printing.py` sends the slips.
"""

from edge.core.clock import Now
from edge.core.commands import AskPrint, BeginPrint, DropPrint, FinishPrint
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.printout import (
    OPEN_STATES,
    PrintAsked,
    PrintBegun,
    PrintDropped,
    PrintFinished,
    aggregate_of,
)


def ask(view: VenueView, command: AskPrint, _now: Now) -> list[Proposal] | Refusal:
    """A job that is there already is not asked for twice."""
    if view.printout(command.job) is not None:
        return []
    event = PrintAsked(command.job, command.kind, command.printer, command.slip)
    return [(aggregate_of(command.job), event)]


def begin(view: VenueView, command: BeginPrint, _now: Now) -> list[Proposal] | Refusal:
    """One more attempt; a ticket's first attempt makes its printout. What is over is refused."""
    printout, aggregate = view.printout(command.job), aggregate_of(command.job)
    begun: Proposal = (aggregate, PrintBegun(command.printer))
    if printout is None:
        return [(aggregate, PrintAsked(command.job, command.kind)), begun]
    if printout.state not in OPEN_STATES:
        message = f"{command.job} is {printout.state}."
        return refuse("illegal_transition", message, detail={"state": printout.state})
    return [begun]


def finish(view: VenueView, command: FinishPrint, _now: Now) -> list[Proposal] | Refusal:
    """It is on paper."""
    printout = view.printout(command.job)
    if printout is None or printout.state != "sending":
        return []
    return [(aggregate_of(command.job), PrintFinished(command.printer))]


def drop(view: VenueView, command: DropPrint, _now: Now) -> list[Proposal] | Refusal:
    """Give it up, unless it came out."""
    printout = view.printout(command.job)
    if printout is None or printout.state not in OPEN_STATES:
        return []
    return [(aggregate_of(command.job), PrintDropped(command.reason))]
