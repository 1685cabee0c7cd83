"""Courses over a real disk and a real broker: held until they are fired, and not a message before."""

from pathlib import Path

import pytest

from edge.core.commands import AdoptMenu, FireCourse
from tests.integration.edge.kitchen.box import KitchenBox, device
from tests.open_box import until
from tests.sample_venue import BURGER, CAKE, SOUP, coursed_menu

pytestmark = pytest.mark.xdist_group("kitchen brokers")

MAINS = FireCourse("ORD-7-1", "main", "staff:ann", "mid-of-fire")


async def dinner(box: KitchenBox) -> str:
    """Soup, burger and cake on one order; its ticket's name."""
    await box.accept(AdoptMenu(coursed_menu(2)))
    return await box.order(SOUP, BURGER, CAKE)


async def test_a_device_hears_of_a_course_when_it_is_fired_and_not_before(
    box: KitchenBox, box_url: str, kitchen_url: str
) -> None:
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        await screen.next("status", status="online")
        name = await dinner(box)
        heard = [await screen.next("ticket") for _ in range(3)]
        assert {message.body["ticket"] for message in heard} == {name}
        await screen.ack(name, "received")
        shown = await screen.snapshot("grill", name)
        assert [each["state"] for each in shown.body["tickets"]] == ["received"]

        await box.accept(MAINS)
        message = await screen.next("ticket")
        assert (message.body["ticket"], message.body["course"]) == (f"{name}.2", "main")
        assert [item["name"] for item in message.body["items"]] == ["Burger"]
        await screen.ack(f"{name}.2", "received")
        await screen.snapshot("grill", name, f"{name}.2")
    assert box.state(f"{name}.3", "bar") == "held"


async def test_a_device_that_guesses_a_held_ticket_is_refused(
    box: KitchenBox, box_url: str, kitchen_url: str
) -> None:
    async with device(kitchen_url, box.venue_id) as screen, box.connected(box_url):
        await screen.next("status", status="online")
        name = await dinner(box)
        for state in ("received", "preparing", "ready"):
            await screen.ack(f"{name}.2", state)
            refused = await screen.next("error")
            assert (refused.body["code"], refused.body["state"]) == ("illegal_transition", "held")
    assert box.state(f"{name}.2") == "held"


async def test_what_waits_still_waits_after_a_restart_and_is_fired_once(tmp_path: Path) -> None:
    async with KitchenBox(tmp_path, "venue-1") as box:
        await box.furnish()
        name = await dinner(box)
        await box.accept(MAINS)
    async with KitchenBox(tmp_path, "venue-1") as box:
        states = {each.fired.ticket: each.state for each in box.board.tickets()}
        assert states == {name: "fired", f"{name}.2": "fired", f"{name}.3": "held"}
        assert await box.accept(MAINS) != []  # the first answer again, and nothing new
        assert await box.accept(FireCourse("ORD-7-1", "main", "staff:ann")) == []
        await box.accept(FireCourse("ORD-7-1", "dessert", "staff:ann"))
        await until(lambda: box.state(f"{name}.3", "bar") == "fired")
        query = "SELECT count(*) FROM journal WHERE record ->> '$.event.type' = 'HeldTicketFired'"
        assert box.rows(query) == [(2,)]
        assert box.rows("SELECT course, state FROM tickets ORDER BY ticket") == [
            ("starter", "fired"),
            ("main", "fired"),
            ("dessert", "fired"),
        ]


async def test_the_order_knows_all_its_tickets(box: KitchenBox) -> None:
    name = await dinner(box)
    order = box.hot.order("ORD-7-1")
    assert order is not None
    assert order.tickets() == [(name, "grill"), (f"{name}.2", "grill"), (f"{name}.3", "bar")]
    assert {each.state for each in box.board.tickets()} == {"fired", "held"}
