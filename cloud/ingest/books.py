"""What ingest asks of the database, and nothing else: the port between the link's logic and its storage.

A `Page` is one turn at the database. Within `Books.transaction` everything done on it becomes true together
or not at all; within `Books.glance` each call stands for itself. Whatever is refused is refused with one of
`facts.UNFIT`, and a database that is away says so with one of `pool.GONE`.

Counterparts: `cloud/store/postgres.py` keeps books in Postgres; the simulation keeps them in memory, with the
same constraints, and one suite of tests holds both to the same answers.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from cloud.store.facts import FactRow, Uuid
from cloud.store.nodes import Lock, Node, Sign
from cloud.store.orphans import Orphaned, OrphanRow
from cloud.store.streams import Mark
from protocol.link import Entry

Row = tuple[object, ...]


class Page(Protocol):
    """One turn. Names, shapes and errors are those of the functions in `cloud/store`."""

    def savepoint(self) -> AbstractAsyncContextManager[object]:
        """What is done in the block is undone alone when it raises."""
        ...

    async def incarnation(self) -> str: ...

    async def find(self, venue_id: str, node_id: str) -> Node | None: ...

    async def hash_at(self, node: Node, seq: int) -> bytes | None: ...

    async def take(self, node: Node, name: str, tail_seq: int, clock_trusted: bool, life: str) -> Node: ...

    async def turned_away(self, node: Node, trouble: str) -> None: ...

    async def rival(self, node: Node, life: str) -> None: ...

    async def ticket(self, node: Node, code_digest: str, hours: int) -> None: ...

    async def reincarnate(self) -> str: ...

    async def outrun(self, venue_id: str, cursors: dict[str, int]) -> None: ...

    async def holds_orphan(self, node: Node, seq: int, chain_hash: bytes) -> bool: ...

    async def keep_orphans(self, rows: Sequence[OrphanRow]) -> None: ...

    async def orphaned(self, venue_id: Uuid, log_id: Uuid, found: Orphaned) -> None: ...

    async def orphan_records(
        self, venue_id: Uuid, log_id: Uuid, aggregates: Iterable[str]
    ) -> dict[str, list[bytes]]: ...

    async def lock(self, venue_id: str, node_id: str) -> Lock: ...

    async def advance(
        self, venue_id: str, node_id: str, seq: int, chain_hash: bytes, tail_seq: int
    ) -> None: ...

    async def heard(self, signs: list[Sign]) -> set[str]: ...

    async def left(self, venue_id: str, node_id: str, name: str, trouble: str | None) -> None: ...

    async def store(self, rows: Sequence[FactRow]) -> None: ...

    async def add(self, venue_id: Uuid, table: str, rows: Collection[Row]) -> None: ...

    async def upsert(self, venue_id: Uuid, table: str, rows: Collection[Row]) -> None: ...

    async def records_of(self, venue_id: Uuid, aggregates: Iterable[str]) -> dict[str, list[bytes]]: ...

    async def quarantined(self, venue_id: Uuid) -> set[str]: ...

    async def quarantine(self, venue_id: Uuid, log_id: Uuid, reasons: dict[str, tuple[int, str]]) -> None: ...

    async def entries(
        self, venue_id: str, stream: str, seq: int, most: int, most_bytes: int
    ) -> tuple[Entry, ...]: ...

    async def applied(self, venue_id: str, node_id: str, mark: Mark) -> None: ...


class Books(Protocol):
    """Hands out turns."""

    def transaction(self) -> AbstractAsyncContextManager[Page]:
        """Commits when the block ends, rolls back when it raises."""
        ...

    def glance(self) -> AbstractAsyncContextManager[Page]:
        """Single statements, each true at once."""
        ...
