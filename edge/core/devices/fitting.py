"""Decisions about devices: each serves once, and each station has at most one plug.

A replaced plug's station goes to the new one within one commit, so a guest who plays meanwhile keeps the
power: whoever looks after the station finds another plug that should be on. Counterpart:
`protocol/facts/device.py`.
"""

import msgspec

from edge.core.clock import Now
from edge.core.devices.commands import AdoptDevice, BindMachine, ReleaseDevice
from edge.core.play.station import known
from edge.core.view import Proposal, VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.device import (
    AGGREGATE,
    Device,
    DeviceAdopted,
    DeviceReleased,
    MachineBound,
    MachineUnbound,
)


def in_service(view: VenueView) -> dict[str, Device]:
    """All devices in service, by id."""
    devices = view.devices()
    return devices.adopted if devices else {}


def plug_of(adopted: dict[str, Device], station_id: str) -> Device | None:
    """The plug that switches a station."""
    return next((each for each in adopted.values() if each.station_id == station_id), None)


def adopt(view: VenueView, command: AdoptDevice, _now: Now) -> list[Proposal] | Refusal:
    """Take it into service, if nobody has and what it is to serve is there and free."""
    adopted, device = in_service(view), command.device
    if device.id in adopted:
        return refuse("device_adopted", detail={"device_id": device.id})
    old = adopted.get(command.replaces) if command.replaces else None
    if command.replaces and (old is None or old.kind != device.kind):
        return refuse("unknown_device", "There is no such device of this kind to replace.")
    if old is not None:
        device = _taking_over(device, old)
    free = {key: each for key, each in adopted.items() if each is not old}
    fault = _fault(view, device, free)
    if fault is not None:
        return fault
    gone: list[Proposal] = [(AGGREGATE, DeviceReleased(old.id, f"replaced by {device.id}"))] if old else []
    return [*gone, (AGGREGATE, DeviceAdopted(device, command.replaces))]


def _taking_over(device: Device, old: Device) -> Device:
    """The new device with the old one's work."""
    return msgspec.structs.replace(
        device,
        name=old.name,
        station_id=old.station_id,
        machines=old.machines,
        stations=old.stations,
        receipts=old.receipts,
    )


def _fault(view: VenueView, device: Device, others: dict[str, Device]) -> Refusal | None:
    """Why the venue cannot have it so."""
    if device.kind == "plug":
        if device.station_id is None or not known(view, device.station_id):
            return refuse("unknown_station")
        rival = plug_of(others, device.station_id)
        return refuse("station_has_plug", detail={"device_id": rival.id}) if rival else None
    if any(each.name == device.name and each.kind == device.kind for each in others.values()):
        return refuse("invalid", f"There is a {device.kind} called {device.name} already.")
    for station_id in device.machines:
        taken = _gate_fault(view, station_id, others)
        if taken is not None:
            return taken
    venue = view.venue()
    kitchen = {each.id for each in venue.config.stations} if venue else set()
    strange = [each for each in device.stations if each not in kitchen]
    return refuse("invalid", f"There is no kitchen station {strange[0]}.") if strange else None


def _gate_fault(view: VenueView, station_id: str, others: dict[str, Device]) -> Refusal | None:
    if not known(view, station_id):
        return refuse("unknown_station")
    rival = next((each for each in others.values() if station_id in each.machines), None)
    return refuse("station_has_gate", detail={"device_id": rival.id}) if rival else None


def release(view: VenueView, command: ReleaseDevice, _now: Now) -> list[Proposal] | Refusal:
    """Let it go; a station keeps its session, only nobody switches it any more."""
    if command.device_id not in in_service(view):
        return refuse("unknown_device")
    return [(AGGREGATE, DeviceReleased(command.device_id, command.reason))]


def bind_machine(view: VenueView, command: BindMachine, _now: Now) -> list[Proposal] | Refusal:
    """Say what stands behind a router, or that nothing does any more."""
    adopted = in_service(view)
    router = adopted.get(command.device_id)
    if router is None or router.kind != "router":
        return refuse("unknown_device", "There is no such router.")
    before = router.machines.get(command.station_id)
    if before == command.mac:
        return []
    if command.mac is None:
        return [(AGGREGATE, MachineUnbound(router.id, command.station_id))]
    others = {key: each for key, each in adopted.items() if key != router.id}
    fault = _gate_fault(view, command.station_id, others)
    return fault or [(AGGREGATE, MachineBound(router.id, command.station_id, command.mac))]
