"""Down streams in memory after a restore, as `cloud/store/link/streams.py` has them in Postgres; for
`page.py`."""

from cloud.store.link.streams import WHOLE, missed, replaced_at
from protocol.link import STREAMS
from tests.simulation.sheets import Sheets

#: What stands at a place of a stream that went with a database, or to another place.
NOTHING = (None, 0.0)


def known(sheets: Sheets, venue_id: str, node_id: str) -> dict[str, int]:
    """How far this database knows that the box has each stream."""
    return {stream: sheets.get(("cursor", venue_id, node_id, stream), 0) for stream in STREAMS}


def outrun(sheets: Sheets, venue_id: str, cursors: dict[str, int], before: dict[str, int]) -> None:
    """See `cloud.store.link.streams.outrun`; `before` is what was known."""
    for stream, seq in cursors.items():
        key = ("head", venue_id, stream)
        sheets.put(key, max(seq, sheets.get(key, 0)))
    for seq in range(before["commands"] + 1, cursors.get("commands", 0) + 1):
        _move(sheets, venue_id, "commands", seq)
    for stream in WHOLE:
        places = range(sheets.get(("head", venue_id, stream), 0), 0, -1)
        newest = next((seq for seq in places if _entry(sheets, venue_id, stream, seq) != NOTHING), 0)
        if newest and missed(newest, before[stream], cursors.get(stream, 0)):
            _move(sheets, venue_id, stream, newest)


def _entry(sheets: Sheets, venue_id: str, stream: str, seq: int) -> tuple[bytes | None, float]:
    entry: tuple[bytes | None, float] = sheets.get(("entry", venue_id, stream, seq), NOTHING)
    return entry


def _move(sheets: Sheets, venue_id: str, stream: str, seq: int) -> None:
    """To the end of the stream, if there is anything."""
    body, published_s = _entry(sheets, venue_id, stream, seq)
    if body is not None:
        place = sheets.get(("head", venue_id, stream)) + 1
        sheets.put(("head", venue_id, stream), place)
        sheets.put(("entry", venue_id, stream, seq), NOTHING)
        sheets.put(("entry", venue_id, stream, place), (replaced_at(place, stream, body), published_s))
