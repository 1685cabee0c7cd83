"""The physical part of every emulated plug: a relay, what is plugged into it, a button and a fuse.

Rule of the file: volts and seconds, no protocol. `source` keeps the reason for the last switching in
the words `http`, `timer`, `button`, `overpower` and `init`; each dialect translates them into its own.
"""

from firmware_profiles.emulators.clock import Clock

#: What the relay does when mains come back.
OFF, ON, LAST = "off", "on", "last"


class Relay:
    """One switched outlet. `load_w` is what the thing plugged in draws while it has power."""

    def __init__(self, clock: Clock, load_w: float = 45.2, limit_w: float = 2500.0) -> None:
        self._clock = clock
        self.load_w = load_w
        self.limit_w = limit_w
        self.after_power_cut = LAST
        self.source = "init"
        self.overpower = False
        self.timer_s: float | None = None
        self.timer_started_s = 0.0
        self.booted_s = clock.now_s()
        self.energy_ws = 0.0
        self._counted_s = clock.now_s()
        self._on = False

    @property
    def on(self) -> bool:
        """Whether power flows now, timers and fuse considered."""
        self._settle()
        return self._on

    @property
    def power_w(self) -> float:
        """What is drawn now."""
        return self.load_w if self.on else 0.0

    @property
    def uptime_s(self) -> float:
        """Seconds since the last boot."""
        return self._clock.now_s() - self.booted_s

    @property
    def timer_remaining_s(self) -> float | None:
        """Seconds until the timer flips the relay, None without one."""
        self._settle()
        if self.timer_s is None:
            return None
        return self.timer_started_s + self.timer_s - self._clock.now_s()

    def switch(self, on: bool, source: str, flip_after_s: float | None = None) -> bool:
        """Switch and start or clear the flip-back timer; what it was before."""
        was_on = self.on
        self._count_energy()
        self._on, self.source, self.overpower = on, source, False
        self.timer_s = flip_after_s
        self.timer_started_s = self._clock.now_s()
        return was_on

    def press_button(self) -> None:
        """Somebody presses the button on the plug: it toggles and forgets its timer."""
        self.switch(not self.on, "button")

    def trip(self, load_w: float | None = None) -> None:
        """Draw more than allowed; the plug protects itself."""
        self.load_w = load_w if load_w is not None else self.limit_w + 100
        self._settle()

    def restart(self, state: bool | None = None) -> None:
        """Mains went and came back. `state` None obeys the setting; otherwise the plug comes up wrong."""
        configured = self._on if self.after_power_cut == LAST else self.after_power_cut == ON
        self._count_energy()
        self._on = configured if state is None else state
        self.source, self.overpower, self.timer_s = "init", False, None
        self.booted_s = self._clock.now_s()

    def _settle(self) -> None:
        now_s = self._clock.now_s()
        if self.timer_s is not None and now_s >= self.timer_started_s + self.timer_s:
            self._count_energy(self.timer_started_s + self.timer_s)
            self._on, self.source, self.timer_s = not self._on, "timer", None
        if self._on and self.load_w > self.limit_w:
            self._on, self.source, self.timer_s, self.overpower = False, "overpower", None, True
        self._count_energy()

    def _count_energy(self, until_s: float | None = None) -> None:
        until_s = self._clock.now_s() if until_s is None else until_s
        if self._on:
            self.energy_ws += self.load_w * (until_s - self._counted_s)
        self._counted_s = until_s
