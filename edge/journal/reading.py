"""The read side: questions about the whole venue, asked of the tables instead of the memory.

SQLAlchemy over aiosqlite on read-only connections, so a question never waits for the writer and the writer
never for a question. Made on the first question, because a box that starts after a power cut should serve
guests at once. What a single guest asks is answered by `hot.py`.

Counterpart: `queries.py` holds tables and statements.
"""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from edge.journal.database import path_of
from protocol.bill import BillRow
from protocol.facts.receipt import Receipt
from protocol.shift import ShiftRow
from protocol.table import iso

if TYPE_CHECKING:
    from aiosqlite import Connection
    from sqlalchemy import Executable
    from sqlalchemy.ext.asyncio import AsyncEngine


#: Shifts told at once: more than a month of them.
MOST_SHIFTS = 100

_receipt = msgspec.json.Decoder(Receipt)


class Unsynced(msgspec.Struct, frozen=True):
    """What the cloud does not have yet: facts, the orders among them and their value in minor units."""

    facts: int
    orders: int
    value_minor: int


class OrderRow(msgspec.Struct, frozen=True):
    """An order as lists show it. `status` is the order's own, not the kitchen's."""

    order_id: str
    table_name: str
    status: str
    ticket: str | None
    total_minor: int
    currency: str
    placed_ms: int


class OpenTable(msgspec.Struct, frozen=True, array_like=True):
    """A table at which somebody sits, and what is in its cart now."""

    session_pid: str
    table_code: str
    table_name: str
    opened_ms: int
    members: int
    lines: int
    total_minor: int
    locked: bool


class BalanceEntry(msgspec.Struct, frozen=True):
    """Movement `number` of a balance; below zero it was spent, at `place` where that is known."""

    number: int
    made_ms: int
    reason: str
    amount_minor: int
    balance_minor: int
    place: str | None


class Reading:
    """Questions to one data directory. Everything raises `sqlalchemy.exc.DBAPIError` when the disk fails."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._engine: AsyncEngine | None = None

    async def unsynced(self, acked_seq: int | None = None) -> Unsynced:
        """What the cloud lacks; `acked_seq` when somebody knows better than the disk how far it is."""
        from edge.journal import queries

        ((tail_seq, written_seq),) = await self.ask(queries.unsynced_facts())
        after_seq = max(written_seq, acked_seq or 0)
        ((orders, value_minor),) = await self.ask(queries.unsynced_orders(after_seq))
        return Unsynced(max(0, tail_seq - after_seq), orders, value_minor)

    async def orders_since(self, since_ms: int) -> list[OrderRow]:
        """Orders placed since then, newest first."""
        from edge.journal import queries

        return [OrderRow(*row) for row in await self.ask(queries.orders_since(since_ms))]

    async def open_tables(self) -> list[OpenTable]:
        """Every table at which somebody sits, the longest first."""
        from edge.journal import queries

        rows = await self.ask(queries.open_tables())
        return [msgspec.convert(row, OpenTable, strict=False) for row in rows]

    async def unsettled_bills(self) -> list[BillRow]:
        """Bills that are owed, the oldest first, also of tables that were closed."""
        from edge.journal import queries

        return [
            BillRow(pid, name, currency, total, balance, iso(opened_ms))
            for pid, name, currency, total, balance, opened_ms in await self.ask(queries.unsettled_bills())
        ]

    async def receipt(self, number: int) -> tuple[str, Receipt] | None:
        """The bill's session and the receipt of a number; None when none was issued under it."""
        from edge.journal import queries

        for session_pid, body in await self.ask(queries.receipt(number)):
            return session_pid, _receipt.decode(body)
        return None

    async def balance_entries(self, user_id: str, before: int | None, most: int) -> list[BalanceEntry]:
        """The newest movements of a balance, or those before a number."""
        from edge.journal import queries

        rows = await self.ask(queries.balance_entries(user_id, before, most))
        return [BalanceEntry(*row) for row in rows]

    async def accounts(self, words: str, most: int) -> list[tuple[str, int, str]]:
        """Name, balance and currency of balances whose name holds `words`."""
        from edge.journal import queries

        return [
            (user, minor, currency) for user, minor, currency in await self.ask(queries.accounts(words, most))
        ]

    async def paid_in(self, most: int) -> list[str]:
        """Payments for balances, newest first: all that are under way, and `most` of the others."""
        from edge.journal import queries

        return [pid for (pid,) in await self.ask(queries.paid_in(most))]

    async def balance_after(self, user_id: str, entry: str) -> int | None:
        """What was on a balance right after an entry; None while there is no such entry."""
        from edge.journal import queries

        rows = await self.ask(queries.balance_after(user_id, entry))
        return rows[0][0] if rows else None

    async def shifts(self) -> list[ShiftRow]:
        """The shifts that were opened last, newest first."""
        from edge.journal import queries

        found = await self.ask(queries.shifts(MOST_SHIFTS))
        return [
            ShiftRow(pid, till, status, iso(opened_ms), expected, difference, number)
            for pid, till, status, opened_ms, expected, difference, number in found
        ]

    async def close(self) -> None:
        """Let go of the connections."""
        if self._engine is not None:
            await self._engine.dispose()
            self._engine = None

    async def ask(self, statement: "Executable") -> list[tuple[Any, ...]]:
        """Rows of any statement of `queries.py`."""
        async with self._opened().connect() as connection:
            return [tuple(row) for row in await connection.execute(statement)]

    def _opened(self) -> "AsyncEngine":
        if self._engine is None:
            from sqlalchemy.ext.asyncio import create_async_engine
            from sqlalchemy.pool import AsyncAdaptedQueuePool

            uri = f"{path_of(self._directory).absolute().as_uri()}?mode=ro"
            self._engine = create_async_engine(
                "sqlite+aiosqlite://",
                async_creator=partial(_connected, uri),
                poolclass=AsyncAdaptedQueuePool,
                pool_size=2,
                max_overflow=0,
            )
        return self._engine


async def _connected(uri: str) -> "Connection":
    """A connection that compares names as people do."""
    import aiosqlite

    connection = await aiosqlite.connect(uri, uri=True)
    await connection.create_function("casefold", 1, str.casefold, deterministic=True)
    return connection
