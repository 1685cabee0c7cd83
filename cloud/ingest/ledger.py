"""Folds runs of facts in memory: what a run adds to `facts` and which rows it leaves in the folded tables.

A ledger belongs to one connection. It keeps hot aggregates between runs. What a run changes lies in an
overlay until its transaction is committed (`keep`); the next run may be folded on top of it meanwhile, so
that folding and Postgres work side by side. When a commit fails the ledger ends with its connection.
Of several changes to one row only the last is kept, because that is what the run leaves behind.

A fact that cannot be understood or folded never stops the others. It is kept as it came, its aggregate
is set aside with the reason, and so is every later fact of that aggregate. Which exception a hostile or
damaged fact provokes deep inside a fold cannot be known, so at this one boundary every kind counts.
"""

from collections.abc import Iterable
from operator import itemgetter

import msgspec

from cloud.store.link.facts import FactRow, Uuid
from protocol.facts import fold
from protocol.facts.fact import ImpossibleFact, Row, chain

#: Hot aggregates of one connection. The one that was touched longest ago goes first.
MOST_HOT = 4096
_LONGEST_AGGREGATE = 200
_LAST_VERSION = 2**62

#: Rows of folded tables by table and key.
Rows = dict[str, dict[object, tuple[object, ...]]]

_NAMES = {event: event.__name__ for event in fold.KINDS}
_PREFIXES = {event: f"{kind}:" for event, kind in fold.KINDS.items()}
#: The part of a row that names it, by table.
_KEY_OF = {name: itemgetter(*map(shape.column_names.index, shape.key)) for name, shape in fold.SHAPES.items()}


class ChainBroken(Exception):
    """The records of a run do not hash to what the box says; nothing of it was applied."""


class NotUnderstood(Exception):
    """The record could be kept but not read as a fact; the text tells why."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One record of a run as far as it could be read: its row of `facts`, and the fact or why not."""

    row: FactRow
    fact: fold.AnyFact | None
    why: str = ""

    @property
    def seq(self) -> int:
        """Place in the journal."""
        return self.row[2]

    @property
    def aggregate(self) -> str:
        """`kind:id`, or a name of its own for a record that does not tell."""
        return self.row[3]

    @property
    def record(self) -> bytes:
        """The bytes that were journalled."""
        return self.row[6]

    @property
    def hash(self) -> bytes:
        """The chain's hash after this record."""
        return self.row[7]


class Folded(msgspec.Struct):
    """What a run does to the database, and the overlay that becomes true with it.

    `new` are rows of aggregates that begin in this run, so none of them can be there yet.
    """

    facts: list[FactRow]
    new: Rows
    changed: Rows
    states: dict[str, fold.State]
    born: set[str]
    set_aside: dict[str, tuple[int, str]]


class Ledger:
    """Hot aggregates of one box's journal, and those that are set aside."""

    def __init__(self, venue_id: Uuid, log_id: Uuid, set_aside: set[str]) -> None:
        self.venue_id = venue_id
        self.log_id = log_id
        self._hot: dict[str, fold.State] = {}
        self._set_aside = set_aside
        self._ahead: list[Folded] = []

    def read(self, first_seq: int, records: Iterable[bytes], before: bytes, after: bytes) -> list[Entry]:
        """Decode a run and check its chain from hash `before` to hash `after`. Raises `ChainBroken`."""
        entries = []
        link_hash = before
        for seq, record in enumerate(records, first_seq):
            link_hash = chain(link_hash, record)
            try:
                fact = fold.decode_record(record)
            except (fold.UnknownEvent, fold.BadRecord) as error:
                entries.append(self._unreadable(seq, record, link_hash, str(error) or type(error).__name__))
                continue
            aggregate, version, event = fact.aggregate, fact.version, type(fact.event)
            if fact.seq == seq and aggregate.startswith(_PREFIXES[event]) and _fits(aggregate, version):
                name = _NAMES[event]
                row = (self.venue_id, self.log_id, seq, aggregate, version, name, record, link_hash, False)
                entries.append(Entry(row, fact))
            else:
                why = "the envelope does not fit its event or its place"
                entries.append(self._unreadable(seq, record, link_hash, why))
        if link_hash != after:
            raise ChainBroken(f"the run from {first_seq} does not hash to what the box says")
        return entries

    def _unreadable(self, seq: int, record: bytes, link_hash: bytes, why: str) -> Entry:
        """Kept under its aggregate if that much can be read, else under one of its own."""
        aggregate, version = f"unreadable:{seq}", 1
        try:
            envelope = fold.decode_envelope(record)
        except fold.BadRecord:
            pass
        else:
            if _fits(envelope.aggregate, envelope.version):
                aggregate, version = envelope.aggregate, envelope.version
        row = (self.venue_id, self.log_id, seq, aggregate, version, "unreadable", record, link_hash, False)
        return Entry(row, None, why)

    def missing(self, entries: list[Entry]) -> set[str]:
        """Aggregates that go on in this run and are not at hand. Those that begin in it need no look-up."""
        first = {entry.row[3]: entry.row[4] for entry in reversed(entries)}
        return {name for name, version in first.items() if version > 1 and self._state(name) is None}

    def warm(self, records: dict[str, list[bytes]]) -> None:
        """Take aggregates from their stored facts."""
        for aggregate, history in records.items():
            state = replay(history)
            if state is not None:
                self._hot[aggregate] = state

    def _state(self, aggregate: str) -> fold.State | None:
        for folded in reversed(self._ahead):  # one or two
            if aggregate in folded.states:
                return folded.states[aggregate]
        return self._hot.get(aggregate)

    def fold(self, entries: list[Entry]) -> Folded:
        """Fold a run on top of everything that was folded before. `keep` it once it is committed."""
        folded = self.begin()
        self.go_on(folded, entries)
        return folded

    def begin(self) -> Folded:
        """A run of which nothing is folded yet."""
        folded = Folded([], {}, {}, {}, set(), {})
        self._ahead.append(folded)
        return folded

    def go_on(self, folded: Folded, entries: Iterable[Entry]) -> None:
        """Fold the next part of the youngest run. Older ones may be kept between two parts."""
        aside = self._set_aside.union(*(run.set_aside for run in self._ahead))
        for entry in entries:
            row, aggregate = entry.row, entry.row[3]
            if aggregate in aside:
                folded.facts.append((*row[:-1], True))
                continue
            before = self._state(aggregate)
            try:
                state, changes = _apply(before, entry)
            except Exception as error:
                aside.add(aggregate)
                folded.set_aside[aggregate] = (entry.seq, f"{type(error).__name__}: {error}")
                folded.facts.append((*row[:-1], True))
                continue
            folded.facts.append(row)
            folded.states[aggregate] = state
            if before is None:
                folded.born.add(aggregate)
            target = folded.new if aggregate in folded.born else folded.changed
            for table, changed in changes:
                target.setdefault(table, {})[_KEY_OF[table](changed)] = changed

    def keep(self, folded: Folded) -> None:
        """The oldest run that was folded is committed: its overlay is the truth now."""
        self.drop(folded)
        self._set_aside.update(folded.set_aside)
        for aggregate, state in folded.states.items():
            self._hot.pop(aggregate, None)  # put back at the young end
            self._hot[aggregate] = state
        while len(self._hot) > MOST_HOT:
            del self._hot[next(iter(self._hot))]

    def drop(self, folded: Folded) -> None:
        """A run that was folded is not going to be committed."""
        self._ahead = [other for other in self._ahead if other is not folded]

    def cold(self) -> "Ledger":
        """Another ledger of the same journal with nothing at hand."""
        return Ledger(self.venue_id, self.log_id, set(self._set_aside))


def _fits(aggregate: str, version: int) -> bool:
    return len(aggregate) <= _LONGEST_AGGREGATE and "\0" not in aggregate and 0 < version < _LAST_VERSION


def _apply(before: fold.State | None, entry: Entry) -> tuple[fold.State, list[Row]]:
    """The state after a fact and the rows it changed; raises whatever the fact provokes."""
    if entry.fact is None:
        raise NotUnderstood(entry.why)
    state = fold.evolve(before, entry.fact)
    return state, fold.rows(state, entry.fact)


def replay(records: list[bytes]) -> fold.State | None:
    """The state that an aggregate's stored facts fold into. They folded once, so they fold again.

    Of a kind whose every fact tells all, those before the first one here may be in an archive.
    """
    state: fold.State | None = None
    for record in records:
        try:
            state = resumed(state, fold.decode_record(record))
        except (ImpossibleFact, fold.UnknownEvent, fold.BadRecord):
            return None
    return state


def resumed(state: fold.State | None, fact: fold.AnyFact) -> fold.State:
    """As `evolve`, but also from the first fact that is left of a kind whose every fact tells all."""
    if state is None and fact.aggregate.partition(":")[0] in fold.WHOLE:
        return fold.restored(fact)
    return fold.evolve(state, fact)
