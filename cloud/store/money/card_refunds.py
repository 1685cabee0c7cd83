"""Refunds by way of a provider: a record each, begun under the lock of the payment that they take from.

Counterpart: `cloud/payments/refunding.py`.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec

_MOST_WAIT_S = 3600
_FIRST_WAIT_S = 15


class CardRefund(msgspec.Struct, frozen=True, kw_only=True):
    """A row. `by` and `role` say who gave the money back: a person, or `stripe` for one made over there."""

    organisation_id: str
    refund_id: str
    payment_id: str
    venue_id: str | None
    amount_minor: int
    reason: str
    by: str
    role: str
    status: str
    reference: str | None = None
    failure: str = ""


_COLUMNS = (
    "organisation_id, refund_id, payment_id, venue_id, amount_minor, reason, by, role, status, "
    "reference, failure"
)


def _row(row: Any) -> CardRefund:
    values = dict(row)
    values["organisation_id"] = str(values["organisation_id"])
    values["venue_id"] = str(values["venue_id"]) if values["venue_id"] else None
    return CardRefund(**values)


async def add(connection: asyncpg.Connection, refund: CardRefund) -> None:
    """A new one; the caller holds the payment and has looked whether there is one of this id."""
    await connection.execute(
        f"INSERT INTO card_refunds ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        *msgspec.structs.astuple(refund),
    )


async def find(connection: asyncpg.Connection, organisation_id: str, refund_id: str) -> CardRefund | None:
    """One, held until the transaction ends."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM card_refunds WHERE organisation_id = $1 AND refund_id = $2 FOR UPDATE",
        organisation_id,
        refund_id,
    )
    return None if row is None else _row(row)


async def find_by_reference(connection: asyncpg.Connection, reference: str) -> CardRefund | None:
    """The one that the provider knows by this name, held until the transaction ends."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM card_refunds WHERE reference = $1 FOR UPDATE", reference
    )
    return None if row is None else _row(row)


async def held_minor(connection: asyncpg.Connection, organisation_id: str, payment_id: str) -> int:
    """What of a payment is given back or about to be."""
    held: int = await connection.fetchval(
        """
        SELECT coalesce(sum(amount_minor), 0)::bigint FROM card_refunds
        WHERE organisation_id = $1 AND payment_id = $2 AND status <> 'FAILED'
        """,
        organisation_id,
        payment_id,
    )
    return held


async def write(connection: asyncpg.Connection, refund: CardRefund) -> None:
    """The row as it is now."""
    await connection.execute(
        """
        UPDATE card_refunds SET status = $3, reference = $4, failure = $5,
            completed_at = CASE WHEN $3 = 'COMPLETED' THEN coalesce(completed_at, now()) ELSE completed_at END
        WHERE organisation_id = $1 AND refund_id = $2
        """,
        refund.organisation_id,
        refund.refund_id,
        refund.status,
        refund.reference,
        refund.failure,
    )


async def take_due(connection: asyncpg.Connection, most: int) -> Sequence[CardRefund]:
    """Refunds about which somebody should ask now; nobody else is given them until later."""
    rows = await connection.fetch(
        f"""
        UPDATE card_refunds SET asks = asks + 1,
            ask_at = now() + least({_MOST_WAIT_S}, {_FIRST_WAIT_S} * power(2, least(asks, 10)))
                * interval '1 second'
        WHERE (organisation_id, refund_id) IN (
            SELECT organisation_id, refund_id FROM card_refunds
            WHERE status IN ('INITIATED', 'PENDING', 'UNKNOWN') AND ask_at <= now()
            ORDER BY ask_at LIMIT $1 FOR UPDATE SKIP LOCKED)
        RETURNING {_COLUMNS}
        """,
        most,
    )
    return [_row(row) for row in rows]
