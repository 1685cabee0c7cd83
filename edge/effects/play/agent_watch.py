"""Telling the staff of a PC on which somebody plays and whose agent has gone.

The agent counts down alone and ends the session when its time is up, but nobody can extend or stop it from
here meanwhile, and a guest may have pulled a plug to play on. A PC without a guest may be switched off.

Rule of the file: an alarm follows from what the floor says now; a deadline only says when to look again.
"""

import asyncio
import contextlib
from collections.abc import Callable

from edge.core.clock import Now
from edge.core.deadlines import NEVER, Deadlines
from edge.effects.alarms import Alarm, Alarms
from edge.journal.floor import Floor

#: A PC restarts its agent, or finds the network again, within so many seconds.
GONE_S = 45.0


def alarm_key(station_id: str) -> str:
    """The alarm of a station's agent."""
    return f"agent:{station_id}"


class AgentWatch:
    """Make it before the writer runs; `run` is its work."""

    def __init__(
        self, floor: Floor, alarms: Alarms, clock: Callable[[], Now], gone_s: float = GONE_S
    ) -> None:
        self._floor = floor
        self._alarms = alarms
        self._clock = clock
        self._gone_s = gone_s
        self._deadlines: Deadlines[str] = Deadlines()
        self._waiting: set[str] = set()
        self._changed = asyncio.Event()
        floor.listen(plays=lambda _event, session: self._look(session.station_id), stations=self._look)

    def _now_s(self) -> float:
        return self._clock().mono_ns / 1e9

    def _misses(self, station_id: str) -> bool:
        station = self._floor.station(station_id)
        if station is None or station.kind != "pc" or self._floor.session_at(station_id) is None:
            return False
        return not self._floor.things(station_id).agent_online

    def _look(self, station_id: str) -> None:
        """Start to wait for an agent, or stop to."""
        if not self._misses(station_id):
            self._waiting.discard(station_id)
            self._deadlines.drop(station_id)
            self._alarms.clear(alarm_key(station_id))
        elif station_id not in self._waiting:
            self._waiting.add(station_id)
            self._deadlines.set(station_id, self._now_s() + self._gone_s)
            self._changed.set()

    async def run(self) -> None:
        """Alarm in time, until cancelled. Sessions from before a restart are waited for anew."""
        for session in self._floor.live():
            self._look(session.station_id)
        while True:
            self._changed.clear()
            for station_id in self._deadlines.take(self._now_s()):
                self._alarms.raise_(self._alarm(station_id))
            next_s = self._deadlines.next_s()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if next_s == NEVER else max(0.0, next_s - self._now_s())):
                    await self._changed.wait()

    def _alarm(self, station_id: str) -> Alarm:
        station = self._floor.station(station_id)
        name = station.name if station else station_id
        message = f"Somebody plays on {name} and its agent is not heard; please look after the PC."
        detail = {"station_id": station_id}
        return Alarm(alarm_key(station_id), "agent_gone", message, self._clock().wall_ms, detail)
