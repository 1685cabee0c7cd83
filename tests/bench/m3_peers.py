"""M3, beside what a user would pick instead: the same facts caught up by NATS, by Mosquitto and by PouchDB.

All in one run on one disk, each in its turn, so the ratios hold although the figures are the machine's. None
of the peers folds anything: they carry bytes and keep them. What each has on its disk when it says that it
has caught up differs, too; the last column says what of it survives a power cut of the far side.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from edge.journal.database import open_reader
from tests.bench import m3_catch_up, mosquitto, nats, pouch
from tests.bench.clouds import cloud
from tests.bench.rows import Row

FACTS = 20_000
CatchUp = Callable[[list[bytes], Path], Awaitable[float]]


async def measure(facts: int = FACTS) -> list[Row]:
    """Ours beside each peer that can be had; the ratio is ours to theirs."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch) / "box"
        await m3_catch_up.backlog(directory, facts)
        records = _records(directory)
        async with cloud(Path(scratch)) as there:
            ours_s = await m3_catch_up.ours(directory, there)
            copied_s = await m3_catch_up.limit(there)
    count = len(records)
    rows = [_row(f"M3 {count:,} facts, COPY", count / ours_s, count / copied_s, "both: all", ">= 0.3")]
    for name, needs, catch_up, survives in _PEERS:
        with tempfile.TemporaryDirectory() as scratch:
            took_s = await _tried(needs, catch_up, records, Path(scratch))
        if took_s is None:
            print(f"  {name}: not to be had here")
        else:
            rows.append(_row(f"M3 {count:,} facts, {name}", count / ours_s, count / took_s, survives, "> 1"))
    return rows


def _row(name: str, ours: float, theirs: float, survives: str, target: str) -> Row:
    return Row.ratio(name, ours, theirs, "facts/s", survives, target)


async def _tried(needs: str, catch_up: CatchUp, records: list[bytes], directory: Path) -> float | None:
    if shutil.which(needs) is None or (
        needs == "node" and not await asyncio.to_thread(pouch.lay_down, directory)
    ):
        return None
    return await catch_up(records, directory)


def _records(directory: Path) -> list[bytes]:
    reader = open_reader(directory)
    try:
        return [row[0] for row in reader.execute("SELECT CAST(record AS BLOB) FROM journal ORDER BY seq")]
    finally:
        reader.close()


#: Name, program, measure, what survives a power cut of the far side right after it.
_PEERS: tuple[tuple[str, str, CatchUp, str], ...] = (
    ("NATS", "nats-server", nats.catch_up, "ours: all; NATS: what is 2 min old"),
    ("Mosquitto", "mosquitto", mosquitto.catch_up, "ours: all; bridge: 30 min old"),
    ("PouchDB", "node", pouch.catch_up, "ours: all; LevelDB: not synced"),
)


if __name__ == "__main__":
    for row in asyncio.run(measure()):
        print(row)
