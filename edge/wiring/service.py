"""Everything the staff needs to serve guests, wired: tables, orders in their stead, bills, money, shifts.

The part of the composition root that is about the people who work here; `app.py` makes one and serves its
addresses.
"""

from collections.abc import Callable
from typing import Literal, Protocol

from edge.effects.lookouts import Lookouts
from edge.web.answers import Handler
from edge.web.counter import Counter
from edge.web.guests.ordering import OrderNews
from edge.web.guests.presence import Presence
from edge.web.money.bill_desk import BillDesk
from edge.web.money.card_desk import MOST_BEGUN, WITHIN_S, CardDesk
from edge.web.money.online_payments import OnlinePayments
from edge.web.money.paper import Paper
from edge.web.money.paying_in_desk import PayingInDesk
from edge.web.money.payment_desk import PaymentDesk
from edge.web.money.shift_desk import ShiftDesk
from edge.web.money.statement_desk import StatementDesk
from edge.web.staff.alarm_desk import AlarmDesk
from edge.web.staff.attendance import Attendance
from edge.web.staff.desk import StaffDesk
from edge.web.staff.floor_messages import FloorMessages
from edge.web.staff.news import StaffNews
from edge.web.staff.pins import Pins
from edge.web.staff.serving_desk import ServingDesk
from edge.web.staff.socket import StaffScreens
from edge.web.staff.table_desk import TableDesk
from edge.web.staff.ticket_desk import TicketDesk
from edge.web.throttle import Throttle
from edge.web.tokens import Tokens
from edge.wiring.books import Books
from edge.wiring.line import Line
from protocol.floor import LinkState
from protocol.http import Route

#: So many facts may be on their way to the cloud while the link is in step.
FACTS_ON_THEIR_WAY = 200


class Desk(Protocol):
    """Somebody who answers at some addresses."""

    def routes(self) -> list[tuple[Route, Handler]]: ...


class Service:
    """Make it before the writer runs; whoever notices that link or broker came or went tells `news`."""

    def __init__(
        self,
        books: Books,
        line: Line,
        *,
        tokens: Tokens,
        orders: OrderNews,
        presence: Presence,
        screens: StaffScreens,
        mqtt: Callable[[], str],
        lookouts: Lookouts,
        home: str | None,
        wallet_url: str | None,
    ) -> None:
        hot, writer, clock, reading = books.hot, books.writer, books.clock, books.reading
        self._writer = writer
        self._line = line
        self._mqtt = mqtt
        messages = FloorMessages(hot)
        self.news = StaffNews(hot, screens, messages, self._link_state)
        writer.listen(self.news.hear)
        counter, pins = Counter(writer, hot, tokens, clock), Pins(hot, clock)
        self.counter, self.pins = counter, pins
        throttle = Throttle(MOST_BEGUN, WITHIN_S, books.monotonic_s)
        self.online = OnlinePayments(counter, line.cards, line.is_up)
        writer.listen(self.online.hear)
        tables, paper = Attendance(counter, messages), Paper(counter)
        self._desks: tuple[Desk, ...] = (
            StaffDesk(counter, tokens, pins),
            TableDesk(counter, tables),
            ServingDesk(counter, tables, orders, presence),
            BillDesk(counter, tokens, pins, reading, paper),
            PaymentDesk(counter, pins, reading, paper),
            PayingInDesk(counter, reading, paper),
            CardDesk(counter, tokens, self.online, throttle, home),
            ShiftDesk(counter, reading, paper),
            StatementDesk(counter, tokens, reading, self._link_state, home, wallet_url),
            TicketDesk(counter, paper),
            AlarmDesk(counter, lookouts.acknowledge),
        )

    def routes(self) -> list[tuple[Route, Handler]]:
        """Addresses and their handlers."""
        return [route for desk in self._desks for route in desk.routes()]

    def _link_state(self) -> LinkState:
        """The link in one word; a handful of facts on their way is no catching up."""
        state = self._line.status()
        unsynced = max(0, self._writer.durable_seq - state.acked_seq)
        word: Literal["live", "catching_up", "down"] = "down"
        if state.state != "down":
            word = "catching_up" if unsynced > FACTS_ON_THEIR_WAY else "live"
        fault = self._line.fault() if word == "down" else "none"
        return LinkState(word, state.message, state.last_sync_ms, unsynced, self._mqtt(), fault)
