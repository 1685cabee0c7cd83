"""Bookings of a venue's stations on one day, as its box's facts left them, and what became of their deposits.

A day goes from midnight to midnight by the venue's own clock, of 23 to 25 hours, as at its counter; a booking
is listed on every day of which it has a part. Rule of the file: reading only. Counterparts:
`cloud/owners/sight/booking_desk.py` shows them, `edge/core/bookings/` decides about them.
"""

from datetime import date

import asyncpg
import msgspec

_MOST = 1000


class BookingRow(msgspec.Struct, frozen=True):
    """A booking; `at` and `until` are read off the venue's wall, `starts_ms` is an instant.

    `status` and `deposit` are those of `protocol/facts/booking.py`; of a deposit `returned_minor` went back,
    `deposit_left_minor` is still here for the guest. Money in minor units of `currency`.
    """

    booking_id: str
    station: str
    name: str
    party: int
    at: str
    until: str
    starts_ms: int
    status: str
    reason: str
    currency: str
    deposit_minor: int
    deposit: str
    deposit_method: str
    deposit_left_minor: int
    returned_minor: int


class BookingDay(msgspec.Struct, frozen=True):
    """A day's bookings, earliest first. `held_minor` is what guests of all days have left as deposits."""

    date: str
    timezone: str
    currency: str
    held_minor: int
    bookings: list[BookingRow]


_DAY = """
    SELECT day::text AS date, v.timezone, v.currency, day_begins_ms(day, v.timezone, '00:00') AS from_ms,
        day_begins_ms(day + 1, v.timezone, '00:00') AS until_ms,
        (SELECT coalesce(sum(p.amount_minor - p.refunded_minor), 0)::bigint
         FROM bookings b JOIN payments p ON p.venue_id = b.venue_id AND p.payment_pid = b.deposit_pid
         WHERE b.venue_id = v.venue_id AND b.deposit IN ('paid', 'owed')
            AND (b.status IN ('HELD', 'CONFIRMED') OR b.deposit IN ('paid', 'owed'))) AS held_minor
    FROM venues v, LATERAL (SELECT coalesce($2::date, (now() AT TIME ZONE v.timezone)::date) AS day) AS d
    WHERE v.venue_id = $1
"""
#: No booking is longer than a day of 25 hours, so what began before that is over.
_BOOKINGS = f"""
    SELECT b.booking_id, coalesce(s.name, b.station_id) AS station, b.name, b.party,
        to_char(to_timestamp(b.starts_ms / 1000.0) AT TIME ZONE $4, 'HH24:MI') AS at,
        to_char(to_timestamp(b.ends_ms / 1000.0) AT TIME ZONE $4, 'HH24:MI') AS until,
        b.starts_ms, b.status, b.reason, b.currency, b.deposit_minor, b.deposit, b.deposit_method,
        CASE WHEN b.deposit IN ('paid', 'owed') THEN coalesce(p.amount_minor - p.refunded_minor, 0) ELSE 0 END
            AS deposit_left_minor,
        coalesce(p.refunded_minor, 0) AS returned_minor
    FROM bookings b
    LEFT JOIN payments p ON p.venue_id = b.venue_id AND p.payment_pid = b.deposit_pid
    LEFT JOIN (
        SELECT each->>'id' AS station_id, min(each->>'name') AS name
        FROM (SELECT body::jsonb AS body FROM venue_configs WHERE venue_id = $1 ORDER BY version DESC LIMIT 1)
            AS config, jsonb_array_elements(coalesce(config.body->'play'->'stations', '[]')) AS each
        GROUP BY 1
    ) AS s ON s.station_id = b.station_id
    WHERE b.venue_id = $1 AND b.starts_ms < $3 AND b.starts_ms > $2::bigint - 25 * 3600000 AND b.ends_ms > $2
    ORDER BY b.starts_ms, b.booking_id LIMIT {_MOST}
"""


async def of_day(connection: asyncpg.Connection, venue_id: str, wanted: date | None) -> BookingDay | None:
    """The bookings of a day, today's at the venue without one; None where there is no such venue."""
    day = await connection.fetchrow(_DAY, venue_id, wanted)
    if day is None:
        return None
    rows = await connection.fetch(_BOOKINGS, venue_id, day["from_ms"], day["until_ms"], day["timezone"])
    return BookingDay(
        date=day["date"],
        timezone=day["timezone"],
        currency=day["currency"],
        held_minor=day["held_minor"],
        bookings=[BookingRow(**dict(row)) for row in rows],
    )
