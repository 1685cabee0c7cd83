"""What the kitchen and the box say to each other over MQTT and over the kitchen page's socket.

Topics are `v1/{venue}/kds/{station}/…` (contract.md, 'Kitchen'). The journal is the truth: the broker may
lose anything, so a ticket is sent again until a device says `received`, and `snapshot` (retained) is for
a device that starts cold.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, cast

import msgspec

from protocol.board import TicketMessage, TicketState
from protocol.codec import encode
from protocol.errors import Refusal
from protocol.facts.ticket import Ticket
from protocol.table import Id, Mid, iso, line_message

Station = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
AckState = Literal["received", "accepted", "preparing", "ready", "served", "recalled", "rejected"]


class Ack(msgspec.Struct, frozen=True):
    """A device moved a ticket (`…/ack`)."""

    ticket: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    state: AckState
    mid: Mid | None = None


class PageAck(msgspec.Struct, frozen=True, tag="ack", tag_field="type"):
    """The same from the kitchen page, which may show several stations."""

    ticket: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    station: Station
    state: AckState
    mid: Mid | None = None


class PagePing(msgspec.Struct, frozen=True, tag="ping", tag_field="type"):
    """The page asks whether the box is there."""


class PageBump(msgspec.Struct, frozen=True, tag="bump", tag_field="type"):
    """A cook has one item of a ticket done, or takes that back. The last one makes the ticket ready."""

    ticket: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    station: Station
    line: Id
    done: bool = True
    mid: Mid | None = None


class PageFire(msgspec.Struct, frozen=True, tag="fire", tag_field="type"):
    """A cook calls a course of an order; its held tickets are fired at all stations."""

    order_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    course: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    mid: Mid | None = None


FromPage = PageAck | PageBump | PageFire | PagePing


def topic(venue_id: str, station: str, leaf: str) -> str:
    """`leaf` is `ticket`, `snapshot`, `ack` or `error`."""
    return f"v1/{venue_id}/kds/{station}/{leaf}"


def ack_filter(venue_id: str) -> str:
    """Subscription to the acks of every station."""
    return f"v1/{venue_id}/kds/+/ack"


def status_topic(venue_id: str) -> str:
    """Retained `online`/`offline` of the box, with last will."""
    return f"v1/{venue_id}/status"


def station_of(ack_topic: str) -> str | None:
    """The station in an ack topic; None for a topic of another shape."""
    parts = ack_topic.split("/")
    return parts[3] if len(parts) == 5 and parts[2] == "kds" and parts[4] == "ack" else None


def ticket_message(ticket: Ticket) -> dict[str, Any]:
    """A `TicketMessage`, as a mapping that the page's messages are built on."""
    first = ticket.fired
    message = TicketMessage(
        ticket=first.ticket,
        order_id=first.order_id,
        station=first.station,
        table=first.table_name,
        items=tuple(line_message(line) for line in first.lines),
        placed_at=iso(ticket.placed_ms),
        state=cast(TicketState, ticket.state),
        seq=ticket.seq,
        special_instructions=first.special_instructions,
        done=ticket.done,
        course=first.course,
    )
    return msgspec.structs.asdict(message)


def error_message(refusal: Refusal, ticket: str | None, mid: str | None) -> dict[str, Any]:
    """Answer on `…/error` to an ack that cannot be."""
    message: dict[str, Any] = {"code": refusal.code, "message": refusal.message, "ticket": ticket, "mid": mid}
    return {**message, **(refusal.detail or {})}


class Publication(msgspec.Struct, frozen=True):
    """One message on its way to the broker, QoS 1. Retained ones are what a device that starts cold finds."""

    topic: str
    payload: bytes
    retain: bool = False


def ticket_publication(venue_id: str, ticket: Ticket, epoch: int = 0) -> Publication:
    """The ticket to its station; not retained, for a broker would show it long after it was bumped."""
    name = topic(venue_id, ticket.fired.station, "ticket")
    return Publication(name, encode({**ticket_message(ticket), "epoch": epoch}))


def snapshot_publication(
    venue_id: str, station: str, tickets: Iterable[Ticket], epoch: int = 0
) -> Publication:
    """`{"station", "tickets": […]}`: the station's open tickets, oldest first, none that is held."""
    shown = [ticket_message(each) for each in tickets if each.state != "held"]
    body = {"station": station, "tickets": shown, "epoch": epoch}
    return Publication(topic(venue_id, station, "snapshot"), encode(body), retain=True)


def error_publication(
    venue_id: str, station: str, refusal: Refusal, ticket: str | None = None, mid: str | None = None
) -> Publication:
    """The answer to a device whose ack was refused."""
    return Publication(topic(venue_id, station, "error"), encode(error_message(refusal, ticket, mid)))


def online_publication(venue_id: str, epoch: int, since_ms: int) -> Publication:
    """`{"status":"online", "epoch", "since"}`; devices refuse a box of a lower epoch than they have seen."""
    body = {"status": "online", "epoch": epoch, "since": iso(since_ms)}
    return Publication(status_topic(venue_id), encode(body), retain=True)


def offline_publication(venue_id: str) -> Publication:
    """`{"status":"offline"}`: the box's last will, and its word when it goes on purpose."""
    return Publication(status_topic(venue_id), encode({"status": "offline"}), retain=True)
