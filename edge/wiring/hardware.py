"""Devices found, adopted and put to work, wired: mDNS, discovery, adoption, and the bindings that follow.

The part of the composition root that is about devices in service. What enforces a station is what
`stations.json` says, under what the staff adopted. Counterparts: `gaming.py` looks after bound devices,
`edge/web/installing/device_desk.py` serves the addresses.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from edge.adapters.devices import mdns
from edge.core.clock import Now
from edge.core.devices import fitting
from edge.core.devices.bindings import Bindings, DeviceAddress, GateBinding, StationBinding
from edge.core.devices.commands import BindMachine, ReleaseDevice
from edge.core.devices.ports import DeviceError, DeviceIdentity
from edge.effects.afar.rivals import Rivals
from edge.effects.devices.address_book import FILE_NAME, AddressBook
from edge.effects.devices.adopting import Adopting, Makers, Wish, refusal_of
from edge.effects.devices.discovery import Discovery, Found, Hint
from edge.effects.devices.trial_book import TrialBook, kitchen_key
from edge.effects.kitchen.practice import Practice
from edge.journal.hot import Hot
from edge.journal.writer import Writer
from edge.web.answers import accepted
from edge.wiring.gaming import Gaming, make_gate, make_plug
from edge.wiring.recognition import DIALECTS, local_url, mac_of, make_printer, model_name, recognise
from firmware_profiles.catalogue.announcements import SERVICES, find_announcement
from firmware_profiles.catalogue.printers import PRINTERS, find_printer
from protocol import devices as told
from protocol.errors import Refused, refuse
from protocol.facts.device import Device, DeviceKind
from protocol.facts.venue import PrinterConfig


class Hardware:
    """Made after `Gaming`. Raises `BadAddressBook`."""

    def __init__(
        self,
        *,
        directory: Path,
        host: str,
        on_interface: str | None,
        settle_s: float,
        gaming: Gaming,
        hot: Hot,
        writer: Writer,
        clock: Callable[[], Now],
        printers_changed: Callable[[], None],
        rivals: Rivals | None,
        about: Mapping[str, str],
        practice: Practice,
        kitchen_within_s: float,
    ) -> None:
        self._hot = hot
        self._writer = writer
        self._gaming = gaming
        self._printers_changed = printers_changed
        self._book = AddressBook(directory / FILE_NAME)
        self._discovery = Discovery(self._book, recognise, lambda key: key in self._adopted, self._sync)
        makers = Makers(make_plug, make_gate, make_printer)
        self._adopting = Adopting(self._book, writer, hot, clock, recognise, makers, gaming.keeper, settle_s)
        self._rivals = rivals
        self._clock = clock
        self._practice = practice
        self._kitchen_within_s = kitchen_within_s
        self.trials = TrialBook(directory)
        self._mdns = None
        if on_interface is not None:
            self._mdns = mdns.Mdns(on_interface or host, (*SERVICES, mdns.SERVICE), self._hear, about)
        gaming.overlay = self.bindings

    @property
    def _adopted(self) -> dict[str, Device]:
        return fitting.in_service(self._hot)

    # ── what follows from devices in service ─────────────────────────────────────────────────────

    def bindings(self, file: Bindings) -> Bindings:
        """The installer's file under what was adopted since."""
        routers, stations = dict(file.routers), dict(file.stations)
        for device in self._adopted.values():
            entry = self._book.of(device.id)
            if entry is None:
                continue
            if device.kind == "plug" and device.station_id is not None:
                before = stations.get(device.station_id, StationBinding())
                stations[device.station_id] = msgspec.structs.replace(before, plug=entry.at)
            if device.kind == "router":
                routers[device.id] = entry.at
                for station_id, mac in device.machines.items():
                    before = stations.get(station_id, StationBinding())
                    stations[station_id] = msgspec.structs.replace(before, gate=GateBinding(device.id, mac))
        return Bindings(routers, stations)

    def printers(self) -> tuple[PrinterConfig, ...]:
        """Adopted printers as `Printing` knows them."""
        return tuple(
            PrinterConfig(
                device.name,
                urlsplit(entry.at.url).netloc,
                width_mm=(find_printer(device.model) or PRINTERS[0]).width_mm,
                model=device.model,
                stations=device.stations,
                receipts=device.receipts,
            )
            for device in self._adopted.values()
            if device.kind == "printer" and (entry := self._book.of(device.id)) is not None
        )

    async def _sync(self) -> None:
        """Bring what is looked after in line with what is in service."""
        await self._gaming.rebind()
        self._printers_changed()

    # ── finding ──────────────────────────────────────────────────────────────────────────────────

    def _hear(self, sighting: mdns.Sighting) -> None:
        if sighting.service == mdns.SERVICE:
            self._hear_box(sighting)
            return
        if not sighting.here:
            self._discovery.gone(sighting.instance)
            return
        row = find_announcement(sighting.service, sighting.instance, sighting.txt)
        if row is not None:
            scheme = "tcp" if row.kind == "printer" else "http"
            port = "" if (scheme, sighting.port) == ("http", 80) else f":{sighting.port}"
            kind: DeviceKind = "printer" if row.kind == "printer" else "plug"
            self._discovery.hear(
                Hint(kind, row.dialects, f"{scheme}://{sighting.host}{port}", sighting.instance)
            )

    def _hear_box(self, sighting: mdns.Sighting) -> None:
        if self._rivals is None:
            return
        if sighting.here:
            self._rivals.hear(sighting.instance, sighting.host, sighting.txt)
        else:
            self._rivals.gone(sighting.instance)

    def found(self) -> told.FoundReply:
        """See `device_desk.Workshop`."""
        trouble = "Finding devices is switched off on this box." if self._mdns is None else self._mdns.trouble
        return told.FoundReply(trouble, tuple(self._tell_found(each) for each in self._discovery.found()))

    async def look(self, asked: told.LookRequest) -> told.FoundDevice:
        """See `device_desk.Workshop`."""
        url = local_url(asked.address, asked.kind)
        at = DeviceAddress("", url, asked.user, asked.password, fingerprint=asked.fingerprint)
        try:
            found = await self._discovery.look(asked.kind, DIALECTS[asked.kind], at)
        except DeviceError as error:
            raise Refused(refusal_of(error, "identify")) from error
        return self._tell_found(found)

    def _tell_found(self, found: Found) -> told.FoundDevice:
        identity = found.identity or DeviceIdentity("", "", "")
        device = self._adopted.get(found.id)
        name, known = model_name(found.kind, identity.model)
        state: told.FoundState = "new" if known else "unknown_model"
        if found.identity is None:
            state = "locked"
        if device is not None:
            state = "adopted"
        return told.FoundDevice(
            id=found.id,
            kind=found.kind,
            state=state,
            name=device.name if device else found.instance or name,
            model=identity.model,
            model_name=name,
            dialect=found.at.dialect,
            firmware=identity.firmware,
            mac=identity.mac,
            url=found.at.url,
            announced=bool(found.instance),
            station_id=device.station_id if device else self._station_of(found.at.url),
        )

    def _station_of(self, url: str) -> str | None:
        """The station that the installer's file gives the plug at an address."""
        stations = self._gaming.premises.bindings.stations.items()
        return next((key for key, each in stations if each.plug is not None and each.plug.url == url), None)

    # ── adopting ─────────────────────────────────────────────────────────────────────────────────

    async def adopt(self, key: str, asked: told.AdoptRequest, by: str) -> told.AdoptedReply:
        """See `device_desk.Workshop`."""
        found = self._discovery.of(key)
        if found is None:
            raise Refused(refuse("unknown_device"))
        self._expect_quiet(found, asked)
        wish = Wish(
            device=self._wished(found, asked),
            user=asked.user,
            password=asked.password,
            fingerprint=asked.fingerprint or found.at.fingerprint,
            by=by,
            replaces=asked.replaces,
            protect=asked.protect,
            mid=asked.mid,
        )
        device, trial = await self._adopting.adopt(found, wish)
        reply = told.TrialReply(trial.passed, trial.power_w)
        if trial.passed:  # a repeat under the same mid tries nothing
            self._note(device.id, reply)
        await self._sync()
        return told.AdoptedReply(self._tell(device), reply)

    def _wished(self, found: Found, asked: told.AdoptRequest) -> Device:
        """What it is to serve; what it says of itself is filled in when it was asked."""
        station = self._gaming.floor.config.station(asked.station_id or "")
        if asked.station_id is not None and station is None:
            raise Refused(refuse("unknown_station"))
        if found.kind == "router" and (asked.mac is None) != (station is None) and asked.replaces is None:
            raise Refused(refuse("invalid", "A machine behind a router needs both its station and its MAC."))
        machines = {station.id: mac_of(asked.mac)} if station is not None and asked.mac is not None else {}
        model = found.identity.model if found.identity else ""
        plug = found.kind == "plug"
        return Device(
            id=found.id,
            kind=found.kind,
            dialect=found.at.dialect,
            model="",
            firmware="",
            mac="",
            name=asked.name or (station.name if plug and station else model_name(found.kind, model)[0]),
            station_id=station.id if plug and station else None,
            machines=machines if found.kind == "router" else {},
            stations=asked.stations if found.kind == "printer" else (),
            receipts=asked.receipts and found.kind == "printer",
        )

    def _expect_quiet(self, found: Found, asked: told.AdoptRequest) -> None:
        """A plug that the installer's file has at work for a guest is not tried out under him."""
        serving = self._station_of(found.at.url)
        if serving is None or found.id in self._adopted:
            return
        if self._gaming.floor.session_at(serving) is not None:
            raise Refused(refuse("station_busy", "Somebody is playing on this plug; wait until the end."))

    async def bind(self, key: str, station_id: str, mac: str | None, by: str) -> told.DeviceReply:
        """See `device_desk.Workshop`."""
        accepted(
            await self._writer.execute(
                BindMachine(key, station_id, mac_of(mac) if mac is not None else None, by)
            )
        )
        await self._sync()
        return self._tell(self._adopted[key])

    async def release(self, key: str, reason: str, by: str) -> told.ReleasedReply:
        """See `device_desk.Workshop`."""
        device = self._adopted.get(key)
        if device is None:
            raise Refused(refuse("unknown_device"))
        accepted(await self._writer.execute(ReleaseDevice(key, reason or "let go by staff", by)))
        await self._sync()
        return told.ReleasedReply(key, await self._adopting.open_up(device))

    async def try_again(self, key: str) -> told.TrialReply:
        """See `device_desk.Workshop`."""
        device, entry = self._adopted.get(key), self._book.of(key)
        if device is None or entry is None:
            raise Refused(refuse("unknown_device"))
        for station_id in filter(None, (device.station_id, *device.machines)):
            if self._gaming.floor.session_at(station_id) is not None:
                raise Refused(refuse("station_busy"))
        async with self._gaming.set_aside(device.station_id), self._noted(key):
            trial = await self._adopting.try_out(device, entry.at)
        return self._note(key, told.TrialReply(trial.passed, trial.power_w))

    async def try_kitchen(self, station_id: str) -> told.TrialReply:
        """See `device_desk.Workshop`."""
        venue = self._hot.committed_venue()
        if venue is None or station_id not in {each.id for each in venue.config.stations}:
            raise Refused(refuse("unknown_station"))
        async with self._noted(kitchen_key(station_id)):
            try:
                by = await self._practice.ring(station_id, self._kitchen_within_s)
            except TimeoutError as error:
                detail = {"step": "answer", "passed": ["send"]}
                raise Refused(refuse("kitchen_silent", detail=detail)) from error
        return self._note(kitchen_key(station_id), told.TrialReply(("send", f"answer {by}"), None))

    def _note(self, key: str, trial: told.TrialReply) -> told.TrialReply:
        self.trials.write(key, told.LastTrial(self._clock().wall_ms, trial.passed, trial.power_w))
        return trial

    @contextlib.asynccontextmanager
    async def _noted(self, key: str) -> AsyncIterator[None]:
        """What is refused within the block is written down as a test that failed."""
        try:
            yield
        except Refused as error:
            refusal = error.refusal
            about = refusal.detail or {}
            passed = tuple(about.get("passed", ()))
            why = str(about.get("detail", "")) or refusal.message
            tested = told.LastTrial(
                self._clock().wall_ms, passed, None, str(about.get("step", "")) or "begin", refusal.code, why
            )
            self.trials.write(key, tested)
            raise

    def devices(self) -> told.DevicesReply:
        """See `device_desk.Workshop`."""
        venue = self._hot.committed_venue()
        stations = [each.id for each in venue.config.stations] if venue else []
        kitchen = {each: self.trials.all.get(kitchen_key(each)) for each in stations}
        tried = {each: tested for each, tested in kitchen.items() if tested is not None}
        return told.DevicesReply(tuple(self._tell(each) for each in self._adopted.values()), tried)

    def _tell(self, device: Device) -> told.DeviceReply:
        entry = self._book.of(device.id)
        part = "plug" if device.kind == "plug" else "gate"
        served = [device.station_id] if device.station_id else list(device.machines)
        things = {station_id: self._gaming.floor.things(station_id) for station_id in served}
        return told.DeviceReply(
            id=device.id,
            kind=device.kind,
            name=device.name,
            model=device.model,
            model_name=model_name(device.kind, device.model)[0],
            dialect=device.dialect,
            firmware=device.firmware,
            mac=device.mac,
            url=entry.at.url if entry else "",
            protected=bool(entry and entry.at.password),
            station_id=device.station_id,
            machines=device.machines,
            stations=device.stations,
            receipts=device.receipts,
            health={key: each.health[part] for key, each in things.items() if part in each.health},
            power_w=things[device.station_id].power_w if device.station_id else None,
            tested=self.trials.all.get(device.id),
        )

    # ── running ──────────────────────────────────────────────────────────────────────────────────

    @contextlib.asynccontextmanager
    async def running(self, group: asyncio.TaskGroup, port: int) -> AsyncIterator[None]:
        """The box announces itself and asks who else is there within the block."""
        tasks = [group.create_task(self._discovery.run(), name="discovery")]
        if self._mdns is not None:
            venue = self._hot.committed_venue()
            name = venue.config.name if venue else "Holdfast"
            tasks.append(group.create_task(self._mdns.run(name, port), name="mdns"))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
