"""Ends and warns on time: every end, warning and unpaid seat is an entry in one heap (core.md §6).

The heap is rebuilt from committed state at start and kept by what is committed; no polling decides when a
player's time is up. While anybody plays, the clock is checkpointed every few seconds, which also is the
longest wait: after a suspend, which the loop's own timers sleep through, an end is late by no more.

Rule of the file: it asks the writer, and the decision looks at the clock again. A timer that fires too early,
twice, or for a session that was extended meanwhile changes nothing.
"""

import asyncio
import contextlib
from collections.abc import Callable

from edge.core.clock import Now
from edge.core.commands import Command
from edge.core.deadlines import NEVER, Deadlines
from edge.core.play.commands import AbandonPlay, ExpirePlay, ReckonPlay, TickClock
from edge.core.play.start import KEPT_S
from edge.journal.floor import Floor
from edge.journal.writer import Outcome, Writer
from protocol.facts.play import NS, PlaySession
from protocol.facts.play_events import PlayEvent

#: Longest time without a checkpoint while somebody plays.
CHECKPOINT_S = 10.0
#: A disk that cannot be written, or a full queue, is tried again after this.
AGAIN_S = 1.0

#: Gets a session and how many seconds it has left.
WarningListener = Callable[[PlaySession, int], None]
#: What is due for a session: `end`, `unpaid`, `reckon`, or the seconds left at which to warn.
Due = tuple[str, str | int]


class PlayTimers:
    """Made before the writer runs; `settle` before the doors open, then `run`."""

    def __init__(self, floor: Floor, writer: Writer, clock: Callable[[], Now]) -> None:
        self._floor = floor
        self._writer = writer
        self._clock = clock
        self._deadlines: Deadlines[Due] = Deadlines()
        self._set: dict[str, set[Due]] = {}
        self._ticks_s = 0.0
        self._changed = asyncio.Event()
        self._warned: list[WarningListener] = []
        self._first: list[Callable[[], None]] = []
        floor.listen(plays=self._follow)

    def warn(self, listener: WarningListener) -> None:
        """Tell `listener` when little is left."""
        self._warned.append(listener)

    def let_go_first(self, hurried: Callable[[], None]) -> None:
        """Call `hurried` whenever something is due, before any of it is asked for: devices cannot wait."""
        self._first.append(hurried)

    async def settle(self) -> None:
        """Bring every session over a boot that it did not see, and end those that are over."""
        now = self._clock()
        for session in self._floor.live():
            running = session.running
            if running is not None and running.boot != now.boot:
                await self._writer.execute(ReckonPlay(session.session_id))
        for session in self._floor.live():
            self._schedule(session)

    async def run(self) -> None:
        """Wait for what is due and ask for it, until cancelled."""
        while True:
            wait_s = self._act()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            self._changed.clear()

    def _act(self) -> float | None:
        """Ask for what is due now; seconds until there is something to do again, None for never."""
        now = self._clock()
        now_s = now.mono_ns / NS
        due_now = self._deadlines.take(now_s)
        for hurried in self._first if due_now else ():
            hurried()
        for due in due_now:
            self._fire(due, now)
        playing = any(session.status == "ACTIVE" for session in self._floor.live())
        if playing and now_s >= self._ticks_s:
            self._ticks_s = now_s + CHECKPOINT_S
            self._writer.submit(TickClock(), _ignore)
            self._settle_off(now)
        next_s = min(self._deadlines.next_s(), self._ticks_s if playing else NEVER)
        return None if next_s == NEVER else max(0.0, next_s - self._clock().mono_ns / NS)

    def _settle_off(self, now: Now) -> None:
        """The clock has been learnt since a power cut: what it owes can be counted now."""
        if not now.clock_trusted:
            return
        for session in self._floor.live():
            if session.off is not None and session.off.boot == now.boot:
                self._writer.submit(ReckonPlay(session.session_id), _ignore)

    def _fire(self, due: Due, now: Now) -> None:
        session_id, kind = due
        session = self._floor.session(session_id)
        if session is None or not session.live:
            return
        if kind == "end":
            self._ask(ExpirePlay(session_id), due)
        elif kind == "unpaid":
            self._ask(AbandonPlay(session_id), due)
        elif kind == "reckon":
            self._ask(ReckonPlay(session_id), due)
        else:
            left_s = -(-session.left_ns(now.boot, now.mono_ns) // NS)
            for listener in self._warned:
                listener(session, left_s)

    def _ask(self, command: Command, due: Due) -> None:
        """Ask, and ask again while the box can not write: an end that was refused has still come."""

        def settled(_outcome: Outcome) -> None:
            session = self._floor.session(due[0])
            if session is not None and session.live:
                self._schedule(session, AGAIN_S)

        self._writer.submit(command, settled)

    # ── the heap ─────────────────────────────────────────────────────────────────────────────────

    def _follow(self, _event: PlayEvent, session: PlaySession) -> None:
        self._schedule(session)

    def _schedule(self, session: PlaySession, not_before_s: float = 0.0) -> None:
        """Set what is due for a session in place of what was."""
        now = self._clock()
        earliest_s = now.mono_ns / NS + not_before_s
        due = {key: max(at_s, earliest_s) for key, at_s in self._dues(session, now).items()}
        for key in self._set.pop(session.session_id, set()) - due.keys():
            self._deadlines.drop(key)
        for key, at_s in due.items():
            self._deadlines.set(key, at_s)
        if due:
            self._set[session.session_id] = set(due)
        self._changed.set()

    def _dues(self, session: PlaySession, now: Now) -> dict[Due, float]:
        session_id = session.session_id
        if session.status == "AWAITING":
            same = session.ordered_at.boot == now.boot
            since_s = (session.ordered_at.mono_ns if same else now.mono_ns) / NS
            return {(session_id, "unpaid"): since_s + KEPT_S}
        ends_ns = session.ends_mono_ns
        if ends_ns is None or session.running is None:
            return {}
        if session.running.boot != now.boot:  # the disk could not be written when the box came up
            return {(session_id, "reckon"): now.mono_ns / NS}
        ends_s = ends_ns / NS
        ahead = [at_s for at_s in self._floor.config.warn_at_s if ends_s - at_s > now.mono_ns / NS]
        return {(session_id, "end"): ends_s, **{(session_id, at_s): ends_s - at_s for at_s in ahead}}


def _ignore(_outcome: Outcome) -> None:
    """A checkpoint that could not be written is taken again at the next."""
