"""A real cloud process is killed with kill -9 in the middle of an event, and Stripe sends again."""

from pathlib import Path

import aiohttp
import asyncpg

from cloud.owners.venues import founding
from cloud.payments import stripe_gateway
from cloud.payments.cards import Cards
from cloud.store.money import wallets
from firmware_profiles.emulators.stripe.standin import SECRET_KEY, StripeStandIn
from tests.integration.cloud.conftest import OWNER, PASSWORD
from tests.integration.faults.programs import cloud_program
from tests.integration.payments.paying import confirm, status_of, until, until_status, wanted

_WAITING = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'
"""
#: Others, such as that the payment was begun, wait for nothing and may have been taken before.
_WRITTEN = "SELECT count(*) FROM stripe_event_log WHERE type = 'payment_intent.succeeded'"
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


async def test_a_cloud_that_is_killed_in_the_middle_of_an_event_has_done_nothing_and_hears_again(
    tmp_path: Path, database: str, stripe: StripeStandIn, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    extra = {
        "HOLDFAST_STRIPE_SECRET_KEY": SECRET_KEY,
        "HOLDFAST_STRIPE_WEBHOOK_SECRET": stripe.webhook_secret,
        "HOLDFAST_STRIPE_API": stripe.url,
    }
    program = cloud_program(tmp_path / "cloud.log", database, extra)
    stripe.deliveries.url = f"{program.url}/api/stripe/webhook"
    async with (
        asyncpg.create_pool(database, min_size=0, max_size=2) as pool,
        stripe_gateway.opened(SECRET_KEY, stripe.webhook_secret, stripe.url, 30.0) as gateway,
    ):
        organisation_id = await founding.create_owner(pool, OWNER, PASSWORD)
        await wallets.add(sql, organisation_id, "mia", "Mia", "EUR")
        opened = await Cards(pool, gateway).begin(
            wanted(organisation_id, purpose="top_up", subject="mia", venue_id=None)
        )
    assert opened.client_secret is not None
    try:
        await program.up()
        holding = sql.transaction()
        await holding.start()
        await sql.execute("SELECT FROM card_payments FOR UPDATE")
        await confirm(http, stripe, opened.client_secret)
        # The event is written down; its transaction waits for the payment's row, and there the process dies.
        await until(lambda: _some(sql, _WAITING))
        program.kill()
        await holding.rollback()
        await until(lambda: _none(sql, _OTHERS))
        assert await sql.fetchval(_WRITTEN) == 0
        assert (await status_of(sql), await _paid_in(sql)) == ("PENDING", 0)
        await program.up()
        await until_status(sql, "COMPLETED")
        await until(lambda: _all_told(sql, stripe))
        assert await _paid_in(sql) == 1250
        assert {status for _, status in stripe.deliveries.answered} == {0, 200}
    finally:
        program.kill()


async def _some(sql: asyncpg.Connection, question: str) -> bool:
    return bool(await sql.fetchval(question))


async def _none(sql: asyncpg.Connection, question: str) -> bool:
    return not await sql.fetchval(question)


async def _paid_in(sql: asyncpg.Connection) -> int:
    query = "SELECT coalesce(sum(amount_minor), 0)::bigint FROM ledger WHERE account = 'wallet:mia'"
    return int(await sql.fetchval(query))


async def _all_told(sql: asyncpg.Connection, stripe: StripeStandIn) -> bool:
    written = await sql.fetchval("SELECT count(*) FROM stripe_event_log")
    return bool(written == len(stripe.books.things["event"]))
