"""How boxes and devices are: one row a thing, as far as the cloud knows.

What a box tells of its devices travels as facts, so it is as old as the link's last word; `heard_at` says
how old that is. What nobody ever told is null, and never shown as good.
"""

from datetime import datetime
from typing import Any

import asyncpg
import msgspec

_SILENT_AFTER_S = 15.0


class Box(msgspec.Struct, frozen=True):
    """The box in charge of a venue. `menu` and `config` say whether it follows what was published last."""

    venue_id: str
    venue: str
    epoch: int
    claimed_at: datetime | None
    heard_at: datetime | None
    up: bool
    clock_trusted: bool | None
    behind: int | None
    trouble: str | None
    menu_current: bool
    config_current: bool
    quarantined: int


class Device(msgspec.Struct, frozen=True):
    """A plug, router, printer, screen or station as its box sees it. `changed_ms` is the box's clock."""

    venue_id: str
    kind: str
    name: str
    model: str
    firmware: str
    state: str
    station_id: str | None
    changed_ms: int


class Waiting(msgspec.Struct, frozen=True):
    """Things that wait for a device: slips not on paper, tickets that no kitchen has acknowledged."""

    venue_id: str
    slips: int
    slips_lost: int
    tickets: int


async def boxes(connection: asyncpg.Connection, organisation_id: str) -> list[Box]:
    """The box of each venue, by name of the venue; one that was never claimed has no `claimed_at`."""
    rows = await connection.fetch(
        """
        SELECT v.venue_id, v.name AS venue, v.epoch, n.claimed_at, n.heard_at,
            coalesce(
                n.connection IS NOT NULL AND n.heard_at > now() - make_interval(secs => $2), false
            ) AS up,
            n.clock_trusted, n.tail_seq - n.durable_seq AS behind, n.trouble,
            coalesce(follows.menu, true) AS menu_current, coalesce(follows.config, true) AS config_current,
            (SELECT count(*) FROM quarantine q WHERE q.venue_id = v.venue_id) AS quarantined
        FROM venues v
        LEFT JOIN nodes n ON n.venue_id = v.venue_id AND n.epoch = v.epoch
        LEFT JOIN LATERAL (
            SELECT bool_and(coalesce(c.seq, 0) >= h.seq) FILTER (WHERE h.stream = 'menu') AS menu,
                bool_and(coalesce(c.seq, 0) >= h.seq) FILTER (WHERE h.stream = 'config') AS config
            FROM down_heads h LEFT JOIN down_cursors c
                ON c.venue_id = h.venue_id AND c.stream = h.stream AND c.node_id = n.node_id
            WHERE h.venue_id = v.venue_id
        ) AS follows ON true
        WHERE v.organisation_id = $1 ORDER BY v.name, v.venue_id
        """,
        organisation_id,
        _SILENT_AFTER_S,
    )
    return [Box(str(row["venue_id"]), *list(row.values())[1:]) for row in rows]


async def devices(connection: asyncpg.Connection, organisation_id: str) -> list[Device]:
    """Devices that boxes have adopted, and stations with an agent."""
    rows = await connection.fetch(
        """
        SELECT d.venue_id, d.kind, d.name, d.model, d.firmware, d.state, d.station_id, d.changed_ms
        FROM devices d JOIN venues v USING (venue_id) WHERE v.organisation_id = $1
        UNION ALL
        SELECT p.venue_id, 'station', p.station_id, p.os, p.agent,
            CASE WHEN p.maintenance THEN 'maintenance' ELSE 'in service' END, p.station_id, p.changed_ms
        FROM play_stations p JOIN venues v USING (venue_id) WHERE v.organisation_id = $1
        ORDER BY 1, 2, 3
        """,
        organisation_id,
    )
    return [Device(str(row["venue_id"]), *list(row.values())[1:]) for row in rows]


async def waiting(connection: asyncpg.Connection, organisation_id: str) -> list[Waiting]:
    """What waits at each venue where anything does, of the last day."""
    rows = await connection.fetch(
        """
        SELECT v.venue_id, slips.waiting, slips.lost, tickets.waiting AS tickets
        FROM venues v
        CROSS JOIN LATERAL (SELECT ((extract(epoch FROM now()) - 86400) * 1000)::bigint AS ms) AS since
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE state IN ('asked', 'sending')) AS waiting,
                count(*) FILTER (WHERE state = 'dropped') AS lost
            FROM printouts p WHERE p.venue_id = v.venue_id AND p.asked_ms > since.ms
        ) AS slips
        CROSS JOIN LATERAL (
            SELECT count(*) AS waiting FROM tickets t
            WHERE t.venue_id = v.venue_id AND t.state = 'fired' AND t.placed_ms > since.ms
        ) AS tickets
        WHERE v.organisation_id = $1 AND slips.waiting + slips.lost + tickets.waiting > 0
        """,
        organisation_id,
    )
    return [_waiting(row) for row in rows]


def _waiting(row: Any) -> Waiting:
    return Waiting(str(row["venue_id"]), row["waiting"], row["lost"], row["tickets"])
