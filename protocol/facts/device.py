"""Plugs, routers and printers that the staff took into service: what each is and what it serves.

A device is known by its MAC or serial number, never by its address, which any router may change overnight.
Addresses and pass words are no facts: they mean nothing outside the venue and stay on the box
(`edge/effects/devices/address_book.py`). All devices are one aggregate, so that 'this plug serves one
station, this station has one plug' is decided in one place, whoever else is adopting just then.

    (unknown) --DeviceAdopted--> adopted --DeviceReleased--> (unknown)
                                  | ^ MachineBound, MachineUnbound (a router's machines by station)

Counterpart: `edge/core/devices/fitting.py` decides it.
"""

from typing import Literal

import msgspec

from protocol.facts.fact import Fact, ImpossibleFact, Row, shape

AGGREGATE = "devices:devices"
DeviceKind = Literal["plug", "router", "printer"]


class Device(msgspec.Struct, frozen=True, omit_defaults=True):
    """A device in service. `id` is its MAC, or `sn-` and its serial number.

    `station_id` is what a plug switches; `machines` are MACs behind a router by station; `stations` and
    `receipts` are what a printer prints: tickets of these kitchen stations, slips for guests.
    """

    id: str
    kind: DeviceKind
    dialect: str
    model: str
    firmware: str
    mac: str
    name: str
    station_id: str | None = None
    machines: dict[str, str] = {}
    stations: tuple[str, ...] = ()
    receipts: bool = False


class DeviceAdopted(msgspec.Struct, frozen=True, tag=True, omit_defaults=True):
    """It passed its test, was configured, and serves from here on. `replaces` names the one before it."""

    device: Device
    replaces: str | None = None


class DeviceReleased(msgspec.Struct, frozen=True, tag=True):
    """It serves nothing any more: sold, broken, or replaced."""

    device_id: str
    reason: str


class MachineBound(msgspec.Struct, frozen=True, tag=True):
    """The machine with this MAC is what stands at the station; the router lets it through while paid."""

    device_id: str
    station_id: str
    mac: str


class MachineUnbound(msgspec.Struct, frozen=True, tag=True):
    """The router does not care for this station any more."""

    device_id: str
    station_id: str


DeviceEvent = DeviceAdopted | DeviceReleased | MachineBound | MachineUnbound


class Devices(msgspec.Struct, frozen=True):
    """All devices in service, by id. `last` is the one that the newest fact is about."""

    version: int
    adopted: dict[str, Device]
    last: Device
    changed_ms: int


def changed(devices: Devices | None, event: DeviceEvent, fact: Fact[DeviceEvent]) -> Devices:
    """The devices after an event."""
    before = devices.adopted if devices is not None else {}
    device = _after(before, event, fact.aggregate)
    others = {key: each for key, each in before.items() if key != device.id}
    adopted = others if isinstance(event, DeviceReleased) else {**others, device.id: device}
    return Devices(fact.version, adopted, device, fact.wall_ms)


def _after(before: dict[str, Device], event: DeviceEvent, aggregate: str) -> Device:
    """The device that an event is about, as it is then."""
    if isinstance(event, DeviceAdopted):
        if event.device.id in before:
            raise ImpossibleFact(f"{event.device.id} was adopted twice")
        return event.device
    device = before.get(event.device_id)
    if device is None:
        raise ImpossibleFact(f"{aggregate} has no {event.device_id}")
    if isinstance(event, DeviceReleased):
        return device
    machines = {key: mac for key, mac in device.machines.items() if key != event.station_id}
    if isinstance(event, MachineBound):
        machines[event.station_id] = event.mac
    return msgspec.structs.replace(device, machines=machines)


EVOLVE = {DeviceAdopted: changed, DeviceReleased: changed, MachineBound: changed, MachineUnbound: changed}

SHAPES = (
    shape(
        "devices",
        "device_id",
        "device_id kind dialect model firmware mac name station_id serves state changed_ms:int version:int",
    ),
)


def rows(devices: Devices, fact: Fact[DeviceEvent]) -> list[Row]:
    """The row of the device that changed. `serves` is JSON: machines, kitchen stations, receipts."""
    device = devices.last
    state = "released" if isinstance(fact.event, DeviceReleased) else "adopted"
    serves = msgspec.json.encode(
        {"machines": device.machines, "stations": device.stations, "receipts": device.receipts},
        order="sorted",
    ).decode()
    told = device.kind, device.dialect, device.model, device.firmware, device.mac, device.name
    station_id = device.station_id if state == "adopted" else None
    return [("devices", (device.id, *told, station_id, serves, state, devices.changed_ms, devices.version))]
