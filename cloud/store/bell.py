"""Processes wake each other through Postgres: LISTEN on one connection, NOTIFY in small batches.

A note is a hint, never the truth: whoever hears one asks the database. Notes are sent after the commit
they tell of and not within it, because a transaction that notifies takes a lock at its commit that all
notifying transactions share, which would line up the commits of every venue behind each other. A note
lost with a dying process costs a moment: pages ask again every few seconds and a box's feed at each hello.

When the listening connection breaks, everybody is woken once it is back, for notes may have been missed.
"""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

import asyncpg

from cloud.store.pool import GONE, SERVER_SETTINGS

#: A new menu or configuration for a venue; the note is the venue's id.
DOWN = "down"
#: Facts of a venue arrived or its link changed; the note is the venue's id, then touched order ids.
VENUE = "venue"
#: A render of a design moved on; the note is the venue's id, then the design's.
RENDER = "render"
#: Something of an organisation changed that its pages show; the note is the organisation's id, then what:
#: `exports`, `alerts`, `mails`.
NEWS = "news"
#: The things of a venue were read anew; the note is the venue's id.
HEALTH = "health"
TOPICS = (DOWN, VENUE, RENDER, NEWS, HEALTH)

#: Postgres takes notes below 8000 bytes.
_ORDERS_A_NOTE = 100
_AGAIN_AFTER_S = 0.5
_ALIVE_EVERY_S = 20.0


class Ear:
    """One listener: what it follows, and what it has not yet taken."""

    def __init__(self, topic: str, ears: dict[tuple[str, str], set["Ear"]]) -> None:
        self._topic = topic
        self._ears = ears
        self._followed: set[str] = set()
        self._notes: set[str] = set()
        self._missed = False
        self._rung = asyncio.Event()

    def follow(self, venue_ids: Iterable[str]) -> None:
        """Hear of these venues from now on, too."""
        for venue_id in venue_ids:
            self._followed.add(venue_id)
            self._ears.setdefault((self._topic, venue_id), set()).add(self)

    def close(self) -> None:
        """Hear nothing more."""
        for venue_id in self._followed:
            others = self._ears[self._topic, venue_id]
            others.discard(self)
            if not others:
                del self._ears[self._topic, venue_id]

    def put(self, note: str) -> None:
        """Keep a note that is for this listener."""
        self._notes.add(note)
        self._rung.set()

    def wake(self) -> None:
        """Notes may have been lost: have the listener look for itself."""
        self._missed = True
        self._rung.set()

    async def take(self) -> tuple[set[str], bool]:
        """Wait for something, then all of it: the notes, and whether some may have been missed."""
        await self._rung.wait()
        self._rung.clear()
        notes, missed = self._notes, self._missed
        self._notes, self._missed = set(), False
        return notes, missed


class Bell:
    """One process's end. `run` it for as long as the process serves."""

    def __init__(self, url: str, pool: asyncpg.Pool) -> None:
        self._url = url
        self._pool = pool
        self._ears: dict[tuple[str, str], set[Ear]] = {}
        self._waiting: dict[str, set[str]] = {}
        self._healths: set[str] = set()
        self._work = asyncio.Event()

    @contextmanager
    def listen(self, topic: str) -> Iterator[Ear]:
        """An ear for a topic while the block lasts; it hears of the venues that it follows."""
        ear = Ear(topic, self._ears)
        try:
            yield ear
        finally:
            ear.close()

    def ring(self, venue_id: str, order_ids: set[str]) -> None:
        """Tell every process that something of the venue changed; returns at once."""
        self._waiting.setdefault(venue_id, set()).update(order_ids)
        self._work.set()

    def ring_health(self, venue_ids: set[str]) -> None:
        """Tell every process that things of these venues were read anew; returns at once."""
        if venue_ids:
            self._healths |= venue_ids
            self._work.set()

    async def run(self) -> None:
        """Listen and send until cancelled; outlives every outage of Postgres."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen_for_ever())
            group.create_task(self._send_for_ever())

    async def _send_for_ever(self) -> None:
        while True:
            await self._work.wait()
            self._work.clear()
            waiting, self._waiting = self._waiting, {}
            healths, self._healths = self._healths, set()
            notes = [note for venue_id, orders in waiting.items() for note in _notes(venue_id, orders)]
            with suppress(*GONE):  # hints only; those who listen look for themselves when Postgres is back
                for topic, told in ((VENUE, notes), (HEALTH, sorted(healths))):
                    if told:
                        await self._pool.execute(
                            "SELECT pg_notify($1, note) FROM unnest($2::text[]) AS note", topic, told
                        )

    async def _listen_for_ever(self) -> None:
        while True:
            with suppress(*GONE):
                await self._listen_once()
            await asyncio.sleep(_AGAIN_AFTER_S)

    async def _listen_once(self) -> None:
        connection = await asyncpg.connect(self._url, timeout=10, server_settings=SERVER_SETTINGS)
        broken = asyncio.Event()
        connection.add_termination_listener(lambda _connection: broken.set())
        try:
            for topic in TOPICS:
                await connection.add_listener(topic, self._heard)
            for ear in {ear for ears in self._ears.values() for ear in ears}:
                ear.wake()
            while not await _ends(broken):
                # Finds a connection that died without a word.
                await connection.execute("SELECT 1", timeout=10)
        finally:
            connection.terminate()

    def _heard(self, _connection: object, _pid: int, topic: str, note: str) -> None:
        for ear in self._ears.get((topic, note.partition(" ")[0]), ()):
            ear.put(note)


async def _ends(broken: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(_ALIVE_EVERY_S):
            return await broken.wait()
    except TimeoutError:
        return False


async def tell(connection: asyncpg.Connection | asyncpg.Pool, topic: str, note: str) -> None:
    """Send one note now; for those who have no bell of their own, and seldom within a transaction."""
    await connection.execute("SELECT pg_notify($1, $2)", topic, note)


def _notes(venue_id: str, orders: set[str]) -> list[str]:
    listed = sorted(orders)
    chunks = [listed[start : start + _ORDERS_A_NOTE] for start in range(0, len(listed), _ORDERS_A_NOTE)]
    return [" ".join([venue_id, *chunk]) for chunk in chunks or [[]]]
