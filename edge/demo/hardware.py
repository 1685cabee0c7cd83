"""The emulated hardware of the demo: one row a device, each a process of its own.

Counterpart: `firmware_profiles/emulators`, whose command line this table fills in. A new device is a row.
"""

import secrets
import sys
import time
from pathlib import Path

import msgspec

from protocol.identity import uuid7

EMULATOR = (sys.executable, "-m", "firmware_profiles.emulators")


class Device(msgspec.Struct, frozen=True):
    """`name` is its name in logs and for its port; `station` what guests call the console plugged into it;
    `pictures` says that what comes out of it is drawn, for people to look at."""

    name: str
    arguments: tuple[str, ...]
    station: str | None = None
    pictures: bool = False


DEVICES = (
    Device("plug-1", ("plug", "--dialect", "shelly_gen2", "--load-w", "182"), station="PS5-1"),
    Device("plug-2", ("plug", "--dialect", "shelly_gen1", "--load-w", "171"), station="PS5-2"),
    Device("router", ("router",)),
    Device("printer", ("printer",), pictures=True),
)


def command_of(device: Device, port: int, data: Path) -> list[str]:
    """How it is started; pictures land in `data/printed`."""
    pictures = ("--pictures", str(data / "printed")) if device.pictures else ()
    return [*EMULATOR, *device.arguments, *pictures, "--port", str(port)]


def new_station_id() -> str:
    """A fresh id for a console station."""
    return uuid7(time.time_ns() // 1_000_000, secrets.token_bytes(10))
