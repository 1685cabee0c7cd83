"""Decisions about the drawer: opening it, putting money in and taking it out, counting it.

`counting` is how everything else reaches a shift: it finds the one that is open at a till, or opens one with
nothing in it, so that no money is ever outside a shift.
"""

from collections.abc import Sequence

import msgspec

from edge.core.clock import Now
from edge.core.money.commands import CloseShift, MoveCash, OpenShift
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.shift import CashMoved, Counted, Shift, ShiftClosed, ShiftOpened

#: The till that counts what nobody named a till for.
MAIN = "main"


class Till(msgspec.Struct, frozen=True):
    """Where money is counted; `shift_pid` is fresh and names a shift that has to be opened."""

    name: str
    shift_pid: str


def aggregate_of(shift_pid: str) -> str:
    """`shift:{shift_pid}`."""
    return f"shift:{shift_pid}"


def pid_at(view: VenueView, till: Till) -> str:
    """The shift that counts at a till now, or that will."""
    return view.open_shift_at(till.name) or till.shift_pid


def counting(view: VenueView, till: Till, currency: str, events: Sequence[Counted]) -> list[Proposal]:
    """Count events in the open shift; open one for them if need be."""
    if not events:
        return []
    aggregate = aggregate_of(pid_at(view, till))
    opened = ShiftOpened(till.shift_pid, till.name, currency, 0, by_itself=True)
    opening: list[Proposal] = [] if view.open_shift_at(till.name) else [(aggregate, opened)]
    return [*opening, *((aggregate, event) for event in events)]


def open_(view: VenueView, command: OpenShift, _now: Now) -> list[Proposal] | Refusal:
    """One open shift a till."""
    venue = view.venue()
    if venue is None:
        return refuse("not_configured")
    present = view.open_shift_at(command.till)
    if present is not None:
        return refuse("shift_open", detail={"shift_pid": present})
    event = ShiftOpened(command.shift_pid, command.till, venue.config.currency, command.float_minor)
    return [(aggregate_of(command.shift_pid), event)]


def _open_one(view: VenueView, shift_pid: str) -> Shift | Refusal:
    shift = view.shift(shift_pid)
    if shift is None:
        return refuse("unknown_shift")
    return shift if shift.status == "open" else refuse("shift_closed")


def move_cash(view: VenueView, command: MoveCash, _now: Now) -> list[Proposal] | Refusal:
    """In or out, with a reason."""
    shift = _open_one(view, command.shift_pid)
    if isinstance(shift, Refusal):
        return shift
    if command.amount_minor == 0:
        return refuse("invalid", "Put money in (above zero) or take it out (below).")
    if shift.totals.expected_minor + command.amount_minor < 0:
        return refuse("invalid", "There is not so much in the drawer.")
    event = CashMoved(command.movement, command.amount_minor, command.reason)
    return [(aggregate_of(command.shift_pid), event)]


def close(view: VenueView, command: CloseShift, _now: Now) -> list[Proposal] | Refusal:
    """The Z report, and what was missing or too much."""
    shift = _open_one(view, command.shift_pid)
    if isinstance(shift, Refusal):
        return shift
    difference_minor = command.counted_minor - shift.totals.expected_minor
    event = ShiftClosed(view.next_z_number, command.counted_minor, difference_minor, shift.totals)
    return [(aggregate_of(command.shift_pid), event)]
