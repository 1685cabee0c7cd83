"""What was sold, when, by whom; how full the house was; when the line was down.

Days and hours are each venue's own, in its time zone, days from when its business day begins; how full the
house was is told by the clock. Money is never added across currencies: rows name
theirs. Sums are read from tables that triggers keep in the transaction which brings an order or a payment
(`schema.sql`, `roll_ups.py`), by keys that begin with the venue and its day: a report costs the days it tells
of, and neither what was sold on them nor what the venue has ever sold.
"""

from datetime import date, datetime
from typing import Any

import asyncpg
import msgspec

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


class LeftBehind(msgspec.Struct, frozen=True):
    """Orders or payments that only replaced boxes knew of, and what was decided about them.

    `kind` is `order`, `payment`, or `pay_in` of what was paid in on a balance and is no sale; `decision` is
    `open`, `noted`, `accepted` or `written_off`. They are in no other figure of a report.
    """

    currency: str
    kind: str
    decision: str
    count: int
    total_minor: int


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
            day_begins_ms($2, v.timezone, v.day_begins) AS from_ms,
            day_begins_ms($3::date + 1, v.timezone, v.day_begins) AS until_ms
        FROM venues v WHERE v.organisation_id = $1 AND ($4::uuid IS NULL OR v.venue_id = $4)
    )
"""
_BUCKETS = {"hour": "h.hour::text", "day": "to_char(h.day, 'YYYY-MM-DD')"}


async def sales_by(connection: asyncpg.Connection, span: Span, bucket: str) -> list[Sales]:
    """By `hour` of the day or by `day`; buckets without an order are left out."""
    rows = await connection.fetch(
        f"""
        {_SPAN}
        SELECT h.currency, {_BUCKETS[bucket]} AS bucket, sum(h.orders)::bigint AS orders,
            bounded(sum(h.total_minor)) AS total_minor
        FROM span s JOIN sales_hours h ON h.venue_id = s.venue_id AND h.day BETWEEN $2 AND $3
        GROUP BY 1, 2 ORDER BY 1, 2
        """,
        *span.arguments(),
    )
    return [Sales(*row.values()) for row in rows]


async def sales_by_item(connection: asyncpg.Connection, span: Span) -> list[ItemSales]:
    """The items that brought most, at most a hundred."""
    rows = await connection.fetch(
        f"""
        {_SPAN}
        SELECT i.currency, i.menu_item, substr(max(lpad(i.last_ms::text, 16, '0') || i.name), 17) AS name,
            bounded(sum(i.qty)) AS qty, bounded(sum(i.total_minor)) AS total_minor
        FROM span s JOIN sales_items i ON i.venue_id = s.venue_id AND i.day BETWEEN $2 AND $3
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
        SELECT t.currency, sh.opened_by, sum(t.payments)::bigint AS payments,
            bounded(sum(t.amount_minor)) AS amount, bounded(sum(t.tip_minor)) AS tips,
            bounded(sum(t.refunded_minor)) AS refunded
        FROM span s JOIN takings t ON t.venue_id = s.venue_id AND t.day BETWEEN $2 AND $3
        LEFT JOIN shifts sh ON sh.venue_id = t.venue_id AND sh.shift_pid = t.shift_pid
        GROUP BY 1, 2 HAVING sum(t.payments) <> 0 ORDER BY 4 DESC, 2
        """,
        *span.arguments(),
    )
    return [StaffSales(*row.values()) for row in rows]


#: Kind of place, and who is there now: that is counted up to now, whatever has ended is in `hours_in_use`.
_LASTING = {
    "stations": "play_sessions t ON t.status IN ('ACTIVE', 'PAUSED') AND t.ended_ms IS NULL",
    "tables": "table_sessions t ON t.status = 'open'",
}
_BEGINS = {"stations": "begun_ms", "tables": "opened_ms"}


async def left_behind(connection: asyncpg.Connection, span: Span) -> list[LeftBehind]:
    """Confirmed orders and money taken; what stands among the venue's own in the same way counts there."""
    rows = await connection.fetch(
        f"""
        {_SPAN}
        SELECT e.currency, e.kind, coalesce(d.decision, 'open') AS decision, count(*) AS count,
            bounded(sum(e.amount_minor)) AS total_minor
        FROM (
            SELECT s.venue_id, 'order' AS kind, p.order_id AS id, p.currency, p.total_minor AS amount_minor
            FROM span s JOIN orphan_orders p USING (venue_id)
            WHERE p.status = 'confirmed' AND p.placed_ms >= s.from_ms AND p.placed_ms < s.until_ms
                AND NOT EXISTS (SELECT FROM orders o WHERE o.venue_id = p.venue_id
                    AND o.order_id = p.order_id AND o.status = p.status)
            UNION ALL
            SELECT s.venue_id, CASE WHEN p.balance_of IS NULL THEN 'payment' ELSE 'pay_in' END,
                p.payment_pid, p.currency,
                p.amount_minor + p.tip_minor - p.refunded_minor
            FROM span s JOIN orphan_payments p USING (venue_id)
            WHERE p.status IN ('COMPLETED', 'REFUNDED') AND p.initiated_ms >= s.from_ms
                AND p.initiated_ms < s.until_ms
                AND NOT EXISTS (SELECT FROM payments o WHERE o.venue_id = p.venue_id
                    AND o.payment_pid = p.payment_pid AND o.status = p.status)
        ) AS e LEFT JOIN settled_items d ON d.venue_id = e.venue_id AND d.key = 'orphan:' || e.id
        GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        *span.arguments(),
    )
    return [LeftBehind(**dict(row)) for row in rows]


async def use(connection: asyncpg.Connection, span: Span, what: str) -> list[Use]:
    """How `stations` or `tables` were used over the week. What has not ended is used until now."""
    rows = await connection.fetch(
        f"""
        {_SPAN}
        , used AS (
            SELECT h.day, h.hour, h.used_ms FROM span s
            JOIN hours_in_use h ON h.venue_id = s.venue_id AND h.day BETWEEN $2 AND $3 AND h.what = $5
            UNION ALL
            SELECT h.day, h.hour, h.used_ms FROM span s
            JOIN {_LASTING[what]} AND t.venue_id = s.venue_id AND t.{_BEGINS[what]} IS NOT NULL
            CROSS JOIN LATERAL hours_used(
                t.{_BEGINS[what]}, (extract(epoch FROM now()) * 1000)::bigint, s.timezone
            ) AS h
            WHERE h.day BETWEEN $2 AND $3
        )
        SELECT extract(isodow FROM day)::int AS weekday, hour::int,
            (sum(used_ms) / 60000.0)::float8 AS minutes
        FROM used GROUP BY 1, 2 HAVING sum(used_ms) > 0 ORDER BY 1, 2
        """,
        *span.arguments(),
        what,
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
        , newest AS (SELECT * FROM gone ORDER BY began_at DESC LIMIT {_MOST_OUTAGES})
        SELECT g.*, sold.* FROM newest g CROSS JOIN LATERAL (
            SELECT count(*) AS orders, bounded(coalesce(sum(o.total_minor), 0)) AS total_minor FROM orders o
            WHERE o.venue_id = g.venue_id AND o.status = 'confirmed'
                AND o.placed_ms >= (extract(epoch FROM g.began_at) * 1000)::bigint
                AND o.placed_ms < (extract(epoch FROM coalesce(g.ended_at, now())) * 1000)::bigint
        ) AS sold
        ORDER BY g.began_at DESC
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
