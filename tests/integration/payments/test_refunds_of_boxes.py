"""What boxes say they gave back becomes refunds by card: as much as came, and each venue's its own."""

import asyncpg
import pytest

from cloud.app import Serving
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from tests.integration.cloud.conftest import OWNER


async def _paid(sql: asyncpg.Connection, venue_id: str, payment_pid: str, received_minor: int | None) -> None:
    """A bill of 10.00, paid by card at a venue and told to the cloud."""
    await sql.execute(
        """
        INSERT INTO card_payments (organisation_id, payment_id, venue_id, purpose, subject, amount_minor,
            currency, wanted, status, received_minor)
        SELECT organisation_id, $2, venue_id, 'venue', '', 1000, 'EUR', '', 'COMPLETED', $3
        FROM venues WHERE venue_id = $1
        """,
        venue_id,
        payment_pid,
        received_minor,
    )
    await sql.execute(
        """
        INSERT INTO payments (venue_id, payment_pid, method, currency, amount_minor, tip_minor,
            rounding_minor, till, status, refunded_minor, refunded_tip_minor, initiated_ms, version)
        VALUES ($1, $2, 'CARD', 'EUR', 1000, 0, 0, 'main', 'COMPLETED', 0, 0, 0, 1)
        """,
        venue_id,
        payment_pid,
    )


async def _back(
    sql: asyncpg.Connection, venue_id: str, payment_pid: str, refund_pid: str, minor: int, status: str
) -> None:
    """The box says that it has given so much back, and how its payment is then."""
    async with sql.transaction():
        await sql.execute(
            """
            INSERT INTO refunds (venue_id, refund_pid, payment_pid, amount_minor, tip_minor, rounding_minor,
                reason, approved_by, shift_pid, made_ms) VALUES ($1, $2, $3, $4, 0, 0, 'cold', 'ada', 's', 0)
            """,
            venue_id,
            refund_pid,
            payment_pid,
            minor,
        )
        await sql.execute(
            "UPDATE payments SET status = $3, version = version + 1 WHERE venue_id = $1 AND payment_pid = $2",
            venue_id,
            payment_pid,
            status,
        )


async def _asked(sql: asyncpg.Connection, payment_pid: str) -> list[int]:
    rows = await sql.fetch(
        "SELECT amount_minor FROM card_refunds WHERE payment_id = $1 ORDER BY amount_minor", payment_pid
    )
    return [row["amount_minor"] for row in rows]


@pytest.mark.parametrize(
    ("received_minor", "asked"), [(None, [400, 600]), (900, [400, 500]), (1100, [400, 700])]
)
async def test_all_of_a_payment_is_all_that_came(
    venue: NewVenue, sql: asyncpg.Connection, received_minor: int | None, asked: list[int]
) -> None:
    await _paid(sql, venue.venue_id, "pay-1", received_minor)
    await _back(sql, venue.venue_id, "pay-1", "back-1", 400, "COMPLETED")
    await _back(sql, venue.venue_id, "pay-1", "back-2", 600, "REFUNDED")
    assert await _asked(sql, "pay-1") == asked
    assert await sql.fetchval("SELECT sum(amount_minor)::bigint FROM ledger") == 0


async def test_two_boxes_use_the_same_id_and_both_cards_get_their_money(
    cloud: Serving, venue: NewVenue, sql: asyncpg.Connection
) -> None:
    file = venue_file.load(sample("venue.json"))
    other = await founding.create_venue(cloud.pool, OWNER, "The other", file)
    for venue_id, payment_pid in ((venue.venue_id, "pay-1"), (other.venue_id, "pay-2")):
        await _paid(sql, venue_id, payment_pid, None)
        await _back(sql, venue_id, payment_pid, "back-1", 1000, "REFUNDED")
        assert await _asked(sql, payment_pid) == [1000]
