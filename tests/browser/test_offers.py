"""Combos, food to take away, dishes by the hour, dishes that change in the cart, seen by guests and cooks."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from playwright.async_api import expect

from edge.core.commands import AdoptMenu, ConfigureVenue, TakeItemOff
from edge.core.orders import terms
from edge.journal.writer import Accepted
from protocol.facts.menu import ComboChoice, ComboSlot, Menu, MenuItem
from protocol.serving_hours import ServingHours
from tests.browser.people import Cook, Guest
from tests.browser.venue import DESK, PIN, Box, Browser, venue_commands
from tests.sample_venue import BURGER, CHIPS, SOUP, STEAK, T1, WINE, coursed_menu, menu

LUNCH, LATE = 50, 51
SLOTS = (
    ComboSlot(1, "Main", (ComboChoice(BURGER), ComboChoice(STEAK, 800))),
    ComboSlot(2, "Drink", (ComboChoice(WINE), ComboChoice(CHIPS, -100))),
)


def offers(version: int = 1, late: ServingHours | None = None, **of_soup: object) -> Menu:
    """The sample menu, a combo, a soup that is cheaper to take away, and a dish with hours."""
    plain = menu(version)
    away = {"takeaway_price_minor": 500, **of_soup}
    items = (msgspec.structs.replace(item, **away) if item.id == SOUP else item for item in plain.items)
    combo = MenuItem(LUNCH, "Lunch", "Mains", 1200, "Main and drink", slots=SLOTS, allergens=("gluten",))
    by_hour = MenuItem(LATE, "Late Pie", "Mains", 700, "", "grill", hours=(late,) if late else ())
    return msgspec.structs.replace(plain, items=(*items, combo, by_hour))


@pytest.fixture
async def box(tmp_path: Path, tasks: asyncio.TaskGroup) -> AsyncIterator[Box]:
    """The sample venue with these offers."""
    running = Box(tmp_path / "box", venue_commands(offers()))
    await running.on(tasks)
    yield running
    await running.off()


async def tell(box: Box, command: AdoptMenu | ConfigureVenue | TakeItemOff) -> None:
    """Something happens at the venue."""
    assert isinstance(await box.app.writer.execute(command), Accepted)


async def seated(browser: Browser, box: Box, name: str = "Chinu") -> Guest:
    """Somebody at the table."""
    guest = Guest(await browser.device(DESK))
    await guest.sit_down(box.url, name)
    return guest


async def test_a_combo_is_chosen_ordered_and_cooked_where_its_dishes_are(browser: Browser, box: Box) -> None:
    guest = await seated(browser, box)
    await guest.add("Lunch")
    sheet = guest.page.get_by_role("dialog", name="Lunch")
    await expect(sheet.get_by_role("button", name="Choose: Main")).to_be_disabled()
    await sheet.get_by_role("radio", name="Steak").check()
    await expect(sheet.get_by_role("button", name="Choose: How done")).to_be_disabled()
    await sheet.get_by_role("radio", name="rare").check()
    await expect(sheet.get_by_role("button", name="Choose: Drink")).to_be_disabled()
    await sheet.get_by_role("radio", name="Chips").check()
    await sheet.get_by_role("button", name="Add · €19.00").click()
    await guest.say_word()
    await guest.sees("Lunch", 1)
    await expect(guest.line("Lunch")).to_contain_text("Steak, rare · Chips")
    await guest.place_order()
    await guest.is_congratulated("K-1")
    await expect(guest.page.get_by_label("Orders", exact=True)).to_contain_text("Steak, rare")
    cook = Cook(await browser.device(DESK))
    await cook.sign_in(box.url)
    ticket = cook.ticket("K-1", "Steak")
    await expect(ticket).to_contain_text("Lunch")
    await ticket.get_by_role("button", name="1 Steak done").click()
    await expect(ticket.get_by_role("button", name="1 Chips done")).to_have_attribute("aria-pressed", "false")
    await ticket.get_by_role("button", name="1 Chips done").click()
    await expect(ticket).to_have_attribute("data-state", "ready")


async def test_a_combo_is_sold_out_with_the_last_dish_of_a_slot(browser: Browser, box: Box) -> None:
    guest = await seated(browser, box)
    lunch = guest.page.get_by_role("button", name="Add Lunch", exact=True)
    await tell(box, TakeItemOff(WINE, True, "cook"))
    await lunch.click()
    sheet = guest.page.get_by_role("dialog", name="Lunch")
    await expect(sheet.get_by_role("radio", name="Wine")).to_be_disabled()
    await tell(box, TakeItemOff(CHIPS, True, "cook"))
    await expect(sheet.get_by_role("button", name="Sold out")).to_be_disabled()
    await guest.page.keyboard.press("Escape")
    await expect(lunch).to_have_count(0)
    await tell(box, TakeItemOff(CHIPS, False, "cook"))
    await expect(lunch).to_have_count(1)


async def test_food_is_taken_away_at_its_price_and_the_kitchen_knows(browser: Browser, box: Box) -> None:
    guest = await seated(browser, box)
    await guest.page.get_by_role("button", name="Take away", exact=True).click()
    await guest.add("Soup")
    await guest.say_word()
    await guest.sees("Soup", 1)
    await expect(guest.line("Soup")).to_contain_text("€5.00")
    await guest.line("Soup").get_by_role("button", name="Take away").click()
    await expect(guest.line("Soup")).to_contain_text("€5.80")
    await guest.line("Soup").get_by_role("button", name="Eat here").click()
    await expect(guest.line("Soup")).to_contain_text("€5.00")
    await guest.sees("Soup", 1)
    await guest.place_order()
    await guest.is_congratulated("K-1")
    cook = Cook(await browser.device(DESK))
    await cook.sign_in(box.url)
    await expect(cook.ticket("K-1")).to_contain_text("take away")


async def test_a_dish_shows_its_hours_and_appears_when_they_begin(browser: Browser, box: Box) -> None:
    clock = box.app.clock
    clock.learn(clock().wall_ms)
    minute = clock().wall_ms // 60_000 % (24 * 60)
    times = [f"{(minute + later) // 60 % 24:02}:{(minute + later) % 60:02}" for later in (180, 240)]
    await tell(box, AdoptMenu(offers(2, ServingHours(times[0], times[1]))))
    guest = await seated(browser, box)
    row = guest.page.locator("li.dish", has_text="Late Pie")
    await expect(row).to_contain_text(f"Served {times[0]}-{times[1]}")
    await expect(row).to_contain_text("Not now")
    await tell(box, AdoptMenu(offers(3, ServingHours("00:00", "00:00"))))
    await expect(guest.page.get_by_role("button", name="Add Late Pie")).to_have_count(1)


async def test_a_dish_that_changed_in_the_cart_is_agreed_to_or_taken_out(browser: Browser, box: Box) -> None:
    chinu = await seated(browser, box)
    await chinu.add("Soup")
    await chinu.say_word()
    await chinu.sees("Soup", 1)
    anshu = await seated(browser, box, "Anshu")
    await anshu.sees("Soup", 1)
    await tell(box, AdoptMenu(offers(2, allergens=("celery",))))
    for guest in (chinu, anshu):
        await expect(guest.line("Soup").get_by_role("alert")).to_contain_text("This dish has changed")
        await expect(guest.page.get_by_role("button", name="Check the changed dishes").first).to_be_disabled()
    await expect(anshu.line("Soup").get_by_role("button", name="Keep it")).to_be_disabled()
    await expect(chinu.line("Soup").get_by_role("alert")).to_contain_text("celery")
    await chinu.line("Soup").get_by_role("button", name="Keep it").click()
    for guest in (chinu, anshu):
        await expect(guest.line("Soup").get_by_role("alert")).to_have_count(0)
    gone = menu(3, without=(SOUP,))
    await tell(box, AdoptMenu(gone))
    await expect(chinu.line("Soup").get_by_role("alert")).to_contain_text("no longer on the menu")
    await chinu.line("Soup").get_by_role("button", name="Remove", exact=True).click()
    await expect(anshu.line("Soup")).to_have_count(0)
    await chinu.add("Chips")
    await chinu.sees("Chips", 1)
    await chinu.place_order()
    await chinu.is_congratulated("K-1")


async def test_courses_wait_until_the_pass_or_the_floor_calls_them(browser: Browser, box: Box) -> None:
    await tell(box, AdoptMenu(coursed_menu(2)))
    guest = await seated(browser, box)
    cook = Cook(await browser.device(DESK))
    await cook.sign_in(box.url)
    for dish in ("Soup", "Burger", "Cake"):
        await guest.add(dish)
        if dish == "Soup":
            await guest.say_word()
        if dish == "Burger":
            await guest.page.get_by_role("dialog").get_by_role("button", name="Add ·").click()
        await guest.sees(dish, 1)
    await guest.place_order()
    await guest.is_congratulated("K-1")
    await expect(cook.ticket("K-1", "Soup")).to_be_visible()
    coming = cook.page.get_by_role("region", name="Coming")
    await expect(coming.get_by_role("article")).to_have_count(2)
    await expect(coming.get_by_role("article", name="Coming K-1.2")).to_contain_text("1 Burger")

    staff = await browser.device(DESK)
    await staff.goto(f"{box.url}/staff")
    await staff.get_by_label("User").fill("ann")
    await staff.get_by_label("PIN").fill(PIN)
    await staff.get_by_role("button", name="Sign in").click()
    await staff.goto(f"{box.url}/staff#/floor/{T1}")
    await staff.get_by_role("button", name="Fire main").click()
    await expect(staff.get_by_role("button", name="Fire main")).to_have_count(0)
    await expect(cook.ticket("K-1.2", "Burger")).to_have_attribute("data-state", "received")
    await expect(coming.get_by_role("article")).to_have_count(1)

    await coming.get_by_role("button", name="Fire").click()
    await expect(cook.ticket("K-1.3", "Cake")).to_have_attribute("data-state", "received")
    await expect(coming).to_have_count(0)
    await expect(staff.get_by_role("button", name="Fire dessert")).to_have_count(0)


async def test_a_price_that_is_not_held_any_longer_is_agreed_to_before_the_order(
    browser: Browser, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The minutes pass while the guest looks at the cart; nothing moves until the guest has said yes."""
    venue = box.app.hot.committed_venue()
    assert venue is not None
    await tell(box, ConfigureVenue(msgspec.structs.replace(venue.config, price_hold_minutes=30)))
    chinu = await seated(browser, box)
    await chinu.add("Soup")
    await chinu.say_word()
    await chinu.sees("Soup", 1)
    await tell(box, AdoptMenu(offers(2, price_minor=690)))
    await expect(chinu.line("Soup")).to_contain_text("€5.80")
    monkeypatch.setattr(terms, "MINUTE_NS", 1)
    await chinu.place_order()
    lapsed = chinu.line("Soup").get_by_role("alert")
    await expect(lapsed).to_contain_text("The price has changed: €6.90 now.")
    await expect(chinu.line("Soup")).to_contain_text("€5.80")
    await chinu.line("Soup").get_by_role("button", name="Keep it").click()
    await expect(lapsed).to_have_count(0)
    await expect(chinu.line("Soup")).to_contain_text("€6.90")
    await chinu.place_order()
    await chinu.is_congratulated("K-1")
