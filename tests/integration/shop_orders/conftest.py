"""A cloud with a shop, a Stripe account and a mail server beside it, all of them real servers."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import asyncpg
import msgspec
import pytest

from cloud.app import Serving, serving
from cloud.config import Config
from cloud.owners.venues.founding import NewVenue
from cloud.store.shop import rules as shop_rules
from firmware_profiles.emulators.stripe.standin import StripeStandIn
from tests.integration.cloud.conftest import database, http, postgres, sql, template, venue
from tests.integration.jobs.mailbox import Mailbox, mail_server
from tests.integration.payments.conftest import stripe, taking
from tests.integration.shop_orders.shopper import RULES, Shopper, Staff

__all__ = ["database", "http", "postgres", "sql", "stripe", "template", "venue"]


@pytest.fixture
async def mailbox() -> AsyncIterator[Mailbox]:
    """Where mails arrive."""
    async with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def config(stripe: StripeStandIn, mailbox: Mailbox, tmp_path: Path) -> Config:
    """Takes cards, sends mails, does jobs itself, and asks about money only when a test says so."""
    return msgspec.structs.replace(
        taking(stripe), works=True, smtp=mailbox.smtp, data=tmp_path, stripe_timeout_s=20.0
    )


@pytest.fixture
async def cloud(database: str, stripe: StripeStandIn, config: Config) -> AsyncIterator[Serving]:
    """One cloud process's worth, in this process."""
    async with serving(config, database) as served:
        stripe.deliveries.url = f"{served.url}/api/stripe/webhook"
        yield served


@pytest.fixture
async def shopper(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> Shopper:
    """A guest at home with a design; the venue ships to Germany and to the rest of the world."""
    await shop_rules.write(sql, venue.venue_id, 0, msgspec.json.encode(RULES).decode())
    shopper = Shopper(cloud, venue, http)
    await shopper.designs()
    return shopper


@pytest.fixture
async def staff(cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession) -> Staff:
    """The owner, logged in."""
    staff = Staff(cloud, http)
    await staff.sign_in()
    return staff
