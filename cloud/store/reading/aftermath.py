"""What somebody has to look at after an outage: money that may be missing, doubts, and what was set aside.

One list from many tables. Everything in it follows from what is stored, so nothing has to be remembered to
be put on it, and it goes away by itself once the matter is settled at the venue. What cannot settle itself
is ticked off by a person, with a note (`settled_items`).
"""

from typing import Any

import asyncpg
import msgspec

from protocol.facts.account import GIVEN_BACK, PAID_OUT

_MOST_ITEMS = 500
#: An order or payment younger than this is simply under way.
_UNDER_WAY_MS = 300_000


class Item(msgspec.Struct, frozen=True):
    """One thing to look at. `kind` is `pending`, `declined`, `recollect`, `refund`, `approval`, `doubt`,
    `stock`, `quarantined`, `orphan` or `credit`; `about` names it, `detail` says what is the matter. Money in
    minor units. `decision` is `noted`, or of an orphan `accepted` or `written_off`.
    """

    key: str
    kind: str
    about: str
    detail: str
    amount_minor: int | None
    currency: str
    since_ms: int
    settled_by: str | None
    note: str | None
    decision: str | None


_ITEMS = f"""
    WITH now AS (SELECT (extract(epoch FROM now()) * 1000)::bigint AS ms)
    SELECT 'payment:' || payment_pid AS key, 'pending' AS kind, method || ' payment' AS about,
        CASE status WHEN 'UNKNOWN' THEN 'The answer was lost: ask the provider, never charge again blindly.'
            ELSE 'Nobody has heard the end of it.' END AS detail,
        amount_minor + tip_minor AS amount_minor, currency, initiated_ms AS since_ms
    FROM payments, now WHERE venue_id = $1
        AND (status = 'UNKNOWN' OR status IN ('INITIATED', 'PENDING') AND initiated_ms < now.ms -
        {_UNDER_WAY_MS})
  UNION ALL
    SELECT 'payment:' || p.payment_pid, 'declined', p.method || ' payment',
        coalesce(p.failure, 'It did not go through.') || ' The bill is not paid.',
        least(p.amount_minor, b.balance_minor), p.currency, p.initiated_ms
    FROM payments p JOIN bills b ON b.venue_id = p.venue_id AND b.session_pid = p.session_pid
    WHERE p.venue_id = $1 AND p.status = 'FAILED' AND b.status = 'open' AND b.balance_minor > 0
  UNION ALL
    SELECT 'reference:' || p.payment_pid, 'doubt', p.method || ' payment',
        'Another payment carries the same reference, ' || p.reference || '. One of them may not be real.',
        p.amount_minor + p.tip_minor, p.currency, p.initiated_ms
    FROM payments p WHERE p.venue_id = $1 AND p.reference <> '' AND p.status IN ('PENDING', 'COMPLETED')
        AND EXISTS (SELECT FROM payments q WHERE q.venue_id = $1 AND q.method = p.method
            AND q.reference = p.reference AND q.initiated_ms < p.initiated_ms
            AND q.status IN ('PENDING', 'COMPLETED', 'REFUNDED'))
  UNION ALL
    SELECT 'stored:' || s.payment_pid, 'pending', 'Stored card' || coalesce(' at ' || b.table_name, ''),
        'Only the terminal knows of it. Say whether it was sent or declined.' || CASE s.over_limits
            WHEN '' THEN '' ELSE ' ' || s.approved_by || ' let it go beyond the limit: ' || s.reason END,
        s.amount_minor, s.currency, s.stored_ms
    FROM stored_cards s JOIN payments p USING (venue_id, payment_pid)
    LEFT JOIN bills b ON b.venue_id = s.venue_id AND b.session_pid = p.session_pid
    WHERE s.venue_id = $1 AND s.status = 'unsent'
  UNION ALL
    SELECT 'bill:' || b.session_pid, 'recollect', b.table_name,
        coalesce('A stored card was declined: ' || d.note || '.',
            'The guests have left and this is not paid.'),
        b.balance_minor, b.currency, b.opened_ms
    FROM bills b LEFT JOIN table_sessions t ON t.venue_id = b.venue_id AND t.session_pid = b.session_pid
    LEFT JOIN play_sessions s ON s.venue_id = b.venue_id AND s.session_id = b.session_pid
    LEFT JOIN LATERAL (SELECT string_agg(c.note, ', ' ORDER BY c.stored_ms) AS note
        FROM payments p JOIN stored_cards c USING (venue_id, payment_pid)
        WHERE p.venue_id = b.venue_id AND p.session_pid = b.session_pid
            AND c.status = 'declined') AS d ON true
    WHERE b.venue_id = $1 AND b.status = 'open' AND b.balance_minor > 0 AND (d.note IS NOT NULL
        OR t.status = 'closed' OR t.status IS NULL AND s.ended_ms IS NOT NULL)
  UNION ALL
    SELECT 'refund:' || request_id, 'refund', split_part(about, ':', 2), reason, amount_minor, currency,
        requested_ms
    FROM refund_requests WHERE venue_id = $1 AND status = 'pending' AND about NOT LIKE 'payment:%'
  UNION ALL
    SELECT 'task:' || r.request_id, 'refund', initcap(p.method) || coalesce(' at ' || b.table_name, ''),
        r.reason || '. The staff has it on its list, to give it back.', r.amount_minor, r.currency,
        r.requested_ms
    FROM refund_requests r
    JOIN payments p ON p.venue_id = r.venue_id AND p.payment_pid = substring(r.about FROM 9)
    LEFT JOIN bills b ON b.venue_id = p.venue_id AND b.session_pid = p.session_pid
    WHERE r.venue_id = $1 AND r.status = 'pending' AND r.about LIKE 'payment:%'
  UNION ALL
    SELECT 'entitlement:' || e.id, 'refund', s.station_id, 'Paid for play time that could not be given.',
        e.amount_minor, s.currency, s.ordered_ms
    FROM play_entitlements e JOIN play_sessions s USING (venue_id, session_id)
    LEFT JOIN payments p ON p.venue_id = e.venue_id AND p.payment_pid = e.id
    WHERE e.venue_id = $1 AND e.refund_owed AND p.status IS DISTINCT FROM 'REFUNDED' AND NOT EXISTS (
        SELECT FROM refund_requests r WHERE r.venue_id = e.venue_id AND r.about = 'payment:' || e.id
            AND r.status = 'pending')
  UNION ALL
    SELECT 'deposit:' || p.payment_pid, 'refund', b.station_id,
        'A deposit of ' || b.name || ' that came when the booking could no longer be kept.',
        p.amount_minor - p.refunded_minor, p.currency, p.initiated_ms
    FROM bookings b JOIN payments p ON p.venue_id = b.venue_id AND p.payment_pid = b.deposit_pid
    WHERE b.venue_id = $1 AND b.deposit = 'owed' AND NOT EXISTS (
        SELECT FROM refund_requests r WHERE r.venue_id = b.venue_id AND r.about = 'payment:' || p.payment_pid
            AND r.status = 'pending')
  UNION ALL
    SELECT 'command:' || command_id, CASE status WHEN 'HELD' THEN 'approval' ELSE 'doubt' END,
        replace(kind, '_', ' '), message, NULL::bigint, '', taken_ms
    FROM command_outcomes, now WHERE venue_id = $1
        AND (status IN ('HELD', 'UNKNOWN') OR status = 'TAKEN' AND taken_ms < now.ms - {_UNDER_WAY_MS})
  UNION ALL
    SELECT 'order:' || order_id, 'doubt', order_id, 'The till was asked and nobody knows whether it took it.',
        total_minor, currency, placed_ms
    FROM orders, now WHERE venue_id = $1 AND status = 'processing' AND in_doubt
        AND placed_ms < now.ms - {_UNDER_WAY_MS}
  UNION ALL
    SELECT 'stock:' || s.menu_item, 'stock', coalesce(l.name, 'Dish ' || s.menu_item),
        'Sold ' || -s.qty || ' more than were counted.', NULL, '', 0
    FROM stock s LEFT JOIN LATERAL (SELECT name FROM order_lines o
        WHERE o.venue_id = s.venue_id AND o.menu_item = s.menu_item LIMIT 1) AS l ON true
    WHERE s.venue_id = $1 AND s.qty < 0
  UNION ALL
    SELECT 'quarantine:' || aggregate, 'quarantined', aggregate, reason, NULL, '',
        (extract(epoch FROM since) * 1000)::bigint
    FROM quarantine WHERE venue_id = $1
  UNION ALL
    SELECT 'credit:' || c.entry, 'credit', coalesce(w.name, c.user_id),
        'Played on the venue''s credit while the cloud could not be reached. '
        || CASE WHEN g.grant_id IS NULL THEN 'No wallet could pay for it.'
            ELSE 'What the wallet had has been set aside for it.' END,
        c.amount_minor - c.collected_minor - c.written_off_minor, c.currency, c.given_ms
    FROM venue_credits c JOIN venues v ON v.venue_id = c.venue_id
    LEFT JOIN wallets w ON w.organisation_id = v.organisation_id AND w.wallet_id = c.user_id
    LEFT JOIN grants g ON g.venue_id = c.venue_id AND g.grant_id = 'credit:' || c.entry
    WHERE c.venue_id = $1 AND c.status = 'open'
  UNION ALL
    SELECT 'orphan:' || order_id, 'orphan', order_id || ' at ' || table_name,
        'Only a box that was replaced knew of this order.', total_minor, currency, placed_ms
    FROM orphan_orders p WHERE venue_id = $1 AND NOT EXISTS (SELECT FROM orders o
        WHERE o.venue_id = p.venue_id AND o.order_id = p.order_id AND o.status = p.status)
  UNION ALL
    SELECT 'orphan:' || p.payment_pid, 'orphan', p.method || ' payment',
        'Only a box that was replaced knew of this' || CASE
            WHEN p.balance_of IS NULL THEN ' payment.'
            WHEN p.status = 'COMPLETED' THEN ', paid in on the balance of '
                || coalesce(w.name, p.balance_of) || '. It is not on it.'
            ELSE ' payment on the balance of ' || coalesce(w.name, p.balance_of) || '.' END,
        p.amount_minor + p.tip_minor, p.currency, p.initiated_ms
    FROM orphan_payments p JOIN venues v ON v.venue_id = p.venue_id
    LEFT JOIN wallets w ON w.organisation_id = v.organisation_id AND w.wallet_id = p.balance_of
    WHERE p.venue_id = $1 AND NOT EXISTS (SELECT FROM payments o
        WHERE o.venue_id = p.venue_id AND o.payment_pid = p.payment_pid AND o.status = p.status)
  UNION ALL
    SELECT 'orphan:' || o.log_id || ':' || o.seq, 'orphan', 'Balance of ' || split_part(o.aggregate, ':', 2),
        CASE o.said->'event'->>'reason'
            WHEN '{PAID_OUT}' THEN 'Only a box that was replaced knew that this was handed back at the'
                ' counter. The new box may have it on the balance still; what is handed back or spent once'
                ' more is the venue''s own loss.'
            WHEN '{GIVEN_BACK}' THEN 'Only a box that was replaced knew that this went back to the wallet.'
                ' Nothing was spent; the wallet does not have it from that box.'
            ELSE 'Only a box that was replaced knew that this was spent. The new box may have let it be'
                ' spent again; what was spent twice is the venue''s own loss.' END,
        (o.said->'event'->>'amount_minor')::bigint, o.said->'event'->>'currency', (o.said->>'wall_ms')::bigint
    FROM (SELECT *, convert_from(record, 'UTF8')::jsonb AS said FROM orphans
        WHERE venue_id = $1 AND type = 'BalanceDebited') AS o
"""

_LIST = f"""
    SELECT i.*, d.settled_by, d.note, d.decision FROM ({_ITEMS}) AS i
    LEFT JOIN settled_items d ON d.venue_id = $1 AND d.key = i.key
    ORDER BY d.settled_at IS NOT NULL, i.since_ms DESC, i.key LIMIT {_MOST_ITEMS}
"""


async def items(connection: asyncpg.Connection, venue_id: str) -> list[Item]:
    """What is to be looked at, newest first, then what was ticked off."""
    return [_item(row) for row in await connection.fetch(_LIST, venue_id)]


def _item(row: Any) -> Item:
    return Item(**dict(row))


async def settle(
    connection: asyncpg.Connection, venue_id: str, key: str, by: str, note: str, decision: str
) -> bool:
    """Tick an item off, or decide about it. False if there is none of this key; the first who does counts."""
    found = await connection.fetchval(f"SELECT 1 FROM ({_ITEMS}) AS i WHERE key = $2", venue_id, key)
    if found is None:
        return False
    await connection.execute(
        """
        INSERT INTO settled_items (venue_id, key, settled_by, note, decision) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING
        """,
        venue_id,
        key,
        by,
        note,
        decision,
    )
    return True


class DrillRow(msgspec.Struct, frozen=True):
    """One outage on purpose, with what was found."""

    drill_id: str
    minutes: int
    status: str
    begun_by: str | None
    begun_ms: int
    ended_ms: int | None
    ending: str | None
    lasted_s: int | None
    unsynced: int | None
    findings: list[dict[str, str]]
    drained_ms: int | None


async def drills(connection: asyncpg.Connection, venue_id: str) -> list[DrillRow]:
    """The newest drills of a venue."""
    rows = await connection.fetch(
        """
        SELECT drill_id, minutes, status, begun_by, begun_ms, ended_ms, ending, lasted_s, unsynced, findings,
            drained_ms
        FROM drills WHERE venue_id = $1 ORDER BY begun_ms DESC LIMIT 50
        """,
        venue_id,
    )
    return [
        DrillRow(**{**dict(row), "findings": msgspec.json.decode(row["findings"], type=list[dict[str, str]])})
        for row in rows
    ]
