"""What the box tells kitchen screens and devices, message by message.

`TicketMessage`, `SnapshotMessage`, `AckRefused` and `StatusMessage` travel over MQTT (contract.md, Kitchen);
`BoardNews` is what the kitchen page's socket says. Shapes only, for `schema/` to describe and to generate the
page's TypeScript from.

Counterpart: `kitchen.py` names the topics, makes the messages and holds what the kitchen sends.
"""

from typing import Literal

import msgspec

from protocol.news import ErrorMessage, LineMessage, PongMessage

TicketState = Literal[
    "held", "fired", "received", "accepted", "preparing", "ready", "served", "recalled", "rejected"
]


class TicketMessage(msgspec.Struct, frozen=True):
    """A ticket as devices get it on `…/ticket`; `seq` orders the tickets of a station.

    `done` are the ids of those of its items that the cooks have bumped. `placed_at` is when it was fired. One
    that is `held` is of a later `course`, which the kitchen page shows coming; devices never see it. A device
    keeps the highest `epoch` that it has seen and refuses a lower one, because that box was replaced.
    """

    ticket: str
    order_id: str
    station: str
    table: str
    items: tuple[LineMessage, ...]
    placed_at: str
    state: TicketState
    seq: int
    special_instructions: str = ""
    done: tuple[int, ...] = ()
    course: str = ""
    epoch: int = 0


class SnapshotMessage(msgspec.Struct, frozen=True):
    """All open tickets of a station, oldest first (`…/snapshot`)."""

    station: str
    tickets: tuple[TicketMessage, ...]
    epoch: int = 0


class AckRefused(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why an ack was refused (`…/error`); `state` is where the ticket is, if that is the reason."""

    code: str
    message: str
    ticket: str | None
    mid: str | None
    state: TicketState | None = None


class StatusMessage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether the box is there; devices refuse a box of a lower `epoch` than they have seen."""

    status: Literal["online", "offline"]
    epoch: int | None = None
    since: str | None = None


class BoardMessage(msgspec.Struct, frozen=True, tag="snapshot", tag_field="type"):
    """The kitchen page's first message: all stations, and the open tickets."""

    stations: tuple[str, ...]
    tickets: tuple[TicketMessage, ...]


class TicketMoved(TicketMessage, frozen=True, tag="ticket", tag_field="type"):
    """A ticket came, or moved, on the kitchen page."""


BoardNews = BoardMessage | TicketMoved | PongMessage | ErrorMessage
