"""A list of expected devices, one after the other: found, taken into service, told what it serves, tested.

May be run as often as one likes: what serves already is tested again and nothing else. One device that fails
holds up no other. A device that asks to be left alone is asked again after a pause; everything else is told.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from edge.installer.desk import BoxRefused, Desk
from edge.installer.visit import Fitted, Names, Outcome, serving
from edge.provision.expected import ExpectedDevice, ExpectedList
from protocol.devices import AdoptRequest, DeviceReply, FoundDevice, LastTrial, LookRequest, TrialReply
from protocol.errors import CODES

T = TypeVar("T")
#: Shelly's firmware 2 asks for two seconds when all its nonces are taken (devices.md).
_AGAIN_AFTER_S = 2.5
_TIMES = 4
_LOOK_EVERY_S = 0.2


class FittingOut:
    """`devices` and `kitchen` go through a list. `within_s` is how long an announcement is waited for."""

    def __init__(
        self,
        desk: Desk,
        names: Names,
        now_ms: Callable[[], int],
        within_s: float = 15.0,
        again_after_s: float = _AGAIN_AFTER_S,
    ) -> None:
        self._desk = desk
        self._names = names
        self._now_ms = now_ms
        self._within_s = within_s
        self._again_after_s = again_after_s

    async def all(self, expected: ExpectedList, tell: Callable[[Fitted], None]) -> list[Fitted]:
        """How each thing ended, told as it ends. Raises `BoxSilent`."""
        done = []
        for device in expected.devices:
            done.append(await self._device(device))
            tell(done[-1])
        for station in expected.kitchen:
            done.append(await self._kitchen(station))
            tell(done[-1])
        return done

    # ── one device ───────────────────────────────────────────────────────────────────────────────

    async def _device(self, device: ExpectedDevice) -> Fitted:
        try:
            wish = self._wish(device)
            there = serving(device, (await self._desk.devices()).devices, self._names)
            if there is None:
                return await self._take_in(device, wish)
            await self._bind(there, device)
            trial = await self._patiently(lambda: self._desk.try_again(there.id))
            return self._well(device, "serving", there, trial)
        except BoxRefused as refused:
            return self._failed(device.title, device.kind, refused)

    async def _take_in(self, device: ExpectedDevice, wish: AdoptRequest) -> Fitted:
        found = await self._find(device)
        if found.state == "unknown_model":
            raise BoxRefused("device_confused", f"The catalogue holds no {found.model or found.kind}.", {})
        reply = await self._patiently(lambda: self._desk.adopt(found.id, wish))
        await self._bind(reply.device, device)
        return self._well(device, "adopted", reply.device, reply.trial)

    async def _find(self, device: ExpectedDevice) -> FoundDevice:
        """Asked for at its address, else waited for until it announces itself."""
        if device.address:
            asked = LookRequest(device.address, device.kind, device.user, device.password)
            found = await self._patiently(lambda: self._desk.look(asked))
            if device.key and found.id != device.key:
                raise _refused("device_other", f"it calls itself {found.id}, not {device.key}", "find")
            return found
        try:
            async with asyncio.timeout(self._within_s):
                while True:
                    for each in (await self._desk.found()).devices:
                        if each.id == device.key and each.kind == device.kind:
                            return each
                    await asyncio.sleep(_LOOK_EVERY_S)
        except TimeoutError:
            raise _refused("device_unreachable", f"{device.key} did not announce itself", "find") from None

    def _wish(self, device: ExpectedDevice) -> AdoptRequest:
        first = next(iter(device.machines.items()), None)
        station = first[0] if first else device.station
        return AdoptRequest(
            name=device.title[:64],
            station_id=self._play(station) if station else None,
            mac=first[1] if first else None,
            stations=tuple(self._named(self._names.kitchen, each) for each in device.kitchen),
            receipts=device.receipts,
            user=device.user,
            password=device.password,
        )

    async def _bind(self, there: DeviceReply, device: ExpectedDevice) -> None:
        """The machines behind a router that it does not care for yet."""
        for station, mac in device.machines.items():
            station_id = self._play(station)
            bound = there.machines.get(station_id, "")
            if _plain(bound) != _plain(mac):
                await self._patiently(partial(self._desk.bind, there.id, station_id, mac))

    def _play(self, station: str) -> str:
        return self._named(self._names.play, station)

    def _named(self, names: dict[str, str], station: str) -> str:
        if station not in names:
            raise _refused("unknown_station", station, "begin")
        return names[station]

    # ── a kitchen station ────────────────────────────────────────────────────────────────────────

    async def _kitchen(self, station: str) -> Fitted:
        title = f"Kitchen {station}"
        try:
            trial = await self._desk.try_kitchen(self._named(self._names.kitchen, station))
        except BoxRefused as refused:
            return self._failed(title, "kitchen", refused)
        now_ms = self._now_ms()
        return Fitted(title, "kitchen", "serving", now_ms, tested=LastTrial(now_ms, trial.passed))

    # ── how it ended ─────────────────────────────────────────────────────────────────────────────

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask again where a device says that it has too much to do."""
        for _ in range(_TIMES - 1):
            try:
                return await ask()
            except BoxRefused as refused:
                if refused.code != "device_busy":
                    raise
            await asyncio.sleep(self._again_after_s)
        return await ask()

    def _well(
        self, device: ExpectedDevice, outcome: Outcome, there: DeviceReply, trial: TrialReply
    ) -> Fitted:
        now_ms = self._now_ms()
        tested = LastTrial(now_ms, trial.passed, trial.power_w)
        return Fitted(device.title, device.kind, outcome, now_ms, there.id, there.url, tested)

    def _failed(self, title: str, kind: str, refused: BoxRefused) -> Fitted:
        now_ms = self._now_ms()
        step = refused.step or "begin"
        tested = LastTrial(now_ms, refused.passed, None, step, refused.code, str(refused))
        return Fitted(title, kind, "failed", now_ms, tested=tested, code=refused.code, words=str(refused))


def _refused(code: str, detail: str, step: str) -> BoxRefused:
    return BoxRefused(code, CODES[code][1], {"detail": detail, "step": step})


def _plain(mac: str) -> str:
    return "".join(letter for letter in mac.upper() if letter.isalnum())
