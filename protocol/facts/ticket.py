"""A kitchen ticket: one order's lines for one kitchen station, and how far the cooks have come.

`fired` means that no device has said it got the ticket; the box keeps sending until one does. From there
the ticket goes forward, and a bumped one may be recalled. A repeat of the present state is not an event.
A ticket's aggregate is `ticket:K-88@grill`; all tickets of an order that are cooked together share the name
`K-88`. Those of its later courses are `K-88.2`, `K-88.3`; they are `held`, which the kitchen sees coming and
no device is sent, until somebody fires the course.
"""

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape
from protocol.facts.order import OrderLine

#: state -> states that a kitchen device may move it to (contract.md, Kitchen); `held` is fired by course.
TRANSITIONS: dict[str, tuple[str, ...]] = {
    "held": ("fired", "rejected"),
    "fired": ("received", "accepted", "preparing", "rejected"),
    "received": ("accepted", "preparing", "ready", "rejected"),
    "accepted": ("preparing", "ready", "rejected"),
    "preparing": ("ready", "rejected"),
    "ready": ("served", "recalled"),
    "served": ("recalled",),
    "recalled": ("preparing", "ready"),
    "rejected": (),
}

#: States in which a ticket is still the kitchen's business and belongs on its screen.
OPEN_STATES = ("held", "fired", "received", "accepted", "preparing", "ready", "recalled")

#: States in which there is still something to cook.
TO_COOK = ("fired", "received", "accepted", "preparing", "recalled")


class TicketFired(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, gc=False):
    """A confirmed order's lines go to a station, with what the guest asked of the kitchen as a whole."""

    ticket: str
    station: str
    order_id: str
    session_pid: str
    table_name: str
    lines: tuple[OrderLine, ...]
    special_instructions: str = ""
    course: str = ""


class TicketHeld(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A confirmed order's lines of a later course wait; `ticket` is what will be fired."""

    ticket: TicketFired


class HeldTicketFired(msgspec.Struct, frozen=True, tag=True):
    """Its course was called: from here on it is a ticket like any other."""


class TicketAdvanced(msgspec.Struct, frozen=True, tag=True, omit_defaults=True, gc=False):
    """A device or a cook moved it to `state`."""

    state: str


class TicketLineBumped(msgspec.Struct, frozen=True, tag=True, gc=False):
    """A cook has one of its lines `done`, or takes that back. `line` is the ordered line's id."""

    line: int
    done: bool


class TicketRedirected(msgspec.Struct, frozen=True, tag=True):
    """The guests sit at another table now; the food should find them there."""

    table_name: str


TicketEvent = (
    TicketFired | TicketHeld | HeldTicketFired | TicketAdvanced | TicketLineBumped | TicketRedirected
)


class Ticket(msgspec.Struct, frozen=True, gc=False):
    """The state that the events fold into. `seq` is the fact that fired it and orders a station's tickets;
    `done` are the ids of the lines that the cooks have done, in order. `placed_ms` is when it was fired, or
    held for as long as it is."""

    version: int
    fired: TicketFired
    state: str
    placed_ms: int
    seq: int
    changed_ms: int
    done: tuple[int, ...] = ()


def aggregate_of(ticket: str, station: str) -> str:
    """`ticket:K-88@grill`."""
    return f"ticket:{ticket}@{station}"


def fired(ticket: Ticket | None, event: TicketFired, fact: Fact[TicketEvent]) -> Ticket:
    """A new ticket that nobody has seen yet."""
    if ticket is not None:
        raise ImpossibleFact(f"{fact.aggregate} was fired twice")
    return Ticket(fact.version, event, "fired", fact.wall_ms, fact.seq, fact.wall_ms)


def held(ticket: Ticket | None, event: TicketHeld, fact: Fact[TicketEvent]) -> Ticket:
    """A ticket that is not to be cooked yet."""
    if ticket is not None:
        raise ImpossibleFact(f"{fact.aggregate} was held after it was fired")
    return Ticket(fact.version, event.ticket, "held", fact.wall_ms, fact.seq, fact.wall_ms)


def called(ticket: Ticket | None, _event: HeldTicketFired, fact: Fact[TicketEvent]) -> Ticket:
    """The ticket as if it had been fired just now."""
    if ticket is None or ticket.state != "held":
        raise ImpossibleFact(f"{fact.aggregate} was fired and is not held")
    return Ticket(fact.version, ticket.fired, "fired", fact.wall_ms, fact.seq, fact.wall_ms)


def advanced(ticket: Ticket | None, event: TicketAdvanced, fact: Fact[TicketEvent]) -> Ticket:
    """The ticket in its new state; one that is recalled is cooked anew, line by line."""
    if ticket is None or event.state == "fired" or event.state not in TRANSITIONS[ticket.state]:
        raise ImpossibleFact(f"{event.state} on {fact.aggregate}")
    done = () if event.state == "recalled" else ticket.done
    return msgspec.structs.replace(
        ticket, version=fact.version, state=event.state, changed_ms=fact.wall_ms, done=done
    )


def bumped(ticket: Ticket | None, event: TicketLineBumped, fact: Fact[TicketEvent]) -> Ticket:
    """The ticket with one line done, or not."""
    if ticket is None or ticket.state not in TO_COOK:
        raise ImpossibleFact(f"line {event.line} bumped on {fact.aggregate}")
    done = set(ticket.done) | {event.line} if event.done else set(ticket.done) - {event.line}
    return msgspec.structs.replace(
        ticket, version=fact.version, changed_ms=fact.wall_ms, done=tuple(sorted(done))
    )


def redirected(ticket: Ticket | None, event: TicketRedirected, fact: Fact[TicketEvent]) -> Ticket:
    """The ticket for another table, in the state in which it is."""
    if ticket is None:
        raise ImpossibleFact(f"{fact.aggregate} was redirected before it was fired")
    first = msgspec.structs.replace(ticket.fired, table_name=event.table_name)
    return msgspec.structs.replace(ticket, version=fact.version, fired=first)


EVOLVE = {
    TicketFired: fired,
    TicketHeld: held,
    HeldTicketFired: called,
    TicketAdvanced: advanced,
    TicketLineBumped: bumped,
    TicketRedirected: redirected,
}

SHAPES = (
    shape(
        "tickets",
        "ticket station",
        "ticket station =order_id =session_pid table_name state placed_ms:int changed_ms:int version:int "
        "=course",
    ),
)


def rows(ticket: Ticket, fact: Fact[TicketEvent]) -> list[Row]:
    """The ticket's row; its lines are the order's lines of that station."""
    first = ticket.fired
    return [
        (
            "tickets",
            (
                first.ticket,
                first.station,
                first.order_id,
                first.session_pid,
                first.table_name,
                ticket.state,
                ticket.placed_ms,
                ticket.changed_ms,
                ticket.version,
                first.course,
            ),
        )
    ]
