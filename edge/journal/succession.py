"""Making the journal of a box that takes another's place, out of a snapshot, in one transaction.

Carried facts keep their places and hashes; the floor is set where the former box's log ended, and the box's
own log goes on above it. What a fact means is folded here as everywhere, with the same guards; an aggregate
that this release cannot fold is left out and named, because one poisoned table must not keep a venue closed.

Counterparts: `cloud/ingest/snapshot.py` cuts snapshots; `rebuild.py` proves such a journal like any other.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec

from edge.journal.database import open_writer, read_box, read_head
from edge.journal.tables import RowBatch
from protocol.facts.fact import ImpossibleFact
from protocol.facts.fold import (
    WHOLE,
    AnyFact,
    BadRecord,
    State,
    UnknownEvent,
    decode_record,
    evolve,
    restored,
)
from protocol.facts.fold import rows as rows_of
from protocol.facts.stock import Stock
from protocol.snapshot import NUMBERS_LEFT_OUT, Carried, Claimed, Manifest

_SET_HEAD = (
    "INSERT INTO heads VALUES (?, ?, ?) "
    "ON CONFLICT (aggregate) DO UPDATE SET seq = excluded.seq, version = excluded.version"
)


class NotEmpty(Exception):
    """This box has a journal of its own and cannot take a place over."""


class Settled(msgspec.Struct, frozen=True):
    """What became of a snapshot: facts carried over, and aggregates that could not be."""

    facts: int
    left_out: tuple[str, ...]


def settle(
    directory: Path,
    claimed: Claimed,
    cloud_url: str,
    manifest: Manifest,
    chunks: Iterable[tuple[Carried, ...]],
) -> Settled:
    """Fill an empty journal. Raises `NotEmpty`, `sqlite3.Error` or `DatabaseUnusable`."""
    connection = open_writer(directory, 0)
    try:
        if read_head(connection)[0] or read_box(connection).venue_id is not None:
            raise NotEmpty(f"{directory} holds a journal already")
        # Rows refer to rows of aggregates that a snapshot may leave out; `doctor` tells of those.
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("BEGIN IMMEDIATE")
        try:
            arrival = _Arrival(connection, manifest)
            for chunk in chunks:
                arrival.take(chunk)
            _sign(connection, claimed, cloud_url)
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return Settled(arrival.facts, tuple(sorted(arrival.left_out | set(manifest.left_out))))
    finally:
        connection.close()


def _sign(connection: sqlite3.Connection, claimed: Claimed, cloud_url: str) -> None:
    connection.execute(
        "UPDATE box SET venue_id = ?, epoch = ?, cloud_url = ?", (claimed.venue_id, claimed.epoch, cloud_url)
    )
    connection.execute("INSERT INTO charge VALUES (1, ?, ?)", (claimed.base_seq, claimed.base_hash))
    connection.execute(
        "UPDATE link SET acked_seq = ?, acked_hash = ?, acked_ms = NULL, incarnation = ''",
        (claimed.base_seq, claimed.base_hash),
    )


class _Arrival:
    """Folds facts as they come, in order, and writes them with their rows."""

    def __init__(self, connection: sqlite3.Connection, manifest: Manifest) -> None:
        self._connection = connection
        self._states: dict[str, State] = {}
        self._levels = {f"stock:{level.menu_item}": level for level in manifest.levels}
        self._mid: str | None = None
        self.facts = 0
        self.left_out: set[str] = set()
        numbers = manifest.numbers
        connection.execute(
            "UPDATE floor SET seq = ?, hash = ?, item_id = ?, order_number = ?, ticket_number = ?, "
            "receipt_number = ?, z_number = ?",
            (
                manifest.base_seq,
                manifest.base_hash,
                # The box before may have given out more than it could send: those stay its own.
                numbers.item_id + NUMBERS_LEFT_OUT,
                numbers.order_number + NUMBERS_LEFT_OUT,
                numbers.ticket_number,
                numbers.receipt_number,
                numbers.z_number,
            ),
        )
        connection.executemany(
            "INSERT INTO levels (seq, menu_item, qty, taken_off, version) VALUES (?, ?, ?, ?, ?)",
            [msgspec.structs.astuple(level) for level in manifest.levels],
        )

    def take(self, chunk: tuple[Carried, ...]) -> None:
        """One chunk's facts, their heads and their rows."""
        batch, journal, heads = RowBatch(), [], []
        for carried in chunk:
            folded = self._fold(carried)
            if folded is None:
                continue
            fact, state = folded
            batch.add(rows_of(state, fact))
            mid = fact.mid if fact.mid != self._mid else None
            self._mid = fact.mid
            record = carried.record.decode()
            place = carried.seq, fact.aggregate, fact.version
            journal.append((*place, carried.previous, mid, record, carried.hash))
            heads.append((fact.aggregate, carried.seq, fact.version))
        self._connection.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)", journal)
        self._connection.executemany(_SET_HEAD, heads)
        batch.write(self._connection)
        self.facts += len(journal)

    def _fold(self, carried: Carried) -> tuple[AnyFact, State] | None:
        """The fact and its aggregate's state after it; None for one that is left out."""
        try:
            fact = decode_record(carried.record)
            if fact.aggregate in self.left_out:
                return None
            state = self._after(carried.seq, fact)
        except (BadRecord, UnknownEvent, ImpossibleFact):
            self._leave_out(carried)
            return None
        self._states[fact.aggregate] = state
        return fact, state

    def _after(self, seq: int, fact: AnyFact) -> State:
        level = self._levels.get(fact.aggregate)
        if level is not None and level.seq == seq:
            return Stock(level.version, level.menu_item, level.qty, level.taken_off)
        before = self._states.get(fact.aggregate)
        if before is None and fact.aggregate.partition(":")[0] in WHOLE:
            return restored(fact)
        return evolve(before, fact)

    def _leave_out(self, carried: Carried) -> None:
        try:
            aggregate = msgspec.json.decode(carried.record, type=_Named).aggregate
        except msgspec.DecodeError:
            aggregate = f"unreadable:{carried.seq}"
        self.left_out.add(aggregate)


class _Named(msgspec.Struct):
    aggregate: str
