"""Who is connected to this process, and the coalesced writing down of their signs of life and their readings.

Thousands of boxes ping every few seconds; one statement every other second says so for all of them. The
same statement tells which connections no longer speak for their box, because a newer one does. Of readings
only the newest of each thing waits here, so a database that is slow or away makes them fewer and never more.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from cloud.ingest.books import Books
from cloud.store.link.nodes import Sign
from cloud.store.link.telemetry import LOST, Told
from cloud.store.pool import GONE
from protocol import link, telemetry
from protocol.telemetry import Reading

#: Things of one venue that may wait to be written down.
_MOST_WAITING = telemetry.MOST_READINGS
#: Readings that one statement writes down.
_READINGS_AT_ONCE = 5_000


class Guest:
    """One live connection as presence sees it."""

    def __init__(self, name: str, tail_seq: int, clock_trusted: bool) -> None:
        self.name = name
        self.tail_seq = tail_seq
        self.clock_trusted = clock_trusted
        self.unsynced_minor: int | None = None
        self.heard_at = time.monotonic()
        self.told_at = 0.0
        self.superseded = asyncio.Event()
        self._word = 0
        self._whole: int | None = None
        self._readings: dict[str, tuple[int, float, Reading]] = {}

    def hear(self) -> None:
        """Anything at all came from the box."""
        self.heard_at = time.monotonic()

    def tell(self, status: link.Status, taken_seq: int) -> None:
        """What the box says of itself beside its journal."""
        self.tail_seq = max(status.tail_seq, taken_seq)
        self.clock_trusted = status.clock_trusted
        self.unsynced_minor = status.unsynced_minor
        readings = telemetry.unpack(status.readings)
        self._word += 1
        if status.whole:
            self._whole = self._word
            self._readings.clear()
        for reading in readings:
            if reading.thing in self._readings or len(self._readings) < _MOST_WAITING:
                self._readings[reading.thing] = self._word, time.monotonic(), reading

    def take_told(self, now: float) -> tuple[list[Told], int | None]:
        """The newest readings that were not written down yet, and the word that named everything, if any."""
        told = [
            Told(self.name, word, max(0.0, now - at), reading)
            for word, at, reading in self._readings.values()
        ]
        whole = self._whole
        self._readings, self._whole = {}, None
        return told, whole


class Presence:
    """All live connections of this process.

    `changed` hears of the venues whose things were read anew.
    """

    def __init__(
        self,
        books: Books,
        every_s: float,
        changed: Callable[[set[str]], None] = lambda _venue_ids: None,
    ) -> None:
        self._books = books
        self._every_s = every_s
        self._changed = changed
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
            Sign(guest.name, now - guest.heard_at, guest.tail_seq, guest.clock_trusted, guest.unsynced_minor)
            for guest in news
        ]
        async with self._books.glance() as page:
            speaking = await page.heard(signs)
        for guest in news:
            guest.told_at = now
            if guest.name not in speaking:
                guest.superseded.set()
        await self._keep_readings([guest for guest in news if guest.name in speaking], now)

    async def _keep_readings(self, guests: list[Guest], now: float) -> None:
        """Lost without harm: what cannot be written down now is told again by its box."""
        told: list[Told] = []
        wholes: dict[str, int] = {}
        for guest in guests:
            own, whole = guest.take_told(now)
            told += own
            if whole is not None:
                wholes[guest.name] = whole
        for start in range(0, len(told), _READINGS_AT_ONCE):
            await self._keep_some(told[start : start + _READINGS_AT_ONCE])
        if wholes:
            with suppress(*LOST):
                async with self._books.glance() as page:
                    await page.forget_untold(wholes)

    async def _keep_some(self, told: list[Told]) -> None:
        with suppress(*LOST):
            async with self._books.glance() as page:
                self._changed(await page.keep_told(told))
