"""Keeps plugs and routers doing what they should: one reconciler per device, for as long as the box runs.

What a device should do comes from a callable that is asked anew at every look, so there is nothing to lose
in a crash and nothing to replay after one. What it needs to be told is decided in
`edge/core/devices/desired.py`; this file only waits, asks, and reports. A slow or dead device holds up no
other.

Rule of the file: no error of a device leaves it. Counterpart: the adapters behind `PowerSwitch` and
`NetworkGate`.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Hashable
from typing import Protocol

from edge.core.devices import desired
from edge.core.devices.desired import DeviceEvent, Grant, Standing, Step, Wanted, Watch
from edge.core.devices.ports import (
    DeviceBusy,
    DeviceError,
    NetworkGate,
    PlugReading,
    PowerSwitch,
)

#: A trigger that has not called back so long after its second is not waited for any longer.
MISSED_S = 0.25


class Timekeeper(Protocol):
    """The clock that `Wanted.until_s` is on, and waiting by it."""

    def now_s(self) -> float:
        """Seconds; never goes back."""

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        """Until `event` is set or so many seconds have passed."""


class BootTime:
    """CLOCK_BOOTTIME, the clock of `edge/core/clock.py`: nobody sets it and it runs on through suspend."""

    def now_s(self) -> float:
        """Seconds since the kernel started."""
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) / 1e9

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        """See `Timekeeper`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await event.wait()


class Target(Protocol):
    """Something that can be granted and revoked: a plug, or one machine behind a router."""

    async def look(self) -> Standing:
        """How it stands. Raises `DeviceError`."""

    async def grant(self, for_s: float) -> Standing:
        """On, with an end; how it then stands. Raises `DeviceError`."""

    async def revoke(self) -> Standing:
        """Off; how it then stands. Raises `DeviceError`."""

    async def aim(self) -> None:
        """Get ready for `fire`. Raises `DeviceError`."""

    def fire(self) -> None:
        """Send what is aimed; `revoke` says what became of it."""


class Trigger(Protocol):
    """Calls back at a second. Counterpart: `edge/effects/devices/volley.py`."""

    def aim(self, device: Hashable, at_s: float, fire: Callable[[], None]) -> None:
        """Call `fire` at `at_s`."""

    def drop(self, device: Hashable) -> None:
        """Do not."""


class Power:
    """A plug as a target. Every reading goes to `telemetry`, whoever asked for it."""

    def __init__(
        self, switch: PowerSwitch, now_s: Callable[[], float], telemetry: Callable[[PlugReading], None]
    ) -> None:
        self._switch = switch
        self._now_s = now_s
        self._telemetry = telemetry

    async def look(self) -> Standing:
        """See `Target`."""
        return self._kept(await self._switch.read())

    async def grant(self, for_s: float) -> Standing:
        """See `Target`."""
        return self._kept(await self._switch.turn_on(for_s))

    async def revoke(self) -> Standing:
        """See `Target`."""
        return self._kept(await self._switch.turn_off())

    async def aim(self) -> None:
        """See `Target`."""
        await self._switch.aim()

    def fire(self) -> None:
        """See `Target`."""
        self._switch.fire()

    def _kept(self, reading: PlugReading) -> Standing:
        self._telemetry(reading)
        return desired.from_plug(reading, self._now_s())


class Network:
    """One machine behind a router as a target."""

    def __init__(self, gate: NetworkGate, mac: str, now_s: Callable[[], float]) -> None:
        self._gate = gate
        self._mac = mac
        self._now_s = now_s

    async def look(self) -> Standing:
        """See `Target`."""
        return desired.from_gate(await self._gate.read(self._mac), self._now_s())

    async def grant(self, for_s: float) -> Standing:
        """See `Target`."""
        return desired.from_gate(await self._gate.allow(self._mac, for_s), self._now_s())

    async def revoke(self) -> Standing:
        """See `Target`."""
        return desired.from_gate(await self._gate.block(self._mac), self._now_s())

    async def aim(self) -> None:
        """Nothing to do: a router's lease ends by itself, and one connection serves all machines."""

    def fire(self) -> None:
        """See `aim`."""


class Reconciler:
    """Looks after one target. `wanted` says what it should do, `report` hears what it did.

    `chance` gives random numbers from 0 to 1 for the back-off; with a `trigger` off commands leave in time.
    """

    def __init__(
        self,
        target: Target,
        wanted: Callable[[], Wanted],
        report: Callable[[DeviceEvent], None],
        *,
        keeper: Timekeeper,
        chance: Callable[[], float],
        trigger: Trigger | None = None,
    ) -> None:
        self._target = target
        self._wanted = wanted
        self._report = report
        self._keeper = keeper
        self._chance = chance
        self._trigger = trigger
        self._nudged = asyncio.Event()
        self.watch = Watch()

    def nudge(self) -> None:
        """What is wanted has changed: act now, not at the next look."""
        self._hold_fire()
        self._nudged.set()

    async def run(self) -> None:
        """Look, mend, wait, until cancelled."""
        again_s = 0.0
        while True:
            await self._keeper.wait(self._nudged, again_s)
            self._nudged.clear()
            again_s = await self.step()

    async def step(self) -> float:
        """One look and what follows from it; seconds until the next."""
        self._hold_fire()
        wanted = self._wanted()
        if self._trigger is not None and desired.closing(self.watch, wanted, self._keeper.now_s()):
            return await self._aim(self._trigger, wanted)
        try:
            step = await self._stepped(wanted)
        except DeviceBusy as error:
            step = self._failed(wanted, error, error.retry_after_s)
        except DeviceError as error:
            step = self._failed(wanted, error)
        return self._take(step).again_s

    async def _aim(self, trigger: Trigger, wanted: Wanted) -> float:
        """Leave the moment to the trigger; without it, or without a connection, it is done a little later."""
        with contextlib.suppress(DeviceError, TimeoutError):
            async with asyncio.timeout(desired.due_s(wanted, self._keeper.now_s())):
                await self._target.aim()
        now_s = self._keeper.now_s()
        trigger.aim(self, wanted.until_s or now_s, self._fire)
        return desired.due_s(wanted, now_s) + MISSED_S

    def _fire(self) -> None:
        """The moment has come; whoever paid for more in the meantime is left alone."""
        if desired.due_s(self._wanted(), self._keeper.now_s()) == 0.0:
            self._target.fire()
        self._nudged.set()

    def _hold_fire(self) -> None:
        if self._trigger is not None:
            self._trigger.drop(self)

    async def _stepped(self, wanted: Wanted) -> Step:
        action = desired.foreseen(self.watch, wanted, self._keeper.now_s())
        if action is None:
            step = self._take(desired.looked(self.watch, wanted, await self._target.look()))
            action = step.action
            if action is None:
                return Step(step.watch, again_s=step.again_s)
        self.watch = desired.told(self.watch, action, self._keeper.now_s())
        told = self._target.grant(action.for_s) if isinstance(action, Grant) else self._target.revoke()
        return desired.obeyed(self.watch, wanted, await told)

    def _failed(self, wanted: Wanted, error: DeviceError, retry_after_s: float = 0.0) -> Step:
        now_s = self._keeper.now_s()
        return desired.failed(self.watch, wanted, error.code, now_s, self._chance(), retry_after_s)

    def _take(self, step: Step) -> Step:
        """Remember and report before anything else can fail."""
        self.watch = step.watch
        for event in step.events:
            self._report(event)
        return step


class Enforcement:
    """All reconcilers of the box, by device. Devices come and go while it runs.

    Tasks belong to the group it is given, so that a defect here ends the box and not just one device.
    """

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._running: dict[str, tuple[Reconciler, asyncio.Task[None]]] = {}

    def take_on(self, device: str, reconciler: Reconciler) -> None:
        """Look after a device, in place of whoever did so far."""
        self.let_go(device)
        task = self._group.create_task(reconciler.run(), name=f"enforcing {device}")
        self._running[device] = reconciler, task

    def let_go(self, device: str) -> None:
        """Stop looking after it; it stays as it is."""
        if device in self._running:
            self._running.pop(device)[1].cancel()

    def nudge(self, device: str) -> None:
        """What the device should do has changed."""
        if device in self._running:
            self._running[device][0].nudge()

    def close(self) -> None:
        """Let go of all."""
        for device in list(self._running):
            self.let_go(device)
