"""One run of facts, one Postgres transaction: facts, folded rows and the node's cursor, or none of them.

`prepare` folds a run in memory and `commit` writes it; the next run may be prepared while one is written.

The quick way writes each table once. When Postgres will not take what came out of it (a row that no
state leads to, a version that is there already, text that no database holds), the same run is applied
the careful way: aggregate by aggregate behind savepoints, setting aside only those that Postgres refuses.
Either way the cursor moves and the run never has to be looked at again. After the careful way the
connection starts over with a new hello, because what was prepared meanwhile knew too much.
"""

import asyncio
import re

import msgspec

from cloud.ingest.books import Books, Page
from cloud.ingest.ledger import Entry, Folded, Ledger
from cloud.store.link.facts import UNFIT
from cloud.store.link.nodes import Node

#: A run is folded in parts, between which the one before goes on into Postgres. Entries of a part.
_FOLDED_AT_ONCE = 300
_ORDER_ID = re.compile(r"[A-Za-z0-9-]{1,48}")


class Superseded(Exception):
    """Another connection speaks for this box now, or another box for this venue."""


class CursorMoved(Exception):
    """The cloud's copy does not end where this connection thinks; only a new hello can tell."""


class Prepared(msgspec.Struct, frozen=True):
    """A folded run on its way into Postgres."""

    entries: list[Entry]
    folded: Folded


class Applied(msgspec.Struct, frozen=True):
    """What one transaction made durable.

    `set_aside` counts aggregates that were newly set aside; after `carefully` nothing may follow on this
    connection.
    """

    seq: int
    hash: bytes
    facts: int
    order_ids: set[str]
    set_aside: int
    carefully: bool


class Applier:
    """Applies the runs of one connection, in order."""

    def __init__(self, books: Books, node: Node, connection_name: str, ledger: Ledger) -> None:
        self._books = books
        self._node = node
        self._name = connection_name
        self._ledger = ledger
        self._seq, self._hash = node.durable_seq, node.durable_hash

    @property
    def seq(self) -> int:
        """Where the cloud's copy ends, as far as this connection has brought it."""
        return self._seq

    async def prepare(self, entries: list[Entry]) -> Prepared:
        """Fold a dense run on top of the one before. Raises one of `pool.GONE`."""
        missing = self._ledger.missing(entries)
        if missing:
            async with self._books.glance() as page:
                self._ledger.warm(await page.records_of(self._ledger.venue_id, missing))
        folded = self._ledger.begin()
        for part in range(0, len(entries), _FOLDED_AT_ONCE):
            self._ledger.go_on(folded, entries[part : part + _FOLDED_AT_ONCE])
            await asyncio.sleep(0)
        return Prepared(entries, folded)

    async def commit(self, prepared: Prepared, tail_seq: int) -> Applied:
        """Make a run durable. Raises `Superseded`, `CursorMoved`, or one of `pool.GONE`."""
        folded, carefully = prepared.folded, False
        try:
            await self._quickly(prepared, tail_seq)
            self._ledger.keep(folded)
        except UNFIT:
            folded, carefully = await self._carefully(prepared.entries, tail_seq), True
        last = prepared.entries[-1]
        self._seq, self._hash = last.seq, last.hash
        return Applied(
            seq=last.seq,
            hash=last.hash,
            facts=len(prepared.entries),
            order_ids=_orders(folded),
            set_aside=len(folded.set_aside),
            carefully=carefully,
        )

    async def _quickly(self, prepared: Prepared, tail_seq: int) -> None:
        async with self._books.transaction() as page:
            await self._hold_cursor(page, prepared.entries[0])
            folded, venue_id = prepared.folded, self._ledger.venue_id
            await page.store(folded.facts)
            for table, rows in folded.new.items():
                await page.add(venue_id, table, rows.values())
            for table, rows in folded.changed.items():
                await page.upsert(venue_id, table, rows.values())
            await self._finish(page, prepared.entries[-1], folded, tail_seq)

    async def _carefully(self, entries: list[Entry], tail_seq: int) -> Folded:
        """Each aggregate behind its own savepoint, all of them looked up, none trusted to be new."""
        whole = Folded([], {}, {}, {}, set(), {})
        of_aggregate: dict[str, list[Entry]] = {}
        for entry in entries:
            of_aggregate.setdefault(entry.aggregate, []).append(entry)
        async with self._books.transaction() as page:
            await self._hold_cursor(page, entries[0])
            cold = self._ledger.cold()
            cold.warm(await page.records_of(cold.venue_id, of_aggregate))
            for own in of_aggregate.values():
                folded = await _one_aggregate(page, cold, own)
                whole.set_aside |= folded.set_aside
                for rows in (folded.new, folded.changed):
                    for table, of_table in rows.items():
                        whole.changed.setdefault(table, {}).update(of_table)
            await self._finish(page, entries[-1], whole, tail_seq)
        return whole

    async def _hold_cursor(self, page: Page, first: Entry) -> None:
        held = await page.lock(self._node.venue_id, self._node.node_id)
        in_charge = held.epoch == held.charge_epoch == self._node.epoch and held.log_id == self._node.log_id
        if held.connection != self._name or not in_charge:
            raise Superseded
        if (held.durable_seq, held.durable_hash) != (self._seq, self._hash) or first.seq != self._seq + 1:
            raise CursorMoved

    async def _finish(self, page: Page, last: Entry, folded: Folded, tail_seq: int) -> None:
        if folded.set_aside:
            await page.quarantine(self._ledger.venue_id, self._ledger.log_id, folded.set_aside)
        node, tail_seq = self._node, max(tail_seq, last.seq)
        await page.advance(node.venue_id, node.node_id, last.seq, last.hash, tail_seq)


async def _one_aggregate(page: Page, cold: Ledger, own: list[Entry]) -> Folded:
    """Write one aggregate's facts and rows, or its facts alone when Postgres refuses the rows."""
    folded = cold.fold(own)
    try:
        async with page.savepoint():
            for rows in (folded.new, folded.changed):
                for table, of_table in rows.items():
                    await page.upsert(cold.venue_id, table, of_table.values())
            await page.store(folded.facts)
    except UNFIT as error:
        why = f"the database refuses it: {error}"
        cold.drop(folded)
        folded = cold.fold([msgspec.structs.replace(entry, fact=None, why=why) for entry in own])
        await page.store(folded.facts)
    cold.keep(folded)
    return folded


def _orders(folded: Folded) -> set[str]:
    """Orders that a run touched, by themselves or by a ticket; oddly named ones are nobody's news."""
    touched: set[str] = set()
    for rows in (folded.new, folded.changed):
        touched.update(map(str, rows.get("orders", {})))
        touched.update(str(row[2]) for row in rows.get("tickets", {}).values())
    return set(filter(_ORDER_ID.fullmatch, touched))
