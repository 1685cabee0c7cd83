"""The log of Stripe's events: each stands here once, in the transaction in which it took effect."""

from datetime import UTC, datetime

import asyncpg


async def seen(connection: asyncpg.Connection, event_id: str) -> bool:
    """Whether it has taken effect already."""
    found = await connection.fetchval("SELECT 1 FROM stripe_event_log WHERE event_id = $1", event_id)
    return found is not None


async def keep(connection: asyncpg.Connection, event_id: str, kind: str, made_s: int, body: str) -> bool:
    """Write it down, for now without an outcome; False if it stands there.

    Of two deliveries at once the second waits here until the first has committed.
    """
    made = await connection.execute(
        """
        INSERT INTO stripe_event_log (event_id, type, made_at, outcome, body)
        VALUES ($1, $2, $3, 'under way', $4) ON CONFLICT DO NOTHING
        """,
        event_id,
        kind,
        datetime.fromtimestamp(made_s, UTC),
        body,
    )
    return bool(made == "INSERT 0 1")


async def conclude(
    connection: asyncpg.Connection, event_id: str, outcome: str, payment: tuple[str, str] | None
) -> None:
    """What was made of it, and of which payment (organisation and id) it was."""
    organisation_id, payment_id = payment or (None, None)
    await connection.execute(
        "UPDATE stripe_event_log SET outcome = $2, organisation_id = $3, payment_id = $4 WHERE event_id = $1",
        event_id,
        outcome,
        organisation_id,
        payment_id,
    )
