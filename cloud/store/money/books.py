"""What owners look at about money: balances, card payments, refunds, payouts, and where two books differ.

Rule of the file: reading only, within `on_behalf_of`. A difference is what stands in one book and not, or
otherwise, in the other; it goes away when both agree and is never ticked off. Counterparts: the triggers in
`schema.sql` post, `provider_books.py` writes what the provider says.
"""

from typing import Any

import asyncpg
import msgspec

_MOST_DIFFERENCES = 200
#: Books that were written a moment ago may still be on their way into the other one.
_SETTLES_WITHIN = "interval '1 hour'"


class Balance(msgspec.Struct, frozen=True):
    """What an account comes to. `account` is without the venue; below zero is what somebody has for us."""

    account: str
    venue_id: str | None
    venue: str | None
    currency: str
    amount_minor: int


class PaymentRow(msgspec.Struct, frozen=True):
    """A card payment. Times are Unix milliseconds; `fee_minor` is None until the provider has told it.

    `place` is where it stands in the list, for asking what comes after it. `came_minor` can be given back.
    """

    payment_id: str
    venue: str | None
    purpose: str
    subject: str
    amount_minor: int
    came_minor: int
    refunded_minor: int
    fee_minor: int | None
    currency: str
    status: str
    reference: str | None
    failure: str
    trouble: str
    initiated_ms: int
    completed_ms: int | None
    place: int


class RefundRow(msgspec.Struct, frozen=True):
    """A refund by card; `by` and `role` say who gave the money back."""

    refund_id: str
    payment_id: str
    venue: str | None
    amount_minor: int
    currency: str
    reason: str
    by: str
    role: str
    status: str
    failure: str
    requested_ms: int


class PayoutRow(msgspec.Struct, frozen=True):
    """What came to the bank of this organisation's money; `amount_minor` is `gross_minor` less fees."""

    payout_id: str
    currency: str
    amount_minor: int
    gross_minor: int
    fee_minor: int
    payments: int
    refunds: int
    status: str
    arrives_ms: int


class Difference(msgspec.Struct, frozen=True):
    """Two books do not agree. `kind` is stable, `words` are for a person.

    Of a payment that waits for somebody's word, `received_minor` came instead.
    """

    kind: str
    payment_id: str
    venue: str | None
    amount_minor: int
    currency: str
    words: str
    received_minor: int | None
    received_currency: str | None


async def balances(connection: asyncpg.Connection, organisation_id: str) -> list[Balance]:
    """Accounts that are not at nothing, grants and wallets each as one sum."""
    rows = await connection.fetch(
        """
        WITH named AS (
            SELECT split_part(account, ':', 1) AS head, substring(account FROM ':([0-9a-f-]{36})') AS place,
                currency, amount_minor
            FROM ledger WHERE organisation_id = $1)
        SELECT head AS account, v.venue_id::text AS venue_id, v.name AS venue, n.currency,
            sum(amount_minor)::bigint AS amount_minor
        FROM named n LEFT JOIN venues v ON v.venue_id::text = n.place AND v.organisation_id = $1
        GROUP BY head, v.venue_id, v.name, n.currency HAVING sum(amount_minor) <> 0
        ORDER BY head, v.name, n.currency LIMIT 2000
        """,
        organisation_id,
    )
    return [Balance(**dict(row)) for row in rows]


def _ms(column: str) -> str:
    return f"(extract(epoch FROM {column}) * 1000)::bigint"


async def payments(
    connection: asyncpg.Connection, organisation_id: str, before_us: int | None, most: int
) -> list[PaymentRow]:
    """Card payments begun before a moment (Unix microseconds), newest first."""
    rows = await connection.fetch(
        f"""
        SELECT c.payment_id, v.name AS venue, c.purpose, c.subject, c.amount_minor,
            coalesce(c.received_minor, c.amount_minor) AS came_minor, c.refunded_minor,
            (SELECT sum(m.fee_minor)::bigint FROM provider_movements m
             WHERE m.organisation_id = $1 AND m.payment_id = c.payment_id) AS fee_minor,
            c.currency, c.status, c.reference, c.failure, c.trouble,
            {_ms("c.initiated_at")} AS initiated_ms, {_ms("c.completed_at")} AS completed_ms,
            (extract(epoch FROM c.initiated_at) * 1000000)::bigint AS place
        FROM card_payments c LEFT JOIN venues v USING (venue_id)
        WHERE c.organisation_id = $1
            AND ($2::bigint IS NULL
                OR c.initiated_at < timestamptz 'epoch' + $2::bigint * interval '1 microsecond')
        ORDER BY c.initiated_at DESC LIMIT $3
        """,
        organisation_id,
        before_us,
        most,
    )
    return [PaymentRow(**dict(row)) for row in rows]


async def refunds(connection: asyncpg.Connection, organisation_id: str, most: int) -> list[RefundRow]:
    """Refunds, newest first."""
    rows = await connection.fetch(
        f"""
        SELECT r.refund_id, r.payment_id, v.name AS venue, r.amount_minor, c.currency, r.reason, r.by, r.role,
            r.status, r.failure, {_ms("r.requested_at")} AS requested_ms
        FROM card_refunds r JOIN card_payments c USING (organisation_id, payment_id)
        LEFT JOIN venues v ON v.venue_id = r.venue_id
        WHERE r.organisation_id = $1 ORDER BY r.requested_at DESC LIMIT $2
        """,
        organisation_id,
        most,
    )
    return [RefundRow(**dict(row)) for row in rows]


async def payouts(connection: asyncpg.Connection, organisation_id: str, most: int) -> list[PayoutRow]:
    """Payouts, newest first, each with what it is made of."""
    rows = await connection.fetch(
        f"""
        SELECT p.payout_id, p.currency, p.amount_minor, p.status, {_ms("p.arrives_at")} AS arrives_ms,
            m.gross_minor, m.fee_minor, m.payments, m.refunds
        FROM payouts p CROSS JOIN LATERAL (
            SELECT coalesce(sum(amount_minor), 0)::bigint AS gross_minor,
                coalesce(sum(fee_minor), 0)::bigint AS fee_minor,
                count(*) FILTER (WHERE kind = 'charge') AS payments,
                count(*) FILTER (WHERE kind LIKE 'refund%') AS refunds
            FROM provider_movements m WHERE m.organisation_id = $1 AND m.payout_id = p.payout_id) AS m
        WHERE p.organisation_id = $1 ORDER BY p.arrives_at DESC, p.payout_id LIMIT $2
        """,
        organisation_id,
        most,
    )
    return [PayoutRow(**dict(row)) for row in rows]


_DIFFERENCES: tuple[tuple[str, str, str], ...] = (
    ("look", "c.trouble <> ''", "c.trouble"),
    (
        "unknown",
        f"c.trouble = '' AND c.status = 'UNKNOWN' AND c.initiated_at < now() - {_SETTLES_WITHIN}",
        "'Nobody knows yet whether this was paid.'",
    ),
    (
        "box",
        f"""c.purpose = 'venue' AND c.status = 'COMPLETED' AND c.completed_at < now() - {_SETTLES_WITHIN}
            AND NOT EXISTS (SELECT FROM payments p WHERE p.venue_id = c.venue_id
                AND p.payment_pid = c.payment_id AND p.status IN ('COMPLETED', 'REFUNDED'))""",
        "'Paid, but the venue''s box has not said so. Its link may be down.'",
    ),
    (
        "provider",
        f"""c.status IN ('COMPLETED', 'REFUNDED') AND c.completed_at < now() - {_SETTLES_WITHIN}
            AND EXISTS (SELECT FROM provider_movements m WHERE m.organisation_id = $1)
            AND NOT EXISTS (SELECT FROM provider_movements m WHERE m.organisation_id = $1
                AND m.payment_id = c.payment_id AND m.kind IN ('charge', 'payment'))""",
        "'The provider''s books do not have this payment.'",
    ),
    (
        "amount",
        """EXISTS (SELECT FROM provider_movements m WHERE m.organisation_id = $1
            AND m.payment_id = c.payment_id AND m.kind IN ('charge', 'payment')
            AND (m.amount_minor <> coalesce(c.received_minor, c.amount_minor)
                OR m.currency <> coalesce(c.received_currency, c.currency)))""",
        "'The provider''s books have another amount.'",
    ),
    (
        "refund",
        """EXISTS (SELECT FROM card_refunds r WHERE r.organisation_id = $1
            AND r.payment_id = c.payment_id AND r.status = 'FAILED')""",
        "'A refund did not reach the guest.'",
    ),
)


async def differences(connection: asyncpg.Connection, organisation_id: str) -> list[Difference]:
    """Everything that somebody should look at, newest first within its kind."""
    found: list[Difference] = []
    for kind, condition, words in _DIFFERENCES:
        rows: list[Any] = await connection.fetch(
            f"""
            SELECT '{kind}' AS kind, c.payment_id, v.name AS venue, c.amount_minor, c.currency,
                {words} AS words,
                c.received_currency,
                CASE WHEN c.status = 'UNKNOWN' AND c.trouble <> ''
                    THEN c.received_minor END AS received_minor
            FROM card_payments c LEFT JOIN venues v USING (venue_id)
            WHERE c.organisation_id = $1 AND {condition}
            ORDER BY c.initiated_at DESC LIMIT {_MOST_DIFFERENCES}
            """,
            organisation_id,
        )
        found += [Difference(**dict(row)) for row in rows]
    return found
