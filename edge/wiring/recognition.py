"""Who is at an address and how it is spoken to, across every dialect of the house.

Wiring, like `dialects.py` on which it rests: what announces itself, what the staff types, and what the
catalogue calls a model. Counterpart: `hardware.py` takes what is recognised here into service.
"""

import asyncio
import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec

from edge.adapters.devices import neighbours
from edge.core.devices.bindings import DeviceAddress
from edge.core.devices.ports import DeviceIdentity, Printer
from edge.effects.devices.discovery import device_id
from edge.wiring import dialects
from firmware_profiles.catalogue.plugs import find_plug
from firmware_profiles.catalogue.printers import PRINTERS, find_printer
from firmware_profiles.catalogue.routers import find_router
from protocol.errors import Refused, refuse
from protocol.facts.device import DeviceKind

#: Dialects in which an address is tried when all that is known is what kind of thing is there.
DIALECTS: dict[DeviceKind, tuple[str, ...]] = {
    "plug": tuple(dialects.PLUGS),
    "router": tuple(dialects.GATES),
    "printer": ("escpos",),
}
_PRINTER_PORT = 9100


async def recognise(
    kind: DeviceKind, spoken: Sequence[str], at: DeviceAddress
) -> tuple[DeviceAddress, DeviceIdentity]:
    """Who is at an address, and how it is spoken to. Raises `DeviceError`."""
    way = dialects.Address(at.url, at.url, at.user, at.password, at.fingerprint, at.leased)
    if kind == "router":
        dialect, url, identity = await dialects.recognise_router(way)
        return msgspec.structs.replace(at, dialect=dialect, url=url, model=identity.model), identity
    if kind == "printer":
        parts = urlsplit(at.url)
        host, port = parts.hostname or "", parts.port or _PRINTER_PORT
        identity = await dialects.recognise_printer(at.url, host, port)
        if device_id(identity) is None:
            identity = msgspec.structs.replace(identity, mac=neighbours.mac_at(host))
        return msgspec.structs.replace(at, dialect="escpos", model=identity.model), identity
    dialect, identity = await dialects.recognise(way, spoken)
    return msgspec.structs.replace(at, dialect=dialect, model=identity.model), identity


async def make_printer(name: str, at: DeviceAddress) -> Printer:
    parts = urlsplit(at.url)
    model = find_printer(at.model) or find_printer("ESCPOS-80") or PRINTERS[0]
    return await asyncio.to_thread(
        dialects.printer, name, parts.hostname or "", parts.port or _PRINTER_PORT, model
    )


def model_name(kind: DeviceKind, model: str) -> tuple[str, bool]:
    """What people call a model, and whether the catalogue holds it. Any ESC/POS printer can be served."""
    if kind == "printer":
        printer = find_printer(model)
        return (printer.name if printer else model or "ESC/POS printer", True)
    row = find_plug(model) if kind == "plug" else find_router(model)
    return (row.name, True) if row else (model or f"A {kind}", False)


def mac_of(text: str) -> str:
    letters = "".join(letter for letter in text.upper() if letter.isalnum())
    return ":".join(letters[place : place + 2] for place in range(0, 12, 2))


def local_url(address: str, kind: DeviceKind) -> str:
    """The address as a URL, if it lies inside the venue. Raises `Refused`."""
    text = address.strip().rstrip("/")
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        inside = ipaddress.ip_address(parts.hostname or "").is_private
        _ = parts.port
    except ValueError as error:
        raise Refused(
            refuse("invalid", f"{text} is no address; write 192.168.1.20 or 192.168.1.20:80.")
        ) from error
    if not inside or parts.path or parts.query or parts.username:
        raise Refused(refuse("invalid", "Only addresses of the venue's own network are looked at."))
    if "://" in text or kind == "router":
        return text
    return f"{'tcp' if kind == 'printer' else 'http'}://{parts.netloc}"
