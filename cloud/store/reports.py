"""What was sold, when, by whom; how full the house was; when the line was down.

Days and hours are each venue's own, in its time zone. Money is never added across currencies: rows name
theirs. Every question walks an index that begins with the venue and goes on by time, so a report costs what
it tells of and not what the venue has ever sold.
"""

from datetime import date, datetime
from typing import Any

import asyncpg
import msgspec

#: A sitting or a session that began earlier than this before the first day is not looked for.
_LONGEST_MS = 2 * 86_400_000
_MOST_ITEMS = 100
_MOST_OUTAGES = 200
#: As in `dashboard`: three pings missing.
_SILENT_AFTER_S = 15.0


class Span(msgspec.Struct, frozen=True):
    """Whose days: of one venue of the organisation, or of all; from the first to the last, both included."""

    organisation_id: str
    first: date
    last: date
    venue_id: str | None = None

    def arguments(self) -> tuple[object, ...]:
        """As `$1` to `$4` of every statement here."""
        return self.organisation_id, self.first, self.last, self.venue_id


class Sales(msgspec.Struct, frozen=True):
    """Confirmed orders of one bucket. `bucket` is an hour 0 to 23 or a day like 2026-03-31."""

    currency: str
    bucket: str
    orders: int
    total_minor: int


class ItemSales(msgspec.Struct, frozen=True):
    """One item of the menu, under the name it was sold by last."""

    currency: str
    menu_item: int
    name: str
    qty: int
    total_minor: int


class StaffSales(msgspec.Struct, frozen=True):
    """What was taken in the shifts of one person; `person` null for tills that opened by themselves."""

    currency: str
    person: str | None
    payments: int
    amount_minor: int
    tip_minor: int
    refunded_minor: int


class Use(msgspec.Struct, frozen=True):
    """How many minutes were used within an hour of the week, all weeks of the span together.

    `weekday` is 1 for Monday to 7, `hour` 0 to 23.
    """

    weekday: int
    hour: int
    minutes: float


class Outage(msgspec.Struct, frozen=True):
    """A time in which a venue was not heard, and what it sold meanwhile; no `ended_at` while it lasts."""

    venue_id: str
    venue: str
    began_at: datetime
    ended_at: datetime | None
    seconds: float
    orders: int
    total_minor: int
    currency: str


_SPAN = """
    WITH span AS MATERIALIZED (
        SELECT v.venue_id, v.name, v.timezone, v.currency,
            (extract(epoch FROM $2::date::timestamp AT TIME ZONE v.timezone) * 1000)::bigint AS from_ms,
            (extract(epoch FROM ($3::date + 1)::timestamp AT TIME ZONE v.timezone) * 1000)::bigint AS until_ms
        FROM venues v WHERE v.organisation_id = $1 AND ($4::uuid IS NULL OR v.venue_id = $4)
    )
"""
#: The days as UTC has them, a day wider on either side than any time zone: known when the statement is
#: planned, so that the planner sees how little of a long past a span is.
_WIDER = """
    BETWEEN (extract(epoch FROM $2::date::timestamp) * 1000)::bigint - 86400000
        AND (extract(epoch FROM $3::date::timestamp) * 1000)::bigint + 2 * 86400000
"""
_ORDERS = f"""
    FROM span s JOIN orders o ON o.venue_id = s.venue_id AND o.placed_ms {_WIDER}
        AND o.placed_ms >= s.from_ms AND o.placed_ms < s.until_ms AND o.status = 'confirmed'
"""
_LOCAL = "to_timestamp(o.placed_ms / 1000.0) AT TIME ZONE s.timezone"
_BUCKETS = {
    "hour": f"extract(hour FROM {_LOCAL})::int::text",
    "day": f"to_char({_LOCAL}, 'YYYY-MM-DD')",
}


async def sales_by(connection: asyncpg.Connection, span: Span, bucket: str) -> list[Sales]:
    """By `hour` of the day or by `day`; buckets without an order are left out."""
    rows = await connection.fetch(
        f"""
        {_SPAN}
        SELECT o.currency, {_BUCKETS[bucket]} AS bucket, count(*) AS orders,
            sum(o.total_minor)::bigint AS total_minor
        {_ORDERS} GROUP BY 1, 2 ORDER BY 1, 2
        """,
        *span.arguments(),
    )
    return [Sales(*row.values()) for row in rows]


async def sales_by_item(connection: asyncpg.Connection, span: Span) -> list[ItemSales]:
    """The items that brought most, at most a hundred."""
    rows = await connection.fetch(
        f"""
        {_SPAN}
        SELECT o.currency, l.menu_item, substr(max(lpad(o.placed_ms::text, 16, '0') || l.name), 17) AS name,
            sum(l.qty)::bigint AS qty, sum(l.qty * l.price_minor)::bigint AS total_minor
        {_ORDERS} JOIN order_lines l ON l.venue_id = o.venue_id AND l.order_id = o.order_id
        GROUP BY 1, 2 ORDER BY 5 DESC, 2 LIMIT {_MOST_ITEMS}
        """,
        *span.arguments(),
    )
    return [ItemSales(*row.values()) for row in rows]


async def sales_by_staff(connection: asyncpg.Connection, span: Span) -> list[StaffSales]:
    """By who had opened the shift into which a payment went."""
    rows = await connection.fetch(
        f"""
        {_SPAN}
        SELECT p.currency, sh.opened_by, count(*) AS payments, sum(p.amount_minor)::bigint AS amount,
            sum(p.tip_minor)::bigint AS tips, sum(p.refunded_minor)::bigint AS refunded
        FROM span s JOIN payments p ON p.venue_id = s.venue_id AND p.initiated_ms {_WIDER}
            AND p.initiated_ms >= s.from_ms AND p.initiated_ms < s.until_ms
            AND p.status IN ('COMPLETED', 'REFUNDED')
        LEFT JOIN shifts sh ON sh.venue_id = p.venue_id AND sh.shift_pid = p.shift_pid
        GROUP BY 1, 2 ORDER BY 4 DESC, 2
        """,
        *span.arguments(),
    )
    return [StaffSales(*row.values()) for row in rows]


_USES = {
    "stations": ("play_sessions", "ordered_ms", "begun_ms", "ended_ms"),
    "tables": ("table_sessions", "opened_ms", "opened_ms", "closed_ms"),
}


async def use(connection: asyncpg.Connection, span: Span, what: str) -> list[Use]:
    """How `stations` or `tables` were used over the week. What has not ended is used until now."""
    table, found_by, begins, ends = _USES[what]
    rows = await connection.fetch(
        f"""
        {_SPAN}
        , used AS (
            SELECT to_timestamp(greatest(t.{begins}, s.from_ms) / 1000.0) AT TIME ZONE s.timezone AS begins,
                to_timestamp(least(
                    coalesce(t.{ends}, (extract(epoch FROM now()) * 1000)::bigint), s.until_ms
                ) / 1000.0) AT TIME ZONE s.timezone AS ends
            FROM span s JOIN {table} t ON t.venue_id = s.venue_id AND t.{begins} IS NOT NULL
                AND t.{found_by} >= s.from_ms - {_LONGEST_MS} AND t.{found_by} < s.until_ms
        )
        SELECT extract(isodow FROM slot)::int AS weekday, extract(hour FROM slot)::int AS hour,
            (sum(extract(epoch FROM
                least(ends, slot + interval '1 hour') - greatest(begins, slot)
            )) / 60)::float8 AS minutes
        FROM used
        CROSS JOIN LATERAL generate_series(date_trunc('hour', begins), ends, interval '1 hour') AS slot
        WHERE ends > begins AND ends > slot
        GROUP BY 1, 2 ORDER BY 1, 2
        """,
        *span.arguments(),
    )
    return [Use(*row.values()) for row in rows]


async def places(connection: asyncpg.Connection, span: Span) -> tuple[int, int]:
    """How many stations and how many tables there are to be used, as the boxes are configured now."""
    row = await connection.fetchrow(
        f"""
        {_SPAN}
        SELECT coalesce(sum(jsonb_array_length(coalesce(newest.stations, '[]'))), 0)::int AS stations,
            coalesce(sum(jsonb_array_length(coalesce(newest.tables, '[]'))), 0)::int AS tables
        FROM span s CROSS JOIN LATERAL (
            SELECT c.body::jsonb #> '{{play,stations}}' AS stations, c.body::jsonb -> 'tables' AS tables
            FROM venue_configs c WHERE c.venue_id = s.venue_id
            ORDER BY c.version DESC LIMIT 1
        ) AS newest
        """,
        *span.arguments(),
    )
    return row["stations"], row["tables"]


async def outages(connection: asyncpg.Connection, span: Span) -> list[Outage]:
    """Newest first, those that still last included; with what was sold in each."""
    rows = await connection.fetch(
        f"""
        {_SPAN}
        , gone AS (
            SELECT s.venue_id, s.name, s.currency, l.began_at, l.ended_at FROM span s
            JOIN link_outages l USING (venue_id)
            WHERE l.ended_at >= to_timestamp(s.from_ms / 1000.0)
                AND l.began_at < to_timestamp(s.until_ms / 1000.0)
            UNION ALL
            SELECT s.venue_id, s.name, s.currency, n.heard_at, NULL FROM span s
            JOIN venues v USING (venue_id) JOIN nodes n ON n.venue_id = v.venue_id AND n.epoch = v.epoch
            WHERE n.heard_at < now() - make_interval(secs => $5)
                AND n.heard_at < to_timestamp(s.until_ms / 1000.0)
        )
        SELECT g.*, sold.* FROM gone g CROSS JOIN LATERAL (
            SELECT count(*) AS orders, coalesce(sum(o.total_minor), 0)::bigint AS total_minor FROM orders o
            WHERE o.venue_id = g.venue_id AND o.status = 'confirmed'
                AND o.placed_ms >= (extract(epoch FROM g.began_at) * 1000)::bigint
                AND o.placed_ms < (extract(epoch FROM coalesce(g.ended_at, now())) * 1000)::bigint
        ) AS sold
        ORDER BY g.began_at DESC LIMIT {_MOST_OUTAGES}
        """,
        *span.arguments(),
        _SILENT_AFTER_S,
    )
    now = await connection.fetchval("SELECT now()")
    return [_outage(row, now) for row in rows]


def _outage(row: Any, now: datetime) -> Outage:
    return Outage(
        venue_id=str(row["venue_id"]),
        venue=row["name"],
        began_at=row["began_at"],
        ended_at=row["ended_at"],
        seconds=((row["ended_at"] or now) - row["began_at"]).total_seconds(),
        orders=row["orders"],
        total_minor=row["total_minor"],
        currency=row["currency"],
    )
