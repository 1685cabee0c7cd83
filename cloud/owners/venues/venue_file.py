"""A venue's file on this side: read from the disk, its PINs hashed as people's passwords are.

What the file says, and how a venue is made of it, is `protocol/venue_file.py`, which the box shares.
"""

from collections.abc import Callable
from pathlib import Path

from cloud.owners.people.passwords import hash_pin
from protocol import venue_file
from protocol.facts.venue import VenueConfig
from protocol.venue_file import ROLES, BadVenueFile, Staff, VenueFile, check, with_printer

__all__ = ["ROLES", "BadVenueFile", "Staff", "VenueFile", "check", "configure", "load", "with_printer"]


def load(path: Path) -> VenueFile:
    """Read and check a venue file. Raises `BadVenueFile`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadVenueFile(f"{path} cannot be read: {error.strerror}.") from error
    return venue_file.parse(raw, str(path))


def configure(
    file: VenueFile, name: str, venue_id: str, restaurant_id: int, random_bytes: Callable[[int], bytes]
) -> VenueConfig:
    """The configuration as the box adopts it."""
    return venue_file.configure(file, name, venue_id, restaurant_id, random_bytes, hash_pin)
