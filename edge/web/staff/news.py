"""What the staff's screens are told of tables, orders, dishes and the link, from committed facts.

A cart may change many times a second and a screen need not know each time: what is told gathers for a tenth
of a second, and a table that changed ten times meanwhile is told once, as it is then. While no screen is
open nothing is done at all. Counterpart: `staff/socket.py` has the screens.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from edge.journal.hot import Hot
from edge.journal.writer import Committed
from edge.web.staff.floor_messages import FloorMessages, stock_news
from edge.web.staff.socket import StaffScreens
from protocol.facts.bill import Bill
from protocol.facts.cart import Cart
from protocol.facts.menu import MenuBook
from protocol.facts.order import Order
from protocol.facts.stock import Stock
from protocol.facts.table import TableMoved, TableSession
from protocol.facts.ticket import Ticket
from protocol.facts.venue import Venue
from protocol.floor import LinkState, LinkStatusNews, OrderStatusNews, TableStatusNews
from protocol.news import MenuChangedMessage

GATHER_S = 0.1


class StaffNews:
    """`hear` is a journal listener; `link_changed` is for whoever notices that the link came or went."""

    def __init__(
        self, hot: Hot, screens: StaffScreens, messages: FloorMessages, link: Callable[[], LinkState]
    ) -> None:
        self._hot = hot
        self._screens = screens
        self._messages = messages
        self._link = link
        self._sessions: set[str] = set()
        self._orders: set[str] = set()
        self._stock: set[int] = set()
        self._tables = False
        self._menu: int | None = None
        self._told_link: tuple[str, str, str, str] | None = None
        self._waiting = False
        screens.greet(self._greeting)

    def _greeting(self) -> dict[str, Any]:
        return {
            "tables": self._messages.tables(),
            "orders": self._messages.orders(),
            "link": self._link(),
        }

    def hear(self, batch: list[Committed]) -> None:
        """Note what a batch touched."""
        if not len(self._screens):
            return
        for each in batch:
            self._note(each)
        self._gather()

    def _note(self, committed: Committed) -> None:
        match committed.state:
            case Cart(session_pid=pid) | Bill(session_pid=pid):
                self._sessions.add(pid)
            case TableSession(status=status, session_pid=pid):
                self._sessions.add(pid)
                self._tables |= status != "open" or isinstance(committed.fact.event, TableMoved)
            case Order(placed=first):
                self._orders.add(first.order_id)
                self._sessions.add(first.session_pid)
            case Ticket(fired=first):
                self._orders.add(first.order_id)
                self._sessions.add(first.session_pid)
            case Stock(menu_item=item):
                self._stock.add(item)
            case Venue():
                self._tables = True
            case MenuBook(menu=menu):
                self._menu = menu.menu_version

    def link_changed(self) -> None:
        """The link or the kitchen's broker may be otherwise than it was."""
        if len(self._screens):
            self._gather()

    def _gather(self) -> None:
        if not self._waiting:
            self._waiting = True
            asyncio.get_running_loop().call_later(GATHER_S, self._tell)

    def _tell(self) -> None:
        self._waiting = False
        sessions, orders, stock, whole = self._sessions, self._orders, self._stock, self._tables
        self._sessions, self._orders, self._stock, self._tables = set(), set(), set(), False
        for table in self._messages.tables(None if whole else sessions):
            self._screens.tell(TableStatusNews(table))
        for order_id in sorted(orders):
            order = self._hot.committed(f"order:{order_id}")
            if isinstance(order, Order):
                self._screens.tell(OrderStatusNews(self._messages.order(order)))
        for item in sorted(stock):
            level = self._hot.committed(f"stock:{item}")
            if isinstance(level, Stock):
                self._screens.tell(stock_news(level))
        if self._menu is not None:
            self._screens.tell(MenuChangedMessage(self._menu))
            self._menu = None
        self._tell_link()

    def _tell_link(self) -> None:
        """Only when it is another word than the last one."""
        link = self._link()
        words = (link.link, link.message, link.mqtt, link.fault)
        if words != self._told_link:
            self._told_link = words
            self._screens.tell(LinkStatusNews(link))
