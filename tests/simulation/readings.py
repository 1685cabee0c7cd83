"""The latest readings of a venue, in memory, as `cloud/store/link/telemetry.py` keeps them in Postgres.

One value a venue: thing -> (place, reading), where the place is (epoch, welcome, word). Used by `page.py`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cloud.store.link.telemetry import Told
from protocol.telemetry import Reading
from tests.simulation.sheets import Sheets

if TYPE_CHECKING:
    from tests.simulation.node_row import NodeRow

Place = tuple[int, int, int]
Kept = dict[str, tuple[Place, Reading]]


def of(sheets: Sheets, venue_id: str) -> Kept:
    """What is kept of a venue."""
    kept: Kept = sheets.get(("telemetry", venue_id), {})
    return kept


def keep(sheets: Sheets, speaking: "dict[str, NodeRow]", told: Sequence[Told]) -> set[str]:
    """See `cloud.store.link.telemetry.keep`."""
    changed = set()
    for each in told:
        if (row := speaking.get(each.connection)) is None:
            continue
        kept, place = of(sheets, row.venue_id), (row.epoch, row.hellos, each.word)
        before = kept.get(each.reading.thing)
        if before is None or before[0] < place:
            sheets.put(("telemetry", row.venue_id), {**kept, each.reading.thing: (place, each.reading)})
            changed.add(row.venue_id)
    return changed


def forget(sheets: Sheets, speaking: "dict[str, NodeRow]", wholes: dict[str, int]) -> None:
    """See `cloud.store.link.telemetry.forget`."""
    for connection, word in wholes.items():
        if (row := speaking.get(connection)) is not None:
            since = row.epoch, row.hellos, word
            kept = {thing: each for thing, each in of(sheets, row.venue_id).items() if each[0] >= since}
            sheets.put(("telemetry", row.venue_id), kept)
