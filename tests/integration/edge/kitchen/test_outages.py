"""The broker dies, freezes and comes back; the box is cut off: nobody waits for it, and no ticket is lost."""

import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import pytest
import uvloop

from edge.adapters.kitchen.mqtt import MOST_UNCONFIRMED, address_of
from edge.demo.internet import Internet
from protocol.kitchen import Publication
from tests.integration.edge.kitchen.box import KitchenBox, device
from tests.integration.edge.kitchen.brokers import BrokerProcess
from tests.open_box import until

pytestmark = pytest.mark.xdist_group("kitchen brokers")


@asynccontextmanager
async def cable(broker: BrokerProcess) -> AsyncIterator[tuple[Internet, str]]:
    """A cable between box and broker that can be pulled, and the broker's address at the box's end."""
    async with Internet("127.0.0.1", broker.plan.port).serving() as wire:
        yield wire, broker.plan.url("box").replace(str(broker.plan.port), str(wire.port))


async def test_the_last_will_speaks_for_a_box_that_is_cut_off(
    box: KitchenBox, broker: BrokerProcess, kitchen_url: str
) -> None:
    async with (
        device(kitchen_url, box.venue_id) as screen,
        cable(broker) as (wire, url),
        box.connected(url) as client,
    ):
        online = await screen.next("status", status="online")
        assert online.body["epoch"] == 1
        wire.cut()
        await screen.next("status", status="offline")
        assert not await client.publish([])
        wire.heal()
        await screen.next("status", status="online")
    async with device(kitchen_url, box.venue_id) as cold:
        message = await cold.next("status")
    assert message.retained


async def test_a_box_that_leaves_says_so(box: KitchenBox, box_url: str, kitchen_url: str) -> None:
    async with device(kitchen_url, box.venue_id) as screen:
        async with box.connected(box_url):
            await screen.next("status", status="online")
        await screen.next("status", status="offline")


async def test_what_happened_while_the_cable_was_out_arrives_when_it_is_back(
    box: KitchenBox, broker: BrokerProcess, kitchen_url: str
) -> None:
    async with (
        device(kitchen_url, box.venue_id) as screen,
        cable(broker) as (wire, url),
        box.connected(url),
    ):
        first = await box.order()
        await screen.next("ticket", ticket=first)
        wire.cut()
        second = await box.order()  # answered to the guest, whatever the broker does
        await screen.next("status", status="offline")
        wire.heal()
        await screen.next("ticket", ticket=first)
        await screen.next("ticket", ticket=second)
        await screen.snapshot("grill", first, second)


async def test_an_ack_given_while_the_box_was_away_counts(
    box: KitchenBox, broker: BrokerProcess, kitchen_url: str
) -> None:
    name = await box.order()
    async with (
        device(kitchen_url, box.venue_id) as screen,
        cable(broker) as (wire, url),
        box.connected(url),
    ):
        await screen.next("ticket", ticket=name)
        wire.cut()
        await screen.next("status", status="offline")
        await screen.ack(name, "preparing", mid="while-away-1")
        wire.heal()
        await until(lambda: box.state(name) == "preparing")


async def test_the_broker_is_killed_and_forgets_everything(
    box: KitchenBox, broker: BrokerProcess, box_url: str, kitchen_url: str
) -> None:
    async with box.connected(box_url) as client:
        async with device(kitchen_url, box.venue_id) as screen:
            first = await box.order()
            await screen.snapshot("grill", first)
            broker.kill()
        await until(lambda: client.trouble is not None)
        second = await box.order()

        await broker.start()
        async with device(kitchen_url, box.venue_id) as screen:
            await screen.next("status", status="online")
        async with device(kitchen_url, box.venue_id) as screen:
            await screen.snapshot("grill", first, second)
            for name in (first, second):
                await screen.next("ticket", ticket=name)
            await screen.ack(second, "received")
            await until(lambda: box.state(second) == "received")


async def test_a_frozen_broker_is_given_up_and_orders_go_on(
    box: KitchenBox, broker: BrokerProcess, box_url: str, kitchen_url: str
) -> None:
    async with box.connected(box_url, answer_s=0.3) as client:
        await until(lambda: client.trouble is None)
        broker.signal(signal.SIGSTOP)
        try:
            name = await box.order()
            await until(lambda: client.trouble is not None)
            assert box.state(name) == "fired"
        finally:
            broker.signal(signal.SIGCONT)
        await until(lambda: client.trouble is None)
        async with device(kitchen_url, box.venue_id) as screen:
            await screen.next("ticket", ticket=name)


async def test_many_messages_that_a_frozen_broker_keeps_waiting_give_it_up_together(
    box: KitchenBox, broker: BrokerProcess, box_url: str
) -> None:
    """Their deadlines pass one after the other, while the conversation that the first has given up ends."""
    many = [Publication(f"v1/{box.venue_id}/kds/grill/{n}", b"{}") for n in range(MOST_UNCONFIRMED)]
    async with box.connected(box_url, answer_s=0.3) as client:
        for _ in range(3):
            await until(lambda: client.trouble is None)
            broker.signal(signal.SIGSTOP)
            try:
                assert not await client.publish(many)
            finally:
                broker.signal(signal.SIGCONT)


async def test_a_hundred_unacknowledged_tickets_all_arrive(
    box: KitchenBox, box_url: str, kitchen_url: str
) -> None:
    names = {await box.order() for _ in range(100)}
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        while names:
            names.discard((await screen.next("ticket")).body["ticket"])


async def test_a_station_whose_name_cannot_be_a_topic_harms_only_itself(
    box: KitchenBox, box_url: str, kitchen_url: str
) -> None:
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url) as client:
        await screen.next("status", status="online")
        good = Publication(f"v1/{box.venue_id}/kds/grill/ticket", b'{"ticket":"K-7"}')
        assert await client.publish([Publication("v1/#/kds", b"{}"), good])
        await screen.next("ticket", ticket="K-7")


def test_the_client_works_on_the_loop_that_the_box_runs_on(
    broker: BrokerProcess, box_url: str, kitchen_url: str, tmp_path: Path
) -> None:
    async def conversation() -> None:
        async with KitchenBox(tmp_path, "venue-uvloop") as box:
            await box.furnish()
            async with (
                cable(broker) as (wire, url),
                box.connected(url),
                device(kitchen_url, box.venue_id) as screen,
            ):
                name = await box.order()
                await screen.next("ticket", ticket=name)
                wire.cut()
                await screen.next("status", status="offline")
                wire.heal()
                await screen.next("ticket", ticket=name)

    uvloop.run(conversation())


# amqtt leaves the elder of two connections open and deaf; there the keep-alive finds out, much later.
@pytest.mark.parametrize("broker", ["mosquitto"], indirect=True)
async def test_two_boxes_with_one_name_do_not_share_a_connection(
    box: KitchenBox, broker: BrokerProcess, box_url: str
) -> None:
    """A restored card started beside its original: the broker keeps one of them, and neither falls over."""
    async with box.connected(box_url) as client:
        await until(lambda: client.trouble is None)
        address = address_of(box_url)
        async with aiomqtt.Client(
            address.host,
            address.port,
            username=address.user,
            password=address.password,
            identifier=f"box-{box.venue_id}",
        ):
            await until(lambda: client.trouble is not None)
        await until(lambda: client.trouble is None)
        await box.order()
