"""The emulated hardware of the demo: one row a device, each a process of its own.

Counterpart: `firmware_profiles/emulators`, whose command line this table fills in. A new device is a row, and
`bindings` tells the box which of them enforce which station.
"""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from edge.core.devices.bindings import Bindings, DeviceAddress, GateBinding, StationBinding
from edge.demo.addresses import LOOPBACK
from edge.demo.record import Station

EMULATOR = (sys.executable, "-m", "firmware_profiles.emulators")
#: The console that the router knows too, and its address behind it.
_CONSOLE_MAC, _CONSOLE_ADDRESS = "00:D9:D1:00:00:02", "192.168.88.52"


class Device(msgspec.Struct, frozen=True):
    """`name` is its name in logs and for its port; `station` what guests call the console behind it;
    `pictures` says that what comes out of it is drawn, for people to look at."""

    name: str
    arguments: tuple[str, ...]
    station: str | None = None
    pictures: bool = False


DEVICES = (
    Device("plug-1", ("plug", "--dialect", "shelly_gen2", "--load-w", "182"), station="PS5-1"),
    Device("plug-2", ("plug", "--dialect", "shelly_gen1", "--load-w", "171"), station="PS5-2"),
    Device("spare-plug", ("plug", "--dialect", "shelly_gen2", "--load-w", "64")),
    Device("tasmota-plug", ("plug", "--dialect", "tasmota", "--load-w", "38")),
    Device("router", ("router", "--machine", f"{_CONSOLE_MAC}={_CONSOLE_ADDRESS}")),
    Device("printer", ("printer",), pictures=True),
)


def command_of(device: Device, port: int, data: Path) -> list[str]:
    """How it is started; pictures land in `data/printed`.

    Two demos on one machine hear each other, so each device has a MAC or serial number of its own: the port
    it keeps for ever.
    """
    pictures = ("--pictures", str(data / "printed")) if device.pictures else ()
    who = ("--mac", f"AABBCC{port:06X}") if device.arguments[0] == "plug" else ("--serial", f"DEMO{port:06}")
    announced = () if device.arguments[0] == "router" else ("--announce", LOOPBACK)
    return [*EMULATOR, *device.arguments, *pictures, *who, *announced, "--port", str(port)]


def bindings(stations: Iterable[Station], words: Mapping[str, Mapping[str, Any]]) -> Bindings:
    """What enforces each station; `words` is what each device said of itself."""
    router = words["router"]
    bound = {}
    for station in stations:
        device = next((each for each in DEVICES if each.station == station.name), None)
        if device is None:
            continue
        plug = DeviceAddress(words[device.name]["dialect"], words[device.name]["url"])
        gate = GateBinding("router", _CONSOLE_MAC) if device.name == "plug-2" else None
        bound[station.id] = StationBinding(plug, gate)
    return Bindings({"router": DeviceAddress("routeros_rest", router["url"], router["user"])}, bound)
