"""The provider's books in Postgres: lines of them, and payouts, by the organisation they are about.

One account of the provider may serve several organisations: a line belongs to whoever's payment it is about,
and a payout is shared by what each one's lines in it come to. What is about no payment that is known here
belongs to the only organisation, where there is one. Counterpart: `cloud/payments/reconciling.py`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg
import msgspec


class Movement(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the provider's own books: `net_minor` is `amount_minor` less `fee_minor`.

    `kind` is charge, refund, payout or another of the provider's words; `payment_reference` the payment it
    belongs to, where there is one.
    """

    movement_id: str
    kind: str
    source: str
    payment_reference: str | None
    amount_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    made_s: int


class PaidOut(msgspec.Struct, frozen=True, kw_only=True):
    """Money that the provider sent to the bank."""

    payout_id: str
    amount_minor: int
    currency: str
    status: str
    arrives_s: int


async def owners(connection: asyncpg.Connection, references: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Organisation and our own id of the payments that the provider knows by these names."""
    rows = await connection.fetch(
        """
        SELECT reference, organisation_id::text, payment_id FROM card_payments
        WHERE reference = ANY($1::text[])
        """,
        references,
    )
    return {row["reference"]: (row["organisation_id"], row["payment_id"]) for row in rows}


async def only_organisation(connection: asyncpg.Connection) -> str | None:
    """The organisation, where there is one only."""
    rows = await connection.fetch("SELECT organisation_id::text FROM organisations LIMIT 2")
    return str(rows[0][0]) if len(rows) == 1 else None


async def note(
    connection: asyncpg.Connection, of: tuple[str, str | None], line: Movement, payout_id: str | None
) -> None:
    """A line, of an organisation and perhaps a payment; which payout it was in may become known later."""
    organisation_id, payment_id = of
    await connection.execute(
        """
        INSERT INTO provider_movements (organisation_id, movement_id, kind, source, payment_id, payout_id,
            amount_minor, fee_minor, net_minor, currency, made_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (organisation_id, movement_id)
        DO UPDATE SET payout_id = coalesce(EXCLUDED.payout_id, provider_movements.payout_id)
        """,
        organisation_id,
        line.movement_id,
        line.kind,
        line.source,
        payment_id,
        payout_id,
        line.amount_minor,
        line.fee_minor,
        line.net_minor,
        line.currency,
        datetime.fromtimestamp(line.made_s, UTC),
    )


async def paid_out(
    connection: asyncpg.Connection, organisation_id: str, payout: PaidOut, part_minor: int
) -> None:
    """An organisation's part of a payout, and how the payout stands."""
    await connection.execute(
        """
        INSERT INTO payouts (organisation_id, payout_id, amount_minor, currency, status, arrives_at)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (organisation_id, payout_id) DO UPDATE SET status = EXCLUDED.status
        """,
        organisation_id,
        payout.payout_id,
        part_minor,
        payout.currency,
        payout.status,
        datetime.fromtimestamp(payout.arrives_s, UTC),
    )
