"""What a decision may look at: the venue's present state, by name.

The journal hands in a view that already contains what earlier commands of the same batch decided, so
commands that wait together are decided one after the other, as if each had been alone.

Counterpart: `edge/journal/hot.py` implements it over the hot aggregates.
"""

from typing import Protocol

from protocol.facts.account import Account
from protocol.facts.bill import Bill
from protocol.facts.booking import Booking
from protocol.facts.cart import Cart
from protocol.facts.credit import Credits
from protocol.facts.design import Design
from protocol.facts.device import Devices
from protocol.facts.drill import Drill
from protocol.facts.fold import Event
from protocol.facts.menu import MenuBook
from protocol.facts.note import Note
from protocol.facts.order import Order
from protocol.facts.owner_command import OwnerCommand
from protocol.facts.payment import Payment
from protocol.facts.play import PlaySession
from protocol.facts.play_clock import PlayClock
from protocol.facts.play_code import PlayCode
from protocol.facts.printout import Printout
from protocol.facts.refund_request import RefundRequest
from protocol.facts.shift import Shift
from protocol.facts.shop_order import ShopOrder
from protocol.facts.station import Station
from protocol.facts.stock import Stock
from protocol.facts.stored_card import StoredCard
from protocol.facts.table import TableSession
from protocol.facts.terminal import Terminal
from protocol.facts.ticket import Ticket
from protocol.facts.venue import Venue

#: An event that a decision wants to happen, with the aggregate it belongs to.
Proposal = tuple[str, Event]


class VenueView(Protocol):
    """The present. None means that there is no such thing (yet)."""

    def table(self, session_pid: str) -> TableSession | None: ...

    def cart(self, session_pid: str) -> Cart | None: ...

    def order(self, order_id: str) -> Order | None: ...

    def ticket(self, ticket: str, station: str) -> Ticket | None: ...

    def stock(self, menu_item: int) -> Stock | None: ...

    def printout(self, job: str) -> Printout | None: ...

    def menu(self) -> MenuBook | None: ...

    def venue(self) -> Venue | None: ...

    def play(self, session_id: str) -> PlaySession | None: ...

    def station(self, station_id: str) -> Station | None: ...

    def booking(self, booking_id: str) -> Booking | None: ...

    def account(self, user_id: str) -> Account | None: ...

    def credits(self) -> Credits | None: ...

    def play_code(self, code: str) -> PlayCode | None: ...

    def play_clock(self) -> PlayClock | None: ...

    def owner_command(self, command_id: str) -> OwnerCommand | None: ...

    def refund_request(self, request_id: str) -> RefundRequest | None: ...

    def note(self, note_id: str) -> Note | None: ...

    def drill(self, drill_id: str) -> Drill | None: ...

    def devices(self) -> Devices | None: ...

    def design(self, design_id: str) -> Design | None: ...

    def shop_order(self, order_id: str) -> ShopOrder | None: ...

    def bill(self, session_pid: str) -> Bill | None: ...

    def payment(self, payment_pid: str) -> Payment | None: ...

    def shift(self, shift_pid: str) -> Shift | None: ...

    def stored_card(self, payment_pid: str) -> StoredCard | None: ...

    def terminal(self) -> Terminal | None: ...

    def menu_of(self, menu_version: int) -> MenuBook | None:
        """A version of the menu that is or was in force; None for one that never was."""
        ...

    def open_session_at(self, table_code: str) -> str | None:
        """The session that is open at a table now."""
        ...

    def open_shift_at(self, till: str) -> str | None:
        """The shift that is open at a till now."""
        ...

    def bookings_at(self, station_id: str) -> tuple[str, ...]:
        """Ids of the bookings that stand at a station now."""
        ...

    def orders_of(self, session_pid: str) -> tuple[str, ...]:
        """Ids of all orders of a session, oldest first."""
        ...

    def last_order_of(self, session_pid: str) -> str | None:
        """The id of the order that the session placed last."""
        ...

    @property
    def next_item_id(self) -> int:
        """The id that the next cart line gets."""
        ...

    @property
    def next_order_number(self) -> int:
        """The number that the next order gets."""
        ...

    @property
    def next_ticket_number(self) -> int:
        """The number that the next ticket gets."""
        ...

    @property
    def next_receipt_number(self) -> int:
        """The number that the next receipt gets."""
        ...

    @property
    def next_z_number(self) -> int:
        """The number that the next Z report gets."""
        ...
