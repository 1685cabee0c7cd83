"""What somebody has to look at now: alarms by key, raised and cleared by effects, shown on staff screens.

An alarm is a state, not an event: raising one that is up changes nothing, clearing one that is down
neither. Nothing is stored, for every alarm follows from something that is: a fact in the journal (a ticket
that nobody has, a slip that is not on paper, an order in doubt, a guest who waits) or how a device answers.
After a restart the effect that owns the cause raises it again; `lookouts.py` has the name of who went to see.
"""

from collections.abc import Callable

import msgspec


class Alarm(msgspec.Struct, frozen=True, tag="alarm", tag_field="type"):
    """`key` tells alarms apart, `code` is for programs, `message` for a person, `detail` names things.

    `seen_by` is who said that they look after it, and `seen_ms` when; empty and None before.
    """

    key: str
    code: str
    message: str
    since_ms: int
    detail: dict[str, str] = {}
    seen_by: str = ""
    seen_ms: int | None = None


class Seen(msgspec.Struct, frozen=True):
    """Who looks after an alarm, since when."""

    by: str
    ms: int


#: A name from before a restart is of use for about a shift.
_REMEMBERED_MS = 12 * 3600 * 1000

#: Gets an alarm and whether it is up now; a second time when somebody has seen it.
AlarmListener = Callable[[Alarm, bool], None]


class Alarms:
    """All alarms of the box. Belongs to the event loop's thread."""

    def __init__(self) -> None:
        self._up: dict[str, Alarm] = {}
        self._listeners: list[AlarmListener] = []
        self._remembered: dict[str, Seen] = {}

    def remember(self, lookouts: dict[str, Seen]) -> None:
        """Those of the box's last life, by key; each counts for the first alarm of its key."""
        self._remembered = dict(lookouts)

    def lookouts(self) -> dict[str, Seen]:
        """Who looks after what, by key, those included whose alarm has not come back yet."""
        up = {key: Seen(each.seen_by, each.seen_ms) for key, each in self._up.items() if each.seen_ms}
        return {**self._remembered, **up}

    def raise_(self, alarm: Alarm) -> None:
        """Put it up unless one of its key is; the first one's time counts."""
        if alarm.key not in self._up:
            seen = self._remembered.pop(alarm.key, None)
            if seen is not None and 0 <= alarm.since_ms - seen.ms < _REMEMBERED_MS:
                alarm = msgspec.structs.replace(alarm, seen_by=seen.by, seen_ms=seen.ms)
            self._up[alarm.key] = alarm
            self._tell(alarm, True)

    def clear(self, key: str) -> None:
        """Take it down if it is up."""
        alarm = self._up.pop(key, None)
        if alarm is not None:
            self._tell(alarm, False)

    def acknowledge(self, key: str, by: str, wall_ms: int) -> bool:
        """`by` looks after it; the first one counts. False when no such alarm is up."""
        alarm = self._up.get(key)
        if alarm is not None and alarm.seen_ms is None:
            self._up[key] = seen = msgspec.structs.replace(alarm, seen_by=by, seen_ms=wall_ms)
            self._tell(seen, True)
        return alarm is not None

    def current(self) -> tuple[Alarm, ...]:
        """What is up, oldest first."""
        return tuple(self._up.values())

    def listen(self, listener: AlarmListener) -> Callable[[], None]:
        """Tell `listener` of every change from now on; call what is returned to end it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self, alarm: Alarm, up: bool) -> None:
        for listener in tuple(self._listeners):
            listener(alarm, up)
