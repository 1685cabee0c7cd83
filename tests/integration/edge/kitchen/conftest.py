"""One broker of each kind for a whole file of tests; every test has a venue of its own on it."""

import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.integration.edge.kitchen.box import KitchenBox
from tests.integration.edge.kitchen.brokers import KINDS, BrokerProcess


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=KINDS)
async def broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[BrokerProcess]:
    process = BrokerProcess(tmp_path_factory.mktemp("broker"), request.param)
    await process.start()
    yield process
    process.kill()


@pytest.fixture
def box_url(broker: BrokerProcess) -> str:
    return broker.plan.url("box")


@pytest.fixture
def kitchen_url(broker: BrokerProcess) -> str:
    return broker.plan.url("kitchen")


@pytest_asyncio.fixture
async def box(tmp_path: Path) -> AsyncIterator[KitchenBox]:
    async with KitchenBox(tmp_path / "box", f"venue-{secrets.token_hex(4)}") as box:
        yield await box.furnish()
