"""Who is connected to this process, and the coalesced writing down of their signs of life.

Thousands of boxes ping every few seconds; one statement every other second says so for all of them. The
same statement tells which connections no longer speak for their box, because a newer one does.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from cloud.ingest.books import Books
from cloud.store.nodes import Sign
from cloud.store.pool import GONE

#: How many boxes may use their whole credit at once.
_FULL_CREDITS = 5
_LEAST_CREDIT = 200
_LEAST_CREDIT_BYTES = 64 * 1024


class Guest:
    """One live connection as presence sees it."""

    def __init__(self, name: str, tail_seq: int, clock_trusted: bool) -> None:
        self.name = name
        self.tail_seq = tail_seq
        self.clock_trusted = clock_trusted
        self.heard_at = time.monotonic()
        self.told_at = 0.0
        self.superseded = asyncio.Event()

    def hear(self) -> None:
        """Anything at all came from the box."""
        self.heard_at = time.monotonic()


class Presence:
    """All live connections of this process, and how many facts each may have under way."""

    def __init__(self, books: Books, every_s: float, credit_facts: int, credit_bytes: int) -> None:
        self._books = books
        self._every_s = every_s
        self._credit_facts = credit_facts
        self._credit_bytes = credit_bytes
        self._guests: set[Guest] = set()

    @property
    def count(self) -> int:
        """Boxes that are connected to this process."""
        return len(self._guests)

    @contextmanager
    def of(self, guest: Guest) -> Iterator[None]:
        """The guest is here while the block lasts."""
        self._guests.add(guest)
        try:
            yield
        finally:
            self._guests.discard(guest)

    def credit(self) -> int:
        """A fair share of what this process will hold in memory, so that a herd cannot fill it."""
        share = _FULL_CREDITS * self._credit_facts // max(1, len(self._guests))
        return max(_LEAST_CREDIT, min(self._credit_facts, share))

    def credit_bytes(self) -> int:
        """The same in bytes of records, which is what really bounds the memory."""
        share = _FULL_CREDITS * self._credit_bytes // max(1, len(self._guests))
        return max(_LEAST_CREDIT_BYTES, min(self._credit_bytes, share))

    async def run(self) -> None:
        """Write signs of life down until cancelled."""
        while True:
            await asyncio.sleep(self._every_s)
            with suppress(*GONE):  # the signs are told again next time
                await self._tell()

    async def _tell(self) -> None:
        now = time.monotonic()
        news = [guest for guest in self._guests if guest.heard_at > guest.told_at]
        if not news:
            return
        signs = [
            Sign(guest.name, now - guest.heard_at, guest.tail_seq, guest.clock_trusted) for guest in news
        ]
        async with self._books.glance() as page:
            speaking = await page.heard(signs)
        for guest in news:
            guest.told_at = now
            if guest.name not in speaking:
                guest.superseded.set()
