"""Other boxes of this venue on its network: of two, the one that was replaced steps down.

A box that was replaced while it had no internet cannot be told by the cloud. It hears the new one here, and
if that proves that it goes on after this very journal (`protocol/charge.py`), this box is replaced as if the
cloud had said so. What claims a higher epoch and cannot prove it only alarms the staff, or any guest's phone
could close the venue. A box that hears an older one tells its staff to switch that off.
"""

import sqlite3
from collections.abc import Callable, Mapping

from edge.core.clock import Now
from edge.effects.alarms import Alarm, Alarms
from edge.journal.database import Box, read_charge
from edge.journal.uplink import hash_at
from protocol import charge

_OLDER = (
    "A box that was replaced is still at work on this network, at {host}. Switch it off; what it still knows "
    "is sent when it next has internet."
)
_UNPROVEN = (
    "Another box on this network, at {host}, says that it has taken this one's place and cannot prove it. If "
    "this box was replaced, switch it off; otherwise look for whatever is at that address."
)
#: Somebody who announces box after box must not fill the staff's screens.
MOST_TOLD = 4


def announcement(box: Box, reader: sqlite3.Connection) -> dict[str, str]:
    """What a box says of its place; nothing before it is claimed."""
    if box.venue_id is None:
        return {}
    base_seq, base_hash = read_charge(reader)
    own = charge.Charge(box.venue_id, box.node_id, box.epoch, box.log_id, base_seq)
    return charge.announced(own, base_hash)


class Rivals:
    """Announcements of boxes, held against this box's own journal; `stand_down` ends its charge."""

    def __init__(
        self,
        box: Box,
        reader: sqlite3.Connection,
        alarms: Alarms,
        clock: Callable[[], Now],
        stand_down: Callable[[int, str], None],
    ) -> None:
        self._box = box
        self._reader = reader
        self._alarms = alarms
        self._clock = clock
        self._stand_down = stand_down
        self._told: set[str] = set()

    def hear(self, instance: str, host: str, txt: Mapping[str, str]) -> None:
        """A box announced itself."""
        found = charge.heard(txt)
        if found is None:
            return
        other, proof = found
        mine = self._box
        if other.venue_id != mine.venue_id or other.node_id == mine.node_id or other.epoch == mine.epoch:
            return
        if other.epoch < mine.epoch:
            self._tell(instance, "older_box", _OLDER.format(host=host))
        elif self._proves(other, proof):
            self._stand_down(other.epoch, f"The box at {host} on this network has taken this one's place.")
        else:
            self._tell(instance, "unproven_box", _UNPROVEN.format(host=host))

    def gone(self, instance: str) -> None:
        """It says goodbye, or was not heard of for long."""
        self._told.discard(instance)
        self._alarms.clear(_key(instance))

    def _proves(self, other: charge.Charge, proof: str) -> bool:
        former_hash = hash_at(self._reader, other.base_seq)
        return former_hash is not None and charge.proven(other, proof, former_hash)

    def _tell(self, instance: str, code: str, message: str) -> None:
        if len(self._told) < MOST_TOLD or instance in self._told:
            self._told.add(instance)
            self._alarms.raise_(Alarm(_key(instance), code, message, self._clock().wall_ms))


def _key(instance: str) -> str:
    return f"rival:{instance}"
