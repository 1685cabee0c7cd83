"""From a row of the catalogue to the adapter that speaks its dialect.

Wiring, like `app.py`, and kept beside it only so that the installer can use it too. A new dialect is one
entry here and one file in `edge/adapters`; a new model is a row in the catalogue and nothing here.
"""

import asyncio
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import msgspec

from edge.adapters.devices.routeros_api import RouterOsApi
from edge.adapters.devices.routeros_gate import RouterOsGate
from edge.adapters.devices.routeros_rest import RouterOsRest
from edge.adapters.devices.shelly_gen1 import ShellyGen1Plug
from edge.adapters.devices.shelly_gen2 import ShellyGen2Plug
from edge.adapters.devices.tasmota import TasmotaPlug
from edge.core.devices.ports import (
    DeviceConfused,
    DeviceError,
    DeviceIdentity,
    DeviceRefused,
    DeviceUnreachable,
    NetworkGate,
    PowerSwitch,
    Printer,
)
from edge.effects.kitchen.printing_plan import address_of
from firmware_profiles.catalogue.printers import PRINTERS, PrinterModel, find_printer
from protocol.facts.venue import PrinterConfig


class Address(msgspec.Struct, frozen=True):
    """Where a device is and how it is entered.

    `url` is `http://` or `https://` for what speaks HTTP, `api://` or `apis://` for RouterOS' binary API.
    `fingerprint` is the SHA-256 of a pinned certificate in hex; `leased` False asks for the drop rule of
    seed 003 §8 instead of a lease.
    """

    name: str
    url: str
    user: str = "admin"
    password: str = ""
    fingerprint: str = ""
    leased: bool = True
    timeout_s: float = 5.0


def _gen1(at: Address) -> PowerSwitch:
    return ShellyGen1Plug(at.name, at.url, user=at.user, password=at.password, timeout_s=at.timeout_s)


def _gen2(at: Address) -> PowerSwitch:
    return ShellyGen2Plug(at.name, at.url, password=at.password, timeout_s=at.timeout_s)


def _tasmota(at: Address) -> PowerSwitch:
    return TasmotaPlug(at.name, at.url, user=at.user, password=at.password, timeout_s=at.timeout_s)


def _rest(at: Address) -> NetworkGate:
    menus = RouterOsRest(
        at.name,
        at.url,
        user=at.user,
        password=at.password,
        fingerprint=bytes.fromhex(at.fingerprint) or None,
        timeout_s=at.timeout_s,
    )
    return RouterOsGate(menus, leased=at.leased)


def _api(at: Address) -> NetworkGate:
    parts = urlsplit(at.url)
    tls = parts.scheme == "apis"
    menus = RouterOsApi(
        at.name,
        parts.hostname or "",
        parts.port or (8729 if tls else 8728),
        user=at.user,
        password=at.password,
        tls=tls,
        fingerprint=bytes.fromhex(at.fingerprint) or None,
        timeout_s=at.timeout_s,
    )
    return RouterOsGate(menus, leased=at.leased)


#: In the order in which an unknown plug is tried.
PLUGS: dict[str, Callable[[Address], PowerSwitch]] = {
    "shelly_gen2": _gen2,
    "shelly_gen1": _gen1,
    "tasmota": _tasmota,
}
GATES: dict[str, Callable[[Address], NetworkGate]] = {"routeros_rest": _rest, "routeros_api": _api}
#: Dialect and scheme, in the order in which an unknown router is tried.
ROUTER_WAYS = (
    ("routeros_rest", "https"),
    ("routeros_api", "apis"),
    ("routeros_rest", "http"),
    ("routeros_api", "api"),
)


def printer(name: str, host: str, port: int, model: PrinterModel) -> Printer:
    """An ESC/POS printer. Imported on demand: its libraries take 17 MB that most boxes never need."""
    from edge.adapters.kitchen.escpos import EscPosPrinter

    return EscPosPrinter(name, host, port, model=model)


def configured_printer(config: PrinterConfig) -> Printer:
    """The adapter of a configured printer; one of an unknown model is any of its width."""
    model = find_printer(config.model) or find_printer(f"ESCPOS-{config.width_mm}") or PRINTERS[0]
    return printer(config.name, *address_of(config), model)


async def recognise(at: Address, dialects: Iterable[str] = PLUGS) -> tuple[str, DeviceIdentity]:
    """Which of these dialects the plug at an address speaks, and who it is.

    Raises `DeviceUnreachable`, `DeviceRefused` where even that takes a pass word, and `DeviceConfused` when
    nothing it says is known.
    """
    refused: DeviceRefused | None = None
    for dialect in dialects:
        async with PLUGS[dialect](at) as plug:
            try:
                return dialect, await plug.identify()
            except DeviceConfused:
                continue
            except DeviceRefused as error:
                refused = error
    raise refused or DeviceConfused(at.name, f"{at.url} speaks no dialect of the house")


async def recognise_router(at: Address) -> tuple[str, str, DeviceIdentity]:
    """Dialect, URL and identity of a router. Without a scheme, encrypted ways are tried before plain ones.

    Raises as `recognise` does.
    """
    failed: DeviceError = DeviceUnreachable(at.name, f"{at.url} does not answer")
    for dialect, scheme in ROUTER_WAYS:
        url = at.url if "://" in at.url else f"{scheme}://{at.url}"
        if not url.startswith(f"{scheme}://"):
            continue
        try:
            async with GATES[dialect](msgspec.structs.replace(at, url=url)) as gate:
                return dialect, url, await gate.identify()
        except (DeviceUnreachable, DeviceConfused) as error:
            failed = error
    raise failed


async def recognise_printer(name: str, host: str, port: int) -> DeviceIdentity:
    """What the printer at an address says of itself. Raises `DeviceUnreachable`."""
    found = await asyncio.to_thread(printer, name, host, port, PRINTERS[0])
    return await found.identify()
