"""A command that came from the cloud, from the moment it is on the box's disk until it has an outcome.

    (none) --CommandTaken--> TAKEN --CommandHeld--> HELD --CommandReleased--> TAKEN
                               |                      `--CommandRefused, CommandExpired
                               |--CommandDone-----> DONE
                               |--CommandRefused--> REFUSED
                               |--CommandExpired--> EXPIRED
                               `--CommandInDoubt--> UNKNOWN

It is recorded before anything is done about it, so it can never be done twice, and every command reaches
one of the four ends (sync.md, invariant 6). `HELD` waits for somebody of the staff: an order that came by
the cloud during an outage is never fired late by itself. `UNKNOWN` is honest: the box was cut off in the
middle of something that no journal can undo or look up, and it is not tried again.

Counterparts: `protocol/instruction.py` is what was asked, `edge/core/afar/owner_commands.py` decides.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape
from protocol.instruction import Ask

TRANSITIONS: dict[str, dict[str, str]] = {
    "TAKEN": {
        "CommandHeld": "HELD",
        "CommandDone": "DONE",
        "CommandRefused": "REFUSED",
        "CommandExpired": "EXPIRED",
        "CommandInDoubt": "UNKNOWN",
    },
    "HELD": {
        "CommandReleased": "TAKEN",
        "CommandRefused": "REFUSED",
        "CommandExpired": "EXPIRED",
    },
    "DONE": {},
    "REFUSED": {},
    "EXPIRED": {},
    "UNKNOWN": {},
}


class CommandTaken(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """It is here. `seq` is its place in the stream, `left_ms` what was left of its time, `waited_ms` how
    long it lay in the cloud. `ask` is None for one that this release does not understand.
    """

    command_id: str
    seq: int
    kind: str
    by: str
    left_ms: int
    waited_ms: int = 0
    ask: Ask | None = None


class CommandHeld(msgspec.Struct, frozen=True, tag=True):
    """Somebody has to say yes first, because of `reason`."""

    reason: str


class CommandReleased(msgspec.Struct, frozen=True, tag=True):
    """Somebody of the staff, `approved_by`, said yes."""

    approved_by: str


class CommandDone(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """It is so now. `result` names what came of it (`order_id`, `request_id`, a file)."""

    message: str
    result: dict[str, str] = {}


class CommandRefused(msgspec.Struct, frozen=True, tag=True):
    """It was not done and never will be; `code` is for programs, `message` for whoever asked."""

    code: str
    message: str


class CommandExpired(msgspec.Struct, frozen=True, tag=True):
    """It came too late to be of use, and was not done."""

    message: str


class CommandInDoubt(msgspec.Struct, frozen=True, tag=True):
    """It was begun, and nobody knows how far it got."""

    message: str


CommandEvent = (
    CommandTaken
    | CommandHeld
    | CommandReleased
    | CommandDone
    | CommandRefused
    | CommandExpired
    | CommandInDoubt
)


class OwnerCommand(msgspec.Struct, frozen=True):
    """The state that the events fold into."""

    version: int
    taken: CommandTaken
    status: str
    taken_ms: int
    code: str = ""
    message: str = ""
    result: dict[str, str] = {}
    approved_by: str | None = None
    finished_ms: int | None = None


def aggregate_of(command_id: str) -> str:
    """`command:{id}`."""
    return f"command:{command_id}"


def taken(command: OwnerCommand | None, event: CommandTaken, fact: Fact[CommandEvent]) -> OwnerCommand:
    """A command on disk, about which nothing was done yet."""
    if command is not None:
        raise ImpossibleFact(f"{fact.aggregate} was taken twice")
    return OwnerCommand(fact.version, event, "TAKEN", fact.wall_ms)


def advanced(command: OwnerCommand | None, event: Any, fact: Fact[Any]) -> OwnerCommand:
    """The command in its next state; an end absorbs."""
    name = type(event).__name__
    if command is None or name not in TRANSITIONS[command.status]:
        raise ImpossibleFact(f"{name} on {fact.aggregate}")
    status = TRANSITIONS[command.status][name]
    ended = None if TRANSITIONS[status] else fact.wall_ms
    moved = msgspec.structs.replace(command, version=fact.version, status=status, finished_ms=ended)
    return _CHANGES[type(event)](moved, event)


def _held(command: OwnerCommand, event: CommandHeld) -> OwnerCommand:
    return msgspec.structs.replace(command, message=event.reason)


def _released(command: OwnerCommand, event: CommandReleased) -> OwnerCommand:
    return msgspec.structs.replace(command, approved_by=event.approved_by)


def _done(command: OwnerCommand, event: CommandDone) -> OwnerCommand:
    return msgspec.structs.replace(command, message=event.message, result=event.result)


def _refused(command: OwnerCommand, event: CommandRefused) -> OwnerCommand:
    return msgspec.structs.replace(command, code=event.code, message=event.message)


def _told(command: OwnerCommand, event: CommandExpired | CommandInDoubt) -> OwnerCommand:
    return msgspec.structs.replace(command, message=event.message)


_CHANGES: dict[type, Callable[[OwnerCommand, Any], OwnerCommand]] = {
    CommandHeld: _held,
    CommandReleased: _released,
    CommandDone: _done,
    CommandRefused: _refused,
    CommandExpired: _told,
    CommandInDoubt: _told,
}

EVOLVE = {CommandTaken: taken, **dict.fromkeys(_CHANGES, advanced)}

SHAPES = (
    shape(
        "command_outcomes",
        "command_id",
        "command_id =seq:int =kind =by status code message result approved_by =taken_ms:int finished_ms:int "
        "version:int",
    ),
)


def rows(command: OwnerCommand, _fact: Fact[CommandEvent]) -> list[Row]:
    """How the command stands."""
    first = command.taken
    result = msgspec.json.encode(command.result).decode()
    how = command.status, command.code, command.message, result, command.approved_by
    when = command.taken_ms, command.finished_ms, command.version
    return [("command_outcomes", (first.command_id, first.seq, first.kind, first.by, *how, *when))]
