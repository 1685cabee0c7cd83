"""The computer under the box: memory, load, temperature, disk, as Linux tells them (proc(5), sysfs thermal).

Rule of the file: what this machine does not tell is left out, never made up. A Raspberry Pi has one thermal
zone; of several the hottest counts. Counterpart: `edge/effects/gauges.py` makes a reading of it.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

_MEMORY = Path("/proc/meminfo")
_ZONES = Path("/sys/class/thermal")
_UPTIME = Path("/proc/uptime")


def figures(directory: Path, memory: Path = _MEMORY, zones: Path = _ZONES) -> dict[str, float]:
    """What can be read now, by name and unit; `directory` is on the disk that matters."""
    found: dict[str, float] = {}
    with suppress(OSError):
        disk = shutil.disk_usage(directory)
        found["disk_free_bytes"] = disk.free
        found["disk_used_percent"] = round(100 * disk.used / disk.total, 1)
    with suppress(OSError, ValueError, KeyError, ZeroDivisionError):
        found |= _memory(memory.read_text())
    with suppress(OSError, AttributeError):
        found["load_1m"] = round(os.getloadavg()[0], 2)
    with suppress(OSError, ValueError, IndexError):
        found["uptime_s"] = float(_UPTIME.read_text().split()[0])
    hottest = _hottest(zones)
    return found if hottest is None else found | {"temperature_c": hottest}


def _memory(text: str) -> dict[str, float]:
    """proc_meminfo(5); its kB are 1024 bytes."""
    rows = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    total, free = (int(rows[name].split()[0]) * 1024 for name in ("MemTotal", "MemAvailable"))
    return {"memory_free_bytes": free, "memory_used_percent": round(100 * (total - free) / total, 1)}


def _hottest(zones: Path) -> float | None:
    """In thousandths of a degree in each zone; one that is switched off cannot be read."""
    degrees = []
    with suppress(OSError):
        for zone in sorted(zones.glob("thermal_zone*/temp")):
            with suppress(OSError, ValueError):
                degrees.append(int(zone.read_text()) / 1000)
    return round(max(degrees), 1) if degrees else None
