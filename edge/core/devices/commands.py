"""What the staff asks about devices: take one into service, let one go, say what stands behind a router.

By the time of these the device has been found, tried and configured; a decision only says whether the venue
may have it so. Counterparts: `edge/effects/devices/adopting.py` sends them, `fitting.py` decides them.
"""

import msgspec

from protocol.facts.device import Device


class AdoptDevice(msgspec.Struct, frozen=True):
    """Take it into service; with `replaces`, in place of that one, whose work it takes over."""

    device: Device
    by: str
    replaces: str | None = None
    mid: str | None = None


class ReleaseDevice(msgspec.Struct, frozen=True):
    """It serves nothing any more."""

    device_id: str
    reason: str
    by: str
    mid: str | None = None


class BindMachine(msgspec.Struct, frozen=True):
    """The router lets this machine through while its station is paid for; `mac` None: not any more."""

    device_id: str
    station_id: str
    mac: str | None
    by: str
    mid: str | None = None


DeviceCommand = AdoptDevice | ReleaseDevice | BindMachine
