"""Which devices a venue may have: each once, a plug a station, names and places that exist."""

import msgspec
import pytest

from edge.core.devices.commands import AdoptDevice, BindMachine, ReleaseDevice
from protocol.facts.device import Device, DeviceAdopted, DeviceReleased, Devices
from protocol.facts.fold import rows
from tests.sample_venue import PC1, PS5, opening
from tests.unit.edge.core.script import Script

MIA = "staff:mia"
CONSOLE = "00:D9:D1:00:00:02"
PLUG = Device("AABBCC000001", "plug", "shelly_gen2", "S3PL-00112EU", "2.0.0", "AABBCC000001", "PS5-1", PS5)
ROUTER = Device("sn-A1", "router", "routeros_rest", "RB760iGS", "7.20", "", "hall", machines={PS5: CONSOLE})
PRINTER = Device("sn-X1", "printer", "escpos", "TM-T20III", "", "", "grill printer", stations=("grill",))


def other(device: Device, **changes: object) -> Device:
    """Another one of the same kind."""
    return msgspec.structs.replace(device, **{"id": "FFEEDD000002", **changes})


def venue(*devices: Device) -> Script:
    return Script(*opening(), *(AdoptDevice(each, MIA) for each in devices))


def adopted(script: Script) -> dict[str, Device]:
    devices = script.devices()
    assert isinstance(devices, Devices)
    return devices.adopted


def test_devices_of_all_kinds_go_into_service() -> None:
    assert adopted(venue(PLUG, ROUTER, PRINTER)) == {each.id: each for each in (PLUG, ROUTER, PRINTER)}


@pytest.mark.parametrize(
    ("device", "code"),
    [
        (PLUG, "device_adopted"),
        (other(PLUG), "station_has_plug"),
        (other(PLUG, station_id=None), "unknown_station"),
        (other(PLUG, station_id="nowhere"), "unknown_station"),
        (other(ROUTER), "invalid"),
        (other(ROUTER, name="yard"), "station_has_gate"),
        (other(ROUTER, name="yard", machines={"nowhere": CONSOLE}), "unknown_station"),
        (other(PRINTER), "invalid"),
        (other(PRINTER, name="another", stations=("nowhere",)), "invalid"),
    ],
)
def test_what_is_taken_or_unknown_is_refused(device: Device, code: str) -> None:
    script = venue(PLUG, ROUTER, PRINTER)
    assert script.code(AdoptDevice(device, MIA)) == code


def test_a_replacement_takes_over_the_work_within_one_command() -> None:
    script = venue(PLUG)
    events = script.do(AdoptDevice(other(PLUG, name="new", station_id=None), MIA, replaces=PLUG.id))
    assert [type(each) for each in events] == [DeviceReleased, DeviceAdopted]
    (device,) = adopted(script).values()
    assert (device.id, device.station_id, device.name) == ("FFEEDD000002", PS5, "PS5-1")


@pytest.mark.parametrize("replaces", ["nobody", ROUTER.id])
def test_only_a_device_of_the_same_kind_that_serves_is_replaced(replaces: str) -> None:
    script = venue(PLUG, ROUTER)
    assert script.code(AdoptDevice(other(PLUG), MIA, replaces=replaces)) == "unknown_device"


def test_a_released_device_serves_nobody_and_may_come_back() -> None:
    script = venue(PLUG)
    script.do(ReleaseDevice(PLUG.id, "broken", MIA))
    assert adopted(script) == {}
    assert script.code(ReleaseDevice(PLUG.id, "broken", MIA)) == "unknown_device"
    devices = script.devices()
    assert devices is not None
    (table, row) = rows(devices, script.facts[-1])[0]
    assert (table, row[0], row[7], row[9]) == ("devices", PLUG.id, None, "released")
    script.do(AdoptDevice(PLUG, MIA))
    assert adopted(script) == {PLUG.id: PLUG}


def test_machines_behind_a_router_come_and_go() -> None:
    script = venue(ROUTER, PLUG)
    script.do(BindMachine(ROUTER.id, PC1, CONSOLE, MIA))
    assert adopted(script)[ROUTER.id].machines == {PS5: CONSOLE, PC1: CONSOLE}
    assert script.do(BindMachine(ROUTER.id, PC1, CONSOLE, MIA)) == []
    script.do(BindMachine(ROUTER.id, PC1, None, MIA))
    assert adopted(script)[ROUTER.id].machines == {PS5: CONSOLE}
    assert script.code(BindMachine(PLUG.id, PC1, CONSOLE, MIA)) == "unknown_device"
    assert script.code(BindMachine(ROUTER.id, "nowhere", CONSOLE, MIA)) == "unknown_station"
