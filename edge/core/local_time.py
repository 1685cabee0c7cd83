"""The venue's own clock: an instant as people there would read it off the wall.

A box without time-zone data, or with a name nobody knows, reads UTC; nothing is ever refused for it.
"""

from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=16)
def zone(name: str) -> tzinfo:
    """The time zone of an IANA name such as `Europe/Berlin`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def local(wall_ms: int, timezone: str) -> datetime:
    """Milliseconds of Unix time as an aware local time."""
    return datetime.fromtimestamp(wall_ms / 1000, zone(timezone))
