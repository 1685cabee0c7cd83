"""Proof that tables and journal agree: fold the whole journal again and compare row by row.

Everything is read in one transaction of a read-only connection, so a box at work can be examined. The fresh
tables are made by the very statements of the writer, with the same guards, in a database of SQLite's own
choosing (memory, or a temporary file once it grows). States are kept for a while and folded anew when they
are needed again, so the length of a journal costs time but no memory.

Counterpart: `tables.py` writes the rows at work; `doctor.py` tells the outcome to people.
"""

import sqlite3
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import msgspec

from edge.journal.database import open_reader, read_floor
from edge.journal.tables import RowBatch
from protocol.facts.fact import ImpossibleFact, TableShape, chain, shape
from protocol.facts.fold import (
    SHAPES,
    WHOLE,
    AnyFact,
    BadRecord,
    State,
    UnknownEvent,
    decode_record,
    evolve,
    restored,
    rows,
)
from protocol.facts.stock import Stock

#: Facts written to the fresh tables at once.
_FACTS_A_BATCH = 1000
#: States kept in memory; one that was dropped is folded again from its facts.
_MOST_STATES = 5000
#: More differences than this are counted, not told.
MOST_TOLD = 100
_SCHEMA = Path(__file__).parent / "schema.sql"

_FACTS = "SELECT seq, aggregate, version, previous, mid, record, hash FROM journal ORDER BY seq"
#: Records of an aggregate from the first to the one at a given seq, found by walking its chain back.
_FACTS_BEFORE = """
WITH RECURSIVE walk (seq) AS (
    SELECT ?
    UNION ALL
    SELECT previous FROM journal JOIN walk USING (seq) WHERE previous > 0
)
SELECT aggregate, record FROM walk JOIN journal USING (seq) ORDER BY seq
"""
#: The facts of an aggregate that are here, up to a given seq.
_FACTS_SINCE = "SELECT seq, record FROM journal WHERE aggregate = ? AND seq <= ? ORDER BY seq"
_SET_HEAD = (
    "INSERT INTO heads (aggregate, seq, version) VALUES (?, ?, ?) "
    "ON CONFLICT (aggregate) DO UPDATE SET seq = excluded.seq, version = excluded.version"
)
#: `heads` is folded by the writer and not by protocol/facts, but it is folded all the same.
_HEADS = shape("heads", "aggregate", "aggregate seq:int version:int")

Values = tuple[object, ...]


class Rebuilt(msgspec.Struct, frozen=True):
    """What came of it. `problems` are about the journal itself, `differences` about the tables.

    `differences` holds at most `MOST_TOLD` sentences; `differing_rows` counts them all.
    """

    facts: int
    tail_seq: int
    chain_hash: bytes
    problems: tuple[str, ...]
    differences: tuple[str, ...]
    differing_rows: int

    @property
    def agrees(self) -> bool:
        """Whether the journal is whole and every table says what it says."""
        return not self.problems and not self.differing_rows


class _JournalRow(msgspec.Struct, frozen=True):
    seq: int
    aggregate: str
    version: int
    previous: int
    mid: str | None
    record: str
    hash: bytes


class Folding:
    """Walks the journal once: verifies it, and writes what it means into the fresh tables."""

    def __init__(self, source: sqlite3.Connection, fresh: sqlite3.Connection) -> None:
        self._source = source
        self._fresh = fresh
        self._states: dict[str, tuple[int, State]] = {}
        self._set_aside: set[str] = set()
        self._floor = read_floor(source)
        self._levels = _levels(source)
        self.chain_hash, self.seq = self._floor.hash, self._floor.seq
        self.facts = 0
        self.problems: list[str] = []

    def run(self) -> None:
        """All of it."""
        cursor = self._source.execute(_FACTS)
        while block := cursor.fetchmany(_FACTS_A_BATCH):
            batch = RowBatch()
            facts = [_JournalRow(*values) for values in block]
            for row in facts:
                self._take(row, batch)
            self._fresh.execute("BEGIN")
            self._fresh.executemany(_SET_HEAD, [(row.aggregate, row.seq, row.version) for row in facts])
            batch.write(self._fresh)
            self._fresh.execute("COMMIT")

    def _take(self, row: _JournalRow, batch: RowBatch) -> None:
        self.facts += 1
        if row.seq > self._floor.seq:
            self._check_place(row)
        if row.aggregate not in self._set_aside:
            self._fold(row, batch)

    def _check_place(self, row: _JournalRow) -> None:
        """Above the floor nothing is missing and every hash is right."""
        if row.seq != self.seq + 1:
            self.problems.append(f"facts {self.seq + 1} to {row.seq - 1} are missing from the journal")
        self.seq = row.seq
        self.chain_hash = chain(self.chain_hash, row.record.encode())
        if self.chain_hash != row.hash:
            self.problems.append(f"fact {row.seq}: the hash chain breaks here")
            self.chain_hash = row.hash

    def _fold(self, row: _JournalRow, batch: RowBatch) -> None:
        try:
            fact = decode_record(row.record)
            self._check_envelope(row, fact)
            state = self._after(row, fact)
            batch.add(rows(state, fact))
        except (BadRecord, UnknownEvent, ImpossibleFact) as error:
            self._set_aside.add(row.aggregate)
            self.problems.append(f"fact {row.seq} of {row.aggregate} cannot be folded: {error}")
            return
        self._states.pop(row.aggregate, None)
        self._states[row.aggregate] = row.seq, state
        if len(self._states) > _MOST_STATES:
            del self._states[next(iter(self._states))]

    def _after(self, row: _JournalRow, fact: AnyFact) -> State:
        """Where facts before the floor were left out, the newest tells all, or there is a level."""
        if row.seq <= self._floor.seq and row.aggregate not in self._states:
            level = self._levels.get(row.aggregate)
            if level is not None and row.seq == level[0]:
                return level[1]
            if row.aggregate.partition(":")[0] in WHOLE:
                return restored(fact)
        return evolve(self._before(row), fact)

    def _check_envelope(self, row: _JournalRow, fact: AnyFact) -> None:
        """Columns repeat the record, for the indexes; `mid` stands on a command's first fact only."""
        if (row.seq, row.aggregate, row.version) != (fact.seq, fact.aggregate, fact.version):
            raise BadRecord("the columns beside the record say otherwise")
        if row.mid not in (None, fact.mid):
            raise BadRecord("the mid beside the record is another one")

    def _before(self, row: _JournalRow) -> State | None:
        """The aggregate's state before a fact, which must follow the aggregate's last one."""
        kept = self._states.get(row.aggregate)
        if kept is not None:
            if kept[0] != row.previous:
                raise BadRecord(f"it follows fact {row.previous} instead of {kept[0]}")
            return kept[1]
        state: State | None = None
        if row.previous:
            if self._cut(row.aggregate):
                return self._from_cut(row.aggregate, row.previous)
            for aggregate, record in self._source.execute(_FACTS_BEFORE, (row.previous,)):
                if aggregate != row.aggregate:
                    raise BadRecord(f"it follows a fact of {aggregate}")
                state = evolve(state, decode_record(record))
        return state

    def _cut(self, aggregate: str) -> bool:
        return self._floor.seq > 0 and (aggregate in self._levels or aggregate.partition(":")[0] in WHOLE)

    def _from_cut(self, aggregate: str, seq: int) -> State:
        """An aggregate whose earliest facts are not here, as it was after the fact `seq`."""
        state: State | None = None
        level = self._levels.get(aggregate)
        for at, record in self._source.execute(_FACTS_SINCE, (aggregate, seq)):
            fact = decode_record(record)
            if state is None:
                state = level[1] if level and level[0] == at else restored(fact)
            else:
                state = evolve(state, fact)
        if state is None:
            raise BadRecord(f"fact {seq} is not there")
        return state


def _levels(source: sqlite3.Connection) -> dict[str, tuple[int, State]]:
    """Stock at the floor by aggregate: the place of its fact there, and the level."""
    rows = source.execute("SELECT menu_item, seq, qty, taken_off, version FROM levels")
    return {
        f"stock:{item}": (seq, Stock(version, item, qty, bool(off))) for item, seq, qty, off, version in rows
    }


def rebuild(directory: Path) -> Rebuilt:
    """Fold the journal of a data directory anew and compare. Raises `sqlite3.Error` if it is unreadable."""
    source = open_reader(directory)
    fresh = sqlite3.connect("", isolation_level=None)
    try:
        return _rebuild(source, fresh)
    finally:
        fresh.close()
        source.close()


def _rebuild(source: sqlite3.Connection, fresh: sqlite3.Connection) -> Rebuilt:
    fresh.executescript(_SCHEMA.read_text("utf-8"))
    floor = source.execute("SELECT * FROM floor").fetchone()
    fresh.execute(f"INSERT INTO floor VALUES ({', '.join('?' * len(floor))})", floor)
    source.execute("BEGIN")
    folding = Folding(source, fresh)
    try:
        folding.run()
        problems = folding.problems
    except sqlite3.IntegrityError as error:
        problems = [*folding.problems, f"near fact {folding.seq}: a guard of the tables says no: {error}"]
    told, differing = _compared(source, fresh)
    source.execute("COMMIT")
    return Rebuilt(folding.facts, folding.seq, folding.chain_hash, tuple(problems), tuple(told), differing)


def _compared(source: sqlite3.Connection, fresh: sqlite3.Connection) -> tuple[list[str], int]:
    told: list[str] = []
    count = 0
    for each in (*SHAPES.values(), _HEADS):
        for sentence in _differences(each, source, fresh):
            count += 1
            if len(told) < MOST_TOLD:
                told.append(sentence)
    return told, count


def _differences(table: TableShape, source: sqlite3.Connection, fresh: sqlite3.Connection) -> Iterator[str]:
    """Both tables in key order, side by side."""
    keyed = _by_key(table, source), _by_key(table, fresh)
    (here, there) = (next(keyed[0], None), next(keyed[1], None))
    while here is not None or there is not None:
        if there is None or (here is not None and here[0] < there[0]):
            assert here is not None
            yield f"{_name(table, here[1])} is in the table, but not in the journal"
            here = next(keyed[0], None)
        elif here is None or there[0] < here[0]:
            yield f"{_name(table, there[1])} is in the journal, but missing from the table"
            there = next(keyed[1], None)
        else:
            if here[1] != there[1]:
                yield f"{_name(table, here[1])}: {_changes(table, here[1], there[1])}"
            here, there = next(keyed[0], None), next(keyed[1], None)


def _by_key(table: TableShape, connection: sqlite3.Connection) -> Iterator[tuple[Values, Values]]:
    """Rows with their keys, in key order. Texts compare by their UTF-8 bytes, as SQLite sorts them."""
    names = table.column_names
    query = f"SELECT {', '.join(names)} FROM {table.name} ORDER BY {', '.join(table.key)}"
    places = [names.index(name) for name in table.key]
    for row in connection.execute(query):
        yield tuple(_sortable(row[place]) for place in places), row


def _sortable(value: object) -> object:
    return value.encode() if isinstance(value, str) else value


def _name(table: TableShape, row: Values) -> str:
    names = table.column_names
    return f"{table.name} " + "/".join(str(row[names.index(name)]) for name in table.key)


def _changes(table: TableShape, here: Values, there: Values) -> str:
    pairs = zip_longest(table.column_names, here, there)
    told = [f"{name} is {ours!r}, the journal says {its!r}" for name, ours, its in pairs if ours != its]
    return "; ".join(told)
