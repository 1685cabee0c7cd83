"""Where the venue's devices answer and how they are entered: `devices.json`, readable by the box alone.

No fact holds an address or a pass word, so neither ever leaves the venue. A pass word is written here before
it is set on a device; after a power cut between the two it is one of those that are tried. Written whole and
renamed into place.

Counterpart: `protocol/facts/device.py` says which devices serve.
"""

import os
from pathlib import Path

import msgspec

from edge.core.devices.bindings import DeviceAddress

FILE_NAME = "devices.json"


class BadAddressBook(Exception):
    """The file with addresses and pass words of devices cannot be read; the message says why."""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A device's address; `instance` is the name it announces itself by."""

    at: DeviceAddress
    instance: str = ""


class AddressBook:
    """All entries by device id. Raises `BadAddressBook` when made, `OSError` when written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: dict[str, Entry] = {}
        try:
            self._entries = msgspec.json.decode(path.read_bytes(), type=dict[str, Entry])
        except FileNotFoundError:
            pass
        except OSError as error:
            raise BadAddressBook(f"{path}: {error.strerror}") from error
        except msgspec.DecodeError as error:
            raise BadAddressBook(f"{path}: {error}") from error

    def of(self, device_id: str) -> Entry | None:
        """Where a device answers; None for one that nobody wrote down."""
        return self._entries.get(device_id)

    def of_instance(self, instance: str) -> str | None:
        """The device that announces itself by a name."""
        named = (key for key, entry in self._entries.items() if entry.instance == instance)
        return next(named, None) if instance else None

    def write(self, device_id: str, entry: Entry) -> None:
        """Remember, on disk before this returns."""
        if self._entries.get(device_id) == entry:
            return
        entries = {**self._entries, device_id: entry}
        scratch = self._path.with_name(f"{self._path.name}.new")
        scratch.unlink(missing_ok=True)
        scratch.touch(mode=0o600)
        with scratch.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(entries)))
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(self._path)
        self._entries = entries
