"""The box's clocks in a history: one that nobody can set, and one that anybody may have set to anything.

Monotonic time is the history's own, counted from an arbitrary point that moves with each power cut. Wall time
is off by whatever the plan says, jumps when trouble steps it, and is put right when the cloud tells the time,
as `edge/adapters/machine/system_clock.py` does it.
"""

from edge.core.clock import Now
from tests.simulation.loop import VirtualLoop
from tests.simulation.plan import WALLS

#: When every history begins.
MORNING_MS = 1_790_000_000_000


def true_ms(loop: VirtualLoop) -> int:
    """What a right clock shows now."""
    return MORNING_MS + int(loop.time() * 1000)


class BoxClock:
    """Callable: the present instant, as the box knows it."""

    def __init__(self, loop: VirtualLoop, wall: int, name: str = "boot") -> None:
        self._loop = loop
        self._name = name
        self._begun_s = -1000.0
        self._offset_ms = WALLS[wall].offset_ms
        self._trusted = WALLS[wall].trusted
        self._boots = 0
        self.reboot()

    def reboot(self) -> None:
        """The machine was without power; it counts from anew and believes nobody."""
        self._boots += 1
        self._begun_s = self._loop.time() - 7.0 * self._boots
        self.boot = f"{self._name}-{self._boots}"

    def step(self, by_ms: int) -> None:
        """Somebody sets the clock."""
        self._offset_ms += by_ms

    def learn(self, server_time_ms: int) -> None:
        """The cloud told the time."""
        if not self._trusted:
            self._offset_ms += server_time_ms - self().wall_ms
            self._trusted = True

    def __call__(self) -> Now:
        """See `Now`. Never below zero: the kernel does not let anybody set a time before 1970."""
        elapsed_ns = int((self._loop.time() - self._begun_s) * 1e9)
        wall_ms = max(0, true_ms(self._loop) + self._offset_ms)
        return Now(self.boot, elapsed_ns, wall_ms, self._trusted)
