"""Placing an order as guests see it, through every state and scenario of seed 002 §8 and §9, in Chromium.

The point of sale is the simulator where it only has to be slow or to fail, and a till over HTTP where a test
has to decide when it answers. Pauses between its calls are a hundredth of the real ones.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.async_api import Locator, Page, WebSocketRoute, expect

from edge.adapters.till.webhook import KEY_NAME
from edge.core.commands import ConfigureVenue, TakeItemOff
from edge.effects.alarms import Alarm
from edge.journal.writer import Accepted
from protocol.facts.venue import Fence, LocationConfig, PosConfig, Simulation
from tests.browser.people import Guest
from tests.browser.tablet import Waiter
from tests.browser.venue import DESK, PATIENCE_MS, TABLET, Box, Browser, open_browser, venue_commands
from tests.integration.ordering.till import KEY, Till, answers, answers_late, takes_and_dies
from tests.sample_venue import CHIPS, config

WORKS = PosConfig("simulator", simulation=Simulation(0.01, 1.0))
BROKEN = PosConfig("simulator", simulation=Simulation(0.01, 0.0))
FAILED = "Order failed: POS system unavailable. Tap to retry."
LATE = "No answer yet. Your order may still go through; pressing again cannot order twice."


def by(till: Till) -> PosConfig:
    """Orders go to this till, which may think for as long as any machine is slow."""
    return PosConfig("webhook", till.url, PATIENCE_MS / 1000)


class Table(NamedTuple):
    """Chinu hosts and has put chips into the cart, Anshu sits beside; both see cart and button."""

    box: Box
    till: Till
    browser: Browser
    chinu: Guest
    anshu: Guest


@pytest.fixture
async def till() -> AsyncIterator[Till]:
    """A till that works unless told otherwise."""
    async with Till() as opened:
        yield opened


@pytest.fixture
async def box(tmp_path: Path, tasks: asyncio.TaskGroup, till: Till) -> AsyncIterator[Box]:
    """The sample venue with that till."""
    directory = tmp_path / "box"
    directory.mkdir()
    (directory / KEY_NAME).write_text(KEY)
    running = Box(directory, venue_commands(pos=by(till)), retry_pace=0.01)
    await running.on(tasks)
    yield running
    await running.off()


@pytest.fixture
async def table(box: Box, till: Till) -> AsyncIterator[Table]:
    """Two guests with a wide screen each."""
    async with open_browser() as browser:
        yield Table(box, till, browser, *await seated(browser, box))
    assert browser.complaints == []


async def seated(browser: Browser, box: Box, chinu: Page | None = None) -> tuple[Guest, Guest]:
    """Both at their table."""
    host, guest = Guest(chinu or await browser.device(DESK)), Guest(await browser.device(DESK))
    await host.sit_down(box.url, "Chinu")
    await host.add("Chips")
    await host.say_word()
    await guest.sit_down(box.url, "Anshu")
    await guest.sees("Chips", 1)
    return host, guest


async def configured(box: Box, pos: PosConfig, location: LocationConfig | None = None) -> None:
    """From now on the venue takes orders like this."""
    settings = config(pos=pos, location=location or LocationConfig())
    assert isinstance(await box.app.writer.execute(ConfigureVenue(settings)), Accepted)


def button(guest: Guest) -> Locator:
    """The one big button."""
    return guest.page.locator(".order-button:visible")


async def shows(guest: Guest, words: str, tone: str, enabled: bool) -> None:
    """Wait until the button says this, in this colour."""
    await expect(button(guest)).to_have_text(words)
    await expect(button(guest)).to_have_class(f"button wide order-button {tone}")
    await (expect(button(guest)).to_be_enabled() if enabled else expect(button(guest)).to_be_disabled())


async def says(guest: Guest, words: str) -> None:
    """Wait until the sentence above the button says this."""
    await expect(guest.page.locator(".order-words:visible")).to_have_text(words)


def placed(guest: Guest) -> Locator:
    """The sheet that congratulates."""
    return guest.page.get_by_role("dialog", name="Order placed")


async def test_while_it_is_processed_everyone_waits_and_sees_for_whom(table: Table) -> None:
    _, till, _, chinu, anshu = table
    till.fates = [answers_late]
    await shows(chinu, "Place Order", "go", True)
    await chinu.place_order()
    await shows(chinu, "Pending Confirmation...", "idle", False)
    await says(chinu, "Your order is being processed...")
    await shows(anshu, "Order Being Processed by Chinu", "idle", False)
    await says(anshu, "Order being processed by Chinu")
    for guest in (chinu, anshu):
        await expect(guest.line("Chips").get_by_role("button", name="One more Chips")).to_be_disabled()
        await expect(guest.page.get_by_label("For the kitchen").first).to_be_disabled()
    till.let_go.set()
    for guest in (chinu, anshu):
        await expect(placed(guest).get_by_text("Order placed successfully! 🎉")).to_be_visible()
        await guest.is_congratulated("K-1")
        await expect(guest.line("Chips")).to_have_count(0)
    await anshu.add("Soup")
    await shows(chinu, "Place Order", "go", True)


async def test_with_the_simulated_till_an_order_goes_through(table: Table) -> None:
    await configured(table.box, WORKS)
    await table.anshu.place_order()
    await table.chinu.is_congratulated("K-1")
    await table.anshu.is_congratulated("K-1")


async def test_a_failure_is_explained_and_can_be_retried_by_anyone(table: Table) -> None:
    box, _, _, chinu, anshu = table
    await configured(box, BROKEN)
    await chinu.place_order()
    for guest in (chinu, anshu):
        await says(guest, FAILED)
        await shows(guest, "Retry Order", "retry", True)
        await expect(guest.line("Chips")).to_be_visible()
    await configured(box, WORKS)
    await button(anshu).click()
    await chinu.is_congratulated("K-1")
    await anshu.is_congratulated("K-1")
    await expect(anshu.page.get_by_label("Orders", exact=True)).to_contain_text("ORD-7-1")


async def test_guests_are_told_that_the_till_is_asked_again(table: Table) -> None:
    _, till, _, chinu, anshu = table
    till.fates = [answers(503), answers_late]
    await chinu.place_order()
    await says(chinu, "POS system unavailable. Trying again...")
    await says(anshu, "Order being processed by Chinu")
    till.let_go.set()
    await chinu.is_congratulated("K-1")


async def test_a_refusal_of_the_till_is_told_in_its_words(table: Table) -> None:
    _, till, _, chinu, _ = table
    till.fates = [answers(422, {"status": "refused", "message": "No chips today"})]
    await chinu.place_order()
    await says(chinu, "Order failed: No chips today. Please ask the staff.")
    await shows(chinu, "Place Order", "go", True)


async def test_after_a_failure_a_changed_cart_is_a_new_order(table: Table) -> None:
    box, _, _, chinu, anshu = table
    await configured(box, BROKEN)
    await chinu.place_order()
    await says(anshu, FAILED)
    await configured(box, WORKS)
    await chinu.add("Soup")
    for guest in (chinu, anshu):
        await shows(guest, "Place Order", "go", True)
        await expect(guest.page.get_by_text("Order failed")).to_have_count(0)
    await chinu.place_order()
    await anshu.is_congratulated("K-1")
    orders = anshu.page.get_by_label("Orders", exact=True)
    await expect(orders).to_contain_text("ORD-7-2")
    await expect(orders.locator("li.order")).to_have_count(1)


async def test_a_reload_in_the_middle_waits_on(table: Table) -> None:
    _, till, _, chinu, anshu = table
    till.fates = [answers_late]
    await chinu.place_order()
    await shows(anshu, "Order Being Processed by Chinu", "idle", False)
    for guest in (chinu, anshu):
        await guest.page.reload()
    await shows(chinu, "Pending Confirmation...", "idle", False)
    await shows(anshu, "Order Being Processed by Chinu", "idle", False)
    till.let_go.set()
    await chinu.is_congratulated("K-1")
    await anshu.is_congratulated("K-1")
    assert list(till.taken) == ["ORD-7-1"]


async def test_a_reload_after_a_failure_still_knows_why(table: Table) -> None:
    box, _, _, chinu, _ = table
    await configured(box, BROKEN)
    await chinu.place_order()
    await says(chinu, FAILED)
    await chinu.page.reload()
    await says(chinu, FAILED)
    await shows(chinu, "Retry Order", "retry", True)


async def test_without_a_socket_the_snapshot_tells_how_it_went(box: Box, till: Till) -> None:
    """The socket is lost when the order is under way, and stays lost; requests still get through."""
    sockets: list[WebSocketRoute] = []
    lost = asyncio.Event()

    async def between(route: WebSocketRoute) -> None:
        if lost.is_set():
            await route.close()
            return
        sockets.append(route)
        route.connect_to_server()

    async with open_browser() as browser:
        page = await browser.device(DESK)
        await page.route_web_socket("**/ws/table*", between)
        chinu, anshu = await seated(browser, box, page)
        till.fates = [answers_late]
        await anshu.place_order()
        await shows(chinu, "Order Being Processed by Anshu", "idle", False)
        lost.set()
        for route in sockets:
            await route.close()
        await says(chinu, "Connection lost. Reconnecting...")
        till.let_go.set()
        await anshu.is_congratulated("K-1")
        await chinu.is_congratulated("K-1")
        await expect(chinu.page.get_by_text("Connection lost. Reconnecting...").first).to_be_visible()
    assert browser.complaints == []


async def test_a_box_that_goes_away_in_the_middle_comes_back_with_the_order(
    table: Table, tasks: asyncio.TaskGroup
) -> None:
    box, till, _, chinu, anshu = table
    till.fates = [answers_late]
    await chinu.place_order()
    await shows(anshu, "Order Being Processed by Chinu", "idle", False)
    await box.off()
    await says(anshu, "Connection lost. Reconnecting...")
    till.let_go.set()
    await box.on(tasks)
    await anshu.is_congratulated("K-1")
    await chinu.is_congratulated("K-1")
    assert list(till.taken) == ["ORD-7-1"]


async def test_after_ten_seconds_the_guest_is_told_and_pressing_again_orders_once(
    box: Box, till: Till
) -> None:
    async with open_browser() as browser:
        page = await browser.device(DESK)
        await page.clock.install()
        chinu, anshu = await seated(browser, box, page)
        till.fates = [answers_late]
        await chinu.place_order()
        await shows(chinu, "Pending Confirmation...", "idle", False)
        await page.clock.fast_forward(10_000)
        await says(chinu, LATE)
        await shows(chinu, "Retry Order", "retry", True)
        await button(chinu).click()
        await shows(chinu, "Pending Confirmation...", "idle", False)
        till.let_go.set()
        await chinu.is_congratulated("K-1")
        await anshu.is_congratulated("K-1")
    assert list(till.taken) == ["ORD-7-1"]
    assert browser.complaints == []


async def test_who_presses_twice_or_together_orders_once(table: Table) -> None:
    _, till, _, chinu, anshu = table
    twice = "button => { button.click(); button.click(); }"
    async with asyncio.TaskGroup() as group:
        for guest in (chinu, anshu):
            group.create_task(button(guest).evaluate(twice))
    await chinu.is_congratulated("K-1")
    await anshu.is_congratulated("K-1")
    assert [call[0] for call in till.calls] == ["POST"]
    await expect(chinu.page.locator("li.order")).to_have_count(1)


async def test_a_dish_that_ran_out_meanwhile_is_named(table: Table) -> None:
    box, till, _, chinu, _ = table
    outcome = await box.app.writer.execute(TakeItemOff(CHIPS, True, "staff:ann"))
    assert isinstance(outcome, Accepted)
    await chinu.place_order()
    await expect(chinu.page.get_by_text("Chips has just sold out.")).to_be_visible()
    await shows(chinu, "Place Order", "go", True)
    assert till.calls == []


HARBOUR = LocationConfig("gps", fence=Fence(53.5436, 9.9665, 80.0))


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        ((53.5437, 9.9667), None),
        ((53.56, 9.99), "Orders can only be placed from inside the venue."),
        (None, "Please let your phone say where it is, then order again."),
    ],
)
async def test_where_the_phone_is_may_matter(
    table: Table, place: tuple[float, float] | None, complaint: str | None
) -> None:
    box, till, _, chinu, _ = table
    await configured(box, by(till), HARBOUR)
    if place:
        context = chinu.page.context
        await context.grant_permissions(["geolocation"])
        await context.set_geolocation({"latitude": place[0], "longitude": place[1], "accuracy": 12})
    await chinu.page.reload()
    await chinu.sees("Chips", 1)
    await chinu.place_order()
    if complaint is None:
        await chinu.is_congratulated("K-1")
    else:
        await expect(chinu.page.get_by_text(complaint)).to_be_visible()
        await shows(chinu, "Place Order", "go", True)
        assert till.calls == []


async def test_when_the_till_never_answers_somebody_looks_and_says_so(table: Table) -> None:
    box, till, browser, chinu, _ = table
    till.fates, till.questions = [takes_and_dies], [answers(503)] * 1_000
    await chinu.place_order()
    await till.called.wait()
    # The box alarms by itself after twenty seconds of doubt; here it does so at once.
    words, detail = "Nobody knows whether the till has ORD-7-1; please look.", {"order_id": "ORD-7-1"}
    box.app.alarms.raise_(Alarm("pos_in_doubt:ORD-7-1", "pos_in_doubt", words, 1, detail))
    ann = Waiter(await browser.device(TABLET))
    await ann.sign_in(box.url)
    await ann.go_to("T1")
    await expect(ann.page.get_by_role("button", name="The till has it")).to_be_visible()
    await ann.tab("Alarms").click()
    await expect(ann.page.get_by_text(words)).to_be_visible()
    await ann.page.get_by_role("button", name="The till has it").click()
    await chinu.is_congratulated("K-1")
    await expect(ann.page.get_by_text(words)).to_have_count(0)
