"""A test ticket goes to a station's devices as any ticket does, and leaves nothing behind."""

import asyncio

import pytest

from edge.effects.kitchen.practice import PRACTICE
from tests.integration.edge.kitchen.box import Device, KitchenBox, device


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
        await screen.next("ticket", ticket=name)
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
            await screen.next("ticket", ticket=name)
            # Nobody acknowledges that one, so it comes again and again; the test ticket would, too.
            again = [(await screen.next("ticket")).body["ticket"] for _ in range(3)]
            assert again == [name] * 3


async def test_two_who_try_one_station_do_so_one_after_the_other(
    box: KitchenBox, box_url: str, kitchen_url: str
) -> None:
    async def acknowledge(screen: Device) -> None:
        while True:
            await screen.next("ticket", ticket=PRACTICE, state="fired")
            await screen.ack(PRACTICE, "received")

    async with (
        device(kitchen_url, box.venue_id) as screen,
        box.connected(box_url),
        asyncio.TaskGroup() as group,
    ):
        answering = group.create_task(acknowledge(screen))
        rings = (box.stream.practice.ring("grill", 30.0) for _ in range(2))
        assert await asyncio.gather(*rings) == ["over MQTT"] * 2
        answering.cancel()
