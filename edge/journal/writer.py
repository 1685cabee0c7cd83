"""The one writer: decides waiting commands together, commits their facts in one transaction, then answers.

    submit ──► queue ──► decide all (memory) ──► rows, inline ──► COMMIT, in a thread ──► answers, listeners

Statements run inline on the event loop and only the COMMIT, which waits for the disk, runs in a thread:
measured, the thread hand-over of every statement costs more than the statement. While one batch commits,
the next one gathers; so the group grows with the load and with the slowness of the disk, by itself.

Nothing is answered before the commit. If it fails, everybody in the batch is told so, and memory is read
anew from the disk.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import msgspec

from edge.core.clock import Now
from edge.core.commands import Command
from edge.core.decide import author, decide, scope
from edge.core.view import Proposal
from edge.journal.database import LinkCursor, read_head
from edge.journal.hot import Hot
from edge.journal.tables import RowBatch
from protocol.errors import Refusal, refuse
from protocol.facts.fact import Fact, chain
from protocol.facts.fold import AnyFact, State, encode_record, evolve, rows

#: Commands decided and committed together at the most.
MOST_A_BATCH = 512
#: Commands that may wait; beyond it callers are refused at once instead of waiting for ever.
MOST_WAITING = 20_000
#: How long nobody must have committed before the WAL is checkpointed.
QUIET_S = 1.0

log = logging.getLogger(__name__)


class Accepted(msgspec.Struct, frozen=True):
    """A command went through. No facts means 'already so'; `repeated` that its `mid` had been used before."""

    facts: tuple[AnyFact, ...]
    repeated: bool = False


Outcome = Accepted | Refusal
Reply = Callable[[Outcome], None]


class Committed(msgspec.Struct, frozen=True):
    """A fact on disk, with its aggregate's state right after it."""

    fact: AnyFact
    state: State


Listener = Callable[[list[Committed]], None]


class _Batch:
    """What one transaction will contain, and who waits for it."""

    def __init__(self) -> None:
        self.answers: list[tuple[Reply, Outcome]] = []
        self.committed: list[Committed] = []
        self.journal: list[tuple[int, str, int, str | None, str, bytes]] = []
        self.rows = RowBatch()


class Writer:
    """Owns the writing connection from `run` on. All methods belong to the event loop's thread."""

    def __init__(self, connection: sqlite3.Connection, hot: Hot, clock: Callable[[], Now]) -> None:
        self._connection = connection
        self._hot = hot
        self._clock = clock
        self._queue: list[tuple[Command, Reply]] = []
        self._cursor: LinkCursor | None = None
        self._wake = asyncio.Event()
        self._listeners: list[Listener] = []
        self._stopping = False
        self._dirty = False
        self._quiet = False
        self.seq, self.chain_hash = read_head(connection)
        #: Why the disk cannot be written, in words; None while it can.
        self.failure: str | None = None

    # ── for callers ──────────────────────────────────────────────────────────────────────────────

    def listen(self, listener: Listener) -> None:
        """Have every committed batch told to `listener`, in order, right after its commit."""
        self._listeners.append(listener)

    def submit(self, command: Command, reply: Reply) -> None:
        """Queue a command; `reply` is called once, after the commit or the refusal."""
        if len(self._queue) >= MOST_WAITING or self._stopping:
            reply(refuse("rate_limited", "The box is busy; please try again.", retry_after_s=1))
            return
        self._queue.append((command, reply))
        self._wake.set()

    async def execute(self, command: Command) -> Outcome:
        """Queue a command and wait for what became of it."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def settle(outcome: Outcome) -> None:
            if not future.done():
                future.set_result(outcome)

        self.submit(command, settle)
        return await future

    def remember_link(self, cursor: LinkCursor) -> None:
        """Write the link's cursor with the next commit; losing it only costs a question to the cloud."""
        self._cursor = cursor
        self._wake.set()

    def stop(self) -> None:
        """Finish what is queued, then let `run` return."""
        self._stopping = True
        self._wake.set()

    # ── the loop ─────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Write until `stop`; then checkpoint."""
        with ThreadPoolExecutor(1, thread_name_prefix="commit") as committer:
            while self._queue or self._cursor or not self._stopping:
                self._wake.clear()
                if self._queue or self._cursor:
                    await self._turn(committer)
                elif self._quiet:
                    await self._checkpoint(committer)
                else:
                    await self._rest()
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def _turn(self, committer: ThreadPoolExecutor) -> None:
        taken, self._queue = self._queue[:MOST_A_BATCH], self._queue[MOST_A_BATCH:]
        batch = self._decide_all(taken)
        try:
            await self._commit(batch, committer)
        except sqlite3.IntegrityError as error:
            self._recover(f"a guard of the database refused a batch: {error}")
            await self._one_by_one(taken, committer)
            return
        except sqlite3.Error as error:
            self.failure = str(error)
            self._recover(f"cannot write: {error}")
            self._answer((reply, refuse("storage_failed")) for _, reply in taken)
            return
        self._publish(batch)

    async def _commit(self, batch: _Batch, committer: ThreadPoolExecutor) -> None:
        if not batch.journal and self._cursor is None:
            return
        cursor, self._cursor = self._cursor, None
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)", batch.journal)
        batch.rows.write(connection)
        if cursor is not None:
            connection.execute(
                "UPDATE link SET acked_seq = ?, acked_hash = ?, acked_ms = ?, incarnation = ?",
                msgspec.structs.astuple(cursor),
            )
        await asyncio.get_running_loop().run_in_executor(committer, connection.execute, "COMMIT")
        self._dirty = True
        self.failure = None

    async def _one_by_one(
        self, taken: list[tuple[Command, Reply]], committer: ThreadPoolExecutor
    ) -> None:
        """Each command in a transaction of its own, so that only the one at fault is refused."""
        for command, reply in taken:
            batch = self._decide_all([(command, reply)])
            try:
                await self._commit(batch, committer)
            except sqlite3.Error as error:
                self._recover(f"{command!r} was refused by the database: {error}")
                self._answer([(reply, refuse("internal"))])
            else:
                self._publish(batch)

    def _recover(self, reason: str) -> None:
        """After a failed transaction only the disk knows what is true."""
        log.error(reason)
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self._hot.forget()
        self.seq, self.chain_hash = read_head(self._connection)

    async def _rest(self) -> None:
        """Nobody is waiting. If it stays quiet, checkpoint then, rather than inside a guest's commit."""
        timer = asyncio.get_running_loop().call_later(QUIET_S, self._fall_quiet) if self._dirty else None
        await self._wake.wait()
        if timer is not None:
            timer.cancel()

    def _fall_quiet(self) -> None:
        self._quiet = True
        self._wake.set()

    async def _checkpoint(self, committer: ThreadPoolExecutor) -> None:
        self._quiet = self._dirty = False
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(committer, self._connection.execute, "PRAGMA wal_checkpoint(PASSIVE)")

    # ── deciding ─────────────────────────────────────────────────────────────────────────────────

    def _decide_all(self, taken: list[tuple[Command, Reply]]) -> _Batch:
        batch, now = _Batch(), self._clock()
        for command, reply in taken:
            try:
                outcome = self._decide(command, now, batch)
            except Exception:
                log.exception("deciding %r failed", command)
                outcome = refuse("internal")
            batch.answers.append((reply, outcome))
        return batch

    def _decide(self, command: Command, now: Now, batch: _Batch) -> Outcome:
        earlier = self._earlier(command)
        if earlier is not None:
            return earlier
        proposals = decide(self._hot, command, now)
        if isinstance(proposals, Refusal):
            return proposals
        if not proposals:
            return Accepted(())
        facts, states = self._fold(command, proposals, now)
        self._hot.stage(facts, states)
        self._record(facts, states, batch)
        return Accepted(tuple(facts))

    def _earlier(self, command: Command) -> Outcome | None:
        """The stored outcome, if this author has used this `mid` here before."""
        if command.mid is None:
            return None
        aggregate = scope(self._hot, command)
        facts = self._hot.outcome_of(aggregate, command.mid) if aggregate else None
        if facts is None:
            return None
        if facts[0].by != author(command):
            return refuse("mid_reused")
        return Accepted(tuple(facts), repeated=True)

    def _fold(
        self, command: Command, proposals: list[Proposal], now: Now
    ) -> tuple[list[AnyFact], list[State]]:
        """Facts of the proposals and the states right after them; nothing is staged if one is impossible."""
        facts: list[AnyFact] = []
        states: list[State] = []
        latest: dict[str, State] = {}
        by = author(command)
        for at, (aggregate, event) in enumerate(proposals, start=self.seq + 1):
            before = latest.get(aggregate) or self._hot.state(aggregate)
            fact = Fact(
                seq=at,
                aggregate=aggregate,
                version=before.version + 1 if before else 1,
                event=event,
                boot=now.boot,
                mono_ns=now.mono_ns,
                wall_ms=now.wall_ms,
                clock_trusted=now.clock_trusted,
                mid=command.mid,
                by=by,
            )
            latest[aggregate] = state = evolve(before, fact)
            facts.append(fact)
            states.append(state)
        return facts, states

    def _record(self, facts: list[AnyFact], states: list[State], batch: _Batch) -> None:
        mid = facts[0].mid
        for fact, state in zip(facts, states, strict=True):
            record = encode_record(fact)
            self.chain_hash = chain(self.chain_hash, record)
            self.seq = fact.seq
            entry = (fact.seq, fact.aggregate, fact.version, mid, record.decode(), self.chain_hash)
            batch.journal.append(entry)
            batch.committed.append(Committed(fact, state))
            batch.rows.add(rows(state, fact))
            mid = None  # unique per aggregate: only the command's first fact carries it as a key

    # ── after the commit ─────────────────────────────────────────────────────────────────────────

    def _publish(self, batch: _Batch) -> None:
        self._hot.commit()
        self._answer(batch.answers)
        if batch.committed:
            for listener in self._listeners:
                listener(batch.committed)

    def _answer(self, answers: Iterable[tuple[Reply, Outcome]]) -> None:
        for reply, outcome in answers:
            try:
                reply(outcome)
            except Exception:
                log.exception("telling an outcome failed")
