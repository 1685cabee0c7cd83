"""A venue's business day in a few figures, and which days have not been told of yet.

Days are the venue's own, from when its business day begins. A day is due once it is over and the
organisation's hour has come there on the next one; a venue that was not looked after for a while is caught
up with for a week at most.
"""

from datetime import date

import asyncpg
import msgspec

_MOST_DAYS = 7


class Due(msgspec.Struct, frozen=True):
    """A day to tell of."""

    organisation_id: str
    venue_id: str
    venue: str
    currency: str
    day: date


class Taken(msgspec.Struct, frozen=True):
    """What came in by one method; minor units."""

    method: str
    payments: int
    amount_minor: int
    tip_minor: int
    refunded_minor: int


class Prepaid(msgspec.Struct, frozen=True):
    """What guests paid in on their balances at the counter, and had back of it; no sale yet."""

    payments: int = 0
    amount_minor: int = 0
    refunded_minor: int = 0


class DaySum(msgspec.Struct, frozen=True):
    """The day. `missing` facts were not here yet when it was summed up; null where nobody can know."""

    orders: int
    total_minor: int
    best: str | None
    taken: list[Taken]
    sessions: int
    played_s: int
    outages: int
    outage_s: float
    missing: int | None
    prepaid: Prepaid = Prepaid()


async def due(pool: asyncpg.Pool, most: int) -> list[Due]:
    """Days that are over and not told of, of organisations that want to be told."""
    rows = await pool.fetch(
        """
        SELECT v.organisation_id::text, v.venue_id::text, v.name AS venue, v.currency, days.day::date AS day
        FROM venues v
        LEFT JOIN alert_settings s ON s.organisation_id = v.organisation_id
        CROSS JOIN LATERAL (SELECT now() AT TIME ZONE v.timezone AS now) AS local
        CROSS JOIN LATERAL (
            SELECT local.now::date - CASE
                WHEN local.now::time >= greatest(coalesce(s.summary_at, '06:00'), v.day_begins) THEN 1 ELSE 2
            END AS day
        ) AS last
        CROSS JOIN LATERAL (
            SELECT max(d.day) AS day FROM summaries d WHERE d.venue_id = v.venue_id
        ) AS told
        CROSS JOIN LATERAL generate_series(
            greatest(coalesce(told.day + 1, last.day), last.day - $1::integer + 1), last.day, interval '1 day'
        ) AS days (day)
        WHERE v.created_at < (last.day + 1)::timestamp AT TIME ZONE v.timezone
            AND EXISTS (SELECT FROM alert_recipients r
                WHERE r.organisation_id = v.organisation_id AND r.summaries)
        ORDER BY days.day, v.venue_id LIMIT $2
        """,
        _MOST_DAYS,
        most,
    )
    return [Due(**dict(row)) for row in rows]


async def take(connection: asyncpg.Connection, venue_id: str, day: date) -> bool:
    """The day is told of in this transaction; False where it was before."""
    taken = await connection.execute(
        "INSERT INTO summaries (venue_id, day) VALUES ($1, $2) ON CONFLICT DO NOTHING", venue_id, day
    )
    return bool(taken == "INSERT 0 1")


_DAY = """
    WITH v AS MATERIALIZED (
        SELECT venue_id,
            day_begins_ms($2, timezone, day_begins) AS from_ms,
            day_begins_ms($2::date + 1, timezone, day_begins) AS until_ms
        FROM venues WHERE venue_id = $1
    )
"""


async def of_day(connection: asyncpg.Connection, venue_id: str, day: date) -> DaySum:
    """The figures."""
    row = await connection.fetchrow(
        f"""
        {_DAY}
        SELECT sold.orders, sold.total_minor, best.name AS best, played.sessions, played.played_s,
            away.outages, away.outage_s, sync.missing
        FROM v
        CROSS JOIN LATERAL (
            SELECT count(*) AS orders, coalesce(sum(o.total_minor), 0)::bigint AS total_minor FROM orders o
            WHERE o.venue_id = v.venue_id AND o.status = 'confirmed'
                AND o.placed_ms >= v.from_ms AND o.placed_ms < v.until_ms
        ) AS sold
        LEFT JOIN LATERAL (
            SELECT max(l.name) AS name FROM orders o JOIN order_lines l USING (venue_id, order_id)
            WHERE o.venue_id = v.venue_id AND o.status = 'confirmed'
                AND o.placed_ms >= v.from_ms AND o.placed_ms < v.until_ms
            GROUP BY l.menu_item ORDER BY sum(l.price_minor * l.qty) DESC, l.menu_item LIMIT 1
        ) AS best ON true
        CROSS JOIN LATERAL (
            SELECT count(*) AS sessions, coalesce(sum(p.consumed_ms) / 1000, 0)::bigint AS played_s
            FROM play_sessions p WHERE p.venue_id = v.venue_id AND p.begun_ms IS NOT NULL
                AND p.ordered_ms >= v.from_ms AND p.ordered_ms < v.until_ms
        ) AS played
        CROSS JOIN LATERAL (
            SELECT count(*) AS outages,
                coalesce(sum(extract(epoch FROM least(l.ended_at, to_timestamp(v.until_ms / 1000.0))
                    - greatest(l.began_at, to_timestamp(v.from_ms / 1000.0)))), 0)::float8 AS outage_s
            FROM link_outages l WHERE l.venue_id = v.venue_id
                AND l.began_at < to_timestamp(v.until_ms / 1000.0)
                AND l.ended_at > to_timestamp(v.from_ms / 1000.0)
        ) AS away
        LEFT JOIN LATERAL (
            SELECT CASE WHEN n.connection IS NOT NULL AND n.heard_at > now() - interval '15 seconds'
                THEN n.tail_seq - n.durable_seq END AS missing
            FROM nodes n JOIN venues w USING (venue_id, epoch) WHERE n.venue_id = v.venue_id
        ) AS sync ON true
        """,
        venue_id,
        day,
    )
    taken = await connection.fetch(
        f"""
        {_DAY}
        SELECT p.method, count(*) AS payments, sum(p.amount_minor)::bigint AS amount_minor,
            sum(p.tip_minor)::bigint AS tip_minor, sum(p.refunded_minor)::bigint AS refunded_minor
        FROM v JOIN payments p ON p.venue_id = v.venue_id AND p.initiated_ms >= v.from_ms
            AND p.initiated_ms < v.until_ms AND p.status IN ('COMPLETED', 'REFUNDED')
            AND (p.session_pid IS NOT NULL OR p.payment_pid LIKE 'code-%')
        GROUP BY p.method ORDER BY p.method
        """,
        venue_id,
        day,
    )
    prepaid = await connection.fetchrow(
        f"""
        {_DAY}
        SELECT count(*) AS payments, coalesce(sum(p.amount_minor), 0)::bigint AS amount_minor,
            coalesce(sum(p.refunded_minor), 0)::bigint AS refunded_minor
        FROM v JOIN payments p ON p.venue_id = v.venue_id AND p.initiated_ms >= v.from_ms
            AND p.initiated_ms < v.until_ms AND p.status IN ('COMPLETED', 'REFUNDED')
            AND p.session_pid IS NULL AND p.payment_pid NOT LIKE 'code-%'
        """,
        venue_id,
        day,
    )
    return DaySum(
        **dict(row), taken=[Taken(**dict(each)) for each in taken], prepaid=Prepaid(**dict(prepaid))
    )
