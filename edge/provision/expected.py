"""The devices that a box shall have, as its profile names them: what `holdfast-edge devices fit` works off.

    [[device]]
    kind = "plug"            # plug | router | printer
    station = "PS5-1"        # what a plug switches, by the name that guests call it
    mac = "A8:03:2A:12:34:56"    # or address = "192.168.30.101"

`apply` lays the list down as `/etc/holdfast/devices.json`, for root and the box's own user: a pass word may
stand in it. Nothing is looked for before the box serves a venue.
"""

import ipaddress
import re
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import msgspec

#: Where the list lies on a box.
LIST = Path("/etc/holdfast/devices.json")
_MAC = re.compile(r"[0-9A-Fa-f]{2}([:-]?[0-9A-Fa-f]{2}){5}")

Kind = Literal["plug", "router", "printer"]


class BadList(ValueError):
    """The list cannot be used; the message says why."""


class ExpectedDevice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One device. It is known by `mac` or `serial`, or looked for at `address` (host or host:port).

    `station` is what a plug switches; `machines` are MACs behind a router by station; `kitchen` and
    `receipts` are what a printer prints. Stations go by name or id.
    """

    kind: Kind
    name: str = ""
    mac: str = ""
    serial: str = ""
    address: str = ""
    user: str = "admin"
    password: str = ""
    station: str = ""
    machines: dict[str, str] = {}
    kitchen: tuple[str, ...] = ()
    receipts: bool = False

    @property
    def key(self) -> str:
        """How the box knows it; empty if only its address is known."""
        if self.mac:
            return "".join(letter for letter in self.mac.upper() if letter.isalnum())
        return f"sn-{self.serial}" if self.serial else ""

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or (f"{self.station}'s {self.kind}" if self.station else self.kind)


class ExpectedList(msgspec.Struct, frozen=True):
    """What `devices.json` holds: devices, and the kitchen stations whose screens have to answer."""

    devices: tuple[ExpectedDevice, ...] = ()
    kitchen: tuple[str, ...] = ()


def faults(devices: tuple[ExpectedDevice, ...]) -> list[str]:
    """What is wrong with the devices of a profile, a sentence each."""
    wrong = [f"device {number}: {words}" for number, each in enumerate(devices, 1) for words in _faults(each)]
    for what, values in (
        ("mac or serial", [each.key for each in devices]),
        ("station", [each.station for each in devices if each.kind == "plug"]),
        ("name", [each.title for each in devices]),
    ):
        twice = sorted({value for value in values if value and values.count(value) > 1})
        wrong += [f"device: two of them have the {what} {value}" for value in twice]
    return wrong


def _faults(device: ExpectedDevice) -> list[str]:
    wrong = []
    if not device.key and not device.address:
        wrong.append("name its mac, its serial or its address, so that it can be told from others")
    if device.mac and not _MAC.fullmatch(device.mac):
        wrong.append(f"mac: {device.mac!r} is none; an example is A8:03:2A:12:34:56")
    wrong += [f"machines: {mac!r} is no MAC" for mac in device.machines.values() if not _MAC.fullmatch(mac)]
    if device.address and not _private(device.address):
        wrong.append(f"address: {device.address!r} is none of the venue's; an example is 192.168.30.101")
    texts = (device.name, device.serial, device.user, device.password, device.station)
    if not all(text.isprintable() and len(text) <= 128 for text in (*texts, *device.kitchen)):
        wrong.append("every entry is one line of at most 128 characters")
    wrong += _misplaced(device)
    return wrong


def _misplaced(device: ExpectedDevice) -> list[str]:
    """What only another kind of device can have."""
    wrong = []
    if (device.kind == "plug") != bool(device.station):
        wrong.append("station: a plug switches one, and nothing else does")
    if device.machines and device.kind != "router":
        wrong.append("machines: only a router has some")
    if (device.kitchen or device.receipts) and device.kind != "printer":
        wrong.append("kitchen, receipts: only a printer prints")
    if device.kind != "plug" and not device.name:
        wrong.append("name: say what people call it")
    return wrong


def _private(address: str) -> bool:
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname or ""
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def encode(devices: tuple[ExpectedDevice, ...], kitchen: tuple[str, ...]) -> bytes:
    """The list as it is laid down."""
    return msgspec.json.format(msgspec.json.encode(ExpectedList(devices, kitchen))) + b"\n"


def read(path: Path) -> ExpectedList:
    """A list that was laid down. Raises `BadList`; one that is not there expects nothing."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=ExpectedList)
    except FileNotFoundError:
        return ExpectedList()
    except OSError as error:
        raise BadList(f"{path}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise BadList(f"{path}: {error}") from None
