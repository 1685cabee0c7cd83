"""A box that lost facts begins anew: a fresh journal, filled from the cloud beside the old one, swapped in.

The venue is served from the old journal while the new one is fetched. What was sold meanwhile is not in the
snapshot; the old journal is kept under `orphans/` and sent afterwards as what it is. Each step may be cut:
the code is written down before it is used, and a finished journal waits in `renewal/` until it is in its
place.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.adapters.cloud.claiming import ClaimRefused, TakenOver, standing_of, take_over
from edge.journal.database import FILE_NAME, open_reader, path_of, read_box
from protocol.snapshot import Standing

_RENEWAL = "renewal"
_ORPHANS = "orphans"
_CODE = "code"


def under_way(directory: Path) -> str | None:
    """The ticket of a renewal that was begun and is not finished."""
    code = directory / _RENEWAL / _CODE
    return code.read_text() if code.exists() else None


def give_up(directory: Path) -> None:
    """Drop a renewal whose ticket is good for nothing."""
    shutil.rmtree(directory / _RENEWAL, ignore_errors=True)


async def prepare(directory: Path, cloud_url: str, ticket: str, key: Ed25519PrivateKey) -> TakenOver | None:
    """Fetch the new journal; None if that is done already. Raises what `take_over` raises."""
    place = directory / _RENEWAL
    place.mkdir(mode=0o700, exist_ok=True)
    partial = place / f"{_CODE}.partial"
    partial.write_text(ticket)
    partial.replace(place / _CODE)
    if _whole(place):
        return None
    return await take_over(place, cloud_url, ticket, key)


async def claim_again(directory: Path, cloud_url: str, code: str, key: Ed25519PrivateKey) -> TakenOver:
    """`take_over`, also for a box that a restored cloud does not know any more.

    It keeps its journal where that goes on after what the cloud holds; otherwise it begins anew and the
    journal is sent as orphans. Raises what `take_over` raises.
    """
    try:
        return await take_over(directory, cloud_url, code, key, _left_behind(directory))
    except ClaimRefused as error:
        if error.code != "claim_not_empty" or not _has_a_place(directory):
            raise
    retire(directory)
    return await take_over(directory, cloud_url, code, key, _left_behind(directory))


def _has_a_place(directory: Path) -> bool:
    with closing(open_reader(directory)) as reader:
        return standing_of(reader) is not None


def _left_behind(directory: Path) -> Standing | None:
    """The place of a former journal that waits to be sent; the cloud may not know it, and has to be told."""
    for former in orphans(directory):
        with closing(open_reader(former)) as reader:
            return standing_of(reader)
    return None


def ready(directory: Path) -> bool:
    """Whether a new journal only waits to be put in its place."""
    return _whole(directory / _RENEWAL)


def _whole(place: Path) -> bool:
    if not path_of(place).exists():
        return False
    with closing(open_reader(place)) as reader:
        try:
            return read_box(reader).venue_id is not None
        except (sqlite3.Error, TypeError):
            return False


def finish(directory: Path) -> bool:
    """Put a finished journal in its place, the former one among the orphans. Nothing may have either open."""
    place = directory / _RENEWAL
    if not _whole(place):
        return False
    retire(directory)
    _move(place, directory)
    shutil.rmtree(place)
    return True


def retire(directory: Path) -> Path | None:
    """Move the present journal among the orphans, where it is sent from; None if there is none."""
    if not path_of(directory).exists():
        return None
    with closing(open_reader(directory)) as reader:
        log_id = read_box(reader).log_id
    orphan = directory / _ORPHANS / log_id
    orphan.mkdir(mode=0o700, parents=True, exist_ok=True)
    _move(directory, orphan)
    return orphan


def _move(source: Path, target: Path) -> None:
    """A whole database from one directory into another: its log is folded in first, then one rename."""
    with closing(sqlite3.connect(path_of(source), isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    path_of(source).replace(path_of(target))
    for directory in (source, target):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def orphans(directory: Path) -> list[Path]:
    """Data directories of former journals that are not sent yet."""
    kept = (directory / _ORPHANS).glob(f"*/{FILE_NAME}")
    return sorted(path.parent for path in kept if not (path.parent / "sent").exists())
