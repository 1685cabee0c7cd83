"""M3: a box that was offline sends 100,000 facts; until all are folded in Postgres and acknowledged.

Limit: asyncpg COPY of the very rows that end up there, facts and folded tables, into tables of the same
shape without index or key, in one transaction. Both survive a power cut of the cloud.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg

from edge.core import commands
from edge.journal.database import open_reader, read_head
from edge.journal.writer import Accepted, Outcome
from protocol.facts.cart import ItemAdded
from protocol.facts.fold import SHAPES
from protocol.facts.ticket import TicketFired
from protocol.identity import pass_word_digest
from tests.bench.boxes import box, journal, new_id
from tests.bench.clouds import Cloud, cloud
from tests.bench.rows import Row

FACTS = 100_000
MOST_LOOKS = 30_000


async def backlog(directory: Path, facts: int) -> None:
    """Evenings at a venue: tables open, carts change, orders are placed and cooked, tables close."""
    async with journal(directory) as writer:
        while writer.durable_seq < facts:
            async with asyncio.TaskGroup() as tables:
                for number in range(1, 101):
                    tables.create_task(_evening(writer.execute, f"T{number}"))


async def _evening(execute: Callable[[commands.Command], Awaitable[Outcome]], table: str) -> None:
    session_pid, member_pid = new_id(), new_id()
    await execute(commands.JoinTable(table, "Ann", session_pid, member_pid, "digest"))
    await execute(commands.ValidatePass(session_pid, member_pid, pass_word_digest(7, "coffee")))
    for dish in range(1, 7):
        added = await execute(commands.AddItem(session_pid, member_pid, dish, 1, mid=new_id()))
        assert isinstance(added, Accepted)
        event = added.facts[0].event
        assert isinstance(event, ItemAdded)
        for version in (1, 2):
            change = commands.ChangeItem(
                session_pid, member_pid, event.item.id, version, qty=version + 1, mid=new_id()
            )
            await execute(change)
    placed = await execute(commands.PlaceOrder(session_pid, member_pid, mid=new_id()))
    assert isinstance(placed, Accepted)
    for fired in (fact.event for fact in placed.facts if isinstance(fact.event, TicketFired)):
        for state in ("received", "ready", "served"):
            await execute(commands.AdvanceTicket(fired.ticket, fired.station, state, "staff:ana"))
    await execute(commands.CloseTable(session_pid, "they left", "staff:ana"))


async def ours(directory: Path, there: Cloud) -> float:
    """Seconds from the beginning of the first transaction with its facts until the last fact is durable.

    The database says when it began: by the first look from outside a small backlog may be half way through.
    """
    claim = ("claim", "--data", str(directory), "--cloud", there.url, "--code", there.claim_code)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "edge.cli", *claim, stdout=asyncio.subprocess.DEVNULL
    )
    assert await child.wait() == 0
    reader = open_reader(directory)
    tail_seq, _ = read_head(reader)
    reader.close()
    connection = await asyncpg.connect(there.database_url)
    async with box(directory):
        elapsed_s = await _taken_in(connection, there.venue_id, tail_seq)
    await connection.close()
    return elapsed_s


async def _taken_in(connection: asyncpg.Connection, venue_id: str, seq: int) -> float:
    """For how many seconds the venue's facts have been coming in, once they are durable up to `seq`."""
    query = "SELECT coalesce(max(durable_seq), 0) FROM nodes WHERE venue_id = $1"
    for _ in range(MOST_LOOKS):
        if await connection.fetchval(query, venue_id) >= seq:
            return float(await connection.fetchval(_COMING_FOR, venue_id))
        await asyncio.sleep(0.01)
    raise TimeoutError(f"the cloud never came to {seq}")


async def limit(there: Cloud) -> float:
    """Seconds for COPY of the same rows into bare tables."""
    connection = await asyncpg.connect(there.database_url)
    copies = []
    for name in ("facts", *SHAPES):
        columns = [row["column_name"] for row in await connection.fetch(_COLUMNS, name)]
        records = await connection.fetch(f"SELECT {', '.join(columns)} FROM {name}")
        await connection.execute(
            f"CREATE TABLE bare_{name} AS SELECT {', '.join(columns)} FROM {name} WHERE false"
        )
        copies.append((f"bare_{name}", columns, [tuple(record) for record in records]))
    started_s = time.perf_counter()
    async with connection.transaction():
        for name, columns, records in copies:
            await connection.copy_records_to_table(name, records=records, columns=columns)
    elapsed_s = time.perf_counter() - started_s
    await connection.close()
    return elapsed_s


_COMING_FOR = (
    "SELECT extract(epoch FROM statement_timestamp() - min(received_at)) FROM facts WHERE venue_id = $1"
)
_COLUMNS = (
    "SELECT column_name FROM information_schema.columns "
    "WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
)


async def measure(facts: int = FACTS) -> list[Row]:
    """One row."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch) / "box"
        await backlog(directory, facts)
        async with cloud(Path(scratch)) as there:
            elapsed_s = await ours(directory, there)
            copied_s = await limit(there)
    row = Row.ratio(
        f"M3 catch-up of {facts:,} facts",
        facts / elapsed_s,
        facts / copied_s,
        "facts/s",
        "both: all",
        ">= 0.3",
    )
    return [row]


if __name__ == "__main__":
    for row in asyncio.run(measure()):
        print(row)
