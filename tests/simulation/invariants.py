"""What must hold, by its number in `sync.md`, checked as it happens and once more when all is healed.

1  what was answered survives                      Answers, JournalWitness
2  the cloud holds a dense prefix, equal hashes    `stored`
3  money once, sums right                          journal_check
4  one fact per aggregate and version              journal_check, the cloud's index
5  play time is added and ended once               journal_check
6  a command takes effect once, has an outcome     Answers, journal_check
7  no cursor passes what is not applied            `stored`, `said`, `marked`
8  after healing queues drain and tables agree     `settled`, `compare`
9  a line's price is its menu's                    journal_check
10 wall clocks change no decision                  history, by playing a seed twice
"""

import sqlite3
from collections.abc import Collection
from typing import Any

import msgspec

from cloud.store.link.facts import FactRow, Uuid
from cloud.store.link.streams import Mark
from protocol import instruction, link
from protocol.facts.fold import SHAPES
from tests.simulation import sometimes
from tests.simulation.answers import Answers
from tests.simulation.books import MemoryBooks
from tests.simulation.chronicle import Chronicle
from tests.simulation.journal_check import JournalCheck
from tests.simulation.node_row import NodeRow
from tests.simulation.till import Till
from tests.simulation.witness import JournalWitness

#: Differing rows that are told; more would say nothing more.
_MOST_TOLD = 3
_BACKLOG = 100
#: What became of commands from the cloud, in the words of `sometimes`.
_ENDINGS = {
    "CommandDone": sometimes.DONE,
    "CommandRefused": sometimes.REFUSED,
    "CommandExpired": sometimes.EXPIRED,
    "CommandInDoubt": sometimes.IN_DOUBT,
    "CommandHeld": sometimes.HELD,
    "CommandReleased": sometimes.RELEASED,
    "RefundRequested": sometimes.OWED_BACK,
    "CreditGiven": sometimes.LENT,
    "CreditCollected": sometimes.PAID_BACK,
    "CreditWrittenOff": sometimes.WRITTEN_OFF,
    "CardStored": sometimes.STORED,
    "StoredCardSent": sometimes.SENT,
    "StoredCardDeclined": sometimes.DECLINED,
    "overridden": sometimes.OVERRIDDEN,
    "refund asked": sometimes.ASKED_BACK,
    "refund granted": sometimes.GIVEN_BACK,
    "refund declined": sometimes.NOT_GIVEN,
    "refund by itself": sometimes.BACK_BY_ITSELF,
    "BookingMade": sometimes.BOOKED,
    "BookingCheckedIn": sometimes.CHECKED_IN,
    "BookingMissed": sometimes.MISSED,
    "BookingMoved": sometimes.MOVED,
    "BookingReopened": sometimes.REOPENED,
    "DepositOwed": sometimes.OWED,
    "DepositReturned": sometimes.RETURNED,
    "deposit kept": sometimes.KEPT,
    "lapsed": sometimes.LAPSED,
    "given away": sometimes.GIVEN_AWAY,
}


class CloudWitness:
    """Holds everything that the cloud stores, and says to the box, against the box's journal."""

    def __init__(
        self, books: MemoryBooks, journal: JournalWitness, node_id: str, chronicle: Chronicle
    ) -> None:
        self._books = books
        #: Journals that the books may be following; one, unless a card was copied.
        self._candidates = [journal]
        self._every = [journal]
        #: Journals whose length an owner may be shown.
        self._told_of = [journal]
        #: Whether nobody can have this box's place.
        self.alone = True
        self._node_id = node_id
        self.venue_id = next(row.venue_id for row in books.nodes() if row.node_id == node_id)
        self._chronicle = chronicle
        self._seq = 0
        self._acked_seq = -1
        self._restored_s = 0.0
        self._read = ((0, 0, 0), 0)
        books.watchers.append(self)

    @property
    def journal(self) -> JournalWitness:
        """The one that the books follow."""
        return self._candidates[0]

    @property
    def decided(self) -> bool:
        """Whether it is known which."""
        return len(self._candidates) == 1

    def forked(self, other: JournalWitness) -> None:
        """From here on there are two boxes with one card."""
        self.alone = False
        for journals in (self._candidates, self._every, self._told_of):
            journals.append(other)

    def succeeded(self, heir: JournalWitness, node_id: str) -> None:
        """Another box has the place: the books go on with its journal and with no other."""
        self._candidates = [heir]
        self._every.append(heir)
        self._told_of.append(heir)
        self._node_id = node_id
        told = heir.first_seq == self._seq
        self._chronicle.expect(told, f"the new box goes on after {heir.first_seq}, the cloud has {self._seq}")

    def rolled_back(self, journal: JournalWitness) -> None:
        """An older card was put in: what the box tells of itself is of this journal now."""
        self._told_of.append(journal)

    @property
    def node(self) -> NodeRow:
        """The box's row."""
        return next(row for row in self._books.nodes() if row.node_id == self._node_id)

    def stored(self, rows: list[FactRow]) -> None:
        """Something was committed: its facts follow the last one, and the cursor is at their end."""
        rows = [row for row in rows if str(row[0]) == self.venue_id]
        for _, log_id, seq, _, _, _, record, chain_hash, set_aside in rows:
            self._chronicle.expect(
                str(log_id) == self.journal.log_id, f"the cloud took fact {seq} of {log_id}"
            )
            self._chronicle.expect(seq == self._seq + 1, f"the cloud stored fact {seq} after {self._seq}")
            told = [
                each for each in self._candidates if each.has(seq, record) and each.hashes[seq] == chain_hash
            ]
            self._chronicle.expect(bool(told), f"the cloud's fact {seq} is not on the box's disk")
            self._candidates = told or self._candidates
            self._chronicle.expect(not set_aside, f"fact {seq} was set aside")
            self._seq = seq
        if self.journal.tail_seq - self._seq > _BACKLOG:
            self._chronicle.saw(sometimes.BACKLOG)
        node = self.node
        cursor = node.durable_seq
        self._chronicle.expect(
            cursor == self._seq, f"the cloud's cursor is at {cursor}, its facts end at {self._seq}"
        )
        self._shown(node)
        self._read_of(node)
        self._chronicle.figures["facts in the cloud"] += len(rows)

    def _shown(self, node: NodeRow) -> None:
        """What telemetry makes an owner believe: never less than is stored, never what is not."""
        most = max(each.tail_seq + each.lost for each in self._told_of)
        if node.tail_seq is not None:
            honest = node.durable_seq <= node.tail_seq <= most
            self._chronicle.expect(
                honest, f"the owner sees {node.tail_seq} facts on the box, of {node.durable_seq} to {most}"
            )

    def _read_of(self, node: NodeRow) -> None:
        """The latest reading is of the box's own journal, and no older one ever takes its place."""
        kept = self._books.all.get(("telemetry", node.venue_id), {})
        if "box" not in kept:
            return
        place, reading = kept["box"]
        facts = int(reading.figures["facts"])
        most = max(each.tail_seq + each.lost for each in self._told_of)
        self._chronicle.expect(facts <= most, f"a reading tells of {facts} facts, the box has {most}")
        self._chronicle.expect(place >= self._read[0], f"reading {place} took the place of {self._read[0]}")
        if self.decided:
            later = facts >= self._read[1]
            self._chronicle.expect(later, f"a reading of {facts} facts came after one of {self._read[1]}")
            self._chronicle.figures["readings"] += place > self._read[0]
        self._read = place, facts

    def restored(self) -> None:
        """The books are those of an earlier time."""
        self._seq = self.node.durable_seq
        self._restored_s = self._books.now_s()
        self._read = ((0, 0, 0), 0)

    def said(self, frame: bytes) -> None:
        """The cloud tells the box that it has something: it must have it."""
        match link.to_edge.decode(frame[1:]):
            case link.UpAck(durable_seq=seq, durable_hash=chain_hash):
                self._has(seq, chain_hash)
                if seq == self._acked_seq:
                    self._chronicle.saw(sometimes.ACKED_AGAIN)
                self._acked_seq = seq
            case link.Welcome(replaced_by=epoch) if epoch and self.alone:
                self._chronicle.violated(f"the only box there is was told that {epoch} has its place")
            case link.Welcome(verdict="fenced"):
                self._chronicle.saw(sometimes.RIVAL)
            case link.Welcome(verdict=verdict, durable_seq=seq, durable_hash=chain_hash):
                if verdict in ("ok", "resend"):
                    self._has(seq, chain_hash)
                if verdict == "resend":
                    self._chronicle.saw(sometimes.RESENT)
            case link.Resend():
                self._chronicle.saw(sometimes.GAP)

    def _has(self, seq: int, chain_hash: bytes) -> None:
        """Of what the books follow; a box that is not the venue's is told of its orphans instead."""
        known = any(seq <= each.tail_seq and each.hashes[seq] == chain_hash for each in self._every)
        held = seq <= self._seq or not self.alone
        self._chronicle.expect(known and held, f"the cloud says it has {seq} facts and has {self._seq}")

    def marked(self, venue_id: str, mark: Mark) -> None:
        """The cloud believes that the box has applied entries of a stream: they must be on its disk."""
        if venue_id != self.venue_id:
            return
        holds = any(self._applied(each, mark.stream, mark.seq) for each in self._every)
        self._chronicle.expect(holds, f"{mark.stream} {mark.seq} counts as applied, the box lacks some of it")

    def _applied(self, journal: JournalWitness, stream: str, seq: int) -> bool:
        """Whether a box has everything of a stream up to `seq`; a command by its id, wherever it stood."""
        applied = journal.applied[stream]
        if stream != "commands" or seq <= applied:
            return seq <= applied
        between = (
            self._books.all.get(("entry", self.venue_id, stream, at)) for at in range(applied + 1, seq + 1)
        )
        bodies = (entry[0] for entry in between if entry is not None and entry[0] is not None)
        return all(instruction.read(body).command_id in journal.taken for body in bodies)

    def commanded(self, venue_id: str, taken: set[str]) -> None:
        """Invariant 6: whatever the cloud still knows to have asked for has reached the box."""
        for key, entry in self._books.all.items():
            if key[:3] == ("entry", venue_id, "commands") and entry[0] is not None:
                command_id = instruction.read(entry[0]).command_id
                self._chronicle.expect(command_id in taken, f"LOST {command_id}, entry {key[3]} of commands")

    def followed(self, venue_id: str, box: sqlite3.Connection) -> None:
        """What was published since the books are as they are is what the box goes by."""
        for stream, table, order in (
            ("menu", "menus", "menu_version"),
            ("config", "venue_configs", "version"),
        ):
            published = [
                (key[3], entry)
                for key, entry in self._books.all.items()
                if key[:3] == ("entry", venue_id, stream) and entry[0] is not None
            ]
            place, (body, published_s) = max(published)
            row = box.execute(f"SELECT body FROM {table} ORDER BY {order} DESC LIMIT 1").fetchone()
            held = msgspec.json.decode(row[0]) == msgspec.json.decode(body)
            self._chronicle.expect(
                held or published_s <= self._restored_s, f"the box does not go by {stream} {place}"
            )

    # ── when all is healed ───────────────────────────────────────────────────────────────────────

    def unsettled(self, venue_id: str, link_cursor: tuple[int, str]) -> str | None:
        """What is still under way, in words; None when every queue is empty and every cursor at its end."""
        node, tail = self.node, self.journal.tail_seq
        if node.durable_seq != tail:
            return f"the cloud has {node.durable_seq} of {tail} facts"
        for stream in link.STREAMS:
            head = self._books.all.get(("head", venue_id, stream), 0)
            cursor = self._books.all.get(("cursor", venue_id, self._node_id, stream), 0)
            if not self._applied(self.journal, stream, head) or cursor < self.journal.applied[stream]:
                return (
                    f"{stream}: published {head}, on the box {self.journal.applied[stream]}, known {cursor}"
                )
        if link_cursor != (tail, self._books.all["incarnation",]):
            return f"the box believes {link_cursor}, the journal ends at {tail}"
        if node.tail_seq != tail or node.connection is None:
            return f"the owner sees {node.tail_seq} of {tail} facts on the box, speaking as {node.connection}"
        return None

    def deposits(self, venue_id: str, told_minor: int) -> None:
        """Invariant 3: what guests have left as deposits, by the journal, the box and the books."""
        names, venue = (
            {table: SHAPES[table].column_names for table in ("bookings", "payments")},
            Uuid(venue_id),
        )
        rows = {
            table: [
                dict(zip(names[table], row, strict=True))
                for key, row in self._books.all.items()
                if key[0] == table and key[1] == venue
            ]
            for table in names
        }
        left = {
            each["payment_pid"]: each["amount_minor"] - each["refunded_minor"] for each in rows["payments"]
        }
        owed = [each for each in rows["bookings"] if each["deposit"] in ("paid", "owed")]
        found = (
            self.journal.check.bookings.held_minor,
            told_minor,
            sum(left[each["deposit_pid"]] for each in owed),
        )
        self._chronicle.expect(len(set(found)) == 1, f"deposits by journal, box and cloud: {found}")

    def compare(self, venue_id: str, box: sqlite3.Connection, but: Collection[str] = ()) -> None:
        """Invariant 8: every folded table row by row, all `but` some."""
        venue = Uuid(venue_id)
        held: dict[str, set[tuple[Any, ...]]] = {name: set() for name in SHAPES}
        for key, row in self._books.all.items():
            if key[0] in held and key[1] == venue:
                held[key[0]].add(row)
        for name, shape in SHAPES.items():
            if name in but:
                continue
            rows = box.execute(f"SELECT {', '.join(shape.column_names)} FROM {name}").fetchall()
            kinds = [kind for _, kind in shape.columns]
            ours = {
                tuple(_plain(value, kind) for value, kind in zip(row, kinds, strict=True)) for row in rows
            }
            differing = sorted(map(repr, ours ^ held[name]))[:_MOST_TOLD]
            self._chronicle.expect(not differing, f"{name} differs between box and cloud: {differing}")
            self._chronicle.figures["rows compared"] += len(ours)
        quarantine = self._books.all.get(("quarantine", venue), {})
        self._chronicle.expect(not quarantine, f"the cloud set something aside: {quarantine}")


def _plain(value: Any, kind: str) -> Any:
    """SQLite has no booleans."""
    return bool(value) if kind == "bool" and value is not None else value


class Seen(msgspec.Struct, frozen=True):
    """A cart as somebody was shown it."""

    session_pid: str
    version: int
    lines: tuple[tuple[int, int, int], ...]


def check_journal(
    journal: JournalWitness, answers: Answers, seen: set[Seen], till: Till, chronicle: Chronicle
) -> JournalCheck:
    """Everything that was ever said, against the journal as it is read by somebody who knows no shortcuts."""
    journal.finish()
    check = journal.check
    for ending in check.endings:
        chronicle.saw(_ENDINGS[ending])
    for look in seen:
        chronicle.expect(
            check.carts.get((look.session_pid, look.version), ()) == look.lines,
            f"nobody can have seen {look}",
        )
    check_answers(journal, answers, chronicle)
    _check_till(check, till, chronicle)
    return check


def _check_till(check: JournalCheck, till: Till, chronicle: Chronicle) -> None:
    """What the till has taken is an order here, and the other way round."""
    for order_id in check.by_till:
        chronicle.expect(order_id in till.taken, f"{order_id} is confirmed, the till does not have it")
    for order_id in till.taken:
        chronicle.expect(order_id in check.by_till, f"the till has {order_id}, which was not confirmed")


def check_answers(journal: JournalWitness, answers: Answers, chronicle: Chronicle) -> None:
    """Whatever a box has answered is in its journal once, and what it refused is not."""
    check = journal.check
    for mid, asked in answers.asked.items():
        found = tuple(check.effects.get(mid, ()))
        name = f"{asked.kind} {mid}"
        if asked.effect is not None:
            chronicle.expect(found == asked.effect, f"LOST {name}: told of {asked.effect}, there is {found}")
            chronicle.figures["acked actions checked"] += 1
        elif asked.refusals and not asked.unanswered and mid not in answers.elsewhere:
            # What also goes by way of the cloud may be refused at the table and go through later.
            chronicle.expect(not found, f"{name} was refused and took effect at {found}")
    unasked = check.effects.keys() - answers.asked.keys() - answers.elsewhere
    chronicle.expect(not unasked, f"nobody asked for {sorted(unasked)[:3]}")
