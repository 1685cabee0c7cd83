"""A cloud process is killed between the payment and what follows from it: one order, one mail, one picture.

Real processes: the one that takes the webhook dies by SIGKILL, another one carries on.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import asyncpg
import msgspec
import pytest

from cloud.app import serving
from cloud.config import Config
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from firmware_profiles.emulators.stripe.standin import SECRET_KEY, StripeStandIn
from tests.integration.cloud.conftest import OWNER, PASSWORD
from tests.integration.jobs.mailbox import Mailbox
from tests.integration.payments.paying import type_in
from tests.integration.shop_orders.shopper import Shopper, until

pytestmark = pytest.mark.xdist_group("faults")


class Process(msgspec.Struct):
    """A cloud that serves and works, in a process of its own."""

    process: asyncio.subprocess.Process
    url: str

    async def kill(self) -> None:
        """As the kernel does it when memory is short."""
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


@asynccontextmanager
async def _process(config: Config, database: str) -> AsyncIterator[Process]:
    environment = {
        **os.environ,
        "DATABASE_URL": database,
        "HOLDFAST_CLOUD_DATA": str(config.data),
        "HOLDFAST_CLOUD_PORT": "0",
        "HOLDFAST_STRIPE_SECRET_KEY": SECRET_KEY,
        "HOLDFAST_STRIPE_WEBHOOK_SECRET": config.stripe_webhook_secret,
        "HOLDFAST_STRIPE_API": config.stripe_api or "",
        "HOLDFAST_SMTP_URL": f"smtp://127.0.0.1:{config.smtp.port if config.smtp else 0}?tls=never",
        "HOLDFAST_MAIL_FROM": "Holdfast <mail@holdfast.test>",
    }
    command = (sys.executable, "-m", "cloud", "run", "--json")
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            said = msgspec.json.decode(await process.stdout.readline())
        yield Process(process, said["url"])
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _order(config: Config, database: str, http: aiohttp.ClientSession) -> tuple[Shopper, str, str]:
    """A guest who stands before the payment page: who, which order, and where to pay."""
    async with serving(msgspec.structs.replace(config, works=False), database) as cloud:
        await founding.create_owner(cloud.pool, OWNER, PASSWORD)
        venue = await founding.create_venue(cloud.pool, OWNER, None, venue_file.load(sample("venue.json")))
        shopper = Shopper(cloud, venue, http)
        await shopper.designs()
        order = await shopper.orders(address=None)
        return shopper, order["order_id"], await shopper.page(order["order_id"])


async def _waits_for_a_lock(sql: asyncpg.Connection) -> bool:
    return bool(await sql.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"))


@pytest.mark.parametrize("moment", ["within the webhook", "before the mail has gone"])
async def test_one_order_one_mail_once_whenever_the_process_is_killed(
    moment: str,
    config: Config,
    database: str,
    http: aiohttp.ClientSession,
    stripe: StripeStandIn,
    mailbox: Mailbox,
    sql: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cloud.jobs.worker._LOOK_EVERY_S", 0.2)
    shopper, order_id, page = await _order(config, database, http)
    holding = await asyncpg.connect(database)
    async with _process(config, database) as doomed:
        stripe.deliveries.url = f"{doomed.url}/api/stripe/webhook"
        if moment == "within the webhook":
            # The transaction of the payment cannot write the mail down, and so never ends.
            transaction = holding.transaction()
            await transaction.start()
            await holding.execute("LOCK TABLE mails IN SHARE ROW EXCLUSIVE MODE")
            await type_in(http, page)
            await until(lambda: _waits_for_a_lock(sql))
            await doomed.kill()
            await transaction.rollback()
            assert await sql.fetchval("SELECT status FROM shop_orders") == "draft"
        else:
            mailbox.hangs = True
            await type_in(http, page)
            await until(lambda: _is_with_the_post(sql))
            await doomed.kill()
            mailbox.hangs = False
            # What the dead one held of the mail is over, as it is a minute later.
            await sql.execute("UPDATE mails SET claimed_until = now() - interval '1 second'")
            assert await sql.fetchval("SELECT status FROM shop_orders") == "paid"
    await holding.close()
    assert mailbox.mails == []

    survivor = msgspec.structs.replace(config, job_silent_s=1)
    async with serving(survivor, database) as cloud:
        stripe.deliveries.url = f"{cloud.url}/api/stripe/webhook"
        stripe.deliveries.release()
        shopper.cloud = cloud
        await shopper.until(order_id, "paid")
        await until(lambda: _all_done(sql))
    assert [str(mail["Subject"]) for mail in mailbox.mails] == ["Zur Alten Mole: thank you for order S-1"]
    assert await sql.fetchval("SELECT count(*) FROM mails") == 1
    assert await sql.fetchval("SELECT count(*) FROM shop_orders WHERE paid_minor = total_minor") == 1
    finals = await sql.fetch("SELECT status FROM render_jobs WHERE kind = 'final'")
    assert [row["status"] for row in finals] == ["completed"]
    assert await sql.fetchval("SELECT count(*) FROM card_refunds") == 0


async def _is_with_the_post(sql: asyncpg.Connection) -> bool:
    held = "SELECT EXISTS (SELECT FROM mails WHERE claimed_until > now())"
    return bool(await sql.fetchval(held))


async def _all_done(sql: asyncpg.Connection) -> bool:
    return not await sql.fetchval("SELECT count(*) FROM jobs WHERE state IN ('queued', 'running')")
