"""How the last test of each device and kitchen station went, and when: `trials.json` in the data directory.

For the installer's report and for whoever looks after the venue; nothing is decided by it. A file that cannot
be read is begun anew, because a test is repeated sooner than a record is mended.

Counterparts: `trial.py` tries devices, `practice.py` the kitchen; `edge/journal/handover.py` puts it on
paper.
"""

import logging
from pathlib import Path

import msgspec

from protocol.devices import LastTrial

FILE_NAME = "trials.json"

log = logging.getLogger(__name__)


def kitchen_key(station: str) -> str:
    """What a kitchen station is called in the book; no device id looks like it."""
    return f"kitchen:{station}"


def read_trials(directory: Path) -> dict[str, LastTrial]:
    """All of it, by device id or `kitchen_key`."""
    path = directory / FILE_NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, LastTrial])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.DecodeError) as error:
        log.warning("%s cannot be read and is begun anew: %s", path, error)
        return {}


class TrialBook:
    """The box's own; `all` is what is written down."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE_NAME
        self.all = read_trials(directory)

    def write(self, key: str, tested: LastTrial) -> None:
        """Remember the newest test. A disk that fails costs the record, never the device its work."""
        self.all = {**self.all, key: tested}
        scratch = self._path.with_name(f"{FILE_NAME}.new")
        try:
            scratch.write_bytes(msgspec.json.format(msgspec.json.encode(self.all)))
            scratch.replace(self._path)
        except OSError:
            log.exception("a test of %s is not written down", key)
