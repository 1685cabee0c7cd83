"""Paid time on stations, as a journal tells it (invariant 5).

Every entitlement is added once. Time runs on the box's monotonic clock between two facts of one boot; what a
boot did not see is what `TimeReckoned` says, and that may only ever be in the guest's favour. A session that
ended because its time was used up had used all of it; nothing is added after an end, and a station belongs to
one session at a time.
"""

from collections import defaultdict
from typing import ClassVar

from tests.simulation.reading import Complaints, Json, Reader

_NS = 1_000_000_000
#: Rounding of nanoseconds on the way.
_SLACK_NS = 1_000_000


class PlayReader(Reader):
    """Reads what happens to play sessions."""

    EVENTS: ClassVar = {
        "PlayOrdered": "_ordered",
        "PlayBegun": "_begun",
        "TimeAdded": "_added",
        "TimeReckoned": "_reckoned",
        "PlayPaused": "_paused",
        "PlayResumed": "_resumed",
        "PlayExpired": "_expired",
        "PlayStopped": "_stopped",
        "StationTaken": "_taken",
        "StationFreed": "_freed",
    }

    def __init__(self, said: Complaints) -> None:
        super().__init__(said)
        self._entitled: dict[str, dict[str, int]] = defaultdict(dict)
        self._consumed: dict[str, int] = defaultdict(int)
        self._running: dict[str, tuple[str, int]] = {}
        self._ended: set[str] = set()
        self._at: dict[str, str] = {}
        self._first: dict[str, Json] = {}

    def _ordered(self, session: str, event: Json, _fact: Json) -> None:
        self._first[session] = event["entitlement"]

    def _begun(self, session: str, _event: Json, fact: Json) -> None:
        self._grant(session, self._first[session])
        self._running[session] = fact["boot"], fact["mono_ns"]

    def _added(self, session: str, event: Json, _fact: Json) -> None:
        self._say(session not in self._ended, f"{session} was given time after its end")
        self._grant(session, event["entitlement"])

    def _grant(self, session: str, entitlement: Json) -> None:
        known = self._entitled[session]
        self._say(entitlement["id"] not in known, f"DOUBLED: {entitlement['id']} was added twice")
        known[entitlement["id"]] = entitlement["seconds"] * _NS

    def _stand(self, session: str, fact: Json) -> None:
        """Count up to this fact, and begin to count anew from here."""
        boot, since_ns = self._running[session]
        if boot == fact["boot"]:
            self._consumed[session] += fact["mono_ns"] - since_ns
            self._running[session] = boot, fact["mono_ns"]

    def _reckoned(self, session: str, event: Json, fact: Json) -> None:
        before, told = self._consumed[session], event["consumed_ns"]
        self._say(told >= before - _SLACK_NS, f"{session} has consumed {told} after {before}")
        self._consumed[session] = told
        if session in self._running:
            self._running[session] = fact["boot"], fact["mono_ns"]

    def _paused(self, session: str, _event: Json, fact: Json) -> None:
        self._stand(session, fact)
        del self._running[session]

    def _resumed(self, session: str, _event: Json, fact: Json) -> None:
        self._running[session] = fact["boot"], fact["mono_ns"]

    def _expired(self, session: str, _event: Json, fact: Json) -> None:
        self._stand(session, fact)
        entitled, consumed = sum(self._entitled[session].values()), self._consumed[session]
        self._say(consumed >= entitled - _SLACK_NS, f"{session} was ended after {consumed} of {entitled} ns")
        self._end(session)

    def _stopped(self, session: str, _event: Json, _fact: Json) -> None:
        self._end(session)

    def _end(self, session: str) -> None:
        self._say(session not in self._ended, f"{session} was ended twice")
        self._ended.add(session)
        self._running.pop(session, None)

    def _taken(self, station: str, event: Json, _fact: Json) -> None:
        session, before = event["stands"]["session_id"], self._at.get(station)
        self._say(before is None, f"{station} was taken by {session} from {before}")
        self._at[station] = session

    def _freed(self, station: str, _event: Json, _fact: Json) -> None:
        self._say(station in self._at, f"{station} was freed while it was free")
        self._at.pop(station, None)

    def finish(self) -> None:
        """Whoever began to play has an end."""
        begun = {session for session, granted in self._entitled.items() if granted}
        self._say(not begun - self._ended, f"sessions run for ever: {sorted(begun - self._ended)}")
