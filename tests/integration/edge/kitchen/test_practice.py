"""A test ticket goes to a station's devices as any ticket does, and leaves nothing behind."""

import asyncio

import pytest

from edge.effects.practice import PRACTICE
from tests.integration.edge.kitchen.box import KitchenBox, device


async def test_a_test_ticket_is_answered_by_a_device_and_is_no_business_of_the_journals(
    box: KitchenBox, box_url: str, kitchen_url: str
) -> None:
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        before = box.writer.seq
        async with asyncio.TaskGroup() as group:
            ringing = group.create_task(box.stream.practice.ring("grill", 30.0))
            ticket = await screen.next("ticket", ticket=PRACTICE)
            assert (ticket.body["station"], ticket.body["items"][0]["name"]) == ("grill", "Test")
            assert "Cook nothing" in ticket.body["special_instructions"]
            await screen.ack(PRACTICE, "received", station="bar")  # not the one that was asked
            await screen.ack(PRACTICE, "received")
        assert ringing.result() == "over MQTT"
        await screen.ack(PRACTICE, "accepted")  # too late: nobody is told off for it
        name = await box.order()
        assert (await screen.next("ticket")).body["ticket"] == name
        snapshot = await screen.snapshot("grill", name)
        assert PRACTICE not in str(snapshot.body)
        assert box.writer.seq > before
        tickets = box.reader.execute("SELECT count(*) FROM tickets WHERE ticket = ?", (PRACTICE,)).fetchone()
        assert tickets == (0,)
        assert not box.alarms.current()


async def test_nobody_there_is_said_and_the_ticket_is_not_sent_any_more(
    box: KitchenBox, box_url: str, kitchen_url: str
) -> None:
    async with box.connected(box_url):
        with pytest.raises(TimeoutError):
            await box.stream.practice.ring("grill", 0.05)
        async with device(kitchen_url, box.venue_id) as screen:
            name = await box.order()
            assert (await screen.next("ticket")).body["ticket"] == name


async def test_two_who_try_one_station_do_so_one_after_the_other(
    box: KitchenBox, box_url: str, kitchen_url: str
) -> None:
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        async with asyncio.TaskGroup() as group:
            ringing = [group.create_task(box.stream.practice.ring("grill", 30.0)) for _ in range(2)]
            async with asyncio.timeout(30):
                while not all(each.done() for each in ringing):
                    await screen.next("ticket", ticket=PRACTICE, state="fired")
                    await screen.ack(PRACTICE, "received")
                    await asyncio.sleep(0.01)
        assert [each.result() for each in ringing] == ["over MQTT"] * 2
