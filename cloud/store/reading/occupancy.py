"""Who plays at a venue now: every configured station with its session, as the box's facts left it.

Time left of a session that runs is counted to its end by the clock, when the box's is known to be right
(it learns the time from the cloud); otherwise to the box's newest tick, at most ten seconds old, by the
same clock as the end. It is never more than what had not been played at the session's newest fact. While
the link is down all of it is as of the last sync, which whoever shows it has to say.
"""

from datetime import UTC, datetime
from typing import Any, Literal

import asyncpg
import msgspec

StationState = Literal["free", "playing", "paused", "out_of_service"]


class StationRow(msgspec.Struct, frozen=True):
    """A station in the owner's order. `remaining_s` is null while nobody plays and for postpaid play.

    `counts` says that it goes on running down.
    """

    station_id: str
    name: str
    kind: str
    zone: str
    state: StationState
    postpaid: bool
    remaining_s: int | None
    counts: bool
    started_at: str | None


_STATIONS = """
    SELECT each.station->>'id' AS station_id, each.station->>'name' AS name, each.station->>'kind' AS kind,
        coalesce(each.station->>'zone', '') AS zone, coalesce(p.maintenance, false) AS maintenance,
        y.status, y.entitled_s, y.consumed_ms, y.begun_ms, y.ends_ms,
        EXISTS (
            SELECT 1 FROM play_entitlements e
            WHERE e.venue_id = y.venue_id AND e.session_id = y.session_id AND e.method = 'POSTPAID'
        ) AS postpaid,
        CASE WHEN n.clock_trusted THEN (extract(epoch FROM now()) * 1000)::bigint ELSE k.wall_ms END AS now_ms
    FROM venues v
    LEFT JOIN nodes n ON n.venue_id = v.venue_id AND n.epoch = v.epoch
    LEFT JOIN play_clock k ON k.venue_id = v.venue_id
    CROSS JOIN LATERAL (
        SELECT body::jsonb AS body FROM venue_configs c WHERE c.venue_id = v.venue_id
        ORDER BY version DESC LIMIT 1
    ) AS config
    CROSS JOIN LATERAL jsonb_array_elements(coalesce(config.body->'play'->'stations', '[]'))
        WITH ORDINALITY AS each (station, place)
    LEFT JOIN play_stations p ON p.venue_id = v.venue_id AND p.station_id = each.station->>'id'
    LEFT JOIN play_sessions y ON y.venue_id = v.venue_id AND y.session_id = p.session_id
        AND y.status IN ('ACTIVE', 'PAUSED')
    WHERE v.organisation_id = $1 AND v.venue_id = $2
    ORDER BY each.place
"""


async def stations(connection: asyncpg.Connection, organisation_id: str, venue_id: str) -> list[StationRow]:
    """All stations of a venue; none before its box has told of a configuration."""
    return [_station(row) for row in await connection.fetch(_STATIONS, organisation_id, venue_id)]


def _station(row: Any) -> StationRow:
    return StationRow(
        station_id=row["station_id"],
        name=row["name"],
        kind=row["kind"],
        zone=row["zone"],
        state=_state(row),
        postpaid=row["postpaid"],
        remaining_s=None if row["status"] is None or row["postpaid"] else _remaining_s(row),
        counts=row["status"] == "ACTIVE",
        started_at=_iso(row["begun_ms"]) if row["status"] else None,
    )


def _state(row: Any) -> StationState:
    if row["status"] is not None:
        return "paused" if row["status"] == "PAUSED" else "playing"
    return "out_of_service" if row["maintenance"] else "free"


def _remaining_s(row: Any) -> int:
    left_ms = row["entitled_s"] * 1000 - row["consumed_ms"]
    if row["status"] == "ACTIVE" and row["ends_ms"] is not None and row["now_ms"] is not None:
        left_ms = min(left_ms, row["ends_ms"] - row["now_ms"])
    return int(max(0, -(-left_ms // 1000)))


def _iso(wall_ms: int | None) -> str | None:
    return None if wall_ms is None else datetime.fromtimestamp(wall_ms / 1000, UTC).isoformat()
