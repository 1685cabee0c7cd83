"""Which MAC answers at an address, from the kernel's neighbour table (proc(5), `/proc/net/arp`).

Only for devices that tell neither MAC nor serial number themselves, such as cheap printers; a phone's MAC is
random and means nothing. Counterpart: `edge/effects/devices/discovery.py`.
"""

from pathlib import Path

_TABLE = Path("/proc/net/arp")
_NOBODY = "00:00:00:00:00:00"


def mac_at(host: str) -> str:
    """The MAC at an IPv4 address, `AA:BB:…`; empty for one the kernel does not know."""
    try:
        lines = _TABLE.read_text().splitlines()[1:]
    except OSError:
        return ""
    found = (
        fields[3] for fields in (line.split() for line in lines) if len(fields) > 3 and fields[0] == host
    )
    return next((mac.upper() for mac in found if mac != _NOBODY), "")
