"""Who said that they look after which alarm, for the box's next life: `lookouts.json` in the data directory.

An alarm comes back by itself after a restart, because it follows from its cause; the name on it would not,
and a cook who has gone to see would be followed by another. The name is on the disk before anybody is
answered, and goes with the alarm. One that lies here for longer than a shift is nobody's: its alarm may have
ended while the box was off, and be another one's by now. It is no fact, for it is of use for minutes; a file
that cannot be read is begun anew.

Counterparts: `alarms.py` has the alarms, `edge/web/staff/alarm_desk.py` asks.
"""

import asyncio
import logging
import os
from pathlib import Path

import msgspec

from edge.effects.alarms import Alarm, Alarms, Seen
from edge.journal.backup import sync_directory
from protocol.codec import UNREADABLE

FILE_NAME = "lookouts.json"

log = logging.getLogger(__name__)


class Lookouts:
    """Make it before anybody raises an alarm; `run` keeps the file as things are."""

    def __init__(self, directory: Path, alarms: Alarms) -> None:
        self._path = directory / FILE_NAME
        self._alarms = alarms
        self._writing = asyncio.Lock()
        self._changed = asyncio.Event()
        self._written = self._read()
        alarms.remember(self._written)
        alarms.listen(self._alarmed)

    def _read(self) -> dict[str, Seen]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, Seen])
        except FileNotFoundError:
            return {}
        except (OSError, *UNREADABLE) as error:
            log.warning("%s cannot be read and is begun anew: %s", self._path, error)
            return {}

    def _alarmed(self, _alarm: Alarm, up: bool) -> None:
        if not up:
            self._changed.set()

    async def acknowledge(self, key: str, by: str, wall_ms: int) -> bool:
        """`by` looks after it; the first one counts. False when no such alarm is up. Raises `OSError`."""
        async with self._writing:
            known = self._alarms.lookouts()
            if key not in known and any(each.key == key for each in self._alarms.current()):
                await asyncio.to_thread(self._write, {**known, key: Seen(by, wall_ms)})
            return self._alarms.acknowledge(key, by, wall_ms)

    async def run(self) -> None:
        """Forget those whose alarm is over, until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            async with self._writing:
                known = self._alarms.lookouts()
                if known == self._written:
                    continue
                try:
                    await asyncio.to_thread(self._write, known)
                except OSError:
                    log.exception("that an alarm is over is not written down")

    def _write(self, entries: dict[str, Seen]) -> None:
        scratch = self._path.with_name(f"{FILE_NAME}.new")
        with scratch.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(entries)))
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(self._path)
        sync_directory(self._path.parent)
        self._written = entries
