"""Off commands that leave at their second, all in one go and before anything else is done about it.

Whoever looks after a device aims shortly before its time is up and leaves the moment to this file: one
heap, one wait, and a plain call for each device that is due. So the five hundredth of a closing time does
not wait for the answers of the first, nor for the journal to write down that their sessions have ended.

Counterparts: `enforcement.py` aims, `edge/effects/play/timers.py` lets what is due go first,
`edge/reach/primed.py` sends.
"""

import asyncio
from collections.abc import Callable, Hashable

from edge.core.deadlines import NEVER, Deadlines
from edge.effects.devices.enforcement import Timekeeper

#: A wait without an end is looked at again after this; nothing depends on it.
_LONG_S = 3600.0


class Volley:
    """What is aimed, by device. Belongs to the event loop's thread."""

    def __init__(self, keeper: Timekeeper) -> None:
        self._keeper = keeper
        self._due: Deadlines[Hashable] = Deadlines()
        self._shots: dict[Hashable, Callable[[], None]] = {}
        self._changed = asyncio.Event()

    def aim(self, device: Hashable, at_s: float, fire: Callable[[], None]) -> None:
        """Call `fire` at `at_s` on the keeper's clock, in place of what was aimed at this device."""
        self._shots[device] = fire
        self._due.set(device, at_s)
        self._changed.set()

    def drop(self, device: Hashable) -> None:
        """Nothing is to happen to it after all."""
        if self._shots.pop(device, None) is not None:
            self._due.drop(device)

    def fire_due(self) -> None:
        """Let go of everything whose time has come."""
        for device in self._due.take(self._keeper.now_s()):
            self._shots.pop(device)()

    async def run(self) -> None:
        """Wait and fire, until cancelled."""
        while True:
            next_s = self._due.next_s()
            wait_s = _LONG_S if next_s == NEVER else max(0.0, next_s - self._keeper.now_s())
            await self._keeper.wait(self._changed, wait_s)
            self._changed.clear()
            self.fire_due()
