"""Card payments by way of a provider: one row each, changed under its lock and along the table of states.

Rule of the file: rows and statements; what follows from a change is `cloud/payments/cards.py`'s business.
Counterpart: `protocol/facts/payment.py` has the states, a trigger in `schema.sql` guards them once more.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec

#: Longest wait before somebody is asked again about a payment that nobody knows the end of.
_MOST_WAIT_S = 3600
_FIRST_WAIT_S = 15


class CardPayment(msgspec.Struct, frozen=True, kw_only=True):
    """A row. `code` and `failure` tell why a card was refused last, `trouble` what a person must see.

    `received_minor` is what came where that is not what was asked for.
    """

    organisation_id: str
    payment_id: str
    venue_id: str | None
    purpose: str
    subject: str
    amount_minor: int
    currency: str
    wanted: str
    status: str
    reference: str | None
    session: str | None
    code: str
    failure: str
    trouble: str
    refunded_minor: int
    received_minor: int | None = None
    received_currency: str | None = None

    @property
    def came_minor(self) -> int:
        """What came, which is what can be given back."""
        return self.amount_minor if self.received_minor is None else self.received_minor


COLUMNS = (
    "organisation_id, payment_id, venue_id, purpose, subject, amount_minor, currency, wanted, status, "
    "reference, session, code, failure, trouble, refunded_minor, received_minor, received_currency"
)


def _row(row: Any) -> CardPayment:
    values = dict(row)
    values["organisation_id"] = str(values["organisation_id"])
    values["venue_id"] = str(values["venue_id"]) if values["venue_id"] else None
    return CardPayment(**values)


async def add(connection: asyncpg.Connection, payment: CardPayment) -> bool:
    """A new one; False when there is one of this id."""
    made = await connection.execute(
        """
        INSERT INTO card_payments (organisation_id, payment_id, venue_id, purpose, subject, amount_minor,
            currency, wanted, status)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
        """,
        payment.organisation_id,
        payment.payment_id,
        payment.venue_id,
        payment.purpose,
        payment.subject,
        payment.amount_minor,
        payment.currency,
        payment.wanted,
        payment.status,
    )
    return bool(made == "INSERT 0 1")


async def find(connection: asyncpg.Connection, organisation_id: str, payment_id: str) -> CardPayment | None:
    """One, as it is."""
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM card_payments WHERE organisation_id = $1 AND payment_id = $2",
        organisation_id,
        payment_id,
    )
    return None if row is None else _row(row)


async def lock(connection: asyncpg.Connection, organisation_id: str, payment_id: str) -> CardPayment | None:
    """One, held until the transaction ends."""
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM card_payments WHERE organisation_id = $1 AND payment_id = $2 FOR UPDATE",
        organisation_id,
        payment_id,
    )
    return None if row is None else _row(row)


async def lock_by_reference(connection: asyncpg.Connection, reference: str) -> CardPayment | None:
    """The one that the provider knows by this name, held until the transaction ends."""
    row = await connection.fetchrow(
        f"SELECT {COLUMNS} FROM card_payments WHERE reference = $1 FOR UPDATE", reference
    )
    return None if row is None else _row(row)


async def write(connection: asyncpg.Connection, payment: CardPayment) -> None:
    """The row as it is now; `completed_at` is set when it gets there."""
    await connection.execute(
        """
        UPDATE card_payments SET status = $3, reference = $4, session = $5, code = $6, failure = $7,
            trouble = $8, refunded_minor = $9, received_minor = $10, received_currency = $11,
            completed_at = CASE WHEN $3 IN ('COMPLETED', 'REFUNDED') THEN coalesce(completed_at, now()) END
        WHERE organisation_id = $1 AND payment_id = $2
        """,
        payment.organisation_id,
        payment.payment_id,
        payment.status,
        payment.reference,
        payment.session,
        payment.code,
        payment.failure,
        payment.trouble,
        payment.refunded_minor,
        payment.received_minor,
        payment.received_currency,
    )


async def take_due(connection: asyncpg.Connection, most: int) -> Sequence[CardPayment]:
    """Payments about which somebody should ask now; nobody else is given them until later, and later."""
    rows = await connection.fetch(
        f"""
        UPDATE card_payments SET asks = asks + 1,
            ask_at = now() + least({_MOST_WAIT_S}, {_FIRST_WAIT_S} * power(2, least(asks, 10)))
                * interval '1 second'
        WHERE (organisation_id, payment_id) IN (
            SELECT organisation_id, payment_id FROM card_payments
            WHERE status IN ('INITIATED', 'PENDING', 'UNKNOWN') AND trouble = '' AND ask_at <= now()
            ORDER BY ask_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING {COLUMNS}
        """,
        most,
    )
    return [_row(row) for row in rows]


async def age_s(connection: asyncpg.Connection, payment: CardPayment) -> float:
    """How long ago it was begun."""
    age: float = await connection.fetchval(
        """
        SELECT extract(epoch FROM now() - initiated_at)::float FROM card_payments
        WHERE organisation_id = $1 AND payment_id = $2
        """,
        payment.organisation_id,
        payment.payment_id,
    )
    return age
