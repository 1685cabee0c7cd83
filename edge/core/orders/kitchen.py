"""Decisions about tickets and stock: what cooks and kitchen devices may do."""

from edge.core.clock import Now
from edge.core.commands import AdvanceTicket, BumpLine, CountStock, TakeItemOff
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.stock import ItemTakenOff, StockCounted
from protocol.facts.ticket import (
    TO_COOK,
    TRANSITIONS,
    TicketAdvanced,
    TicketEvent,
    TicketLineBumped,
    aggregate_of,
)


def advance(view: VenueView, command: AdvanceTicket, _now: Now) -> list[Proposal] | Refusal:
    """One step along the ticket's table; the state it is already in is a repeat, not an error."""
    ticket = view.ticket(command.ticket, command.station)
    if ticket is None:
        return refuse("unknown_ticket")
    late = command.state == "received" and ticket.state not in ("held", "fired")
    if ticket.state == command.state or late:
        return []
    if command.state == "fired" or command.state not in TRANSITIONS[ticket.state]:
        message = f"{command.ticket} is {ticket.state} and cannot become {command.state}."
        return refuse("illegal_transition", message, detail={"state": ticket.state})
    return [(aggregate_of(command.ticket, command.station), TicketAdvanced(command.state))]


def bump(view: VenueView, command: BumpLine, _now: Now) -> list[Proposal] | Refusal:
    """One line done; the last one makes the ticket ready. Whoever bumps has seen the ticket."""
    ticket = view.ticket(command.ticket, command.station)
    if ticket is None:
        return refuse("unknown_ticket")
    if command.line not in {line.id for line in ticket.fired.lines}:
        return refuse("unknown_item", f"{command.ticket} has no such line.")
    if (command.line in ticket.done) == command.done:
        return []
    if ticket.state not in TO_COOK:
        way = "fire its course" if ticket.state == "held" else "recall it"
        message = f"{command.ticket} is {ticket.state}; {way} first."
        return refuse("illegal_transition", message, detail={"state": ticket.state})
    aggregate = aggregate_of(command.ticket, command.station)
    events: list[TicketEvent] = [TicketLineBumped(command.line, command.done)]
    if ticket.state == "fired":
        events.append(TicketAdvanced("received"))
    left = {line.id for line in ticket.fired.lines}.difference(ticket.done, {command.line})
    if command.done and not left:
        events.append(TicketAdvanced("ready"))
    return [(aggregate, event) for event in events]


def take_off(view: VenueView, command: TakeItemOff, _now: Now) -> list[Proposal] | Refusal:
    """Sold out, or back."""
    unknown = _unknown(view, command.menu_item)
    if unknown is not None:
        return unknown
    stock = view.stock(command.menu_item)
    if (stock.off if stock else False) == command.off:
        return []
    return [(f"stock:{command.menu_item}", ItemTakenOff(command.menu_item, command.off))]


def count(view: VenueView, command: CountStock, _now: Now) -> list[Proposal] | Refusal:
    """What is on the shelf."""
    unknown = _unknown(view, command.menu_item)
    if unknown is not None:
        return unknown
    if command.qty is not None and not 0 <= command.qty <= 1_000_000:
        return refuse("invalid", "A stock count is a whole number from 0 to 1,000,000.")
    return [(f"stock:{command.menu_item}", StockCounted(command.menu_item, command.qty))]


def _unknown(view: VenueView, menu_item: int) -> Refusal | None:
    book = view.menu()
    if book is None:
        return refuse("not_configured")
    return None if menu_item in book.items else refuse("unknown_menu_item")
