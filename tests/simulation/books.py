"""The cloud's books in memory: what `cloud/store` does in Postgres, with the same answers and refusals.

One mapping holds everything. A transaction writes into sheets laid over it, which are merged at its commit
or thrown away; whoever changes a node's row holds that row until then. `watchers` are told right after every
commit, with the rows of facts that it brought if any, so that somebody can look at what has just become true.

Counterparts: `cloud/ingest/books.py` is the port, `cloud/store/postgres.py` the real thing; the suite in
`tests/integration/cloud/test_books_agree.py` holds both to the same answers.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

from cloud.store.link.facts import FactRow
from cloud.store.link.streams import Mark
from protocol.facts.fact import genesis
from tests.simulation.node_row import NodeRow
from tests.simulation.page import MemoryPage
from tests.simulation.sheets import Key


class Watcher(Protocol):
    """Looks at what has just become true."""

    def stored(self, rows: list[FactRow]) -> None:
        """A commit has brought these facts, or none."""
        ...

    def restored(self) -> None:
        """The books are those of an earlier time."""
        ...

    def marked(self, venue_id: str, mark: Mark) -> None:
        """A box counts as having applied entries."""
        ...


class MemoryBooks:
    """Everything that is committed."""

    def __init__(self, incarnation: str, now_s: Callable[[], float] = lambda: 0.0) -> None:
        self.now_s = now_s
        self.all: dict[Key, Any] = {("incarnation",): incarnation, ("nodes",): ()}
        #: How often these books went back to an earlier time.
        self.restores = 0
        self._row_locks: dict[Key, asyncio.Lock] = {}
        #: Called after every commit, every restore and every mark, one witness after the other.
        self.watchers: list[Watcher] = []
        #: Whose boxes have to hear of entries that a commit has brought.
        self.ring: Callable[[str], None] = lambda _venue_id: None

    def watch_mark(self, venue_id: str, mark: Mark) -> None:
        """A box counts as having applied a stream up to there."""
        for watcher in self.watchers:
            watcher.marked(venue_id, mark)

    def row_lock(self, key: Key) -> asyncio.Lock:
        """Held by whoever changes this row."""
        return self._row_locks.setdefault(key, asyncio.Lock())

    def nodes(self) -> list[NodeRow]:
        """All rows of `nodes`."""
        return [self.all[key] for key in self.all["nodes",]]

    def claim(self, venue_id: str, node_id: str, log_id: str, public_key: bytes, epoch: int) -> None:
        """A box is in charge of the venue under `epoch`."""
        self.all["epoch", venue_id] = epoch
        row = NodeRow(venue_id, node_id, epoch, log_id, public_key, 0, genesis(log_id))
        key = ("node", venue_id, node_id)
        self.all[key] = row
        self.all["nodes",] = (*(each for each in self.all["nodes",] if each != key), key)

    def publish(self, venue_id: str, stream: str, body: Callable[[int], bytes]) -> int:
        """Put the next entry of a stream; `body` is told its place."""
        seq: int = self.all.get(("head", venue_id, stream), 0) + 1
        self.all["head", venue_id, stream] = seq
        self.all["entry", venue_id, stream, seq] = body(seq), self.now_s()
        return seq

    def restore(self, copy: dict[Key, Any], incarnation: str) -> None:
        """Go back to what `copy` holds. Whoever restores a database gives it a new incarnation."""
        self.all.clear()
        self.all.update(copy)
        self.all["incarnation",] = incarnation
        self.restores += 1
        for watcher in self.watchers:
            watcher.restored()

    @asynccontextmanager
    async def turn(
        self, before: Callable[[], Awaitable[None]], after: Callable[[], Awaitable[None]]
    ) -> AsyncIterator[MemoryPage]:
        """A transaction, or one statement; `before` is waited for before its commit, `after` after it."""
        page = MemoryPage(self)
        async with page.locks:
            page.sheets.open()
            yield page
            await before()
            published = page.take_places()
            page.sheets.merge()
            for watcher in self.watchers:
                watcher.stored(page.stored)
            for venue_id in sorted(published):
                self.ring(venue_id)
            await after()


async def _at_once() -> None:
    """Nothing happens around this commit."""


class CalmBooks:
    """`cloud.ingest.books.Books` over memory, where nothing fails and nothing takes time."""

    def __init__(self, books: MemoryBooks) -> None:
        self.books = books

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryPage]:
        """All or nothing."""
        async with self.books.turn(_at_once, _at_once) as page:
            yield page

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[MemoryPage]:
        """Single statements; no refusal of one leaves half of it behind."""
        async with self.books.turn(_at_once, _at_once) as page:
            yield page
