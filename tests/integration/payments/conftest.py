"""A cloud with a Stripe account beside it, both real servers, and an organisation that takes cards."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

from cloud.app import Serving, serving
from cloud.config import Config
from cloud.owners.venues import founding
from edge.adapters.cloud.link import dialling
from firmware_profiles.emulators.stripe.standin import SECRET_KEY, StripeStandIn
from tests.integration.afar.linked import Linked, linked
from tests.integration.cloud.conftest import (
    CONFIG,
    OWNER,
    PASSWORD,
    box,
    database,
    http,
    postgres,
    sql,
    template,
    venue,
)

__all__ = ["box", "database", "http", "postgres", "sql", "template", "venue"]

#: Long enough for a busy machine, short enough for a test in which nobody answers.
STRIPE_TIMEOUT_S = 5.0


@pytest.fixture
async def stripe() -> AsyncIterator[StripeStandIn]:
    """An account with nothing in it."""
    async with StripeStandIn() as stripe:
        yield stripe


@pytest.fixture
async def cloud(database: str, stripe: StripeStandIn) -> AsyncIterator[Serving]:
    """A cloud that takes cards by that account; it asks about what is unknown only when a test says so."""
    async with serving(taking(stripe), database) as served:
        stripe.deliveries.url = f"{served.url}/api/stripe/webhook"
        yield served


@pytest.fixture
async def stand(
    tmp_path: Path, database: str, stripe: StripeStandIn, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Linked]:
    """A box in step with a cloud that takes cards."""
    monkeypatch.setattr(dialling, "FIRST_BACKOFF_S", 0.05)
    monkeypatch.setattr(dialling, "MOST_BACKOFF_S", 0.05)
    async with linked(tmp_path / "box", database, taking(stripe)) as stand:
        stripe.deliveries.url = f"{stand.cloud.url}/api/stripe/webhook"
        yield stand


def taking(stripe: StripeStandIn) -> Config:
    """The configuration of a cloud beside `stripe`."""
    return msgspec.structs.replace(
        CONFIG,
        stripe_secret=SECRET_KEY,
        stripe_webhook_secret=stripe.webhook_secret,
        stripe_api=stripe.url,
        stripe_timeout_s=STRIPE_TIMEOUT_S,
        card_ask_every_s=3600,
    )


@pytest.fixture
async def organisation_id(cloud: Serving, sql: asyncpg.Connection) -> str:
    """Who takes the money."""
    return await founding.create_owner(cloud.pool, OWNER, PASSWORD)
