"""The books of the link in Postgres: a connection of the pool, and the statements of this package upon it.

Rule of the file: no SQL and no decisions; every method is one function of a module beside it.
Counterpart: `cloud/ingest/books.py` is the port that this satisfies.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import asyncpg

from cloud.store.link import claims, facts, nodes, orphans, streams, telemetry
from cloud.store.link.facts import FactRow, Uuid
from cloud.store.link.nodes import Lock, Node, Sign
from cloud.store.link.orphans import Orphaned, OrphanRow
from cloud.store.link.streams import Mark
from cloud.store.link.telemetry import Told
from protocol.bucket import Key
from protocol.link import Entry

Row = tuple[object, ...]


class PostgresPage:
    """One connection for one turn."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    def savepoint(self) -> AbstractAsyncContextManager[object]:
        """A transaction within the transaction."""
        block: AbstractAsyncContextManager[object] = self._connection.transaction()
        return block

    async def incarnation(self) -> str:
        """See `nodes.incarnation`."""
        return await nodes.incarnation(self._connection)

    async def find(self, venue_id: str, node_id: str) -> Node | None:
        """See `nodes.find`."""
        return await nodes.find(self._connection, venue_id, node_id)

    async def hash_at(self, node: Node, seq: int) -> bytes | None:
        """See `nodes.hash_at`."""
        return await nodes.hash_at(self._connection, node, seq)

    async def take(self, node: Node, name: str, tail_seq: int, clock_trusted: bool, life: str) -> Node:
        """See `nodes.take`."""
        return await nodes.take(self._connection, node, name, tail_seq, clock_trusted, life)

    async def rival(self, node: Node, life: str) -> None:
        """See `nodes.rival`."""
        await nodes.rival(self._connection, node, life)

    async def ticket(self, node: Node, code_digest: str, hours: int) -> None:
        """See `claims.add_ticket`."""
        await claims.add_ticket(
            self._connection, code_digest, node.venue_id, node.public_key, node.charge_epoch, hours
        )

    async def reincarnate(self) -> str:
        """See `nodes.reincarnate`."""
        return await nodes.reincarnate(self._connection)

    async def behind(self, venue_id: str, cursors: dict[str, int]) -> bool:
        """See `streams.behind`."""
        return await streams.behind(self._connection, venue_id, cursors)

    async def outrun(self, venue_id: str, node_id: str, cursors: dict[str, int]) -> None:
        """See `streams.outrun`."""
        await streams.outrun(self._connection, venue_id, node_id, cursors)

    async def keep_orphans(self, rows: Sequence[OrphanRow]) -> None:
        """See `orphans.keep`."""
        await orphans.keep(self._connection, rows)

    async def holds_orphan(self, node: Node, seq: int, chain_hash: bytes) -> bool:
        """See `orphans.holds`."""
        return await orphans.holds(self._connection, node.venue_id, node.log_id, seq, chain_hash)

    async def orphaned(self, venue_id: Uuid, log_id: Uuid, found: Orphaned) -> None:
        """See `orphans.count`."""
        await orphans.count(self._connection, venue_id, log_id, found)

    async def orphan_records(
        self, venue_id: Uuid, log_id: Uuid, aggregates: Iterable[str]
    ) -> dict[str, list[bytes]]:
        """See `orphans.records_of`."""
        return await orphans.records_of(self._connection, venue_id, log_id, aggregates)

    async def turned_away(self, node: Node, trouble: str) -> None:
        """See `nodes.turned_away`."""
        await nodes.turned_away(self._connection, node, trouble)

    async def lock(self, venue_id: str, node_id: str) -> Lock:
        """See `nodes.lock`."""
        return await nodes.lock(self._connection, venue_id, node_id)

    async def advance(self, venue_id: str, node_id: str, seq: int, chain_hash: bytes, tail_seq: int) -> None:
        """See `nodes.advance`."""
        await nodes.advance(self._connection, venue_id, node_id, seq, chain_hash, tail_seq)

    async def heard(self, signs: list[Sign]) -> set[str]:
        """See `nodes.heard`."""
        return await nodes.heard(self._connection, signs)

    async def keep_told(self, told: Sequence[Told]) -> set[str]:
        """See `telemetry.keep`."""
        return await telemetry.keep(self._connection, told)

    async def forget_untold(self, wholes: dict[str, int]) -> None:
        """See `telemetry.forget`."""
        await telemetry.forget(self._connection, wholes)

    async def left(self, venue_id: str, node_id: str, name: str, trouble: str | None) -> None:
        """See `nodes.left`."""
        await nodes.left(self._connection, venue_id, node_id, name, trouble)

    async def store(self, rows: Sequence[FactRow]) -> None:
        """See `facts.store`."""
        await facts.store(self._connection, rows)

    async def add(self, venue_id: Uuid, table: str, rows: Collection[Row]) -> None:
        """See `facts.add`."""
        await facts.add(self._connection, venue_id, table, rows)

    async def upsert(self, venue_id: Uuid, table: str, rows: Collection[Row]) -> None:
        """See `facts.upsert`."""
        await facts.upsert(self._connection, venue_id, table, rows)

    async def touched(self, venue_id: Uuid, log_id: Uuid, since_seq: int, seq: int) -> set[str]:
        """See `facts.touched`."""
        return await facts.touched(self._connection, venue_id, log_id, since_seq, seq)

    async def rows_at(self, venue_id: Uuid, table: str, keys: Collection[Row]) -> dict[Key, Row | None]:
        """See `facts.rows_at`."""
        return await facts.rows_at(self._connection, venue_id, table, keys)

    async def replace(self, venue_id: Uuid, table: str, rows: Collection[Row]) -> None:
        """See `facts.replace`."""
        await facts.replace(self._connection, venue_id, table, rows)

    async def mended(self, node: Node, words: str) -> None:
        """See `nodes.mended`."""
        await nodes.mended(self._connection, node, words)

    async def records_of(self, venue_id: Uuid, aggregates: Iterable[str]) -> dict[str, list[bytes]]:
        """See `facts.records_of`."""
        return await facts.records_of(self._connection, venue_id, aggregates)

    async def quarantined(self, venue_id: Uuid) -> set[str]:
        """See `facts.quarantined`."""
        return await facts.quarantined(self._connection, venue_id)

    async def quarantine(self, venue_id: Uuid, log_id: Uuid, reasons: dict[str, tuple[int, str]]) -> None:
        """See `facts.quarantine`."""
        await facts.quarantine(self._connection, venue_id, log_id, reasons)

    async def entries(
        self, venue_id: str, stream: str, seq: int, most: int, most_bytes: int
    ) -> tuple[Entry, ...]:
        """See `streams.after`."""
        return await streams.after(self._connection, venue_id, stream, seq, most, most_bytes)

    async def applied(self, venue_id: str, node_id: str, mark: Mark) -> None:
        """See `streams.applied`."""
        await streams.applied(self._connection, venue_id, node_id, mark)


class PostgresBooks:
    """Turns at one Postgres."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PostgresPage]:
        """Committed as a whole. Raises one of `pool.GONE` when Postgres is away."""
        async with self._pool.acquire() as connection, connection.transaction():
            yield PostgresPage(connection)

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[PostgresPage]:
        """Committed statement by statement. Raises one of `pool.GONE` when Postgres is away."""
        async with self._pool.acquire() as connection:
            yield PostgresPage(connection)
