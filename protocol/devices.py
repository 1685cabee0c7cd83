"""Devices over HTTP: what was found, what is in service, and taking one into it (install.md, 'Devices').

Shapes only. A device is named by its `id`: its MAC, `sn-` and its serial number, or, for one that says
nothing before it has heard a pass word, `as-` and the name it announces. Pass words go in and never out.
"""

from typing import Annotated, Literal

import msgspec

from protocol.facts.device import DeviceKind
from protocol.table import Mid

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Word = Annotated[str, msgspec.Meta(max_length=128)]
Address = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
#: Six pairs of hexadecimal digits, parted by colons, dashes or nothing.
Mac = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Fa-f]{2}([:-]?[0-9A-Fa-f]{2}){5}$")]
FoundState = Literal["new", "adopted", "unknown_model", "locked"]


class FoundDevice(msgspec.Struct, frozen=True):
    """A device that answers. `state` is `locked` while it wants a pass word, or paper, before it says
    who it is.

    `station_id` is what it serves, if it serves one; `announced` is false for one found by its address.
    """

    id: str
    kind: DeviceKind
    state: FoundState
    name: str
    model: str
    model_name: str
    dialect: str
    firmware: str
    mac: str
    url: str
    announced: bool
    station_id: str | None


class FoundReply(msgspec.Struct, frozen=True):
    """Answer to `GET /api/v1/devices/found`. `trouble` says in words why announcements cannot be heard."""

    trouble: str | None
    devices: tuple[FoundDevice, ...]


class LookRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/devices/look`: ask at an address, as for routers and printers that announce nothing.

    `address` is a host, `host:port` or a URL (`https`, `http`, `apis`, `api`, `tcp`) inside the venue.
    """

    address: Address
    kind: DeviceKind
    user: Word = "admin"
    password: Word = ""
    fingerprint: Annotated[str, msgspec.Meta(pattern="^([0-9a-fA-F]{64})?$")] = ""


class AdoptRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/devices/{id}/adopt`. What it is to serve depends on its kind.

    A plug serves `station_id`. A router is called `name` and may begin with the machine `mac` at
    `station_id`. A printer is called `name` and prints tickets of kitchen `stations` and `receipts`. With
    `replaces` all of that is taken over from another device. `protect` sets a pass word on a plug that has
    none.
    """

    name: Name | None = None
    station_id: Name | None = None
    mac: Mac | None = None
    stations: tuple[Name, ...] = ()
    receipts: bool = False
    user: Word = "admin"
    password: Word = ""
    fingerprint: Annotated[str, msgspec.Meta(pattern="^([0-9a-fA-F]{64})?$")] = ""
    replaces: Name | None = None
    protect: bool = True
    mid: Mid | None = None


class MachineRequest(msgspec.Struct, frozen=True):
    """`PUT /api/v1/devices/{id}/machines/{station_id}`: what stands at the station, behind this router."""

    mac: Mac


class ReleaseRequest(msgspec.Struct, frozen=True):
    """`POST /api/v1/devices/{id}/release`."""

    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""


class TrialReply(msgspec.Struct, frozen=True):
    """What was tried and worked, in order; `power_w` is what the plug measured while it was on."""

    passed: tuple[str, ...]
    power_w: float | None


class LastTrial(msgspec.Struct, frozen=True, omit_defaults=True):
    """The last test of something: when (Unix ms), what worked, in order, and what did not: the step, a code
    of `protocol.errors` and the device's own words. `power_w` as in `TrialReply`."""

    at_ms: int
    passed: tuple[str, ...] = ()
    power_w: float | None = None
    failed: str = ""
    code: str = ""
    why: str = ""


class DeviceReply(msgspec.Struct, frozen=True):
    """A device in service. `health` is by station: well, shaky, lost, alarmed; `url` where it answers now.

    `tested` is its last test on this box; None where another box took it into service.
    """

    id: str
    kind: DeviceKind
    name: str
    model: str
    model_name: str
    dialect: str
    firmware: str
    mac: str
    url: str
    protected: bool
    station_id: str | None
    machines: dict[str, str]
    stations: tuple[str, ...]
    receipts: bool
    health: dict[str, str]
    power_w: float | None
    tested: LastTrial | None = None


class AdoptedReply(msgspec.Struct, frozen=True):
    """The device as it serves from now on, and how its test went."""

    device: DeviceReply
    trial: TrialReply


class ReleasedReply(msgspec.Struct, frozen=True):
    """`unlocked` says whether its pass word could be taken off; if not, it has to be reset by hand."""

    id: str
    unlocked: bool


class DevicesReply(msgspec.Struct, frozen=True):
    """Answer to `GET /api/v1/devices`. `kitchen` has the last test of each kitchen station that was tried."""

    devices: tuple[DeviceReply, ...]
    kitchen: dict[str, LastTrial] = {}
