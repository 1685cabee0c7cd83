"""The agent's one file: what a restart of the PC must not lose.

Written whole and put in place at once, so a power cut leaves the old one or the new one. A file that
cannot be read counts as none: the PC then boots locked and asks the box.
"""

import logging
import os
from pathlib import Path

import msgspec

from edge.agent.commands import Kept

log = logging.getLogger(__name__)

_decoder = msgspec.json.Decoder(Kept)


def read(path: Path) -> Kept:
    """What was kept; an empty note where there is none or a broken one."""
    try:
        return _decoder.decode(path.read_bytes())
    except FileNotFoundError:
        return Kept()
    except (OSError, msgspec.MsgspecError) as error:
        log.warning("starting without %s: %s", path, error)
        return Kept()


def write(path: Path, kept: Kept) -> None:
    """Keep it. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(msgspec.json.encode(kept))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
