"""Tickets to real devices over real brokers: sent until acknowledged, shown to whoever starts cold."""

from functools import partial
from pathlib import Path

import pytest

from edge.core.commands import CloseTable, PlaceOrder
from edge.effects.kitchen.plan import Limits
from tests.integration.edge.kitchen.box import KitchenBox, device
from tests.open_box import until
from tests.sample_venue import BURGER, CHIPS, WINE, add, join, say_word

pytestmark = pytest.mark.xdist_group("kitchen brokers")

#: Nobody listens there.
NOBODY = "mqtt://127.0.0.1:1"


async def test_a_ticket_reaches_its_station_and_says_what_to_make(
    box: KitchenBox, box_url: str, kitchen_url: str
) -> None:
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        await screen.next("status", status="online")
        name = await box.order(BURGER, CHIPS)
        message = await screen.next("ticket")

    assert (message.qos, message.retained) == (1, False)
    assert message.topic == f"v1/{box.venue_id}/kds/grill/ticket"
    body = message.body
    assert (body["ticket"], body["table"], body["state"]) == (name, "T1", "fired")
    assert body["order_id"] == "ORD-7-1"
    assert [(item["name"], item["qty"]) for item in body["items"]] == [("Burger", 1), ("Chips", 1)]
    assert body["placed_at"].endswith("Z")
    assert isinstance(body["seq"], int)


async def test_special_instructions_reach_the_devices(
    box: KitchenBox, box_url: str, kitchen_url: str
) -> None:
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        await screen.next("status", status="online")
        await box.accept(add())
        await box.accept(PlaceOrder("s1", "chinu", special_instructions="no nuts, please"))
        await screen.next("ticket", special_instructions="no nuts, please")
        shown = await screen.snapshot("grill", "K-1")
    assert shown.body["tickets"][0]["special_instructions"] == "no nuts, please"


async def test_each_station_gets_its_own_part(box: KitchenBox, box_url: str, kitchen_url: str) -> None:
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        name = await box.order(BURGER, WINE)
        parts: dict[str, list[str]] = {}
        while len(parts) < 2:
            message = await screen.next("ticket", ticket=name)
            parts[message.body["station"]] = [item["name"] for item in message.body["items"]]
    assert parts == {"grill": ["Burger"], "bar": ["Wine"]}


async def test_it_comes_again_until_a_device_has_it_and_then_no_more(
    box: KitchenBox, box_url: str, kitchen_url: str
) -> None:
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        await screen.next("status", status="online")
        name = await box.order()
        for _ in range(3):
            await screen.next("ticket", ticket=name)

        await screen.ack(name, "received")
        await until(lambda: box.state(name) == "received")
        # Each order is a beat of the clock by which the first ticket would have come again. What was on its
        # way as the ack arrived comes before all of them.
        later = [await box.order() for _ in range(3)]
        await screen.next("ticket", ticket=later[0])
        await screen.ack(later[0], "received")
        for each in later[1:]:
            while (message := await screen.next("ticket")).body["ticket"] != each:
                assert message.body["state"] == "fired"
                assert message.body["ticket"] != name
            await screen.ack(each, "received")


async def test_the_whole_way_of_a_ticket(box: KitchenBox, box_url: str, kitchen_url: str) -> None:
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        await screen.next("status", status="online")
        name = await box.order()
        for state in ("received", "accepted", "preparing", "ready", "served", "recalled", "ready", "served"):
            await screen.ack(name, state)
            await until(partial(box.stands_at, name, state))
    steps = box.rows("SELECT record->>'$.by' FROM journal WHERE aggregate = ?", f"ticket:{name}@grill")
    assert steps[1:] == [("device:grill",)] * 8


class TestSnapshot:
    async def test_every_station_has_one_from_the_start(
        self, box: KitchenBox, box_url: str, kitchen_url: str
    ) -> None:
        async with box.connected(box_url), device(kitchen_url, box.venue_id) as screen:
            for station in ("grill", "bar"):
                message = await screen.snapshot(station)
                assert message.topic == f"v1/{box.venue_id}/kds/{station}/snapshot"

    async def test_a_device_that_starts_cold_finds_the_open_tickets_in_order(
        self, box: KitchenBox, box_url: str, kitchen_url: str
    ) -> None:
        async with box.connected(box_url):
            names = [await box.order() for _ in range(3)]
            async with device(kitchen_url, box.venue_id) as screen:
                await screen.snapshot("grill", *names)
                await screen.ack(names[1], "rejected")
                await screen.snapshot("grill", names[0], names[2])
            async with device(kitchen_url, box.venue_id) as cold:
                message = await cold.snapshot("grill", names[0], names[2])
        assert message.retained
        assert [ticket["state"] for ticket in message.body["tickets"]] == ["fired", "fired"]

    async def test_it_follows_every_step(self, box: KitchenBox, box_url: str, kitchen_url: str) -> None:
        async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
            name = await box.order()
            await screen.snapshot("grill", name)
            await screen.ack(name, "preparing")
            while (await screen.snapshot("grill", name)).body["tickets"][0]["state"] != "preparing":
                pass
            await screen.ack(name, "ready")
            await screen.ack(name, "served")
            await screen.snapshot("grill")


class TestAlarm:
    async def test_a_ticket_that_nobody_acknowledges_alarms_and_the_ack_ends_it(
        self, tmp_path: Path, box_url: str, kitchen_url: str
    ) -> None:
        limits = Limits(resend_s=0.1, alarm_s=0.3, gather_s=0.02)
        async with KitchenBox(tmp_path, "venue-alarming", limits) as box:
            await box.furnish()
            async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
                await screen.next("status", status="online")
                name = await box.order()
                await until(lambda: len(box.alarms.current()) == 1)
                alarm = box.alarms.current()[0]
                assert (alarm.code, alarm.detail["ticket"]) == ("ticket_unacknowledged", name)
                assert "grill" in alarm.message

                await screen.ack(name, "received")
                await until(lambda: not box.alarms.current())

    async def test_a_restarted_box_remembers_how_long_it_has_waited(self, tmp_path: Path) -> None:
        async with KitchenBox(tmp_path, "venue-slow") as box:
            name = await (await box.furnish()).order()
        hour = Limits(alarm_s=3600.0)
        async with KitchenBox(tmp_path, "venue-slow", hour, later_s=3601) as box, box.connected(NOBODY):
            await until(lambda: len(box.alarms.current()) == 1)
            assert box.alarms.current()[0].detail["ticket"] == name

    async def test_a_broker_that_stays_away_alarms_until_it_is_there(
        self, tmp_path: Path, box_url: str
    ) -> None:
        limits = Limits(broker_alarm_s=0.05)
        async with KitchenBox(tmp_path, "venue-lonely", limits) as box:
            await box.furnish()
            async with box.connected(NOBODY) as client:
                await until(
                    lambda: [each.code for each in box.alarms.current()] == ["kitchen_broker_missing"]
                )
                # The alarm may come before the first attempt has failed.
                await until(lambda: "refused" in (client.trouble or ""))
            async with box.connected(box_url) as client:
                await until(lambda: not box.alarms.current())
                assert client.trouble is None


async def test_a_restarted_box_sends_what_was_not_acknowledged(
    tmp_path: Path, box_url: str, kitchen_url: str
) -> None:
    async with KitchenBox(tmp_path, "venue-again") as box:
        await box.furnish()
        got, missed = await box.order(), await box.order()
        async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
            await screen.next("status", status="online")
            await screen.ack(got, "accepted")
            await until(lambda: box.state(got) == "accepted")

    async with (
        device(kitchen_url, "venue-again") as screen,
        KitchenBox(tmp_path, "venue-again") as box,
        box.connected(box_url),
    ):
        await screen.next("ticket", ticket=missed)
        await screen.snapshot("grill", got, missed)


async def test_a_closed_table_keeps_its_tickets_on_the_board(box: KitchenBox) -> None:
    name = await box.order()
    await box.accept(CloseTable("s1", "gone", "staff:ann"))
    await box.accept(join("dora", "s2"))
    await box.accept(say_word("dora", "s2"))
    assert [ticket.fired.ticket for ticket in box.board.tickets()] == [name]
