"""Forgetting what nobody needs any more: old facts of things whose newest fact tells all.

Rule of the file: nothing is forgotten that the cloud has not acknowledged, or that is younger than a
fortnight, because a cloud that was restored asks for it again. What people did (tables, orders, bills,
payments, sessions) stays; what goes are ticks of the clock, the comings and goings at stations, and stock, of
which a level stays. The floor is raised to the last fact that might be missing; `rebuild.py` proves what is
left like any journal.

Done when the box starts, for a moment at most, and bit by bit in quiet moments while it runs: a box that is
never switched off forgets, too.
"""

import logging
import sqlite3
import time
from collections.abc import Callable

import msgspec

from edge.core.clock import Now
from edge.journal.database import read_floor, read_link
from protocol.facts.fold import State, decode_record, evolve
from protocol.facts.stock import Stock

KEPT_MS = 14 * 24 * 3600 * 1000
#: A box that starts after a power cut should serve guests at once.
_WITHIN_S = 1.0
_FACTS_A_STEP = 5000
#: A step while guests are served, some milliseconds long; and how often there is a look for more.
_FACTS_A_BIT = 250
_LOOK_EVERY_NS = 300 * 1_000_000_000
#: Kinds with one row each, which their newest fact tells whole; of stock the level is kept beside it.
FORGETFUL = ("clock:", "station:", "stock:", "terminal:")

_BETWEEN = "SELECT seq, aggregate, previous, record FROM journal WHERE seq > ? AND seq <= ? ORDER BY seq"


class _When(msgspec.Struct):
    wall_ms: int


class _Old(msgspec.Struct, frozen=True):
    seq: int
    aggregate: str
    previous: int
    record: str


log = logging.getLogger(__name__)


def tidy(connection: sqlite3.Connection, now_ms: int) -> None:
    """As `forget`, but a disk that will not have it is no reason not to serve."""
    try:
        forgotten = forget(connection, now_ms)
    except sqlite3.Error as error:
        log.error("old facts could not be forgotten: %s", error)
        return
    if forgotten:
        log.info("forgot %d old facts whose place newer ones have taken", forgotten)


class Forgetting:
    """For `Writer.when_quiet`: a bit of the work at a time, and a look for more every few minutes."""

    def __init__(self, clock: Callable[[], Now]) -> None:
        self._clock = clock
        self._again_ns = 0

    def __call__(self, connection: sqlite3.Connection) -> None:
        """One step at most. A disk that will not have it is told of by whoever writes next."""
        now = self._clock()
        if now.mono_ns < self._again_ns or not now.clock_trusted:
            return
        last_seq = _last_before(connection, now.wall_ms - KEPT_MS)
        floor_seq = read_floor(connection).seq
        if floor_seq < last_seq:
            _step(connection, min(last_seq, floor_seq + _FACTS_A_BIT))
        if floor_seq + _FACTS_A_BIT >= last_seq:
            self._again_ns = now.mono_ns + _LOOK_EVERY_NS


def forget(connection: sqlite3.Connection, now_ms: int) -> int:
    """Forget what may be forgotten; how many facts. Only while no `Writer` runs on the connection."""
    ends_s = time.monotonic() + _WITHIN_S
    last_seq = _last_before(connection, now_ms - KEPT_MS)
    forgotten = 0
    while (floor_seq := read_floor(connection).seq) < last_seq and time.monotonic() < ends_s:
        forgotten += _step(connection, min(last_seq, floor_seq + _FACTS_A_STEP))
    return forgotten


def _last_before(connection: sqlite3.Connection, wall_ms: int) -> int:
    """The last acknowledged fact of a time before; the floor's place if there is none.

    Clocks step, so facts are not strictly ordered by them; being wrong by a step forgets nothing unsent.
    """
    low, high = read_floor(connection).seq, read_link(connection).acked_seq
    while low < high:
        middle = (low + high + 1) // 2
        row = connection.execute("SELECT record FROM journal WHERE seq = ?", (middle,)).fetchone()
        if row is not None and msgspec.json.decode(row[0], type=_When).wall_ms < wall_ms:
            low = middle
        else:
            high = middle - 1
    return low


def _step(connection: sqlite3.Connection, seq: int) -> int:
    """Raise the floor to `seq`, and drop what lies between and is not the newest of its aggregate there."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        by_aggregate: dict[str, list[_Old]] = {}
        for row in connection.execute(_BETWEEN, (read_floor(connection).seq, seq)):
            old = _Old(*row)
            if old.aggregate.startswith(FORGETFUL):
                by_aggregate.setdefault(old.aggregate, []).append(old)
        (chain_hash,) = connection.execute("SELECT hash FROM journal WHERE seq = ?", (seq,)).fetchone()
        connection.execute("UPDATE floor SET seq = ?, hash = ?", (seq, chain_hash))
        count = sum(_forget_one(connection, facts) for facts in by_aggregate.values())
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return count


def _forget_one(connection: sqlite3.Connection, facts: list[_Old]) -> int:
    """All but the newest of an aggregate's facts, and the one before them that was the newest until now."""
    if facts[0].aggregate.startswith("stock:"):
        _keep_level(connection, facts)
    gone = [(facts[0].previous,), *((fact.seq,) for fact in facts[:-1])]
    return connection.executemany("DELETE FROM journal WHERE seq = ?", gone).rowcount


def _keep_level(connection: sqlite3.Connection, facts: list[_Old]) -> None:
    """The level after the newest fact: the one kept before, and what happened since."""
    query = "SELECT version, menu_item, qty, taken_off FROM levels WHERE seq = ?"
    before = connection.execute(query, (facts[0].previous,)).fetchone()
    state: State | None = Stock(before[0], before[1], before[2], bool(before[3])) if before else None
    for fact in facts:
        state = evolve(state, decode_record(fact.record))
    assert isinstance(state, Stock)
    connection.execute(
        "INSERT INTO levels (menu_item, seq, qty, taken_off, version) VALUES (?, ?, ?, ?, ?) "
        "ON CONFLICT (menu_item) DO UPDATE SET seq = excluded.seq, qty = excluded.qty, "
        "taken_off = excluded.taken_off, version = excluded.version",
        (state.menu_item, facts[-1].seq, state.qty, state.off, state.version),
    )
