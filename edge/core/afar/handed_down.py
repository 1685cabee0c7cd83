"""What an entry of a down stream asks the box to do: bytes in, a command out.

Menus and configurations replace each other as a whole. Commands do not: each has an id and a time, and one
that this release cannot read is still taken, so that whoever asked gets an outcome.
"""

import msgspec

from edge.core.afar.commands import TakeCommand
from edge.core.clock import Now
from edge.core.commands import AdoptMenu, Command, ConfigureVenue
from protocol import instruction
from protocol.codec import UNREADABLE
from protocol.facts.menu import Menu
from protocol.facts.venue import VenueConfig
from protocol.instruction import Instruction
from protocol.link import Entry

_MENU = msgspec.json.Decoder(Menu)
_CONFIG = msgspec.json.Decoder(VenueConfig)


def command_of(stream: str, entry: Entry, now: Now) -> Command:
    """The command. Raises one of `codec.UNREADABLE` for an entry that makes no sense here."""
    match stream:
        case "menu":
            return AdoptMenu(_MENU.decode(entry.body), entry.seq)
        case "config":
            return ConfigureVenue(_CONFIG.decode(entry.body), entry.seq)
        case "commands":
            return _taken(entry, now)
        case _:
            raise msgspec.DecodeError("this release does not know the stream")


def _taken(entry: Entry, now: Now) -> TakeCommand:
    read = instruction.read(entry.body)
    return TakeCommand(
        command_id=read.command_id,
        seq=entry.seq,
        kind=instruction.kind_of(read.ask) if isinstance(read, Instruction) else _kind(read),
        by=read.by,
        ask=read.ask if isinstance(read, Instruction) else None,
        left_ms=read.ttl_ms - entry.age_ms,
        waited_ms=entry.age_ms,
        boot=now.boot,
        arrived_ns=now.mono_ns,
    )


class _Kind(msgspec.Struct):
    kind: str = "unknown"


_KIND = msgspec.json.Decoder(_Kind)


def _kind(read: instruction.Unreadable) -> str:
    try:
        return _KIND.decode(read.ask).kind[:64]
    except UNREADABLE:
        return "unknown"


def last_resort(command: Command) -> TakeCommand | None:
    """A command that the box fails at still gets an outcome: taken, and not done."""
    return msgspec.structs.replace(command, ask=None) if isinstance(command, TakeCommand) else None
