"""Outages on purpose: cuts the link for some minutes, looks what still works, and lets the link come back.

The link is cut once the cloud has heard that the drill began, or after a few seconds without it, so the
owner's page can say what is going on. Minutes are counted on the monotonic clock. A restart ends a drill:
the link comes back with the box, and the report says that it was interrupted.

Counterparts: `valve.py` cuts, `drill_report.py` has the words, `edge/web/staff/drill_desk.py` the button.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable

from edge.core.afar.commands import DrainDrill, EndDrill
from edge.core.afar.link_state import LinkState
from edge.core.clock import Now
from edge.effects.afar.drill_report import Premises, Seen, findings
from edge.effects.afar.valve import Valve
from edge.journal.writer import Accepted, Committed, Writer
from protocol.facts.drill import Drill, DrillBegun, Ending, Finding

NS = 1_000_000_000
#: How long the cloud has to hear of the beginning.
TOLD_WITHIN_S = 3
#: A disk that cannot be written is tried again after this.
AGAIN_S = 1.0
_ANOTHER_TIME = ("storage_failed", "rate_limited")
_OPEN = "SELECT drill_id, status FROM drills WHERE status <> 'done' ORDER BY begun_ms"
_INTERRUPTED = Finding(
    "restart", "warn", "The box was restarted during the drill, so this report is not whole."
)


class _Running:
    """A drill on its way: to be cut, cut, or to be ended."""

    def __init__(self, drill_id: str, seq: int, minutes: int, now: Now) -> None:
        self.drill_id = drill_id
        self.seq = seq
        self.lasts_ns = minutes * 60 * NS
        self.cut_by_ns = now.mono_ns + TOLD_WITHIN_S * NS
        self.cut_ns: int | None = None
        self.stopped = False
        self.seen = Seen()

    @property
    def ends_ns(self) -> int:
        """When it is over, on the monotonic clock."""
        return (self.cut_by_ns if self.cut_ns is None else self.cut_ns) + self.lasts_ns


class _Draining:
    """A drill that is over, until the cloud has what was written meanwhile."""

    def __init__(self, drill_id: str, tail_seq: int, now: Now) -> None:
        self.drill_id = drill_id
        self.tail_seq = tail_seq
        self.since_ns = now.mono_ns


class Drills:
    """Made before the writer runs.

    `hear` is a journal listener, `link_changed` for the link, `run` the task.
    """

    def __init__(
        self,
        *,
        writer: Writer,
        reader: sqlite3.Connection,
        clock: Callable[[], Now],
        valve: Valve,
        link: Callable[[], LinkState],
        premises: Callable[[], Awaitable[Premises]],
    ) -> None:
        self._writer = writer
        self._clock = clock
        self._valve = valve
        self._link = link
        self._premises = premises
        self._left_over = [(str(row[0]), str(row[1])) for row in reader.execute(_OPEN).fetchall()]
        self._running: dict[str, _Running] = {}
        self._draining: dict[str, _Draining] = {}
        self._changed = asyncio.Event()

    def ends_ms(self, drill_id: str | None = None) -> int | None:
        """When a drill that runs will be over, or the last of all, in wall time; None if none runs."""
        now = self._clock()
        ends = [
            now.wall_ms + (each.ends_ns - now.mono_ns) // 1_000_000
            for each in self._running.values()
            if drill_id in (None, each.drill_id)
        ]
        return max(ends, default=None)

    def stop(self, drill_id: str) -> bool:
        """End it now; False if it does not run."""
        running = self._running.get(drill_id)
        if running is None:
            return False
        running.stopped = True
        self._changed.set()
        return True

    def hear(self, batch: list[Committed]) -> None:
        """Begin what was begun; count what happens while the link is cut."""
        for each in batch:
            if isinstance(each.fact.event, DrillBegun) and isinstance(each.state, Drill):
                begun = each.fact.event
                running = _Running(begun.drill_id, each.fact.seq, begun.minutes, self._clock())
                self._running[begun.drill_id] = running
                self._changed.set()
            for running in self._running.values():
                if running.cut_ns is not None:
                    running.seen.note(each)

    def link_changed(self) -> None:
        """The link came, went or got further."""
        if self._running or self._draining:
            self._changed.set()

    async def run(self) -> None:
        """Cut, wait, report, until cancelled."""
        await self._resume()
        while True:
            self._changed.clear()
            wait_s = await self._act()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()

    async def _resume(self) -> None:
        for drill_id, status in self._left_over:
            if status == "running":
                await self._write_end(drill_id, "interrupted", 0, (_INTERRUPTED,))
            self._draining[drill_id] = _Draining(drill_id, self._writer.durable_seq, self._clock())

    async def _act(self) -> float | None:
        """Do what is due; seconds until something is due again, None for never."""
        now = self._clock()
        for running in list(self._running.values()):
            if running.cut_ns is None and self._told(running, now):
                self._cut(running, now)
            if running.stopped or now.mono_ns >= running.ends_ns:
                await self._end(running)
        for draining in list(self._draining.values()):
            if self._link().acked_seq >= draining.tail_seq:
                await self._drained(draining)
        dues = [each.cut_by_ns if each.cut_ns is None else each.ends_ns for each in self._running.values()]
        return max(0.0, (min(dues) - self._clock().mono_ns) / NS) if dues else None

    def _told(self, running: _Running, now: Now) -> bool:
        link = self._link()
        return (
            link.acked_seq >= running.seq
            or link.state == "down"
            or now.mono_ns >= running.cut_by_ns
            or running.stopped
        )

    def _cut(self, running: _Running, now: Now) -> None:
        running.cut_ns = now.mono_ns
        self._valve.shut(running.drill_id, "cut on purpose for an outage drill")

    async def _end(self, running: _Running) -> None:
        now = self._clock()
        lasted_s = 0 if running.cut_ns is None else (now.mono_ns - running.cut_ns) // NS
        told = findings(running.seen, await self._premises())
        await self._write_end(running.drill_id, "stopped" if running.stopped else "completed", lasted_s, told)
        del self._running[running.drill_id]
        self._draining[running.drill_id] = _Draining(
            running.drill_id, self._writer.durable_seq, self._clock()
        )
        self._valve.open(running.drill_id)

    async def _write_end(
        self, drill_id: str, ending: Ending, lasted_s: int, told: tuple[Finding, ...]
    ) -> None:
        """On disk, whenever it can be written; the link stays cut until then, as in any trouble with the
        disk.
        """
        unsynced = max(0, self._writer.durable_seq - self._link().acked_seq)
        command = EndDrill(drill_id, ending, lasted_s, unsynced, told)
        while True:
            outcome = await self._writer.execute(command)
            if isinstance(outcome, Accepted) or outcome.code not in _ANOTHER_TIME:
                return
            await asyncio.sleep(AGAIN_S)

    async def _drained(self, draining: _Draining) -> None:
        seconds = (self._clock().mono_ns - draining.since_ns) / NS
        outcome = await self._writer.execute(DrainDrill(draining.drill_id, seconds))
        if isinstance(outcome, Accepted):
            del self._draining[draining.drill_id]
