"""Decisions about outages on purpose and about notes for the staff: both are only ever begun and ended."""

from edge.core.afar.commands import BeginDrill, DrainDrill, EndDrill, LeaveNote, ReadNote
from edge.core.clock import Now
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts import drill, note
from protocol.facts.drill import DrillBegun, DrillDrained, DrillEnded
from protocol.facts.note import NoteLeft, NoteRead


def begin(view: VenueView, command: BeginDrill, _now: Now) -> list[Proposal] | Refusal:
    """Two at a time are two reports about one cut; that harms nobody."""
    if view.drill(command.drill_id) is not None:
        return []
    return [(drill.aggregate_of(command.drill_id), DrillBegun(command.drill_id, command.minutes))]


def end(view: VenueView, command: EndDrill, _now: Now) -> list[Proposal] | Refusal:
    """The link may come back."""
    known = view.drill(command.drill_id)
    if known is None:
        return refuse("unknown_drill")
    if known.status != "running":
        return []
    ended = DrillEnded(command.ending, command.lasted_s, command.unsynced, command.findings)
    return [(drill.aggregate_of(command.drill_id), ended)]


def drain(view: VenueView, command: DrainDrill, _now: Now) -> list[Proposal] | Refusal:
    """The cloud has it all."""
    known = view.drill(command.drill_id)
    if known is None or known.status != "catching_up":
        return []
    return [(drill.aggregate_of(command.drill_id), DrillDrained(command.seconds))]


def leave_note(view: VenueView, command: LeaveNote, _now: Now) -> list[Proposal] | Refusal:
    """Words for the staff."""
    if view.note(command.note_id) is not None:
        return []
    return [(note.aggregate_of(command.note_id), NoteLeft(command.note_id, command.text))]


def read_note(view: VenueView, command: ReadNote, _now: Now) -> list[Proposal] | Refusal:
    """Read once is read."""
    known = view.note(command.note_id)
    if known is None:
        return refuse("unknown_note")
    return [] if known.status == "read" else [(note.aggregate_of(command.note_id), NoteRead())]
