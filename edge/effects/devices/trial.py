"""Trying a device out while somebody watches: the test that adoption and the field install run.

Each trial does for a few seconds what the device will do for years, reads it back, and leaves it off. It
stops at the first thing that does not work and says which (install.md, 'Devices').
"""

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from edge.core.devices.ports import (
    DeviceError,
    NetworkGate,
    PlugReading,
    PowerSwitch,
    Printer,
)
from edge.effects.devices.enforcement import Timekeeper
from protocol.facts.printout import Slip, SlipLine

#: Long enough for a meter to see what is plugged in, short enough to wait for.
SETTLE_S = 3.0
#: Should the trial be cut short, the device ends it by itself.
TRIAL_S = 30.0


class Trial(msgspec.Struct, frozen=True):
    """What was tried and worked, in order; `failed` names the step that did not, `why` says it in words."""

    passed: tuple[str, ...]
    power_w: float | None = None
    failed: str = ""
    code: str = ""
    why: str = ""

    @property
    def ok(self) -> bool:
        """Whether all of it worked."""
        return not self.failed


Step = tuple[str, Callable[[], Awaitable[object]]]


async def try_plug(plug: PowerSwitch, keeper: Timekeeper, settle_s: float = SETTLE_S) -> Trial:
    """Prepare, on, read power, off."""

    async def read_power() -> PlugReading:
        await keeper.wait(asyncio.Event(), settle_s)
        return await plug.read()

    return await _try(
        ("prepare", plug.prepare),
        ("on", lambda: plug.turn_on(TRIAL_S)),
        ("read power", read_power),
        ("off", plug.turn_off),
    )


async def try_gate(gate: NetworkGate, mac: str) -> Trial:
    """Lay the rules, allow one machine, block it."""
    return await _try(
        ("prepare", gate.prepare),
        ("allow", lambda: gate.allow(mac, TRIAL_S)),
        ("block", lambda: gate.block(mac)),
    )


async def try_rules(gate: NetworkGate) -> Trial:
    """Ask the router who it is and lay the rules, where no machine stands behind it yet."""
    return await _try(("identify", gate.identify), ("prepare", gate.prepare))


async def try_printer(printer: Printer, venue: str) -> Trial:
    """Ask how it is, then print a slip."""
    slip = Slip("Holdfast", (SlipLine(venue), SlipLine("This printer works.", bold=True)))
    return await _try(("status", printer.read), ("print", lambda: printer.print(slip)))


async def _try(*steps: Step) -> Trial:
    passed: list[str] = []
    power_w = None
    for name, step in steps:
        try:
            found = await step()
        except DeviceError as error:
            return Trial(tuple(passed), power_w, name, error.code, error.detail)
        passed.append(name)
        if isinstance(found, PlugReading) and found.on:
            power_w = found.power_w
    return Trial(tuple(passed), power_w)
