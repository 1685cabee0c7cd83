"""What an owner looks at: every venue in one row, and a venue's orders with their lines and tickets.

Days are the venue's own, in its time zone, from when its business day begins. A time that a box measured
with a clock nobody had set is shown as it is; the venue's row tells whether the clock is trusted.

Lag is never shown as nothing while nothing flows: a venue whose link is down has an unknown number of
facts unsent beyond those it has told of, so a plain zero is only ever said of a link that is up.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg
import msgspec

#: A box pings every 5 s; one that has been silent for three of them is down.
_SILENT_AFTER_S = 15
#: A link that has not been in step for longer than this is catching up.
_BEHIND_AFTER_S = 10
_MOST_ORDERS = 500


class VenueRow(msgspec.Struct, frozen=True):
    """One venue as it stands. `link` is `live`, `catching_up` or `down`.

    `last_sync_age_s` counts from when the cloud last held everything that the box had; null if it never
    did. `unsynced` is the number of facts that the box is known to hold and the cloud does not; null when
    that cannot be known; `unsynced_minor` is what the orders among them come to, as the box said when it was
    heard of last, `heard_age_s` ago; null where it never said. `orphans` are facts of boxes that were
    replaced, with the value of the orders among them; today's figures contain today's of those. Money in
    minor units of `currency`.
    """

    venue_id: str
    name: str
    link: str
    last_sync_age_s: float | None
    unsynced: int | None
    orders_today: int
    revenue_today_minor: int
    currency: str
    open_tables: int
    clock_trusted: bool | None
    quarantined: int
    trouble: str | None
    stations_in_use: int
    epoch: int
    orphans: int
    orphans_value_minor: int
    unsynced_minor: int | None
    heard_age_s: float | None


class LineRow(msgspec.Struct, frozen=True):
    """One line of an order; the price is for one piece."""

    name: str
    qty: int
    price_minor: int


class TicketRow(msgspec.Struct, frozen=True):
    """One kitchen ticket of an order."""

    ticket: str
    station: str
    state: str


class OrderRow(msgspec.Struct, frozen=True):
    """One order. `placed_at` is ISO 8601 in UTC."""

    order_id: str
    table: str
    status: str
    total_minor: int
    currency: str
    placed_at: str
    lines: list[LineRow]
    tickets: list[TicketRow]


_VENUES = """
    SELECT v.venue_id, v.name, v.currency, n.clock_trusted, n.trouble,
        n.connection IS NOT NULL AND n.heard_at > now() - make_interval(secs => $3) AS up,
        extract(epoch FROM now() - n.synced_at)::float8 AS age_s, n.tail_seq - n.durable_seq AS unsynced,
        CASE WHEN n.tail_seq > n.durable_seq THEN n.unsynced_minor ELSE 0 END AS unsynced_minor,
        extract(epoch FROM now() - n.heard_at)::float8 AS heard_age_s,
        today.orders, today.revenue, tables.open, aside.count AS quarantined,
        stations.in_use, v.epoch, left_over.count AS orphans, left_over.value AS orphans_value
    FROM venues v
    LEFT JOIN nodes n ON n.venue_id = v.venue_id AND n.epoch = v.epoch
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE status IN ('processing', 'confirmed')) AS orders,
            coalesce(sum(total_minor) FILTER (WHERE status = 'confirmed'), 0)::bigint AS revenue
        FROM (
            SELECT status, total_minor, placed_ms FROM orders o WHERE o.venue_id = v.venue_id
            UNION ALL
            SELECT status, total_minor, placed_ms FROM orphan_orders p WHERE p.venue_id = v.venue_id
                AND NOT EXISTS (
                    SELECT 1 FROM orders o
                    WHERE o.venue_id = p.venue_id AND o.order_id = p.order_id AND o.status = p.status
                )
        ) AS every WHERE every.placed_ms >= day_begins_ms(
            (now() AT TIME ZONE v.timezone - v.day_begins)::date, v.timezone, v.day_begins)
    ) AS today
    CROSS JOIN LATERAL (
        SELECT count(*) AS open FROM table_sessions t WHERE t.venue_id = v.venue_id AND t.status = 'open'
    ) AS tables
    CROSS JOIN LATERAL (
        SELECT count(*) AS in_use FROM play_sessions p
        WHERE p.venue_id = v.venue_id AND p.status IN ('ACTIVE', 'PAUSED')
    ) AS stations
    CROSS JOIN LATERAL (
        SELECT (SELECT count(*) FROM orphans p WHERE p.venue_id = v.venue_id) AS count,
            coalesce(sum(total_minor) FILTER (WHERE status = 'confirmed'), 0)::bigint AS value
        FROM orphan_orders p WHERE p.venue_id = v.venue_id
    ) AS left_over
    CROSS JOIN LATERAL (SELECT count(*) FROM quarantine q WHERE q.venue_id = v.venue_id) AS aside
    WHERE v.organisation_id = $1 AND ($2::uuid[] IS NULL OR v.venue_id = ANY($2))
    ORDER BY v.name, v.venue_id
"""


async def venues(
    connection: asyncpg.Connection, organisation_id: str, only: Iterable[str] | None = None
) -> list[VenueRow]:
    """The organisation's venues, or those of them that are in `only`."""
    wanted = None if only is None else list(only)
    rows = await connection.fetch(_VENUES, organisation_id, wanted, float(_SILENT_AFTER_S))
    return [_venue(row) for row in rows]


def _venue(row: Any) -> VenueRow:
    state = _link(row["up"], row["unsynced"], row["age_s"])
    nothing_known = state == "down" and not row["unsynced"]
    return VenueRow(
        venue_id=str(row["venue_id"]),
        name=row["name"],
        link=state,
        last_sync_age_s=_age_s(row["age_s"]),
        unsynced=None if nothing_known else row["unsynced"],
        orders_today=row["orders"],
        revenue_today_minor=row["revenue"],
        currency=row["currency"],
        open_tables=row["open"],
        clock_trusted=row["clock_trusted"],
        quarantined=row["quarantined"],
        trouble=row["trouble"],
        stations_in_use=row["in_use"],
        epoch=row["epoch"],
        orphans=row["orphans"],
        orphans_value_minor=row["orphans_value"],
        unsynced_minor=None if nothing_known else row["unsynced_minor"],
        heard_age_s=_age_s(row["heard_age_s"]),
    )


def _age_s(seconds: float | None) -> float | None:
    return None if seconds is None else round(max(0.0, seconds), 1)


def _link(up: bool | None, unsynced: int | None, age_s: float | None) -> str:
    if not up:
        return "down"
    behind = age_s is None or age_s > _BEHIND_AFTER_S
    return "catching_up" if unsynced and behind else "live"


_ORDERS = """
    SELECT order_id, table_name, status, total_minor, o.currency, placed_ms FROM orders o
    JOIN venues v USING (venue_id) WHERE v.organisation_id = $1 AND o.venue_id = $2
"""
_ON_DAY = """
    AND placed_ms >= day_begins_ms(day.begins, v.timezone, v.day_begins)
    AND placed_ms < day_begins_ms(day.begins + 1, v.timezone, v.day_begins)
"""
_DAY = """
    CROSS JOIN LATERAL (
        SELECT coalesce($3::date, (now() AT TIME ZONE v.timezone - v.day_begins)::date) AS begins
    ) AS day
"""


async def orders_of_day(
    connection: asyncpg.Connection, organisation_id: str, venue_id: str, day: date | None = None
) -> list[OrderRow]:
    """Orders of one of the venue's days, newest first; `day` is a date, None for today."""
    query = _ORDERS.replace("WHERE", _DAY + "WHERE") + _ON_DAY
    rows = await connection.fetch(
        query + f" ORDER BY placed_ms DESC, number DESC LIMIT {_MOST_ORDERS}", organisation_id, venue_id, day
    )
    return await _whole(connection, venue_id, rows)


async def orders_named(
    connection: asyncpg.Connection, organisation_id: str, venue_id: str, order_ids: Iterable[str]
) -> list[OrderRow]:
    """These orders, oldest first."""
    rows = await connection.fetch(
        _ORDERS + " AND order_id = ANY($3::text[]) ORDER BY placed_ms, number",
        organisation_id,
        venue_id,
        list(order_ids),
    )
    return await _whole(connection, venue_id, rows)


async def _whole(connection: asyncpg.Connection, venue_id: str, orders: list[Any]) -> list[OrderRow]:
    """Orders with their lines and tickets."""
    ids = [row["order_id"] for row in orders]
    lines: dict[str, list[LineRow]] = {order_id: [] for order_id in ids}
    tickets: dict[str, list[TicketRow]] = {order_id: [] for order_id in ids}
    for row in await connection.fetch(
        """
        SELECT order_id, name, qty, price_minor FROM order_lines
        WHERE venue_id = $1 AND order_id = ANY($2::text[]) ORDER BY id
        """,
        venue_id,
        ids,
    ):
        lines[row["order_id"]].append(LineRow(row["name"], row["qty"], row["price_minor"]))
    for row in await connection.fetch(
        """
        SELECT order_id, ticket, station, state FROM tickets
        WHERE venue_id = $1 AND order_id = ANY($2::text[]) ORDER BY ticket, station
        """,
        venue_id,
        ids,
    ):
        tickets[row["order_id"]].append(TicketRow(row["ticket"], row["station"], row["state"]))
    return [_order(row, lines[row["order_id"]], tickets[row["order_id"]]) for row in orders]


def _order(row: Any, lines: list[LineRow], tickets: list[TicketRow]) -> OrderRow:
    return OrderRow(
        order_id=row["order_id"],
        table=row["table_name"],
        status=row["status"],
        total_minor=row["total_minor"],
        currency=row["currency"],
        placed_at=_iso(row["placed_ms"]),
        lines=lines,
        tickets=tickets,
    )


def _iso(wall_ms: int) -> str:
    """ISO 8601 in UTC with milliseconds. A clock out of all calendars shows as the nearest day."""
    bounded = min(max(wall_ms, 0), 253_402_300_799_999)
    moment = datetime.fromtimestamp(bounded // 1000, UTC) + timedelta(milliseconds=bounded % 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
