"""One turn at the cloud's books in memory: each method answers and refuses as its namesake in `cloud/store`.

Changes lie in sheets over what is committed. Whoever changes a node's row holds that row until the turn ends,
as a transaction of Postgres does. Counterparts: `cloud/ingest/books.py` is the port, `books.py` hands the
turns out.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec

from cloud.store.link.facts import FactRow, Uuid
from cloud.store.link.nodes import Lock, Node, Sign
from cloud.store.link.orphans import Orphaned, OrphanRow
from cloud.store.link.streams import Mark
from cloud.store.link.telemetry import Told
from cloud.store.words import storable
from protocol.bucket import Key as BucketKey
from protocol.link import Entry
from tests.simulation import outrunning, readings, wallets
from tests.simulation.constraints import GUARDS, check_text
from tests.simulation.node_row import NodeRow, node_of, since
from tests.simulation.outrunning import NOTHING
from tests.simulation.sheets import Key, Sheets

if TYPE_CHECKING:
    from tests.simulation.books import MemoryBooks

Row = tuple[Any, ...]


class MemoryPage:
    """One turn, as `cloud.ingest.books.Page`."""

    def __init__(self, books: "MemoryBooks") -> None:
        self._books = books
        self._held: set[Key] = set()
        self.sheets = Sheets(books.all)
        self.stored: list[FactRow] = []
        #: Entries of down streams that take their places as this becomes true: venue, stream, body.
        self._published: list[tuple[str, str, bytes]] = []
        self._outrun: tuple[str, dict[str, int], dict[str, int]] | None = None
        self.locks = AsyncExitStack()

    # ── keeping to the rules of a transaction ────────────────────────────────────────────────────

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What is done in the block is undone alone when it raises."""
        self.sheets.open()
        stored, published = len(self.stored), len(self._published)
        try:
            yield
        except BaseException:
            self.sheets.drop()
            del self.stored[stored:]
            del self._published[published:]
            raise
        self.sheets.merge()

    async def hold(self, venue_id: str, node_id: str) -> NodeRow | None:
        """The node's row, locked until the turn ends, as whatever changes a row of Postgres does."""
        key = ("node", venue_id, node_id)
        await self.lock_row(key)
        row: NodeRow | None = self.sheets.get(key)
        return row

    async def lock_row(self, key: Key) -> None:
        """Hold any row until the turn ends."""
        if key not in self._held:
            await self.locks.enter_async_context(self._books.row_lock(key))
            self._held.add(key)

    def publish(self, venue_id: str, stream: str, body: bytes) -> None:
        """The next entry of a stream, if this turn comes true."""
        self._published.append((venue_id, stream, body))

    def take_places(self) -> set[str]:
        """Give what is published its places; whose boxes have to hear of it. Nothing may come in between."""
        if self._outrun:  # what was published since: Postgres has it wait for a place after the box's
            outrunning.outrun(self.sheets, *self._outrun)
        for venue_id, stream, body in self._published:
            seq = self.sheets.get(("head", venue_id, stream), 0) + 1
            self.sheets.put(("head", venue_id, stream), seq)
            self.sheets.put(("entry", venue_id, stream, seq), (body, self._books.now_s()))
        return {venue_id for venue_id, _, _ in self._published}

    def put_node(self, row: NodeRow) -> None:
        """What the node's row is from now on."""
        self.sheets.put(("node", row.venue_id, row.node_id), row)

    def nodes(self) -> list[NodeRow]:
        """All rows of `nodes`, as this turn sees them."""
        return [self.sheets.get(key) for key in self.sheets.get(("nodes",))]

    def add_node(self, row: NodeRow) -> None:
        """One more."""
        key = ("node", row.venue_id, row.node_id)
        self.sheets.put(("nodes",), (*self.sheets.get(("nodes",)), key))
        self.put_node(row)

    def items(self, table: str) -> Iterator[tuple[Key, Any]]:
        """What is committed of a table."""
        return ((key, row) for key, row in self._books.all.items() if key[0] == table)

    # ── nodes ────────────────────────────────────────────────────────────────────────────────────

    async def incarnation(self) -> str:
        """See `cloud.store.link.nodes.incarnation`."""
        return str(self.sheets.get(("incarnation",)))

    async def find(self, venue_id: str, node_id: str) -> Node | None:
        """See `cloud.store.link.nodes.find`."""
        row = self.sheets.get(("node", venue_id, node_id))
        return None if row is None else node_of(row, self._charge(venue_id), self._books.now_s())

    def _charge(self, venue_id: str) -> int:
        epoch: int = self.sheets.get(("epoch", venue_id), 0)
        return epoch

    async def hash_at(self, node: Node, seq: int) -> bytes | None:
        """See `cloud.store.link.nodes.hash_at`."""
        if seq == node.base_seq:
            return node.base_hash
        row: FactRow | None = self.sheets.get(("fact", Uuid(node.venue_id), Uuid(node.log_id), seq))
        return None if row is None else row[7]

    async def take(self, node: Node, name: str, tail_seq: int, clock_trusted: bool, life: str) -> Node:
        """See `cloud.store.link.nodes.take`."""
        row = await self.hold(node.venue_id, node.node_id)
        assert row is not None
        changed = msgspec.structs.replace(
            row,
            connection=name,
            tail_seq=max(tail_seq, row.durable_seq),
            clock_trusted=clock_trusted,
            trouble=None,
            life=life,
            heard_s=self._books.now_s(),
            rival_life=None,
            hellos=row.hellos + 1,
        )
        self.put_node(changed)
        return msgspec.structs.replace(
            node, durable_seq=row.durable_seq, durable_hash=row.durable_hash, hellos=changed.hellos
        )

    async def turned_away(self, node: Node, trouble: str) -> None:
        """See `cloud.store.link.nodes.turned_away`."""
        row = await self.hold(node.venue_id, node.node_id)
        assert row is not None
        heard_s = self._books.now_s() if row.connection is None else row.heard_s
        self.put_node(msgspec.structs.replace(row, trouble=storable(trouble), heard_s=heard_s))

    async def rival(self, node: Node, life: str) -> None:
        """See `cloud.store.link.nodes.rival`."""
        row = await self.hold(node.venue_id, node.node_id)
        if row is not None and row.rival_life != life:
            now_s = self._books.now_s()
            self.put_node(msgspec.structs.replace(row, rival_life=life, rival_since_s=now_s))

    async def ticket(self, node: Node, code_digest: str, hours: int) -> None:
        """See `cloud.store.link.claims.add_ticket`."""
        self.sheets.put(("ticket", code_digest), (node.venue_id, node.public_key, node.charge_epoch))

    async def reincarnate(self) -> str:
        """See `cloud.store.link.nodes.reincarnate`."""
        incarnation = f"{await self.incarnation()}'"
        self.sheets.put(("incarnation",), incarnation)
        return incarnation

    async def behind(self, venue_id: str, cursors: dict[str, int]) -> bool:
        """See `cloud.store.link.streams.behind`."""
        return any(
            self.sheets.get(("head", venue_id, stream), 0) < seq for stream, seq in cursors.items() if seq
        )

    async def outrun(self, venue_id: str, node_id: str, cursors: dict[str, int]) -> None:
        """See `cloud.store.link.streams.outrun`."""
        self._outrun = venue_id, cursors, outrunning.known(self.sheets, venue_id, node_id)
        outrunning.outrun(self.sheets, *self._outrun)

    async def lock(self, venue_id: str, node_id: str) -> Lock:
        """See `cloud.store.link.nodes.lock`."""
        row = await self.hold(venue_id, node_id)
        assert row is not None
        charge = self._charge(venue_id)
        return Lock(row.epoch, charge, row.log_id, row.durable_seq, row.durable_hash, row.connection)

    async def advance(self, venue_id: str, node_id: str, seq: int, chain_hash: bytes, tail_seq: int) -> None:
        """See `cloud.store.link.nodes.advance`."""
        row = await self.hold(venue_id, node_id)
        assert row is not None
        tail_seq, now_s = max(seq, tail_seq), self._books.now_s()
        self.put_node(
            msgspec.structs.replace(
                row,
                durable_seq=seq,
                durable_hash=chain_hash,
                tail_seq=tail_seq,
                heard_s=now_s,
                rival_since_s=since(row, now_s),
            )
        )

    async def heard(self, signs: list[Sign]) -> set[str]:
        """See `cloud.store.link.nodes.heard`."""
        speaking = set()
        for known in self._books.nodes():
            row = await self.hold(known.venue_id, known.node_id) or known
            sign = next((each for each in signs if each.connection == row.connection), None)
            if sign is not None:
                speaking.add(sign.connection)
                tail_seq, heard_s = max(sign.tail_seq, row.durable_seq), self._books.now_s() - sign.quiet_s
                minor = row.unsynced_minor if sign.unsynced_minor is None else sign.unsynced_minor
                self.put_node(
                    msgspec.structs.replace(
                        row,
                        tail_seq=tail_seq,
                        clock_trusted=sign.clock_trusted,
                        heard_s=heard_s,
                        rival_since_s=since(row, heard_s),
                        unsynced_minor=minor,
                    )
                )
        return speaking

    async def keep_told(self, told: Sequence[Told]) -> set[str]:
        """See `cloud.store.link.telemetry.keep`."""
        return readings.keep(self.sheets, self._speaking(), told)

    async def forget_untold(self, wholes: dict[str, int]) -> None:
        """See `cloud.store.link.telemetry.forget`."""
        readings.forget(self.sheets, self._speaking(), wholes)

    def _speaking(self) -> "dict[str, NodeRow]":
        """Boxes in charge, by the connection that speaks for each."""
        rows: list[NodeRow] = [
            self.sheets.get(("node", row.venue_id, row.node_id)) for row in self._books.nodes()
        ]
        return {
            row.connection: row for row in rows if row.connection and row.epoch == self._charge(row.venue_id)
        }

    async def left(self, venue_id: str, node_id: str, name: str, trouble: str | None) -> None:
        """See `cloud.store.link.nodes.left`."""
        row = await self.hold(venue_id, node_id)
        if row is not None and row.connection == name:
            told = row.trouble if trouble is None else storable(trouble)
            self.put_node(msgspec.structs.replace(row, connection=None, trouble=told))

    # ── facts and folded tables ──────────────────────────────────────────────────────────────────

    async def store(self, rows: Sequence[FactRow]) -> None:
        """See `cloud.store.link.facts.store`."""
        get, put = self.sheets.get, self.sheets.put
        for row in rows:
            venue_id, log_id, seq, aggregate, version, kind, record, _, set_aside = row
            check_text(aggregate)
            check_text(kind)
            if get(("fact", venue_id, log_id, seq)) is not None:
                raise asyncpg.UniqueViolationError(f"there is a fact {seq} already")
            if not set_aside:
                if get(("version", venue_id, aggregate, version)) is not None:
                    raise asyncpg.UniqueViolationError(f"{aggregate} has a version {version} already")
                put(("version", venue_id, aggregate, version), record)
            put(("fact", venue_id, log_id, seq), row)
        self.stored.extend(rows)

    async def add(self, venue_id: Uuid, table: str, rows: Collection[Row]) -> None:
        """See `cloud.store.link.facts.add`."""
        guard = GUARDS[table]
        for row in rows:
            guard.check(row)
            key = (table, venue_id, *guard.key(row))
            if self.sheets.get(key) is not None:
                raise asyncpg.UniqueViolationError(f"{table} has {key} already")
            self.sheets.put(key, row)
            await wallets.follow(self, str(venue_id), table, None, row)

    async def upsert(self, venue_id: Uuid, table: str, rows: Collection[Row]) -> None:
        """See `cloud.store.link.facts.upsert`."""
        guard = GUARDS[table]
        for row in rows:
            guard.check(row)
            key = (table, venue_id, *guard.key(row))
            old = self.sheets.get(key)
            made = row if old is None else guard.merged(old, row)
            self.sheets.put(key, made)
            await wallets.follow(self, str(venue_id), table, old, made)

    async def touched(self, venue_id: Uuid, log_id: Uuid, since_seq: int, seq: int) -> set[str]:
        """See `cloud.store.link.facts.touched`."""
        found = (self.sheets.get(("fact", venue_id, log_id, at)) for at in range(since_seq + 1, seq + 1))
        return {row[3] for row in found if row is not None}

    async def rows_at(self, venue_id: Uuid, table: str, keys: Collection[Row]) -> dict[BucketKey, Row | None]:
        """See `cloud.store.link.facts.rows_at`."""
        found = {(table, key): self.sheets.get((table, venue_id, *key)) for key in keys}
        return {key: row for key, row in found.items() if row is not None}

    async def replace(self, venue_id: Uuid, table: str, rows: Collection[Row]) -> None:
        """See `cloud.store.link.facts.replace`."""
        for row in rows:
            self.sheets.put((table, venue_id, *GUARDS[table].key(row)), row)

    async def mended(self, node: Node, words: str) -> None:
        """See `cloud.store.link.nodes.mended`: what an owner would read must never be true here."""
        raise AssertionError(f"{node.node_id}: {words}")

    async def records_of(self, venue_id: Uuid, aggregates: Iterable[str]) -> dict[str, list[bytes]]:
        """See `cloud.store.link.facts.records_of`. Versions that count have no holes."""
        found = {name: list(self._history(venue_id, name)) for name in aggregates}
        return {name: records for name, records in found.items() if records}

    def _history(self, venue_id: Uuid, aggregate: str) -> Iterator[bytes]:
        for version in count(1):
            record = self.sheets.get(("version", venue_id, aggregate, version))
            if record is None:
                return
            yield record

    async def quarantined(self, venue_id: Uuid) -> set[str]:
        """See `cloud.store.link.facts.quarantined`."""
        return set(self.sheets.get(("quarantine", venue_id), {}))

    async def quarantine(self, venue_id: Uuid, log_id: Uuid, reasons: dict[str, tuple[int, str]]) -> None:
        """See `cloud.store.link.facts.quarantine`."""
        before = self.sheets.get(("quarantine", venue_id), {})
        new = {name: (log_id, seq, storable(why)) for name, (seq, why) in reasons.items()}
        self.sheets.put(("quarantine", venue_id), {**new, **before})

    # ── orphans ──────────────────────────────────────────────────────────────────────────────────

    async def holds_orphan(self, node: Node, seq: int, chain_hash: bytes) -> bool:
        """See `cloud.store.link.orphans.holds`."""
        key = ("orphan", Uuid(node.venue_id), Uuid(node.log_id), seq, chain_hash)
        return self.sheets.get(key) is not None

    async def keep_orphans(self, rows: Sequence[OrphanRow]) -> None:
        """See `cloud.store.link.orphans.keep`."""
        for row in rows:
            fact = self.sheets.get(("fact", *row[:3]))
            if fact is None or fact[7] != row[7]:
                self.sheets.put(("orphan", *row[:3], row[7]), row)
                history = ("orphaned", row[0], row[1], row[3])
                self.sheets.put(history, {row[4]: row[6], **self.sheets.get(history, {})})

    async def orphan_records(
        self, venue_id: Uuid, log_id: Uuid, aggregates: Iterable[str]
    ) -> dict[str, list[bytes]]:
        """See `cloud.store.link.orphans.records_of`."""
        found = {}
        for name in aggregates:
            own: dict[int, bytes] = self.sheets.get(("orphaned", venue_id, log_id, name), {})
            common = list(self._history(venue_id, name))[: min(own, default=1) - 1]
            found[name] = common + [own[version] for version in sorted(own)]
        return found

    async def orphaned(self, venue_id: Uuid, log_id: Uuid, found: Orphaned) -> None:
        """See `cloud.store.link.orphans.count`."""
        for order in found.orders:
            self.sheets.put(("orphan order", venue_id, log_id, order.order_id), order)
        for payment in found.payments:
            self.sheets.put(("orphan payment", venue_id, log_id, payment.payment_pid), payment)

    # ── streams ──────────────────────────────────────────────────────────────────────────────────

    async def entries(
        self, venue_id: str, stream: str, seq: int, most: int, most_bytes: int
    ) -> tuple[Entry, ...]:
        """See `cloud.store.link.streams.after`."""
        found: list[Entry] = []
        size = 0
        for place in range(seq + 1, self.sheets.get(("head", venue_id, stream), 0) + 1):
            body, published_s = self.sheets.get(("entry", venue_id, stream, place), NOTHING)
            if body is None:
                continue  # it went with the database that was restored to an earlier time
            size += len(body)
            if len(found) == most or (found and size > most_bytes):
                break
            found.append(Entry(place, body, int((self._books.now_s() - published_s) * 1000)))
        return tuple(found)

    async def applied(self, venue_id: str, node_id: str, mark: Mark) -> None:
        """See `cloud.store.link.streams.applied`."""
        key = ("cursor", venue_id, node_id, mark.stream)
        self.sheets.put(key, max(mark.seq, self.sheets.get(key, 0)))
        self._books.watch_mark(venue_id, mark)
