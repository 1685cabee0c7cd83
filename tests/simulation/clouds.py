"""The cloud's processes: the real `Links`, each in a process that can be killed, over one set of books.

`Books` here is what one process sees of the database: it takes its time, may be away, may lose the process at
either side of a commit, and may leave it in doubt about one. `Bells` carries notes between processes as
Postgres does: a process whose listening connection breaks misses some and is told so.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import cast

import asyncpg
import msgspec
from aiohttp import web

from cloud.config import Config
from cloud.ingest import judgement
from cloud.ingest.ending import Ending, LinkOver
from cloud.ingest.socket import Links
from cloud.store.bell import Bell, Ear
from cloud.web.figures import Figures
from tests.simulation import sometimes
from tests.simulation.books import MemoryBooks
from tests.simulation.chronicle import Chronicle
from tests.simulation.fate import Fate, Moment
from tests.simulation.internet import End
from tests.simulation.loop import VirtualLoop
from tests.simulation.page import MemoryPage
from tests.simulation.premises import innermost, laid_to_rest
from tests.simulation.releases import Releases, speaking

#: As the product's, but for signs of life, which are told a little less often.
_CONFIG = Config(port=0, ping_every_s=10.0, dead_after_s=25.0, presence_every_s=4.0)


class Database(msgspec.Struct):
    """How the database is doing."""

    latency_s: float = 0.002
    away: bool = False
    #: Odds that the process does not hear whether a commit happened, having happened or not.
    doubt: float = 0.0


class Bells:
    """Stands where `cloud.store.bell.Bell` stands, for one process."""

    def __init__(self) -> None:
        self._ears: dict[tuple[str, str], set[Ear]] = {}

    @contextmanager
    def listen(self, topic: str) -> Iterator[Ear]:
        """See `Bell.listen`."""
        ear = Ear(topic, self._ears)
        try:
            yield ear
        finally:
            ear.close()

    def ring(self, _venue_id: str, _order_ids: set[str]) -> None:
        """Owners are not part of this."""

    def ring_health(self, _venue_ids: set[str]) -> None:
        """Nor are their pages."""

    def note(self, topic: str, venue_id: str) -> None:
        """A note from the database has arrived."""
        for ear in tuple(self._ears.get((topic, venue_id), ())):
            ear.put(venue_id)

    def wake(self) -> None:
        """The listening connection was broken and is back."""
        for ear in {id(ear): ear for ears in self._ears.values() for ear in ears}.values():
            ear.wake()


class Process:
    """One cloud process, until it is killed."""

    def __init__(self, clouds: "Clouds", number: int) -> None:
        self.name = f"cloud {number}"
        self.alive = True
        self.dead = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self._clouds = clouds
        self.moment = Moment(clouds.fate, self, clouds.loop, clouds.releases.cloud)
        self.bells = Bells()
        self.links = Links(_CONFIG, _View(self, clouds), cast(Bell, self.bells), Figures())
        self._group: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Serve until killed."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            self.tasks.append(group.create_task(self.links.presence.run()))

    def accept(self, end: End) -> None:
        """A box has connected."""
        assert self._group is not None
        self.tasks = [task for task in self.tasks if not task.done()]
        self.tasks.append(self._group.create_task(self._speak(end)))

    async def _speak(self, end: End) -> None:
        speaking.set(self.moment.release)
        over = await self.links.speak(cast(web.WebSocketResponse, end))
        if self.alive:
            self._clouds.ended(over)

    @property
    def serves(self) -> bool:
        """Whether it takes connections."""
        return self.alive and self._group is not None and self.moment.going.is_set()

    def kill(self, *, power: bool) -> None:
        """Nothing more is heard of it; what it had not committed has never been."""
        del power
        if self.alive:
            self.alive = False
            self.dead.set()
            self._clouds.hang_up(self.moment)


class _View:
    """The books as one process sees them."""

    def __init__(self, process: Process, clouds: "Clouds") -> None:
        self._process = process
        self._clouds = clouds

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[MemoryPage]:
        """See `cloud.ingest.books.Books`."""
        await self._reach()
        page: MemoryPage
        async with self._clouds.books.turn(self._before, self._after) as page:
            yield page

    @asynccontextmanager
    async def glance(self) -> AsyncIterator[MemoryPage]:
        """See `cloud.ingest.books.Books`."""
        await self._reach()
        async with self._clouds.books.turn(self._still_there, self._still_there) as page:
            yield page

    async def _reach(self) -> None:
        """A round trip, if there is anybody at either end."""
        database, dice = self._clouds.database, self._clouds.dice
        if database.latency_s:
            await asyncio.sleep(database.latency_s * dice.uniform(0.2, 1.8))
        await self._process.moment.going.wait()
        self._check()

    async def _still_there(self) -> None:
        """A statement takes effect on the server at once, in one piece."""
        self._check()

    def _check(self) -> None:
        if self._clouds.database.away or not self._process.alive:
            raise asyncpg.ConnectionDoesNotExistError("the database is away")

    async def _before(self) -> None:
        await self._reach()
        self._process.moment.pass_by("cloud.commit.before")
        self._check()
        self._doubt("and it did not happen")

    async def _after(self) -> None:
        self._process.moment.pass_by("cloud.commit.after")
        self._check()
        self._doubt("and it did happen")

    def _doubt(self, which: str) -> None:
        odds = self._clouds.database.doubt
        if odds and self._clouds.dice.random() < odds:
            self._clouds.chronicle.fault("commit in doubt", which)
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")


class Clouds:
    """All processes and their books. `hang_up` tells the line that a process's sockets are dead."""

    def __init__(
        self,
        books: MemoryBooks,
        fate: Fate,
        loop: VirtualLoop,
        dice: random.Random,
        chronicle: Chronicle,
        hang_up: Callable[[Moment], None],
        releases: Releases,
    ) -> None:
        self.releases = releases
        self.books = books
        books.ring = self.ring
        self.fate = fate
        self.loop = loop
        self.dice = dice
        self.chronicle = chronicle
        self.hang_up = hang_up
        self.database = Database()
        self.processes: list[Process] = []
        self.rest_s = (0.5, 10.0)
        #: Odds that a note gets lost on its way to a process, which learns of it later.
        self.lost_notes = 0.0
        #: Endings of connections that something excuses.
        self.excused: set[Ending] = set()
        self._number = 0

    async def run(self, count: int) -> None:
        """Keep so many processes going, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(count):
                group.create_task(self._keep(group))

    async def _keep(self, group: asyncio.TaskGroup) -> None:
        while True:
            self._number += 1
            process = Process(self, self._number)
            self.processes.append(process)
            await laid_to_rest(group.create_task(_see_out(process, self.chronicle)), process)
            self.processes.remove(process)
            await asyncio.sleep(self.dice.uniform(*self.rest_s))

    def view(self) -> "_View":
        """The books as a process sees them that serves now. Raises `ConnectionError` if none does."""
        serving = [process for process in self.processes if process.serves]
        if not serving:
            raise ConnectionError("nobody answers")
        return _View(self.dice.choice(serving), self)

    def answer(self, accept: Callable[[Moment], End]) -> bool:
        """A box dials; whether any process takes the call."""
        serving = [process for process in self.processes if process.serves]
        if not serving:
            return False
        process = self.dice.choice(serving)
        process.accept(accept(process.moment))
        return True

    def ended(self, over: LinkOver) -> None:
        """A connection is over; some reasons may never be."""
        self.chronicle.note(f"link over: {over.ending.name} {over.reason}")
        if over.ending in _TELLING:
            self.chronicle.saw(_TELLING[over.ending])
        self.chronicle.expect(
            over.ending not in _DAMNING - self.excused or over.reason == judgement.RIVAL,
            f"a link ended with {over.ending.name}: {over.reason}",
        )

    def publish(self, venue_id: str, stream: str, body: Callable[[int], bytes]) -> int:
        """The owner publishes something; its place."""
        seq = self.books.publish(venue_id, stream, body)
        self.ring(venue_id)
        return seq

    def ring(self, venue_id: str) -> None:
        """Processes hear that there is something for a venue's box, unless the note gets lost."""
        for process in self.processes:
            if self.lost_notes and self.dice.random() < self.lost_notes:
                self.chronicle.fault("note lost")
                self.loop.call_later(self.dice.uniform(1.0, 20.0), process.bells.wake)
            else:
                self.loop.call_later(self.dice.uniform(0.0, 0.1), process.bells.note, "down", venue_id)

    def stop(self) -> None:
        """The history is over."""
        for process in self.processes:
            process.alive = False


_TELLING = {Ending.SUPERSEDED: sometimes.SUPERSEDED, Ending.SILENT: sometimes.SILENT}
#: Nothing that can happen to an honest box and an honest cloud ends a connection like this.
_DAMNING = {Ending.INTERNAL, Ending.VIOLATION, Ending.CHAIN_BROKEN, Ending.TURNED_AWAY}


async def _see_out(process: Process, chronicle: Chronicle) -> None:
    """Run a process; what its ghost meets is nobody's concern."""
    try:
        await process.run()
    except asyncio.CancelledError:
        if process.alive:
            raise
    except BaseException as error:
        if process.alive:
            chronicle.violated(f"{process.name} fell over: {innermost(error)!r}")
