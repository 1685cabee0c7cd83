"""Folds runs of facts in memory: what a run adds to `facts` and which rows it leaves in the folded tables.

A ledger belongs to one connection. It keeps hot aggregates between runs; what a run changes lies in an
overlay until its transaction is committed (`keep`) and is thrown away otherwise. Of several changes to
one row only the last is kept, because that is what the run leaves behind.

A fact that cannot be understood or folded never stops the others. It is kept as it came, its aggregate
is set aside with the reason, and so is every later fact of that aggregate. Which exception a hostile or
damaged fact provokes deep inside a fold cannot be known, so at this one boundary every kind counts.
"""

from collections.abc import Iterable
from uuid import UUID

import msgspec

from cloud.store.facts import FactRow
from protocol.facts import fold
from protocol.facts.fact import ImpossibleFact, chain

#: Hot aggregates of one connection. The one that was touched longest ago goes first.
MOST_HOT = 4096
_LONGEST_AGGREGATE = 200
_LAST_VERSION = 2**62


class ChainBroken(Exception):
    """The records of a run do not hash to what the box says; nothing of it was applied."""


class Entry(msgspec.Struct, frozen=True):
    """One record of a run as far as it could be read. `fact` is None where it could not, `why` tells."""

    seq: int
    aggregate: str
    version: int
    type: str
    record: bytes
    hash: bytes
    fact: fold.AnyFact | None
    why: str = ""


class Folded(msgspec.Struct):
    """What a run does to the database, and the overlay that becomes true with it."""

    facts: list[FactRow]
    rows: dict[str, dict[tuple[object, ...], tuple[object, ...]]]
    states: dict[str, fold.State]
    set_aside: dict[str, tuple[int, str]]


_NAMES = {event: event.__name__ for event in fold.KINDS}
_PREFIXES = {event: f"{kind}:" for event, kind in fold.KINDS.items()}
_KEY_WIDTHS = {
    # Every shape has its key in its first columns or names one column; resolve places once.
    name: tuple(shape.column_names.index(column) for column in shape.key)
    for name, shape in fold.SHAPES.items()
}


def read(first_seq: int, records: Iterable[bytes], before: bytes, after: bytes) -> list[Entry]:
    """Decode a run and check its chain from hash `before` to hash `after`. Raises `ChainBroken`."""
    entries = []
    link_hash = before
    for seq, record in enumerate(records, first_seq):
        link_hash = chain(link_hash, record)
        entries.append(_read_one(seq, record, link_hash))
    if link_hash != after:
        raise ChainBroken(f"the run from {first_seq} does not hash to what the box says")
    return entries


def _read_one(seq: int, record: bytes, link_hash: bytes) -> Entry:
    try:
        fact = fold.decode_record(record)
    except fold.UnknownEvent as error:
        return _unreadable(seq, record, link_hash, f"unknown event {error}")
    except fold.BadRecord as error:
        return _unreadable(seq, record, link_hash, str(error))
    event = type(fact.event)
    if (
        fact.seq != seq
        or not fact.aggregate.startswith(_PREFIXES[event])
        or not _fits(fact.aggregate, fact.version)
    ):
        return _unreadable(seq, record, link_hash, "the envelope does not fit its event or its place")
    return Entry(seq, fact.aggregate, fact.version, _NAMES[event], record, link_hash, fact)


def _fits(aggregate: str, version: int) -> bool:
    return len(aggregate) <= _LONGEST_AGGREGATE and "\0" not in aggregate and 0 < version < _LAST_VERSION


def _unreadable(seq: int, record: bytes, link_hash: bytes, why: str) -> Entry:
    """Kept under its aggregate if that much can be read, else under one of its own."""
    aggregate, version = f"unreadable:{seq}", 1
    try:
        envelope = fold.decode_envelope(record)
    except fold.BadRecord:
        pass
    else:
        if _fits(envelope.aggregate, envelope.version):
            aggregate, version = envelope.aggregate, envelope.version
    return Entry(seq, aggregate, version, "unreadable", record, link_hash, None, why)


class Ledger:
    """Hot aggregates of one venue, and those that are set aside."""

    def __init__(self, venue_id: UUID, log_id: UUID, set_aside: set[str]) -> None:
        self.venue_id = venue_id
        self.log_id = log_id
        self._hot: dict[str, fold.State] = {}
        self._set_aside = set_aside

    def missing(self, entries: list[Entry]) -> set[str]:
        """Aggregates that go on in this run and are not hot. Those that begin in it need no look-up."""
        first = {entry.aggregate: entry.version for entry in reversed(entries)}
        return {name for name, version in first.items() if version > 1 and name not in self._hot}

    def warm(self, records: dict[str, list[bytes]]) -> None:
        """Take aggregates from their stored facts."""
        for aggregate, history in records.items():
            state = replay(history)
            if state is not None:
                self._hot[aggregate] = state

    def forget(self) -> None:
        """Drop everything hot; the database is asked again."""
        self._hot.clear()

    def fold(self, entries: list[Entry]) -> Folded:
        """Fold a run on top of what is hot. Changes nothing in the ledger itself."""
        folded = Folded([], {}, {}, {})
        for entry in entries:
            aside = self._fold_one(entry, folded)
            folded.facts.append(
                (
                    self.venue_id,
                    self.log_id,
                    entry.seq,
                    entry.aggregate,
                    entry.version,
                    entry.type,
                    entry.record,
                    entry.hash,
                    aside,
                )
            )
        return folded

    def _fold_one(self, entry: Entry, folded: Folded) -> bool:
        """Whether the fact is set aside."""
        aggregate, fact = entry.aggregate, entry.fact
        if aggregate in folded.set_aside or aggregate in self._set_aside:
            return True
        if fact is None:
            folded.set_aside[aggregate] = (entry.seq, entry.why)
            return True
        try:
            state = fold.evolve(folded.states.get(aggregate) or self._hot.get(aggregate), fact)
            for table, row in fold.rows(state, fact):
                key = tuple([row[place] for place in _KEY_WIDTHS[table]])
                folded.rows.setdefault(table, {})[key] = row
        except Exception as error:
            folded.set_aside[aggregate] = (entry.seq, f"{type(error).__name__}: {error}")
            return True
        folded.states[aggregate] = state
        return False

    def keep(self, folded: Folded) -> None:
        """The run is committed: its overlay is the truth now."""
        self._set_aside.update(folded.set_aside)
        for aggregate, state in folded.states.items():
            self._hot.pop(aggregate, None)  # put back at the young end
            self._hot[aggregate] = state
        while len(self._hot) > MOST_HOT:
            del self._hot[next(iter(self._hot))]


def replay(records: list[bytes]) -> fold.State | None:
    """The state that an aggregate's stored facts fold into. They folded once, so they fold again."""
    state: fold.State | None = None
    for record in records:
        try:
            state = fold.evolve(state, fold.decode_record(record))
        except (ImpossibleFact, fold.UnknownEvent, fold.BadRecord):
            return None
    return state
