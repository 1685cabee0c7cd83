"""Payments of one venue as its box has told them, newest first, with what was and is to be given back.

Rule of the file: reading only. Counterparts: `cloud/owners/money/venue_payments.py` shows them, the command
`return_payment` gives one back.
"""

import asyncpg
import msgspec


class VenuePayment(msgspec.Struct, frozen=True):
    """A payment. `online` went by way of the provider; `owed_back_minor` waits for the staff to hand it out.

    `refunded_minor` holds tips; times are Unix milliseconds, `place` is the table or station of its bill.
    """

    payment_pid: str
    method: str
    status: str
    online: bool
    stored: str | None
    place: str
    amount_minor: int
    tip_minor: int
    refunded_minor: int
    owed_back_minor: int
    currency: str
    failure: str | None
    initiated_ms: int


#: Where a payment stands in the list: when it was begun, and its id among those of the same millisecond.
Place = tuple[int, str]


async def page(
    connection: asyncpg.Connection, venue_id: str, before: Place | None, most: int
) -> list[VenuePayment]:
    """The `most` payments that stand before a place, or the newest."""
    before_ms, before_pid = before or (None, None)
    rows = await connection.fetch(
        """
        SELECT p.payment_pid, p.method, p.status, c.payment_id IS NOT NULL AS online, s.status AS stored,
            CASE WHEN p.session_pid IS NULL AND p.payment_pid NOT LIKE 'code-%' THEN 'Paid in on a balance'
                ELSE coalesce(b.table_name, '') END AS place, p.amount_minor, p.tip_minor,
            p.refunded_minor + p.refunded_tip_minor AS refunded_minor,
            (SELECT coalesce(sum(r.amount_minor), 0)::bigint FROM refund_requests r
             WHERE r.venue_id = $1 AND r.status = 'pending'
                AND r.about = 'payment:' || p.payment_pid) AS owed_back_minor,
            p.currency, p.failure, p.initiated_ms
        FROM payments p
        LEFT JOIN bills b ON b.venue_id = p.venue_id AND b.session_pid = p.session_pid
        LEFT JOIN stored_cards s ON s.venue_id = p.venue_id AND s.payment_pid = p.payment_pid
        LEFT JOIN venues v ON v.venue_id = p.venue_id
        LEFT JOIN card_payments c ON c.organisation_id = v.organisation_id AND c.payment_id = p.payment_pid
        WHERE p.venue_id = $1 AND ($2::bigint IS NULL OR (p.initiated_ms, p.payment_pid) < ($2, $3::text))
        ORDER BY p.initiated_ms DESC, p.payment_pid DESC LIMIT $4
        """,
        venue_id,
        before_ms,
        before_pid,
        most,
    )
    return [VenuePayment(**dict(row)) for row in rows]
