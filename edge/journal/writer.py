"""The one writer: decides waiting commands together, commits their facts in one transaction, then answers.

    submit ──► queue ──► decide all (memory) ──► rows, inline ──► COMMIT, in a thread ──► listeners, answers

Statements run inline on the event loop and only the COMMIT, which waits for the disk, runs in a thread:
measured, the thread hand-over of every statement costs more than the statement. While one batch commits,
the next one gathers; so the group grows with the load and with the slowness of the disk, by itself.

Nothing is answered before the commit. If it fails, everybody in the batch is told so, memory is read anew
from the disk before the next decision, and an empty write is tried now and then until the disk works again.
A batch whose content a guard of the database refuses is taken apart, so that only the command at fault pays.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import msgspec

from edge.core.clock import Now
from edge.core.commands import Command
from edge.core.decide import author, begins, decide, scope
from edge.core.view import Proposal
from edge.journal.batch import Accepted, Batch, Committed, Listener, Outcome, Reply, Step
from edge.journal.database import LinkCursor, read_head
from edge.journal.hot import Hot
from protocol.errors import Refusal, refuse
from protocol.facts.fact import Fact, chain
from protocol.facts.fold import State, encode_record, evolve, rows

#: Commands decided and committed together at the most.
MOST_A_BATCH = 512
#: Commands that may wait; beyond it callers are refused at once instead of waiting for ever.
MOST_WAITING = 20_000
#: How long nobody must have committed before the WAL is checkpointed.
QUIET_S = 1.0
#: Quicker commits are worth no thread: a hand-over takes as long. SD cards take 5 to 20 ms, SSDs below 1.
INLINE_COMMIT_S = 0.002
#: How soon a disk that could not be written is tried again.
RETRY_S = 1.0
#: What SQLite says of the content of a batch; any other error of it is about the disk.
_AT_FAULT = (sqlite3.IntegrityError, sqlite3.DataError, OverflowError, ValueError)

_SET_HEAD = (
    "INSERT INTO heads VALUES (?, ?, ?) "
    "ON CONFLICT (aggregate) DO UPDATE SET seq = excluded.seq, version = excluded.version"
)
_SET_CURSOR = "UPDATE link SET acked_seq = ?, acked_hash = ?, acked_ms = ?, incarnation = ?"

__all__ = ["Accepted", "Committed", "Listener", "Outcome", "Reply", "Writer"]

log = logging.getLogger(__name__)


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
        self._fenced = False
        self._commit_s = INLINE_COMMIT_S
        self._dirty = False
        self._quiet = False
        self._stale = False
        self._quiet_work: Callable[[sqlite3.Connection], None] | None = None
        self.seq, self.chain_hash = read_head(connection)
        #: The last fact on disk; `seq` is ahead of it while a batch is being committed.
        self.durable_seq = self.seq
        #: Why the disk cannot be written, in words; None while it can.
        self.failure: str | None = None

    # ── for callers ──────────────────────────────────────────────────────────────────────────────

    def listen(self, listener: Listener) -> None:
        """Have every committed batch told to `listener`, in order, right after its commit."""
        self._listeners.append(listener)

    def submit(self, command: Command, reply: Reply) -> None:
        """Queue a command; `reply` is called once, after the commit or the refusal."""
        if self._fenced:
            reply(refuse("box_replaced"))
        elif self._stopping or len(self._queue) >= MOST_WAITING:
            reply(refuse("rate_limited", "The box is busy; please try again.", retry_after_s=1))
        else:
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
        """Write the link's cursor with the next commit, or when it is quiet; losing it costs one question."""
        self._cursor = cursor
        if not self._dirty:
            self._dirty = True
            self._wake.set()

    def when_quiet(self, work: Callable[[sqlite3.Connection], None]) -> None:
        """Have `work` done on the connection whenever it has been quiet, in the thread that commits.

        Guests wait while it lasts, so it has to be short; it ends its own transactions.
        """
        self._quiet_work = work

    def fence(self) -> None:
        """Another box has this one's place: nothing is decided here any more."""
        self._fenced = True

    def stop(self) -> None:
        """Finish what is queued; then `run` returns."""
        self._stopping = True
        self._wake.set()

    # ── the loop ─────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Write until `stop`; then checkpoint."""
        with ThreadPoolExecutor(1, thread_name_prefix="commit") as committer:
            while self._queue or not self._stopping:
                self._wake.clear()
                if self._queue:
                    await self._turn(committer)
                elif self._quiet:
                    await self._tidy(committer)
                else:
                    await self._rest()
            await self._tidy(committer)

    async def _turn(self, committer: ThreadPoolExecutor) -> None:
        taken, self._queue = self._queue[:MOST_A_BATCH], self._queue[MOST_A_BATCH:]
        await self._attempt(taken, committer)

    async def _attempt(self, taken: list[tuple[Command, Reply]], committer: ThreadPoolExecutor) -> None:
        """Decide and commit together; answer only then."""
        try:
            self._refresh()
            batch = self._decide_all(taken)
            await self._commit(batch, committer)
        except _AT_FAULT as error:
            self._abandon()
            self._cursor = None
            await self._take_apart(taken, error, committer)
        except sqlite3.Error as error:
            self._fail(error)
            self._answer((reply, refuse("storage_failed")) for _, reply in taken)
        else:
            self._publish(batch)

    async def _take_apart(
        self, taken: list[tuple[Command, Reply]], error: Exception, committer: ThreadPoolExecutor
    ) -> None:
        """Each command in a transaction of its own, so that only the one at fault is refused."""
        if len(taken) > 1:
            for each in taken:
                await self._attempt([each], committer)
            return
        for command, reply in taken:
            log.error("the database refused %s: %s", type(command).__name__, error)
            self._answer([(reply, refuse("internal"))])

    async def _commit(self, batch: Batch, committer: ThreadPoolExecutor) -> None:
        if not batch.journal and self._cursor is None and self.failure is None:
            return
        cursor = self._cursor
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?)", batch.journal)
        connection.executemany(_SET_HEAD, batch.heads.values())
        batch.rows.write(connection)
        if cursor is not None:
            connection.execute(_SET_CURSOR, msgspec.structs.astuple(cursor))
        elif not batch.journal:
            self._scribble()
        await self._wait_for_disk(committer)
        if self._cursor is cursor:
            self._cursor = None
        self._dirty = True
        self.failure = None

    async def _wait_for_disk(self, committer: ThreadPoolExecutor) -> None:
        """COMMIT: in a thread while the disk is slow, inline while it is quicker than a hand-over."""
        if self._commit_s < INLINE_COMMIT_S:
            self._timed_commit()
            await asyncio.sleep(0)
        else:
            await asyncio.get_running_loop().run_in_executor(committer, self._timed_commit)

    def _timed_commit(self) -> None:
        started_s = time.perf_counter()
        self._connection.execute("COMMIT")
        self._commit_s = time.perf_counter() - started_s

    def _scribble(self) -> None:
        """Write a page to see whether the disk works again; SQLite skips an update that changes nothing."""
        scribbled = self._connection.execute("PRAGMA user_version").fetchone()[0]
        self._connection.execute(f"PRAGMA user_version = {1 - scribbled}")

    def _abandon(self) -> None:
        """After a failed transaction only the disk knows what is true; it is asked before the next one."""
        self._stale = True
        self._hot.discard()
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _fail(self, error: sqlite3.Error) -> None:
        """The disk cannot be written; whoever looks at `failure` tells people."""
        self._abandon()
        self.failure = str(error)
        log.error("cannot write: %s", error)

    def _refresh(self) -> None:
        """Read memory anew if the last transaction failed. Raises `sqlite3.Error` while it cannot be read."""
        if not self._stale:
            return
        self.seq, self.chain_hash = read_head(self._connection)
        self._hot.forget()
        self.durable_seq = self.seq
        self._stale = False

    async def _rest(self) -> None:
        """Nobody is waiting. If it stays quiet, tidy up then, rather than inside a guest's commit."""
        delay_s = RETRY_S if self.failure is not None else QUIET_S
        idle = self.failure is None and not self._dirty
        timer = None if idle else asyncio.get_running_loop().call_later(delay_s, self._fall_quiet)
        await self._wake.wait()
        if timer is not None:
            timer.cancel()

    def _fall_quiet(self) -> None:
        self._quiet = True
        self._wake.set()

    async def _tidy(self, committer: ThreadPoolExecutor) -> None:
        """Write the link's cursor and move the WAL into the database; while the disk fails, try it."""
        self._quiet = False
        await self._attempt([], committer)
        if self.failure is not None:
            return
        self._dirty = self._cursor is not None  # one may have come while the last was being written
        try:
            await asyncio.get_running_loop().run_in_executor(committer, self._checkpoint)
        except sqlite3.Error as error:
            self._fail(error)

    def _checkpoint(self) -> None:
        if self._quiet_work is not None:
            self._quiet_work(self._connection)
        self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()

    # ── deciding ─────────────────────────────────────────────────────────────────────────────────

    def _decide_all(self, taken: list[tuple[Command, Reply]]) -> Batch:
        batch, now = Batch(), self._clock()
        for command, reply in taken:
            try:
                outcome = self._decide(command, now, batch)
            except sqlite3.Error:
                raise  # memory could not be read from the disk: nothing can be decided
            except Exception:
                log.exception("deciding %r failed", command)
                outcome = refuse("internal")
            batch.answers.append((reply, outcome))
        return batch

    def _decide(self, command: Command, now: Now, batch: Batch) -> Outcome:
        earlier = self._earlier(command)
        if earlier is not None:
            return earlier
        proposals = decide(self._hot, command, now)
        if isinstance(proposals, Refusal):
            return proposals
        if not proposals:
            return Accepted(())
        steps = self._fold(command, proposals, now)
        facts = [step.fact for step in steps]
        self._hot.stage(facts, [step.state for step in steps])
        self._record(steps, batch)
        return Accepted(tuple(facts))

    def _earlier(self, command: Command) -> Outcome | None:
        """The stored outcome, if this author has used this `mid` here before."""
        if command.mid is None:
            return None
        aggregate = scope(self._hot, command)
        facts = self._hot.outcome_of(aggregate, command.mid) if aggregate else None
        if facts is None:
            return None
        if facts[0].by != author(command) or not begins(command, facts[0].event):
            return refuse("mid_reused")
        return Accepted(tuple(facts), repeated=True)

    def _fold(self, command: Command, proposals: list[Proposal], now: Now) -> list[Step]:
        """What the proposals come to. Nothing is kept yet, so one that is impossible leaves no trace."""
        steps: list[Step] = []
        latest: dict[str, State] = {}
        heads: dict[str, int] = {}
        by = author(command)
        for at, (aggregate, event) in enumerate(proposals, start=self.seq + 1):
            before = latest.get(aggregate) or self._hot.state(aggregate)
            previous = heads.get(aggregate) or self._hot.head(aggregate)
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
            heads[aggregate] = at
            steps.append(Step(fact, state, previous, encode_record(fact), rows(state, fact)))
        return steps

    def _record(self, steps: list[Step], batch: Batch) -> None:
        mid = steps[0].fact.mid
        for step in steps:
            fact = step.fact
            self.chain_hash = chain(self.chain_hash, step.record)
            self.seq = fact.seq
            record = step.record.decode()
            batch.journal.append(
                (fact.seq, fact.aggregate, fact.version, step.previous, mid, record, self.chain_hash)
            )
            batch.heads[fact.aggregate] = (fact.aggregate, fact.seq, fact.version)
            batch.committed.append(Committed(fact, step.state))
            batch.rows.add(step.rows)
            mid = None  # unique per aggregate: only the command's first fact carries it as a key

    # ── after the commit ─────────────────────────────────────────────────────────────────────────

    def _publish(self, batch: Batch) -> None:
        """News first: the answer to a repeat tells how things stand now, and no news may lag behind that."""
        self._hot.commit()
        if batch.journal:
            self.durable_seq = batch.journal[-1][0]
        if batch.committed:
            for listener in self._listeners:
                listener(batch.committed)
        self._answer(batch.answers)

    def _answer(self, answers: Iterable[tuple[Reply, Outcome]]) -> None:
        for reply, outcome in answers:
            try:
                reply(outcome)
            except Exception:
                log.exception("telling an outcome failed")
