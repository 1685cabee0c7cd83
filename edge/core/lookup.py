"""States by name, each as what it is: the part of a `VenueView` that follows from `state` alone."""

from abc import ABC, abstractmethod

from protocol.facts import (
    account,
    booking,
    credit,
    design,
    device,
    drill,
    note,
    owner_command,
    play_clock,
    play_code,
    refund_request,
    shop_order,
    station,
    stored_card,
    terminal,
)
from protocol.facts.account import Account
from protocol.facts.bill import Bill
from protocol.facts.booking import Booking
from protocol.facts.cart import Cart
from protocol.facts.credit import Credits
from protocol.facts.design import Design
from protocol.facts.device import Devices
from protocol.facts.drill import Drill
from protocol.facts.fold import State
from protocol.facts.menu import MenuBook
from protocol.facts.note import Note
from protocol.facts.order import Order
from protocol.facts.owner_command import OwnerCommand
from protocol.facts.payment import Payment
from protocol.facts.play import PlaySession
from protocol.facts.play_clock import PlayClock
from protocol.facts.play_code import PlayCode
from protocol.facts.printout import Printout
from protocol.facts.printout import aggregate_of as print_aggregate
from protocol.facts.refund_request import RefundRequest
from protocol.facts.shift import Shift
from protocol.facts.shop_order import ShopOrder
from protocol.facts.station import Station
from protocol.facts.stock import Stock
from protocol.facts.stored_card import StoredCard
from protocol.facts.table import TableSession
from protocol.facts.terminal import Terminal
from protocol.facts.ticket import Ticket, aggregate_of
from protocol.facts.venue import Venue


class StatesByName(ABC):
    """Base of whatever holds aggregates. None means that nothing has happened to such a thing (yet)."""

    @abstractmethod
    def state(self, aggregate: str) -> State | None:
        """The present state of an aggregate."""

    def table(self, session_pid: str) -> TableSession | None:
        state = self.state(f"table:{session_pid}")
        return state if isinstance(state, TableSession) else None

    def cart(self, session_pid: str) -> Cart | None:
        state = self.state(f"cart:{session_pid}")
        return state if isinstance(state, Cart) else None

    def order(self, order_id: str) -> Order | None:
        state = self.state(f"order:{order_id}")
        return state if isinstance(state, Order) else None

    def ticket(self, ticket: str, station: str) -> Ticket | None:
        state = self.state(aggregate_of(ticket, station))
        return state if isinstance(state, Ticket) else None

    def stock(self, menu_item: int) -> Stock | None:
        state = self.state(f"stock:{menu_item}")
        return state if isinstance(state, Stock) else None

    def menu(self) -> MenuBook | None:
        state = self.state("menu:menu")
        return state if isinstance(state, MenuBook) else None

    def venue(self) -> Venue | None:
        state = self.state("venue:venue")
        return state if isinstance(state, Venue) else None

    def bill(self, session_pid: str) -> Bill | None:
        state = self.state(f"bill:{session_pid}")
        return state if isinstance(state, Bill) else None

    def payment(self, payment_pid: str) -> Payment | None:
        state = self.state(f"payment:{payment_pid}")
        return state if isinstance(state, Payment) else None

    def printout(self, job: str) -> Printout | None:
        state = self.state(print_aggregate(job))
        return state if isinstance(state, Printout) else None

    def shift(self, shift_pid: str) -> Shift | None:
        state = self.state(f"shift:{shift_pid}")
        return state if isinstance(state, Shift) else None

    def stored_card(self, payment_pid: str) -> StoredCard | None:
        state = self.state(stored_card.aggregate_of(payment_pid))
        return state if isinstance(state, StoredCard) else None

    def terminal(self) -> Terminal | None:
        state = self.state(terminal.AGGREGATE)
        return state if isinstance(state, Terminal) else None

    def play(self, session_id: str) -> PlaySession | None:
        state = self.state(f"play:{session_id}")
        return state if isinstance(state, PlaySession) else None

    def station(self, station_id: str) -> Station | None:
        state = self.state(station.aggregate_of(station_id))
        return state if isinstance(state, Station) else None

    def booking(self, booking_id: str) -> Booking | None:
        state = self.state(booking.aggregate_of(booking_id))
        return state if isinstance(state, Booking) else None

    def account(self, user_id: str) -> Account | None:
        state = self.state(account.aggregate_of(user_id))
        return state if isinstance(state, Account) else None

    def credits(self) -> Credits | None:
        state = self.state(credit.AGGREGATE)
        return state if isinstance(state, Credits) else None

    def play_code(self, code: str) -> PlayCode | None:
        state = self.state(play_code.aggregate_of(code))
        return state if isinstance(state, PlayCode) else None

    def play_clock(self) -> PlayClock | None:
        state = self.state(play_clock.AGGREGATE)
        return state if isinstance(state, PlayClock) else None

    def owner_command(self, command_id: str) -> OwnerCommand | None:
        state = self.state(owner_command.aggregate_of(command_id))
        return state if isinstance(state, OwnerCommand) else None

    def refund_request(self, request_id: str) -> RefundRequest | None:
        state = self.state(refund_request.aggregate_of(request_id))
        return state if isinstance(state, RefundRequest) else None

    def note(self, note_id: str) -> Note | None:
        state = self.state(note.aggregate_of(note_id))
        return state if isinstance(state, Note) else None

    def drill(self, drill_id: str) -> Drill | None:
        state = self.state(drill.aggregate_of(drill_id))
        return state if isinstance(state, Drill) else None

    def devices(self) -> Devices | None:
        state = self.state(device.AGGREGATE)
        return state if isinstance(state, Devices) else None

    def design(self, design_id: str) -> Design | None:
        state = self.state(design.aggregate_of(design_id))
        return state if isinstance(state, Design) else None

    def shop_order(self, order_id: str) -> ShopOrder | None:
        state = self.state(shop_order.aggregate_of(order_id))
        return state if isinstance(state, ShopOrder) else None
