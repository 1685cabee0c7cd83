"""Sees one box's journal as its disk gets it, and holds everything that is said and stored against that.

`JournalWitness` keeps the records that were committed, in order, handed over by the disk itself. Whatever is
answered, told as news, sent, stored in the cloud or found again after a crash has to be among them. None of
the product's reading code takes part: bytes are compared with bytes, hashes with `hashlib`, and what facts
mean is held against rules of their own (`journal_check.py`), each as it is committed.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable

from tests.simulation import sometimes
from tests.simulation.chronicle import Chronicle
from tests.simulation.disk import JournalRows
from tests.simulation.journal_check import JournalCheck

#: Event type that moves a down stream's cursor -> the stream, and the field with its place there.
_STREAM_OF = {
    "MenuAdopted": ("menu", "down_seq"),
    "VenueConfigured": ("config", "down_seq"),
    "CommandTaken": ("commands", "seq"),
}


class JournalWitness:
    """The journal of one log, byte for byte. `name` says whose, in sentences."""

    def __init__(self, name: str, log_id: str, chronicle: Chronicle) -> None:
        self.name = name
        self.log_id = log_id
        self.records: list[bytes] = []
        self.hashes = [hashlib.sha256(f"holdfast/{log_id}".encode()).digest()]
        #: Highest place of each down stream that is applied on disk.
        self.applied = {"menu": 0, "config": 0, "commands": 0}
        #: Commands of the cloud by their ids; one that is known is not written down a second time.
        self.taken: set[str] = set()
        #: Called when a balance has changed.
        self.money_moved: Callable[[], None] = lambda: None
        #: What somebody makes of it who knows nothing of the product's reading code.
        self.check = JournalCheck()
        self._complaints = 0
        self._chronicle = chronicle
        self._verified = 0
        #: Where the journal of the box before ends, which is another's to keep.
        self.first_seq = 0
        #: Facts that the disk had and has no more, since an older card was put in.
        self.lost = 0

    @property
    def tail_seq(self) -> int:
        """Seq of the last committed fact."""
        return len(self.records)

    def fork(self, name: str, tail_seq: int) -> "JournalWitness":
        """Another journal that begins with the first facts of this one."""
        other = JournalWitness(name, self.log_id, self._chronicle)
        for record in self.records[:tail_seq]:
            other.append(record)
        other.lost = self.tail_seq - tail_seq
        return other

    def succeeded(self, name: str, log_id: str, base_seq: int) -> "JournalWitness":
        """The journal of a box that goes on where so many facts of this one end, in a log of its own."""
        heir = self.fork(name, base_seq)
        heir.log_id, heir.lost = log_id, 0
        heir.hashes[-1] = hashlib.sha256(heir.hashes[-1] + f"holdfast/{log_id}".encode()).digest()
        heir.check.succeeded()
        heir.first_seq = heir._verified = base_seq
        return heir

    def append(self, record: bytes) -> None:
        """One more fact is on disk."""
        self.records.append(record)
        self.hashes.append(hashlib.sha256(self.hashes[-1] + record).digest())
        self.check.take(record)
        self._complain(self.check.complaints)
        if b'"aggregate":"account:' in record:
            self.money_moved()
        for kind, (stream, place) in _STREAM_OF.items():
            if b'"type":"%s"' % kind.encode() in record:
                event = json.loads(record)["event"]
                self.taken.add(event.get("command_id", ""))
                self._adopted(stream, event.get(place, 0))

    def finish(self) -> None:
        """Nothing more comes, for now: what was begun has to have an end."""
        self._complain(self.check.finish())

    def _complain(self, sentences: list[str]) -> None:
        for sentence in sentences[self._complaints :]:
            self._chronicle.violated(f"{self.name}: {sentence}")
        self._complaints = len(sentences)

    def _adopted(self, stream: str, place: int) -> None:
        # Repeats of commands leave holes; that none is missing is checked where all entries are at hand.
        follows = place > self.applied[stream] if stream == "commands" else place == self.applied[stream] + 1
        if not follows:
            self._chronicle.violated(
                f"{self.name}: entry {place} of {stream} was adopted after {self.applied[stream]}"
            )
        self.applied[stream] = max(place, self.applied[stream])

    def committed(self, rows: JournalRows) -> None:
        """The disk has committed these rows."""
        for seq, record, chain_hash in rows:
            dense = seq == self.tail_seq + 1
            self._chronicle.expect(dense, f"{self.name}: fact {seq} was written after {self.tail_seq}")
            self.append(record)
            good = chain_hash == self.hashes[-1]
            self._chronicle.expect(good, f"{self.name}: fact {seq} has another chain hash than its record")
        self.check.rest()
        self._complain(self.check.complaints)
        self._chronicle.figures["facts"] += len(rows)

    def has(self, seq: int, record: bytes) -> bool:
        """Whether exactly this record is on disk at that place."""
        return 0 < seq <= self.tail_seq and self.records[seq - 1] == record

    def told(self, what: str, facts: Iterable[tuple[int, bytes]]) -> None:
        """Somebody has been told of these facts: they must be on disk by now."""
        for seq, record in facts:
            self._chronicle.expect(
                self.has(seq, record), f"{self.name}: {what} rests on fact {seq}, which is not on disk"
            )

    # ── after a crash ────────────────────────────────────────────────────────────────────────────

    def reopened(self, reader: sqlite3.Connection, in_doubt: JournalRows) -> None:
        """The disk has to hold what was committed; of a commit that was cut short all or nothing."""
        query = "SELECT seq, CAST(record AS BLOB), hash FROM journal WHERE seq > ? ORDER BY seq"
        found: JournalRows = reader.execute(query, (self._verified,)).fetchall()
        known = [
            (seq, self.records[seq - 1], self.hashes[seq])
            for seq in range(self._verified + 1, self.tail_seq + 1)
        ]
        held, surplus = found[: len(known)], found[len(known) :]
        self._chronicle.expect(
            held == known, f"{self.name}: LOST {len(known) - len(held)} or changed facts after a crash"
        )
        doubtful = [row for row in in_doubt if row[0] > self.tail_seq]
        self._chronicle.expect(
            surplus in ([], doubtful), f"{self.name}: half a transaction is on disk: {len(surplus)} facts"
        )
        if surplus:
            self._chronicle.saw(sometimes.UNTOLD)
            self.committed(surplus)
        self._verified = self.tail_seq

    def reread(self, reader: sqlite3.Connection) -> None:
        """As after a crash, from the first fact of its own on."""
        self._verified = self.first_seq
        self.reopened(reader, [])
