"""Whether the units of a box run, and how exposed ours are: systemctl(1), systemd-analyze(1).

Asked from the console, where there is a systemd to ask; a box in a sandbox cannot see its neighbours.
"""

import re
import shutil
import subprocess

UNITS = (
    *("holdfast-edge.service", "holdfast-backup.service", "holdfast-backup.timer", "mosquitto.service"),
    *("chrony.service", "nftables.service"),
)
_EXPOSURE = re.compile(r"Overall exposure level for \S+: (\d+(?:\.\d+)?)")


def states() -> list[tuple[str, str, float | None]]:
    """Unit, what systemd says of it, and its exposure for those of ours. Empty where there is no systemd."""
    if shutil.which("systemctl") is None:
        return []
    return [
        (unit, _said("systemctl", "is-active", unit).strip() or "unknown", _exposure(unit)) for unit in UNITS
    ]


def _exposure(unit: str) -> float | None:
    if not unit.startswith("holdfast") or not unit.endswith(".service"):
        return None
    found = _EXPOSURE.search(_said("systemd-analyze", "security", "--no-pager", unit))
    return float(found[1]) if found else None


def _said(*argv: str) -> str:
    try:
        return subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
