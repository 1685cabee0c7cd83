"""The WebSocket shell around `CloudEnd`: one connection of one box, from its hello to its end.

Some tasks share a live connection. The reader takes frames off the socket, so that pings are answered
while Postgres works; the folder decodes and folds the next run while the writer commits the one before and
acknowledges it; the feed sends what the cloud owns; the watch pings and ends a connection
that has gone silent. Whichever ends first ends the rest, and the box says hello again: the only state
that matters is in Postgres.

Counterpart: `edge/adapters/cloud/link/`.
"""

import asyncio
import random
import secrets
import time
from contextlib import suppress
from uuid import uuid4

import structlog
from aiohttp import WSMsgType, web

from cloud.config import Config
from cloud.ingest import digesting, frames
from cloud.ingest.admission import Admitted, admit
from cloud.ingest.applier import Applier, Prepared, Superseded
from cloud.ingest.books import Books
from cloud.ingest.catch_ups import IDLE_S, CatchUps
from cloud.ingest.door import Door
from cloud.ingest.ending import Ending, LinkOver, brief, until_over
from cloud.ingest.feed import feed
from cloud.ingest.ledger import Entry, Ledger
from cloud.ingest.orphanage import Orphanage
from cloud.ingest.presence import Guest, Presence
from cloud.store.bell import Bell
from cloud.store.link.nodes import Node
from cloud.store.link.streams import Mark
from cloud.store.pool import GONE
from cloud.web.figures import Figures
from protocol import link
from protocol.link_machine import Applied, CloudEnd, Judge, ProtocolViolation, Run, Telemetry

_HELLO_WITHIN_S = 10.0
#: One transaction takes up to this many facts, from as many runs as are waiting.
_FACTS_A_TRANSACTION = 4000
_LET_GO_A_SECOND = 400
_CLOSED = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)

_DIFFERENCES = {
    "mended": "Some of the cloud's figures were not what the box had said; they are right now.",
    "yours": "The box shows other figures than its own journal says; run holdfast-edge doctor on it.",
}

log = structlog.get_logger()


class Links:
    """All links of one process, and what they share."""

    def __init__(self, config: Config, books: Books, bell: Bell, figures: Figures) -> None:
        self.config = config
        self.books = books
        self.bell = bell
        self.figures = figures
        self.presence = Presence(books, config.presence_every_s, bell.ring_health)
        self.catch_ups = CatchUps(config.catch_ups, config.credit_facts, config.credit_bytes, figures)
        self.door = Door(config.hellos, figures)
        self.turns = asyncio.Semaphore(config.transactions)
        self.closing = asyncio.Event()

    def spread_s(self) -> float:
        """Over how long boxes are let go, so that they do not all knock elsewhere within the same second."""
        return min(self.config.drain_s / 2, self.presence.count / _LET_GO_A_SECOND)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """`GET /link`: one box for as long as it stays. Raises `Refused` when the door is full."""
        self.door.knock()
        socket = web.WebSocketResponse(max_msg_size=link.MOST_FRAME_BYTES + 1, compress=False, timeout=5.0)
        await socket.prepare(request)
        await self.speak(socket)
        return socket

    async def speak(self, socket: web.WebSocketResponse) -> LinkOver:
        """The link on a socket that is open, until it ends; why it has ended."""
        over = await _Connection(self, socket).run()
        await socket.close(code=over.ending, message=brief(over.reason))
        return over


class _Connection:
    """One box's connection. Its name stands in the node's row while it speaks for the box."""

    def __init__(self, links: Links, socket: web.WebSocketResponse) -> None:
        self._links = links
        self._socket = socket
        self._end = CloudEnd(secrets.token_bytes(32))
        self._name = str(uuid4())
        #: One task sends at a time: an entry that overtook another would be the last that the box asks for.
        self._sending = asyncio.Lock()
        #: As they came: what waits for its turn is not decoded, which would take ten times the room.
        self._runs: asyncio.Queue[Run] = asyncio.Queue()
        self._prepared: asyncio.Queue[Prepared] = asyncio.Queue(maxsize=1)
        #: Held while a run is made durable and acknowledged: whoever goes away waits for that.
        self._committing = asyncio.Lock()
        self._turn = links.catch_ups.turn()
        self._log = log.bind(connection=self._name)

    async def run(self) -> LinkOver:
        """Live until something ends it; says what."""
        try:
            return await self._run()
        finally:
            self._turn.rest()

    async def _run(self) -> LinkOver:
        try:
            hello = await self._hello()
            admitted = await self._welcome(hello)
        except LinkOver as over:
            return over
        except GONE:
            return LinkOver(Ending.TRY_AGAIN, "the database is away")
        if admitted.node is None:
            return LinkOver(Ending.TURNED_AWAY, admitted.verdict.message)
        if admitted.ledger is None:
            return await self._orphaned(Orphanage(self._links.books, admitted.node, admitted.start))
        return await self._live(hello, admitted.node, admitted.ledger)

    async def _hello(self) -> Judge:
        """Challenge the box and hear it out."""
        with self._links.door.arriving():
            await self._flush()
            try:
                async with asyncio.timeout(_HELLO_WITHIN_S):
                    event = self._take(await self._receive())
            except TimeoutError as error:
                raise LinkOver(Ending.SILENT, "no hello came") from error
        if not isinstance(event, Judge):
            raise LinkOver(Ending.VIOLATION, "a link begins with a hello")
        return event

    async def _welcome(self, hello: Judge) -> Admitted:
        links = self._links
        async with links.door.judging():
            admitted = await admit(links.books, hello, self._name, links.config.rival_proof_s)
        verdict, (durable_seq, durable_hash) = admitted.verdict, admitted.start
        self._links.figures.hellos.labels(verdict.word).inc()
        greeting = hello.greeting
        # Of this connection's task and those that it begins: whatever they log is about these.
        structlog.contextvars.bind_contextvars(
            venue_id=greeting.venue_id[:64], node_id=greeting.node_id[:64], log_id=greeting.log_id[:64]
        )
        self._log.info("hello", verdict=verdict.word, tail_seq=greeting.tail_seq, durable_seq=durable_seq)
        if admitted.ledger is not None:
            self._turn.ask(greeting.tail_seq - durable_seq)
        credit, credit_bytes = self._turn.credit()
        self._end.welcome(
            link.Welcome(
                verdict=verdict.word,
                protocol=verdict.protocol,
                durable_seq=durable_seq,
                durable_hash=durable_hash,
                incarnation=admitted.incarnation,
                credit=credit,
                server_time_ms=_now_ms(),
                message=verdict.message,
                credit_bytes=credit_bytes,
                replaced_by=verdict.replaced_by if hello.greeting.protocols[1] >= 2 else 0,
                ticket=admitted.ticket,
            )
        )
        try:
            await self._flush()
        except LinkOver as over:
            if admitted.node is not None and admitted.ledger is not None:
                await self._let_go(admitted.node, over)
            raise
        return admitted

    async def _live(self, hello: Judge, node: Node, ledger: Ledger) -> LinkOver:
        guest = Guest(
            self._name, max(hello.greeting.tail_seq, node.durable_seq), hello.greeting.clock_trusted
        )
        applier = Applier(self._links.books, node, self._name, ledger)
        over = LinkOver(Ending.LEFT, "")
        with self._links.presence.of(guest), self._links.figures.links.track_inprogress():
            self._links.bell.ring(node.venue_id, set())
            try:
                async with asyncio.TaskGroup() as tasks:
                    for work in (
                        self._read(node, guest),
                        self._fold(node, guest, ledger, applier),
                        self._write(node, guest, applier),
                        feed(
                            self._links.books,
                            self._links.bell,
                            node.venue_id,
                            hello.greeting.down_cursors,
                            self._down,
                        ),
                        self._watch(guest),
                        self._replaced(guest),
                        self._leave(),
                    ):
                        tasks.create_task(until_over(work))
            except* LinkOver as group:
                over = next(error for error in group.exceptions if isinstance(error, LinkOver))
        self._log.info("link_over", durable_seq=applier.seq, ending=over.ending.name, reason=over.reason)
        await self._let_go(node, over)
        self._links.bell.ring(node.venue_id, set())
        return over

    async def _let_go(self, node: Node, over: LinkOver) -> None:
        """Give up the node's place, also when the line died under its own welcome: as long as a connection
        that is gone has the place, the box's next start is taken for its rival.
        """
        with suppress(*GONE):  # silence says the same a few seconds later
            async with self._links.books.glance() as page:
                await page.left(node.venue_id, node.node_id, self._name, over.trouble)

    async def _orphaned(self, orphanage: Orphanage) -> LinkOver:
        """A fenced box sends what nobody else has, run by run, until it leaves."""
        figures = self._links.figures
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(until_over(self._take_in(orphanage, figures)))
                tasks.create_task(until_over(self._leave()))
        except* LinkOver as group:
            over = next(error for error in group.exceptions if isinstance(error, LinkOver))
        self._log.info("orphan_left", ending=over.ending.name, reason=over.reason)
        return over

    async def _take_in(self, orphanage: Orphanage, figures: Figures) -> None:
        while True:
            try:
                async with asyncio.timeout(self._links.config.dead_after_s):
                    message = await self._receive()
            except TimeoutError as error:
                raise LinkOver(Ending.SILENT, "nothing came from the box") from error
            match self._take(message):
                case Run(first_seq, records, chain_hash):
                    async with self._links.turns:
                        seq, count = await orphanage.take(first_seq, records, chain_hash)
                    figures.orphans.inc(count)
                    self._end.committed(seq, chain_hash)
                case _:
                    pass
            await self._flush()

    async def _read(self, node: Node, guest: Guest) -> None:
        """Frames in; runs are decoded where they are folded."""
        while True:
            message = await self._receive()
            guest.hear()
            match self._take(message):
                case Run() as run:
                    guest.tail_seq = max(guest.tail_seq, run.first_seq + len(run.records) - 1)
                    self._runs.put_nowait(run)  # bounded by the credit that was given
                case Applied(stream, seq) if stream in link.STREAMS:
                    async with self._links.books.glance() as page:
                        await page.applied(node.venue_id, node.node_id, Mark(stream, seq))
                case link.Digest() as told:
                    await self._compare(node, told)
                case Telemetry(status):
                    guest.tell(status, self._end.taken_seq)
                case _:
                    pass
            await self._flush()

    async def _compare(self, node: Node, told: link.Digest) -> None:
        """A box in a quiet moment says what its tables come to."""
        async with self._links.turns:
            compared = await digesting.compare(self._links.books, node, told)
        self._links.figures.digests.labels(compared.outcome).inc()
        if words := _DIFFERENCES.get(compared.outcome):
            self._log.error(
                "digest_differs", outcome=compared.outcome, bucket=told.bucket, rows=compared.rows
            )
            async with self._links.books.glance() as page:
                await page.mended(node, words)
        self._end.compared(told.bucket, compared.outcome)

    async def _fold(self, node: Node, guest: Guest, ledger: Ledger, applier: Applier) -> None:
        """Decode and fold, beside Postgres working on the run before; whoever is far behind in its turn.

        Runs that queue behind a commit go into the next one together.
        """
        taken_hash = node.durable_hash
        while True:
            run: Run | None = await self._runs.get()
            await self._turn.wait(guest.tail_seq - applier.seq)
            entries: list[Entry] = []
            while run is not None:
                entries += ledger.read(run.first_seq, run.records, taken_hash, run.chain_hash)
                taken_hash = run.chain_hash
                await asyncio.sleep(0)  # others go on between two runs
                more = not self._runs.empty() and len(entries) < _FACTS_A_TRANSACTION
                run = self._runs.get_nowait() if more else None
            await self._prepared.put(await applier.prepare(entries))

    async def _write(self, node: Node, guest: Guest, applier: Applier) -> None:
        """Into Postgres; only then the acknowledgement."""
        figures = self._links.figures
        while True:
            prepared = await self._next()
            async with self._committing:
                async with self._links.turns:
                    with figures.run_s.time():
                        applied = await applier.commit(prepared, guest.tail_seq)
                figures.facts.inc(applied.facts)
                figures.set_aside.inc(applied.set_aside)
                if applied.set_aside:
                    self._log.warning("set_aside", first_seq=prepared.entries[0].seq, last_seq=applied.seq)
                behind, in_flight = guest.tail_seq - applied.seq, self._end.taken_seq - applied.seq
                self._turn.spent(_weight(prepared), behind, in_flight)
                self._end.credit, self._end.credit_bytes = self._turn.credit()
                self._end.committed(applied.seq, applied.hash)
                await self._flush()
            self._links.bell.ring(node.venue_id, applied.order_ids)
            if applied.carefully:
                raise LinkOver(Ending.TRY_AGAIN, "a part was set aside; say hello again")

    async def _next(self) -> Prepared:
        """What is to be made durable next; a box that has nothing to say meanwhile needs no slot."""
        while True:
            try:
                async with asyncio.timeout(IDLE_S if self._turn.admitted else None):
                    return await self._prepared.get()
            except TimeoutError:
                self._turn.rest()

    async def _down(self, stream: str, entries: tuple[link.Entry, ...]) -> None:
        self._end.send_down(stream, entries)
        await self._flush()

    async def _watch(self, guest: Guest) -> None:
        """Ping; silence past the deadline is death, whatever TCP believes."""
        config, token = self._links.config, 0
        while True:
            await asyncio.sleep(config.ping_every_s)
            if time.monotonic() - guest.heard_at > config.dead_after_s:
                raise LinkOver(Ending.SILENT, "nothing came from the box", "The link went silent.")
            token += 1
            self._end.ping(token)
            await self._flush()

    async def _replaced(self, guest: Guest) -> None:
        await guest.superseded.wait()
        raise Superseded

    async def _leave(self) -> None:
        """What is being committed is acknowledged first; boxes go one after another, not all at once."""
        await self._links.closing.wait()
        await asyncio.sleep(random.uniform(0, self._links.spread_s()))
        async with self._committing:
            raise LinkOver(Ending.GOING_AWAY, "this process is going away")

    async def _receive(self) -> link.ToCloud:
        message = await self._socket.receive()
        if message.type in _CLOSED:
            raise LinkOver(Ending.LEFT, "the box has left")
        if message.type is not WSMsgType.BINARY:
            raise LinkOver(Ending.VIOLATION, "frames are binary")
        try:
            return frames.unpack(message.data)
        except frames.BadFrame as error:
            raise LinkOver(Ending.VIOLATION, str(error), f"Unreadable frame: {error}") from error

    def _take(self, message: link.ToCloud) -> object:
        try:
            return self._end.receive(message, _now_ms())
        except ProtocolViolation as error:
            raise LinkOver(Ending.VIOLATION, str(error), f"Broken protocol: {error}") from error

    async def _flush(self) -> None:
        """Send what the machine has to say, in its order; a box that does not read is given up."""
        try:
            async with asyncio.timeout(self._links.config.dead_after_s), self._sending:
                outbox, self._end.outbox = self._end.outbox, []
                for message in outbox:
                    await self._socket.send_bytes(frames.pack(message))
        except TimeoutError as error:
            raise LinkOver(Ending.SILENT, "the box does not read") from error
        except ConnectionError as error:
            raise LinkOver(Ending.LEFT, "the box has left") from error


def _weight(prepared: Prepared) -> int:
    return sum(len(entry.record) for entry in prepared.entries)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
