"""Questions to the whole venue, on a disk that a writer is working on."""

import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import msgspec
import pytest
from sqlalchemy.exc import OperationalError

from edge.core.commands import CloseTable
from edge.core.play.commands import CreditAccount
from edge.journal.database import open_writer, read_head
from edge.journal.queries import tables
from edge.journal.reading import OpenTable, OrderRow, Reading, Unsynced
from edge.journal.tables import RowBatch
from protocol.facts.account import COUNTER
from protocol.facts.fact import Fact
from protocol.facts.fold import SHAPES, AnyFact, Event, State, encode_record, evolve, rows
from protocol.facts.payment import PaymentCompleted, PaymentInitiated
from tests.open_box import OpenBox, until
from tests.sample_venue import CAKE, CHIPS, add, join, now, place, say_word


@asynccontextmanager
async def asked(directory: Path) -> AsyncIterator[Reading]:
    """A read side that is closed again."""
    reading = Reading(directory)
    try:
        yield reading
    finally:
        await reading.close()
        # A connection that failed to open says good-bye to the loop later; let it, before the loop is gone.
        await until(lambda: not any("connection_worker" in thread.name for thread in threading.enumerate()))


async def test_an_empty_venue_has_nothing(tmp_path: Path) -> None:
    async with OpenBox(tmp_path), asked(tmp_path) as reading:
        assert await reading.unsynced() == Unsynced(0, 0, 0)
        assert await reading.orders_since(0) == []
        assert await reading.open_tables() == []


async def test_unsynced_facts_and_orders_are_counted_from_the_cursor(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box, asked(tmp_path) as reading:
        await box.opened()
        for command in (join("chinu"), say_word(), add(dish=CHIPS, qty=2)):
            await box.accept(command)
        first = await box.accept(place())
        await box.accept(add(dish=CAKE))
        await box.accept(place())
        tail = box.writer.durable_seq
        assert await reading.unsynced() == Unsynced(tail, 2, 2 * 325 + 410)
        after_first = first[-1].seq
        assert await reading.unsynced(after_first) == Unsynced(tail - after_first, 1, 410)
        assert await reading.unsynced(tail) == Unsynced(0, 0, 0)
        half_told = await reading.unsynced(first[1].seq)
        assert half_told.orders == 2


async def test_orders_since_an_instant_come_newest_first(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box, asked(tmp_path) as reading:
        await box.opened()
        for command in (join("chinu"), say_word(), add(dish=CHIPS, qty=2), place(), add(dish=CAKE), place()):
            await box.accept(command)
        orders = await reading.orders_since(0)
        assert [order.order_id for order in orders] == ["ORD-7-2", "ORD-7-1"]
        placed_ms = orders[0].placed_ms
        assert orders[0] == OrderRow("ORD-7-2", "T1", "confirmed", "K-2", 410, "EUR", placed_ms)
        assert await reading.orders_since(placed_ms) == [orders[0]]
        assert await reading.orders_since(placed_ms + 1) == []


async def test_open_tables_are_told_with_their_carts(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box, asked(tmp_path) as reading:
        await box.opened()
        for command in (join("chinu"), join("anshu"), say_word(), add(dish=CHIPS, qty=2), add("anshu", CAKE)):
            await box.accept(command)
        await box.accept(join("bela", "s2", "TABLE2"))
        first, second = await reading.open_tables()
        assert first == OpenTable("s1", "TABLE1", "T1", first.opened_ms, 2, 2, 1060, False)
        assert second == OpenTable("s2", "TABLE2", "T2", second.opened_ms, 1, 0, 0, False)
        await box.accept(place())
        assert (await reading.open_tables())[0].lines == 0
        await box.accept(CloseTable("s1", "left", "staff:ann"))
        assert [each.session_pid for each in await reading.open_tables()] == ["s2"]


async def test_pay_ins_that_say_on_no_balance_leave_the_list_to_the_others(tmp_path: Path) -> None:
    async with OpenBox(tmp_path) as box:
        await box.opened()
        credit = CreditAccount("mia", "in-1", 2000, COUNTER, "staff:ana")
        cash = await box.accept(credit)
        await box.accept(msgspec.structs.replace(credit, entry="in-2", method="CARD"))
    _as_once(tmp_path, next(each.event for each in cash if isinstance(each.event, PaymentCompleted)))
    async with asked(tmp_path) as reading:
        assert await reading.paid_in(0) == ["in-2"]
        assert await reading.paid_in(1) == ["in-2", "in-1"]
        assert await reading.paid_in(30) == ["in-2", "in-1"]


def _as_once(directory: Path, completed: PaymentCompleted) -> None:
    """Later payments as a former release wrote them, more than a list is long."""
    with closing(open_writer(directory, 0)) as connection:
        seq, at = read_head(connection)[0], now(10_000)
        for number in range(31):
            pid, batch = f"once-{number}", RowBatch()
            state: State | None = None
            events: tuple[Event, ...] = (PaymentInitiated(pid, "CASH", "EUR", 700), completed)
            for version, event in enumerate(events, start=1):
                seq += 1
                fact: AnyFact = Fact(
                    seq, f"payment:{pid}", version, event, at.boot, at.mono_ns, at.wall_ms, at.clock_trusted
                )
                state = evolve(state, fact)
                batch.add(rows(state, fact))
                previous = seq - 1 if version > 1 else 0
                row = (seq, fact.aggregate, version, previous, None, encode_record(fact).decode(), bytes(32))
                connection.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            connection.execute("INSERT INTO heads VALUES (?, ?, ?)", (f"payment:{pid}", seq, 2))
            batch.write(connection)


async def test_a_question_cannot_change_anything(tmp_path: Path) -> None:
    async with OpenBox(tmp_path), asked(tmp_path) as reading:
        with pytest.raises(OperationalError, match="readonly"):
            await reading.ask(tables["stock"].delete())


async def test_a_disk_without_a_database_is_an_error_not_an_empty_answer(tmp_path: Path) -> None:
    async with asked(tmp_path) as reading:
        with pytest.raises(OperationalError):
            await reading.unsynced()


def test_a_table_has_the_columns_of_its_shape() -> None:
    for name, shape in SHAPES.items():
        table = tables[name]
        assert tuple(table.columns.keys()) == shape.column_names
        assert {column.name for column in table.primary_key} == set(shape.key)


def test_nothing_heavy_is_imported_before_the_first_question() -> None:
    program = "import sys, edge.journal.reading; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, cwd=Path.cwd()).returncode == 0
