"""The phones of each table, and telling them what was committed.

One broadcast is encoded once: the WebSocket frame (RFC 6455 §5.2, unmasked text) is built here and the same
bytes are written to every phone of the table, several messages of one commit in a single write. aiohttp's
own `send_str` would build it again for every phone, which was the largest part of a mutation's cost. The
sockets are opened without compression, so a frame made here is as good as one of aiohttp's.

A phone that does not read is cut off rather than waited for; it comes back and takes a snapshot.
"""

import asyncio
from typing import Any

from edge.journal.hot import Hot
from edge.journal.writer import Committed
from edge.web.guests.snapshots import order_status
from protocol.bill_messages import bill_broadcasts
from protocol.codec import encode
from protocol.facts.bill import Bill
from protocol.facts.cart import Cart
from protocol.facts.menu import MenuAdopted, MenuBook
from protocol.facts.order import Order
from protocol.facts.stock import Stock, StockTaken
from protocol.facts.table import TableSession
from protocol.facts.ticket import HeldTicketFired, Ticket, TicketAdvanced
from protocol.table import broadcasts

#: Bytes that may wait for one slow phone.
MOST_WAITING_BYTES = 512 * 1024


def frame(message: Any) -> bytes:
    """A complete WebSocket text frame of a message."""
    payload = encode(message)
    size = len(payload)
    if size < 126:
        return b"\x81" + bytes((size,)) + payload
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload


class Phone:
    """One open socket."""

    __slots__ = ("_transport", "member_pid", "session_pid")

    def __init__(self, transport: asyncio.Transport, session_pid: str, member_pid: str) -> None:
        self._transport = transport
        self.session_pid = session_pid
        self.member_pid = member_pid

    def write(self, frames: bytes) -> None:
        """Send frames, or cut the phone off if too much waits for it already."""
        transport = self._transport
        if transport.is_closing():
            return
        transport.write(frames)
        if transport.get_write_buffer_size() > MOST_WAITING_BYTES:
            transport.abort()

    def tell(self, message: Any) -> None:
        """Send one message to this phone alone."""
        self.write(frame(message))


class Phones:
    """All open sockets by table session. `hear` is a journal listener."""

    def __init__(self, hot: Hot) -> None:
        self._hot = hot
        self._by_session: dict[str, list[Phone]] = {}

    def __len__(self) -> int:
        return sum(len(phones) for phones in self._by_session.values())

    def add(self, phone: Phone) -> None:
        """A socket opened."""
        self._by_session.setdefault(phone.session_pid, []).append(phone)

    def remove(self, phone: Phone) -> None:
        """A socket closed."""
        phones = self._by_session[phone.session_pid]
        phones.remove(phone)
        if not phones:
            del self._by_session[phone.session_pid]

    def hear(self, batch: list[Committed]) -> None:
        """Tell every table what of a committed batch concerns it."""
        frames: dict[str, list[bytes]] = {}
        for committed in batch:
            session_pid = _session_of(committed)
            if session_pid in self._by_session:
                told = [*broadcasts(committed.fact, committed.state), *self._progress(committed)]
                told += _of_bill(committed)
                frames.setdefault(session_pid, []).extend(map(frame, told))
            elif not session_pid:
                self._tell_of_menu(committed)
        for session_pid, pieces in frames.items():
            self.tell_table(session_pid, b"".join(pieces))

    def _progress(self, committed: Committed) -> list[Any]:
        """How far an order is now, when one of its tickets moved."""
        moved = isinstance(committed.fact.event, TicketAdvanced | HeldTicketFired)
        if not moved or not isinstance(committed.state, Ticket):
            return []
        order_id = committed.state.fired.order_id
        order = self._hot.committed(f"order:{order_id}")
        if not isinstance(order, Order):
            return []
        return [{"type": "order_status", "order_id": order_id, "status": order_status(self._hot, order)}]

    def _tell_of_menu(self, committed: Committed) -> None:
        """Sold out, back again, or another menu: every phone in the venue should know at once."""
        match committed.state, committed.fact.event:
            case MenuBook(menu=menu), MenuAdopted():
                self.tell_everyone({"type": "menu_changed", "menu_version": menu.menu_version})
            case Stock() as stock, event if stock.sold_out or not isinstance(event, StockTaken):
                told = {"type": "sold_out", "menu_item": stock.menu_item, "sold_out": stock.sold_out}
                self.tell_everyone(told)

    def tell_table(self, session_pid: str, frames: bytes) -> None:
        """Write the same bytes to every phone of a table."""
        for phone in self._by_session.get(session_pid, ()):
            phone.write(frames)

    def tell_everyone(self, message: Any) -> None:
        """Send a message to every phone in the venue."""
        frames = frame(message)
        for session_pid in list(self._by_session):
            self.tell_table(session_pid, frames)


def _of_bill(committed: Committed) -> list[Any]:
    """How the bill is now, when it changed otherwise than by the table's own order."""
    event: Any = committed.fact.event
    return list(bill_broadcasts(committed.state, event)) if isinstance(committed.state, Bill) else []


def _session_of(committed: Committed) -> str:
    """The table session that a fact concerns; empty where it concerns none."""
    match committed.state:
        case Cart(session_pid=pid) | TableSession(session_pid=pid) | Bill(session_pid=pid):
            return pid
        case Order(placed=placed):
            return placed.session_pid
        case Ticket(fired=fired):
            return fired.session_pid
        case _:
            return ""
