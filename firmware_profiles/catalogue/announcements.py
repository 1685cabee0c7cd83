"""How devices announce themselves by mDNS (RFC 6763): a row per way, and what it is likely to be.

An announcement is a hint and no proof: whoever reads it asks the device who it is. Sources: Shelly Gen2+,
shelly-api-docs.shelly.cloud/gen2/General/mDNS (`_shelly._tcp` and `_http._tcp`, TXT `gen`, `app`, `ver`);
Gen1, shelly-api-docs.shelly.cloud/gen1/#mdns-discovery (`_http._tcp`, TXT `id`, `fw_id`, `arch`); Tasmota
with `SetOption55 1` announces its host name under `_http._tcp`; printers, Apple's 'Bonjour Printing
Specification' (`_pdl-datastream._tcp` on 9100, TXT `ty`, `usb_MDL`). MikroTik routers speak a protocol of
their own (MNDP), so they are looked for by address.

Counterpart: `edge/adapters/devices/mdns.py` hears them.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Announcement:
    """`begins` is how the instance's name begins, in lower case; `txt` are keys that must be there."""

    service: str
    kind: str
    dialects: tuple[str, ...]
    begins: str = ""
    txt: tuple[str, ...] = ()


#: The first row that fits counts. What fits none is none of the house's business.
ANNOUNCEMENTS = (
    Announcement("_shelly._tcp.local.", "plug", ("shelly_gen2",)),
    Announcement("_http._tcp.local.", "plug", ("shelly_gen2",), begins="shelly", txt=("gen",)),
    Announcement("_http._tcp.local.", "plug", ("shelly_gen1", "shelly_gen2"), begins="shelly"),
    Announcement("_http._tcp.local.", "plug", ("tasmota",), begins="tasmota"),
    Announcement("_pdl-datastream._tcp.local.", "printer", ("escpos",)),
)

SERVICES = tuple(dict.fromkeys(row.service for row in ANNOUNCEMENTS))


def find_announcement(service: str, instance: str, txt: Mapping[str, str]) -> Announcement | None:
    """The row for what was heard; None for a thing of another kind (a television, a NAS)."""
    name = instance.lower()
    fitting = (
        row
        for row in ANNOUNCEMENTS
        if row.service == service and name.startswith(row.begins) and all(key in txt for key in row.txt)
    )
    return next(fitting, None)
