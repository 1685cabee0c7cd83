"""A disk that remembers every write until it is synced, and what is left of them after a power cut.

SQLite writes through `Platter`, a file system of its own (https://www.sqlite.org/vfs.html), onto a real one,
and every write, truncation and sync is put down in order. `image` then makes the files as a power cut after
the so manieth of these operations may leave them: what a sync covered is there; of what came after it any
part may be, in any order, and a write may be torn between sectors.

Counterpart: `disk.py` cuts a running box off; here one run is cut off at each of its operations in turn.
"""

import random
from collections.abc import Iterable
from pathlib import Path

import apsw
import msgspec

_SECTOR_BYTES = 512


class Operation(msgspec.Struct, frozen=True):
    """On one file: bytes written at a place, a new length, or a sync."""

    file: str
    kind: str
    place: int = 0
    content: bytes = b""


class _File(apsw.VFSFile):
    def __init__(self, name: str | apsw.URIFilename | None, flags: list[int], done: list[Operation]) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name or ""
        self._name = Path(path).name
        self._done = done
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802  SQLite's name
        self._done.append(Operation(self._name, "write", offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802  SQLite's name
        self._done.append(Operation(self._name, "truncate", newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802  SQLite's name
        self._done.append(Operation(self._name, "sync"))
        super().xSync(flags)


class Platter(apsw.VFS):
    """The file system. `before` holds the files as they were when the recording began."""

    NAME = "platter"

    def __init__(self, directory: Path) -> None:
        super().__init__(self.NAME, "")
        self.done: list[Operation] = []
        self.before = {path.name: path.read_bytes() for path in directory.iterdir()}

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> _File:  # noqa: N802  SQLite's name
        return _File(name, flags, self.done)

    def image(self, cut_after: int, target: Path, dice: random.Random) -> None:
        """Write into `target` what a power cut after so many operations leaves."""
        done = self.done[:cut_after]
        for name in {*self.before, *(operation.file for operation in done)}:
            mine = [operation for operation in done if operation.file == name]
            content = _left(self.before.get(name, b""), mine, dice)
            (target / name).write_bytes(content)


def _left(before: bytes, done: list[Operation], dice: random.Random) -> bytes:
    synced = max((at for at, each in enumerate(done, 1) if each.kind == "sync"), default=0)
    content = _applied(bytearray(before), done[:synced])
    fate = dice.choice(("all", "none", "some", "torn"))
    loose = list(done[synced:])
    if fate == "none":
        loose = []
    elif fate != "all":
        dice.shuffle(loose)
        loose = loose[: dice.randint(0, len(loose))]
    if fate == "torn":
        loose = [part for each in loose for part in _sectors(each) if dice.random() < 0.7]
    return bytes(_applied(content, loose))


def _sectors(operation: Operation) -> Iterable[Operation]:
    """A write as the disk does it, sector by sector."""
    if operation.kind != "write":
        yield operation
        return
    at, end = operation.place, operation.place + len(operation.content)
    while at < end:
        until = min(end, (at // _SECTOR_BYTES + 1) * _SECTOR_BYTES)
        part = operation.content[at - operation.place : until - operation.place]
        yield Operation(operation.file, "write", at, part)
        at = until


def _applied(content: bytearray, operations: Iterable[Operation]) -> bytearray:
    for each in operations:
        if each.kind == "write":
            content.extend(bytes(max(0, each.place - len(content))))
            content[each.place : each.place + len(each.content)] = each.content
        elif each.kind == "truncate":
            del content[each.place :]
    return content
