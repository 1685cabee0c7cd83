"""M2: commands through decision and journal, without a network.

Limit: raw sqlite3 writing the very same rows in batches of the same size, WAL and FULL, nothing else: no
decision, no encoding, no answers. Both survive a power cut.
"""

import asyncio
import tempfile
import time
from pathlib import Path
from typing import Any

from edge.core import commands
from edge.journal.database import open_reader, open_writer
from edge.journal.tables import RowBatch
from edge.journal.writer import Accepted, Outcome, Writer
from protocol.facts.fold import State, decode_record, evolve, rows
from protocol.identity import pass_word_digest
from tests.bench.boxes import journal, new_id
from tests.bench.rows import Row

TABLES = 100
PHONES = 4
MUTATIONS = 40_000
_SET_HEAD = (
    "INSERT INTO heads VALUES (?, ?, ?) "
    "ON CONFLICT (aggregate) DO UPDATE SET seq = excluded.seq, version = excluded.version"
)


#: Journal rows, heads and folded rows of one transaction.
Transaction = tuple[list[Any], list[tuple[str, int, int]], RowBatch]


class Line:
    """A cart line that one phone keeps changing, one change under way at a time."""

    def __init__(self, session_pid: str, member_pid: str, item_id: int) -> None:
        self.session_pid = session_pid
        self.member_pid = member_pid
        self.item_id = item_id
        self.version = 1

    def change(self, mid: str) -> commands.ChangeItem:
        """The next change, from the version that will then be there."""
        self.version += 1
        seen = self.version - 1
        return commands.ChangeItem(
            self.session_pid, self.member_pid, self.item_id, seen, qty=1 + seen % 9, mid=mid
        )


async def _accepted(writer: Writer, command: commands.Command) -> Accepted:
    outcome = await writer.execute(command)
    assert isinstance(outcome, Accepted), outcome
    return outcome


async def _lines(writer: Writer) -> list[Line]:
    lines: list[Line] = []
    for number in range(1, TABLES + 1):
        session_pid, member_pid = new_id(), new_id()
        await _accepted(writer, commands.JoinTable(f"T{number}", "Ann", session_pid, member_pid, "digest"))
        word = pass_word_digest(7, "coffee")
        await _accepted(writer, commands.ValidatePass(session_pid, member_pid, word))
        for _ in range(PHONES):
            await _accepted(writer, commands.AddItem(session_pid, member_pid, 17, 1, mid=new_id()))
            lines.append(Line(session_pid, member_pid, len(lines) + 1))
    return lines


async def ours(directory: Path) -> tuple[float, float]:
    """Mutations a second, and commands a batch."""
    async with journal(directory) as writer:
        lines = await _lines(writer)
        mids = iter([new_id() for _ in range(MUTATIONS)])
        done, left, batches = asyncio.Event(), MUTATIONS, 0

        def count(_batch: object) -> None:
            nonlocal batches
            batches += 1

        def change(line: Line) -> None:
            mid = next(mids, None)
            if mid is None:
                return
            command = commands.ChangeItem(
                line.session_pid,
                line.member_pid,
                line.item_id,
                line.version,
                qty=1 + line.version % 9,
                mid=mid,
            )
            line.version += 1
            writer.submit(command, lambda outcome: settle(line, outcome))

        def settle(line: Line, outcome: Outcome) -> None:
            nonlocal left
            assert isinstance(outcome, Accepted), outcome
            left -= 1
            if left == 0:
                done.set()
            change(line)

        writer.listen(count)
        started_s = time.perf_counter()
        for line in lines:
            change(line)
        await done.wait()
        return MUTATIONS / (time.perf_counter() - started_s), MUTATIONS / batches


def _batches(directory: Path, size: int) -> list[Transaction]:
    """The journal rows, heads and folded rows that the writer wrote, cut into transactions."""
    reader = open_reader(directory)
    records = reader.execute("SELECT * FROM journal ORDER BY seq").fetchall()
    reader.close()
    states: dict[str, State] = {}
    batches: list[Transaction] = []
    for at in range(0, len(records), size):
        block, folded = records[at : at + size], RowBatch()
        heads: dict[str, tuple[str, int, int]] = {}
        for record in block:
            fact = decode_record(record[5])
            states[fact.aggregate] = state = evolve(states.get(fact.aggregate), fact)
            folded.add(rows(state, fact))
            heads[fact.aggregate] = (fact.aggregate, fact.seq, fact.version)
        batches.append((block, list(heads.values()), folded))
    return batches


def limit(written: Path, scratch: Path, size: int) -> float:
    """Facts a second of raw sqlite3."""
    batches = _batches(written, size)
    connection = open_writer(scratch, 1)
    started_s = time.perf_counter()
    for block, heads, folded in batches:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)", block)
        connection.executemany(_SET_HEAD, heads)
        folded.write(connection)
        connection.execute("COMMIT")
    elapsed_s = time.perf_counter() - started_s
    connection.close()
    return sum(len(block) for block, _, _ in batches) / elapsed_s


async def measure() -> list[Row]:
    """One row."""
    with tempfile.TemporaryDirectory() as scratch:
        rate, a_batch = await ours(Path(scratch) / "box")
        raw = limit(Path(scratch) / "box", Path(scratch) / "raw", max(1, round(a_batch)))
    name = f"M2 journal, {a_batch:.0f} a batch"
    return [Row.ratio(name, rate, raw, "commands/s", "both: every command", ">= 0.5")]


if __name__ == "__main__":
    for row in asyncio.run(measure()):
        print(row)
