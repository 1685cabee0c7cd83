"""What decisions look up besides aggregates: the numbers given out so far, and who is where.

Rule of the file: read once from the folded tables, then kept by the facts of each batch. What a batch stages
is seen by its own later commands and dropped when it fails. Counterpart: `hot.py`, which owns one of each.
"""

import sqlite3
from collections.abc import Iterable
from typing import Self

from edge.journal.database import read_floor
from protocol.facts import bill_events, cart, order, shift
from protocol.facts.fold import Event


class Numbers:
    """The highest numbers given out so far."""

    __slots__ = ("item_id", "order_number", "receipt_number", "ticket_number", "z_number")

    def __init__(self, item_id: int, order_number: int, ticket_number: int, receipt: int, z: int) -> None:
        self.item_id = item_id
        self.order_number = order_number
        self.ticket_number = ticket_number
        self.receipt_number = receipt
        self.z_number = z

    @classmethod
    def read(cls, reader: sqlite3.Connection) -> Self:
        """As the tables have them. Raises `sqlite3.Error`."""
        query = (
            "SELECT (SELECT max(id) FROM cart_items), (SELECT max(number) FROM orders), "
            "(SELECT max(ticket_number) FROM orders), (SELECT max(number) FROM receipts), "
            "(SELECT max(z_number) FROM shifts)"
        )
        floor = read_floor(reader).numbers
        before = (
            floor.item_id, floor.order_number, floor.ticket_number, floor.receipt_number, floor.z_number,
        )  # fmt: skip
        found = reader.execute(query).fetchone()
        return cls(*(max(number or 0, low) for number, low in zip(found, before, strict=True)))

    def copy(self) -> "Numbers":
        """An independent copy, for a batch to count on."""
        return Numbers(
            self.item_id, self.order_number, self.ticket_number, self.receipt_number, self.z_number
        )

    def take(self, event: Event) -> None:
        """Note the numbers that an event gives out."""
        match event:
            case cart.ItemAdded(item=item):
                self.item_id = max(self.item_id, item.id)
            case order.OrderPlaced(number=number):
                self.order_number = max(self.order_number, number)
            case order.OrderConfirmed(ticket_number=number):
                self.ticket_number = max(self.ticket_number, number)
            case bill_events.ReceiptIssued(receipt=receipt):
                self.receipt_number = max(self.receipt_number, receipt.number)
            case shift.ShiftClosed(z_number=number):
                self.z_number = max(self.z_number, number)


class Openings:
    """What is open where: places (table codes, tills) with the pid of what is open there.

    Bookings that stand are told the other way round, by their id with their station. Staged over committed.
    """

    def __init__(self, committed: dict[str, str]) -> None:
        self._committed = committed
        self._staged: dict[str, str | None] = {}

    @classmethod
    def tables(cls, reader: sqlite3.Connection) -> Self:
        """Open table sessions by table code. Raises `sqlite3.Error`."""
        query = "SELECT table_code, session_pid FROM table_sessions WHERE status = 'open'"
        return cls(dict(reader.execute(query)))

    @classmethod
    def shifts(cls, reader: sqlite3.Connection) -> Self:
        """Open shifts by till. Raises `sqlite3.Error`."""
        return cls(dict(reader.execute("SELECT till, shift_pid FROM shifts WHERE status = 'open'")))

    @classmethod
    def bookings(cls, reader: sqlite3.Connection) -> Self:
        """Stations by the bookings that stand. Raises `sqlite3.Error`."""
        standing = "SELECT booking_id, station_id FROM bookings WHERE status IN ('HELD', 'CONFIRMED')"
        return cls(dict(reader.execute(standing)))

    def values(self) -> Iterable[str]:
        """Pids of everything that is open on disk."""
        return self._committed.values()

    def get(self, place: str) -> str | None:
        """What is open there."""
        return self._staged[place] if place in self._staged else self._committed.get(place)

    def where(self, pid: str) -> tuple[str, ...]:
        """The places at which `pid` is open."""
        return tuple(place for place in {**self._committed, **self._staged} if self.get(place) == pid)

    def leave(self, pid: str) -> None:
        """Wherever `pid` is open, it is so no longer."""
        for place in self.where(pid):
            self._staged[place] = None

    def stage(self, place: str, pid: str | None) -> None:
        """From here on `pid` is open there; None for nothing."""
        self._staged[place] = pid

    def commit(self) -> list[str]:
        """Staged becomes committed; the pids that are open now and were staged."""
        opened = []
        for place, pid in self._staged.items():
            if pid is None:
                self._committed.pop(place, None)
            else:
                self._committed[place] = pid
                opened.append(pid)
        self._staged = {}
        return opened

    def discard(self) -> None:
        """Forget what was staged."""
        self._staged = {}
