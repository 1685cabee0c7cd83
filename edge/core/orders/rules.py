"""Rules of tables, carts, orders, tickets, prints and configuration: a row for each of `commands.py`."""

from edge.core import commands
from edge.core.afar import adoption
from edge.core.orders import cart, courses, kitchen, order, printing, settling
from edge.core.rule import Rule
from edge.core.tables import table
from edge.core.view import VenueView
from protocol.facts.cart import CartLocked, ItemAdded, ItemChanged, ItemRemoved
from protocol.facts.menu import MenuAdopted
from protocol.facts.order import OrderConfirmed, OrderFailed, PosAsked, PosDeclined
from protocol.facts.printout import PrintAsked, PrintBegun, PrintDropped, PrintFinished
from protocol.facts.printout import aggregate_of as print_aggregate
from protocol.facts.stock import ItemTakenOff, StockCounted
from protocol.facts.table import MemberJoined, PassValidated, TableClosed, TableOpened
from protocol.facts.ticket import HeldTicketFired, TicketAdvanced, TicketLineBumped
from protocol.facts.ticket import aggregate_of as ticket_aggregate
from protocol.facts.venue import VenueConfigured


def _open_table(view: VenueView, command: commands.JoinTable) -> str | None:
    session_pid = view.open_session_at(command.table_code)
    return table.aggregate_of(session_pid) if session_pid else None


def _table(view: VenueView, command: commands.ValidatePass | commands.CloseTable) -> str:
    return table.aggregate_of(command.session_pid)


def _cart(
    view: VenueView,
    command: commands.AddItem | commands.ChangeItem | commands.RemoveItem | commands.PlaceOrder,
) -> str:
    return cart.aggregate_of(command.session_pid)


def _order(
    view: VenueView,
    command: commands.AskPointOfSale
    | commands.ConfirmOrder
    | commands.FailOrder
    | commands.ReleaseLock
    | commands.SettleOrder,
) -> str:
    return settling.aggregate_of(command.order_id)


def _ticket(view: VenueView, command: commands.AdvanceTicket | commands.BumpLine) -> str:
    return ticket_aggregate(command.ticket, command.station)


def _stock(view: VenueView, command: commands.TakeItemOff | commands.CountStock) -> str:
    return f"stock:{command.menu_item}"


def _job(
    view: VenueView,
    command: commands.AskPrint | commands.BeginPrint | commands.FinishPrint | commands.DropPrint,
) -> str:
    return print_aggregate(command.job)


def _member(command: commands.ValidatePass) -> str:
    return f"member:{command.member_pid}"


def _guest(
    command: commands.AddItem | commands.ChangeItem | commands.RemoveItem | commands.PlaceOrder,
) -> str:
    """The member, unless somebody acts for them."""
    return command.by or f"member:{command.member_pid}"


def _printer(command: commands.BeginPrint | commands.FinishPrint) -> str:
    return f"printer:{command.printer}"


def _nobody(command: object) -> None:
    return None


def _point_of_sale(command: object) -> str:
    return "pos"


def _box(command: object) -> str:
    return "box"


RULES: dict[type, Rule] = {
    commands.JoinTable: Rule(table.join, (TableOpened, MemberJoined), _open_table, _nobody),
    commands.ValidatePass: Rule(table.validate_pass, (PassValidated,), _table, _member),
    commands.CloseTable: Rule(table.close, (TableClosed,), _table),
    commands.AddItem: Rule(cart.add, (ItemAdded,), _cart, _guest),
    commands.ChangeItem: Rule(cart.change, (ItemChanged,), _cart, _guest),
    commands.RemoveItem: Rule(cart.remove, (ItemRemoved,), _cart, _guest),
    commands.PlaceOrder: Rule(order.place, (CartLocked,), _cart, _guest),
    commands.AskPointOfSale: Rule(settling.ask, (PosAsked,), _order, _box),
    commands.ConfirmOrder: Rule(settling.confirm, (OrderConfirmed,), _order, _point_of_sale),
    commands.FailOrder: Rule(settling.fail, (PosDeclined, OrderFailed), _order, _point_of_sale),
    commands.ReleaseLock: Rule(settling.release, (OrderFailed,), _order, _box),
    commands.SettleOrder: Rule(settling.settle, (OrderConfirmed, OrderFailed), _order),
    commands.AdvanceTicket: Rule(kitchen.advance, (TicketAdvanced,), _ticket),
    commands.BumpLine: Rule(kitchen.bump, (TicketLineBumped,), _ticket),
    commands.FireCourse: Rule(courses.fire, (HeldTicketFired,), courses.scope),
    commands.TakeItemOff: Rule(kitchen.take_off, (ItemTakenOff,), _stock),
    commands.CountStock: Rule(kitchen.count, (StockCounted,), _stock),
    commands.AskPrint: Rule(printing.ask, (PrintAsked,), _job),
    commands.BeginPrint: Rule(printing.begin, (PrintAsked, PrintBegun), _job, _printer),
    commands.FinishPrint: Rule(printing.finish, (PrintFinished,), _job, _printer),
    commands.DropPrint: Rule(printing.drop, (PrintDropped,), _job),
    commands.AdoptMenu: Rule(
        adoption.adopt_menu, (MenuAdopted,), lambda view, command: adoption.MENU, _nobody
    ),
    commands.ConfigureVenue: Rule(
        adoption.configure, (VenueConfigured,), lambda view, command: adoption.VENUE, _nobody
    ),
}
