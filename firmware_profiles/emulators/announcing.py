"""An emulated device on multicast DNS, as its model announces itself (`catalogue/announcements.py`).

Real packets on a real interface, by default loopback: whoever listens there hears it like any other device.
`said` is what is announced, and a new address of the same device is announced in its place.
"""

import contextlib
import socket
from collections.abc import AsyncIterator
from typing import NamedTuple

from zeroconf import IPVersion, ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

from firmware_profiles.emulators.escpos import EscPosEmulator
from firmware_profiles.emulators.shelly_gen1 import ShellyGen1Emulator
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator
from firmware_profiles.emulators.tasmota import TasmotaEmulator

LOOPBACK = "127.0.0.1"
Announcer = ShellyGen1Emulator | ShellyGen2Emulator | TasmotaEmulator | EscPosEmulator


class Said(NamedTuple):
    """Service type, instance name and TXT record."""

    service: str
    instance: str
    txt: dict[str, str]


def said(device: Announcer) -> Said:
    """How this device announces itself."""
    if isinstance(device, ShellyGen2Emulator):
        txt = {"gen": "3", "app": "PlugSG3", "ver": device.firmware}
        return Said("_shelly._tcp.local.", device.device_id, txt)
    if isinstance(device, ShellyGen1Emulator):
        name = f"shellyplug-s-{device.mac[-6:]}"
        return Said("_http._tcp.local.", name, {"id": name, "fw_id": device.firmware, "arch": "esp8266"})
    if isinstance(device, TasmotaEmulator):
        return Said("_http._tcp.local.", f"tasmota-{device.mac[-6:]}-0001", {})
    serial = device.head.serial
    txt = {"ty": device.model.name, "usb_MDL": device.model.model}
    return Said("_pdl-datastream._tcp.local.", f"{device.model.name} {serial[-6:]}", txt)


@contextlib.asynccontextmanager
async def announced(device: Announcer, interface: str = LOOPBACK) -> AsyncIterator[None]:
    """The device is announced where it answers now, and says goodbye at the end of the block."""
    service, instance, txt = said(device)
    host = instance.lower().replace(" ", "-").replace(".", "-")
    info = ServiceInfo(
        service,
        f"{instance}.{service}",
        addresses=[socket.inet_aton(device.host)],
        port=device.port,
        properties=txt,
        server=f"{host}.local.",
    )
    zeroconf = AsyncZeroconf(interfaces=[interface], ip_version=IPVersion.V4Only)
    try:
        await zeroconf.async_register_service(info, cooperating_responders=True)
        yield
    finally:
        await zeroconf.async_close()
