"""Taking a device into service: who is it, does it work, close it, write it down, in that order.

Until the last step nothing has changed for the venue, so a wrong pass word, a device that goes away in the
middle or a colleague who was faster leaves everything as it was. One device is worked on by one person at a
time; the second one is told that it is in service already.

Counterparts: `discovery.py` found it, `edge/core/devices/fitting.py` says whether the venue may have it so,
`trial.py` tries it.
"""

import asyncio
import contextlib
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable

import msgspec

from edge.core.clock import Now
from edge.core.devices import fitting
from edge.core.devices.bindings import DeviceAddress
from edge.core.devices.commands import AdoptDevice
from edge.core.devices.ports import (
    DeviceError,
    DeviceIdentity,
    DeviceRefused,
    NetworkGate,
    PowerSwitch,
    Printer,
)
from edge.effects.devices.address_book import AddressBook, Entry
from edge.effects.devices.discovery import Found, Recognise, device_id
from edge.effects.devices.enforcement import Timekeeper
from edge.effects.devices.trial import Trial, try_gate, try_plug, try_printer, try_rules
from edge.journal.hot import Hot
from edge.journal.writer import Writer
from firmware_profiles.catalogue.plugs import too_old
from protocol.errors import CODES, Refusal, Refused, refuse
from protocol.facts.device import AGGREGATE, Device, DeviceAdopted

_PASSWORD_BYTES = 12


class Wish(msgspec.Struct, frozen=True):
    """What a device is to be here. `device` is as it should serve; what it says of itself is filled in."""

    device: Device
    user: str
    password: str
    fingerprint: str
    by: str
    replaces: str | None = None
    protect: bool = True
    mid: str | None = None


class Makers(msgspec.Struct, frozen=True):
    """From an address to an adapter."""

    plug: Callable[[str, DeviceAddress], PowerSwitch]
    gate: Callable[[str, DeviceAddress], NetworkGate]
    printer: Callable[[str, DeviceAddress], Awaitable[Printer]]


def refusal_of(error: DeviceError, step: str = "") -> Refusal:
    """What a device's failure is told as."""
    code = error.code if error.code in CODES else "device_confused"
    detail = {"detail": error.detail, **({"step": step} if step else {})}
    return refuse(code, detail=detail)


class Adopting:
    """`adopt` does all of it; calls on one device wait for each other."""

    def __init__(
        self,
        book: AddressBook,
        writer: Writer,
        hot: Hot,
        clock: Callable[[], Now],
        recognise: Recognise,
        makers: Makers,
        keeper: Timekeeper,
        settle_s: float,
    ) -> None:
        self._book = book
        self._writer = writer
        self._hot = hot
        self._clock = clock
        self._recognise = recognise
        self._makers = makers
        self._keeper = keeper
        self._settle_s = settle_s
        self._one_at_a_time: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def adopt(self, found: Found, wish: Wish) -> tuple[Device, Trial]:
        """The device as it serves now, and how its test went. Raises `Refused`."""
        async with self._one_at_a_time[found.at.url]:
            at, identity = await self._enter(found, wish)
            command = self._command(found, wish, identity, at)
            if command.mid is not None and self._hot.outcome_of(AGGREGATE, command.mid) is not None:
                return await self._record(command), Trial(())
            self._expect_free(command)
            trial = await self.try_out(command.device, at)
            at = await self._close(command, at, found.instance)
            self._book.write(command.device.id, Entry(at, found.instance))
            return await self._record(command), trial

    async def _record(self, command: AdoptDevice) -> Device:
        outcome = await self._writer.execute(command)
        if isinstance(outcome, Refusal):
            raise Refused(outcome)
        adopted = next(fact.event for fact in outcome.facts if isinstance(fact.event, DeviceAdopted))
        if adopted.device.id != command.device.id:
            raise Refused(refuse("mid_reused"))
        return adopted.device

    async def _enter(self, found: Found, wish: Wish) -> tuple[DeviceAddress, DeviceIdentity]:
        """Who is there, with the first log-in that fits: the one given, that of the look, or the book's."""
        entry = self._book.of(found.id) or self._book.of(self._book.of_instance(found.instance) or "")
        logins = [(at.user, at.password) for at in (found.at, *([entry.at] if entry else []))]
        refused: DeviceError | None = None
        for user, password in dict.fromkeys([(wish.user, wish.password), *logins]):
            at = msgspec.structs.replace(found.at, user=user, password=password, fingerprint=wish.fingerprint)
            try:
                at, identity = await self._recognise(found.kind, found.dialects, at)
                await self._prove(found.kind, at)
                return at, identity
            except DeviceRefused as error:
                refused = error
            except DeviceError as error:
                raise Refused(refusal_of(error, "identify")) from error
        assert refused is not None  # there is at least one pass word, the empty one
        raise Refused(refusal_of(refused, "identify"))

    async def _prove(self, kind: str, at: DeviceAddress) -> None:
        """Plugs say who they are to anybody; what they measure they tell only to who may switch them."""
        if kind == "plug":
            async with self._makers.plug(at.url, at) as plug:
                await plug.read()

    def _command(self, found: Found, wish: Wish, identity: DeviceIdentity, at: DeviceAddress) -> AdoptDevice:
        key = device_id(identity)
        if key is None:
            raise Refused(refuse("device_nameless"))
        if found.identity is not None and key != found.id:
            raise Refused(refuse("device_other", detail={"device_id": key}))
        if too_old(at.dialect, identity.firmware):
            raise Refused(refuse("device_outdated", detail={"step": "identify", "detail": identity.firmware}))
        device = msgspec.structs.replace(
            wish.device,
            id=key,
            kind=found.kind,
            dialect=at.dialect,
            model=identity.model,
            firmware=identity.firmware,
            mac=identity.mac,
        )
        return AdoptDevice(device, wish.by, wish.replaces, wish.mid)

    def _expect_free(self, command: AdoptDevice) -> None:
        """Refuse before anything is touched what would be refused afterwards."""
        decided = fitting.adopt(self._hot, command, self._clock())
        if isinstance(decided, Refusal):
            raise Refused(decided)

    async def try_out(self, device: Device, at: DeviceAddress) -> Trial:
        """The test of its kind. Raises `Refused` with the step that failed."""
        try:
            trial = await self._try(device, at)
        except DeviceError as error:
            raise Refused(refusal_of(error, "connect")) from error
        if trial.ok:
            return trial
        detail = {"step": trial.failed, "passed": list(trial.passed), "detail": trial.why}
        raise Refused(refuse(trial.code if trial.code in CODES else "device_confused", detail=detail))

    async def _try(self, device: Device, at: DeviceAddress) -> Trial:
        if device.kind == "plug":
            async with self._makers.plug(device.id, at) as plug:
                return await try_plug(plug, self._keeper, self._settle_s)
        if device.kind == "router":
            machine = next(iter(device.machines.values()), None)
            async with self._makers.gate(device.id, at) as gate:
                return await (try_gate(gate, machine) if machine else try_rules(gate))
        venue = self._hot.committed_venue()
        printer = await self._makers.printer(device.name, at)
        return await try_printer(printer, venue.config.name if venue else "")

    async def _close(self, command: AdoptDevice, at: DeviceAddress, instance: str) -> DeviceAddress:
        """Set a pass word on a plug that has none; it is in the book before it is on the plug."""
        device = command.device
        if device.kind != "plug" or at.password:
            return at
        closed = msgspec.structs.replace(at, user="admin", password=secrets.token_urlsafe(_PASSWORD_BYTES))
        self._book.write(device.id, Entry(closed, instance))
        try:
            async with self._makers.plug(device.id, at) as plug:
                await plug.protect(closed.password)
            async with self._makers.plug(device.id, closed) as plug:
                await plug.read()
        except DeviceError as error:
            raise Refused(refusal_of(error, "protect")) from error
        return closed

    async def open_up(self, device: Device) -> bool:
        """Take this box's pass word off a plug that is let go; False when it cannot be reached."""
        entry = self._book.of(device.id)
        if device.kind != "plug" or entry is None or not entry.at.password:
            return True
        with contextlib.suppress(DeviceError):
            async with self._makers.plug(device.id, entry.at) as plug:
                await plug.protect("")
            self._book.write(device.id, Entry(msgspec.structs.replace(entry.at, password=""), entry.instance))
            return True
        return False
