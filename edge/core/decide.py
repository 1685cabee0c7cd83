"""Who decides what: one row per command, and the aggregate in which its `mid` is unique.

    decide(view, command, now) -> proposals | Refusal

An empty list of proposals means 'already so': accepted, and nothing to write. Orders that a command confirms
are charged here, so that every way of confirming one reaches the bill.
"""

from collections.abc import Callable
from typing import Any

from edge.core import (
    adoption,
    bill,
    cart,
    commands,
    kitchen,
    order,
    play_decide,
    printing,
    settling,
    staff_decide,
    table,
)
from edge.core.clock import Now
from edge.core.floor_commands import AttendTable, FloorCommand
from edge.core.play_commands import PlayCommand
from edge.core.till_commands import TillCommand
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal
from protocol.facts.cart import CartLocked, ItemAdded, ItemChanged, ItemRemoved
from protocol.facts.fold import Event
from protocol.facts.menu import MenuAdopted
from protocol.facts.order import OrderConfirmed, OrderFailed, PosAsked, PosDeclined
from protocol.facts.printout import PrintAsked, PrintBegun, PrintDropped, PrintFinished
from protocol.facts.printout import aggregate_of as print_aggregate
from protocol.facts.stock import ItemTakenOff, StockCounted
from protocol.facts.table import MemberJoined, PassValidated, TableClosed, TableOpened
from protocol.facts.ticket import TicketAdvanced, TicketLineBumped
from protocol.facts.ticket import aggregate_of as ticket_aggregate
from protocol.facts.venue import VenueConfigured

Decider = Callable[[VenueView, Any, Now], list[Proposal] | Refusal]

_DECIDERS: dict[type, Decider] = {
    commands.JoinTable: table.join,
    commands.ValidatePass: table.validate_pass,
    commands.CloseTable: table.close,
    commands.AddItem: cart.add,
    commands.ChangeItem: cart.change,
    commands.RemoveItem: cart.remove,
    commands.PlaceOrder: order.place,
    commands.AskPointOfSale: settling.ask,
    commands.ConfirmOrder: settling.confirm,
    commands.FailOrder: settling.fail,
    commands.ReleaseLock: settling.release,
    commands.SettleOrder: settling.settle,
    commands.AdvanceTicket: kitchen.advance,
    commands.BumpLine: kitchen.bump,
    commands.TakeItemOff: kitchen.take_off,
    commands.CountStock: kitchen.count,
    commands.AskPrint: printing.ask,
    commands.BeginPrint: printing.begin,
    commands.FinishPrint: printing.finish,
    commands.DropPrint: printing.drop,
    commands.AdoptMenu: adoption.adopt_menu,
    commands.ConfigureVenue: adoption.configure,
    **play_decide.DECIDERS,
    **staff_decide.DECIDERS,
}


#: What the first fact of an accepted command can be: a repeated `mid` must have been the same request.
_FIRST_EVENTS: dict[type, tuple[type, ...]] = {
    commands.JoinTable: (TableOpened, MemberJoined),
    commands.ValidatePass: (PassValidated,),
    commands.CloseTable: (TableClosed,),
    commands.AddItem: (ItemAdded,),
    commands.ChangeItem: (ItemChanged,),
    commands.RemoveItem: (ItemRemoved,),
    commands.PlaceOrder: (CartLocked,),
    commands.AskPointOfSale: (PosAsked,),
    commands.ConfirmOrder: (OrderConfirmed,),
    commands.FailOrder: (PosDeclined, OrderFailed),
    commands.ReleaseLock: (OrderFailed,),
    commands.SettleOrder: (OrderConfirmed, OrderFailed),
    commands.AdvanceTicket: (TicketAdvanced,),
    commands.BumpLine: (TicketLineBumped,),
    commands.TakeItemOff: (ItemTakenOff,),
    commands.CountStock: (StockCounted,),
    commands.AskPrint: (PrintAsked,),
    commands.BeginPrint: (PrintAsked, PrintBegun),
    commands.FinishPrint: (PrintFinished,),
    commands.DropPrint: (PrintDropped,),
    commands.AdoptMenu: (MenuAdopted,),
    commands.ConfigureVenue: (VenueConfigured,),
    **play_decide.FIRST_EVENTS,
    **staff_decide.FIRST_EVENTS,
}


def decide(view: VenueView, command: commands.Command, now: Now) -> list[Proposal] | Refusal:
    """What follows from `command`, given the present."""
    proposals = _DECIDERS[type(command)](view, command, now)
    if isinstance(proposals, Refusal) or not any(isinstance(event, OrderConfirmed) for _, event in proposals):
        return proposals
    return [*proposals, *bill.charges(view, proposals, now)]


def scope(view: VenueView, command: commands.Command) -> str | None:
    """The aggregate whose journal remembers the command's `mid`; None where it cannot have been used yet."""
    if isinstance(command, PlayCommand):
        return play_decide.scope(command)
    if isinstance(command, commands.JoinTable | AttendTable):
        session_pid = view.open_session_at(command.table_code)
        return table.aggregate_of(session_pid) if session_pid else None
    if isinstance(command, FloorCommand | TillCommand):
        return staff_decide.scope(command)
    return _scope(command)


def _scope(command: commands.OrderingCommand) -> str:
    match command:
        case commands.ValidatePass(session_pid=pid) | commands.CloseTable(session_pid=pid):
            return table.aggregate_of(pid)
        case commands.AdvanceTicket() | commands.BumpLine():
            return ticket_aggregate(command.ticket, command.station)
        case (
            commands.AskPointOfSale(order_id=order_id)
            | commands.ConfirmOrder(order_id=order_id)
            | commands.FailOrder(order_id=order_id)
            | commands.ReleaseLock(order_id=order_id)
            | commands.SettleOrder(order_id=order_id)
        ):
            return settling.aggregate_of(order_id)
        case commands.TakeItemOff(menu_item=item) | commands.CountStock(menu_item=item):
            return f"stock:{item}"
        case commands.AskPrint() | commands.BeginPrint() | commands.FinishPrint() | commands.DropPrint():
            return print_aggregate(command.job)
        case commands.AdoptMenu():
            return adoption.MENU
        case commands.ConfigureVenue():
            return adoption.VENUE
        case _:
            return cart.aggregate_of(command.session_pid)


def begins(command: commands.Command, event: Event) -> bool:
    """Whether `event` can be the first that such a command led to."""
    return isinstance(event, _FIRST_EVENTS[type(command)])


def author(command: commands.Command) -> str | None:
    """Who stands behind a command, for the fact's `by`."""
    if isinstance(command, PlayCommand):
        return play_decide.author(command)
    match command:
        case commands.JoinTable() | commands.AdoptMenu() | commands.ConfigureVenue():
            return None
        case commands.BeginPrint(printer=printer) | commands.FinishPrint(printer=printer):
            return f"printer:{printer}"
        case commands.ConfirmOrder() | commands.FailOrder():
            return "pos"
        case commands.AskPointOfSale() | commands.ReleaseLock():
            return "box"
        case commands.ValidatePass(member_pid=pid):
            return f"member:{pid}"
        case commands.AddItem() | commands.ChangeItem() | commands.RemoveItem() | commands.PlaceOrder():
            return command.by or f"member:{command.member_pid}"
        case _:
            return command.by
