"""One run of facts, one Postgres transaction: facts, folded rows and the node's cursor, or none of them.

The quick way folds everything and writes each table once. When Postgres will not take what came out of
it (a row that no state leads to, a version that is there already, text that no database holds), the same
run is applied the careful way: aggregate by aggregate behind savepoints, setting aside only those that
Postgres refuses. Either way the cursor moves and the run never has to be looked at again.
"""

from collections.abc import Iterable
from uuid import UUID

import asyncpg
import msgspec

from cloud.ingest.ledger import Entry, Folded, Ledger
from cloud.store import facts, nodes
from cloud.store.nodes import Node


class Superseded(Exception):
    """Another connection speaks for this box now, or another box for this venue."""


class CursorMoved(Exception):
    """The cloud's copy does not end where this connection thinks; only a new hello can tell."""


class Applied(msgspec.Struct, frozen=True):
    """What one transaction made durable. `set_aside` counts aggregates that were newly set aside."""

    seq: int
    hash: bytes
    facts: int
    order_ids: set[str]
    set_aside: int


class Applier:
    """Applies the runs of one connection, in order."""

    def __init__(self, pool: asyncpg.Pool, node: Node, connection_name: str, ledger: Ledger) -> None:
        self._pool = pool
        self._node = node
        self._name = connection_name
        self._ledger = ledger
        self._seq, self._hash = node.durable_seq, node.durable_hash

    async def apply(self, entries: list[Entry], tail_seq: int) -> Applied:
        """Commit a dense run. Raises `Superseded`, `CursorMoved`, or one of `pool.GONE`."""
        try:
            folded = await self._transact(entries, tail_seq, careful=False)
        except facts.UNFIT:
            self._ledger.forget()
            folded = await self._transact(entries, tail_seq, careful=True)
        self._ledger.keep(folded)
        self._seq, self._hash = entries[-1].seq, entries[-1].hash
        orders = {str(key[0]) for table in ("orders", "tickets") for key in _orders(folded, table)}
        return Applied(self._seq, self._hash, len(entries), orders, len(folded.set_aside))

    async def _transact(self, entries: list[Entry], tail_seq: int, *, careful: bool) -> Folded:
        async with self._pool.acquire() as connection, connection.transaction():
            await self._hold_cursor(connection, entries)
            await self._warm(connection, self._ledger.missing(entries))
            folded = await (self._carefully if careful else self._quickly)(connection, entries)
            last = entries[-1]
            node = self._node
            await nodes.advance(
                connection, node.venue_id, node.node_id, last.seq, last.hash, max(tail_seq, last.seq)
            )
        return folded

    async def _hold_cursor(self, connection: asyncpg.Connection, entries: list[Entry]) -> None:
        held = await nodes.lock(connection, self._node.venue_id, self._node.node_id)
        in_charge = held.epoch == held.charge_epoch == self._node.epoch and held.log_id == self._node.log_id
        if held.connection != self._name or not in_charge:
            raise Superseded
        if (held.durable_seq, held.durable_hash) != (self._seq, self._hash) or entries[
            0
        ].seq != self._seq + 1:
            raise CursorMoved

    async def _warm(self, connection: asyncpg.Connection, missing: Iterable[str]) -> None:
        if missing:
            self._ledger.warm(await facts.records_of(connection, self._ledger.venue_id, missing))

    async def _quickly(self, connection: asyncpg.Connection, entries: list[Entry]) -> Folded:
        folded = self._ledger.fold(entries)
        await facts.store(connection, folded.facts)
        await _write_rows(connection, self._ledger.venue_id, folded)
        await self._write_set_aside(connection, folded)
        return folded

    async def _carefully(self, connection: asyncpg.Connection, entries: list[Entry]) -> Folded:
        """Each aggregate behind its own savepoint, all of them looked up, none trusted to be new."""
        whole = Folded([], {}, {}, {})
        of_aggregate: dict[str, list[Entry]] = {}
        for entry in entries:
            of_aggregate.setdefault(entry.aggregate, []).append(entry)
        await self._warm(connection, of_aggregate)
        for aggregate, own in of_aggregate.items():
            folded = await self._one_aggregate(connection, aggregate, own)
            whole.facts += folded.facts
            whole.states |= folded.states
            whole.set_aside |= folded.set_aside
            for table, rows in folded.rows.items():
                whole.rows.setdefault(table, {}).update(rows)
        await self._write_set_aside(connection, whole)
        return whole

    async def _one_aggregate(
        self, connection: asyncpg.Connection, aggregate: str, own: list[Entry]
    ) -> Folded:
        folded = self._ledger.fold(own)
        try:
            async with connection.transaction():
                await _write_rows(connection, self._ledger.venue_id, folded)
                await facts.store(connection, folded.facts)
        except facts.UNFIT as error:
            reason = f"the database refuses it: {error}"
            folded = self._ledger.fold(
                [msgspec.structs.replace(entry, fact=None, why=reason) for entry in own]
            )
            await facts.store(connection, folded.facts)
        return folded

    async def _write_set_aside(self, connection: asyncpg.Connection, folded: Folded) -> None:
        if folded.set_aside:
            await facts.quarantine(connection, self._ledger.venue_id, self._ledger.log_id, folded.set_aside)


async def _write_rows(connection: asyncpg.Connection, venue_id: UUID, folded: Folded) -> None:
    for table, rows in folded.rows.items():
        await facts.upsert(connection, venue_id, table, rows.values())


def _orders(folded: Folded, table: str) -> Iterable[tuple[object, ...]]:
    """Order ids first: `orders` has them as key, `tickets` as third column."""
    rows = folded.rows.get(table, {})
    return rows if table == "orders" else [(row[2],) for row in rows.values()]
