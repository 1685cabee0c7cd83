"""The kitchen's broker is killed in the middle of service and comes back: no ticket is lost on the way."""

import asyncio
from pathlib import Path
from typing import Literal

import pytest

from tests.integration.edge.kitchen.brokers import KINDS, BrokerProcess
from tests.integration.faults.chain import chain
from tests.integration.faults.cook import Cook
from tests.open_box import until

pytestmark = pytest.mark.xdist_group("faults")


@pytest.mark.parametrize("kind", KINDS)
async def test_the_broker_restarts_in_the_middle_of_service(
    tmp_path: Path, database: str, kind: Literal["mosquitto", "amqtt"]
) -> None:
    broker = BrokerProcess(tmp_path, kind)
    await broker.start()
    try:
        async with chain(tmp_path, database, mqtt=lambda _venue: broker.plan.url("box")) as parts:
            cook = Cook(broker.plan.url("kitchen"), parts.venue.venue_id)
            async with asyncio.TaskGroup() as group:
                working = group.create_task(cook.run())
                for connection in (1, 2, 3):
                    await until(lambda: cook.connections >= connection)  # noqa: B023 - awaited at once
                    await parts.until(lambda status: status["mqtt"] == "ok")
                    await parts.crowd.more_orders(2)
                    if connection < 3:
                        broker.kill()
                        await parts.crowd.more_orders(2)
                        await broker.start()
                await parts.crowd.rest()
                await parts.until_sql("SELECT count(*) >= 8 AND bool_and(state = 'served') FROM tickets")
                working.cancel()
            # The library under the box's MQTT client grumbles when a socket dies while it is to be watched.
            assert await parts.rest("ERROR asyncio", "ERROR edge.adapters.kitchen.mqtt") > 100
    finally:
        broker.kill()
