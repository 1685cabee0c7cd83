"""The shop's own fixtures, and browsers that leave before the cloud does."""

from collections.abc import AsyncIterator

import pytest

from cloud.app import Serving
from tests.browser.venue import Browser, open_browser
from tests.integration.shop_orders.conftest import (
    cloud,
    config,
    database,
    http,
    mailbox,
    postgres,
    shopper,
    sql,
    stripe,
    template,
    venue,
)

__all__ = [
    "cloud",
    "config",
    "database",
    "http",
    "mailbox",
    "postgres",
    "shopper",
    "sql",
    "stripe",
    "template",
    "venue",
]


@pytest.fixture
async def browser(cloud: Serving) -> AsyncIterator[Browser]:
    """Leaves before the cloud does."""
    async with open_browser() as opened:
        yield opened
