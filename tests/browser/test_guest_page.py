"""Guests at a table: one cart on every phone, through pass words, lost connections, reloads and orders."""

import asyncio

from playwright.async_api import expect

from edge.core.commands import AdoptMenu
from tests.browser.people import Guest
from tests.browser.venue import DESK, Box, Browser
from tests.sample_venue import CHIPS, menu


async def two_at_a_table(browser: Browser, box: Box) -> tuple[Guest, Guest]:
    """Chinu hosts on a phone and has given the word; Anshu sits at a wide screen with the cart in sight."""
    chinu, anshu = Guest(await browser.device()), Guest(await browser.device(DESK))
    await chinu.sit_down(box.url, "Chinu")
    await chinu.add("Chips")
    await chinu.say_word()
    await anshu.sit_down(box.url, "Anshu")
    await anshu.sees("Chips", 1)
    return chinu, anshu


async def test_the_menu_can_be_read_before_giving_a_name(browser: Browser, box: Box) -> None:
    guest = Guest(await browser.device())
    await guest.scan(box.url)
    await guest.page.get_by_role("button", name="Just look at the menu").click()
    await expect(guest.page.get_by_role("heading", name="Sweets")).to_be_visible()
    await guest.page.get_by_label("Search the menu").fill("stea")
    await expect(guest.page.locator("li.dish")).to_have_count(1)
    await guest.add("Steak")
    await expect(guest.page.get_by_label("Your name")).to_be_visible()


async def test_a_code_of_no_table_says_so(browser: Browser, box: Box) -> None:
    guest = Guest(await browser.device())
    await guest.scan(box.url, "NOSUCH")
    await guest.page.get_by_label("Your name").fill("Chinu")
    await guest.page.get_by_role("button", name="Join the table").click()
    await expect(guest.page.get_by_role("alert")).to_contain_text("belongs to no table here")


async def test_the_pass_word_is_asked_for_once_and_the_tap_replayed(browser: Browser, box: Box) -> None:
    guest = Guest(await browser.device())
    await guest.sit_down(box.url, "Chinu")
    await guest.add("Chips")
    await guest.say_word("tea")
    await expect(guest.page.get_by_role("alert")).to_contain_text("not today's pass word")
    await guest.say_word()
    await guest.add("Soup")
    await guest.open_cart()
    await guest.sees("Chips", 1)
    await guest.sees("Soup", 1)
    await expect(guest.page.get_by_role("dialog", name="Pass word")).to_have_count(0)


async def test_taps_are_taken_back_when_the_guest_does_not_know_the_word(browser: Browser, box: Box) -> None:
    guest = Guest(await browser.device())
    await guest.sit_down(box.url, "Chinu")
    await guest.add("Chips")
    await guest.page.get_by_role("dialog", name="Pass word").get_by_role("button", name="Close").click()
    await expect(guest.page.locator(".bottom-cart")).to_contain_text("empty")


async def test_everyone_sees_who_added_what_and_may_change_only_their_own(browser: Browser, box: Box) -> None:
    chinu, anshu = await two_at_a_table(browser, box)
    await expect(anshu.line("Chips")).to_contain_text("added by Chinu")
    await expect(anshu.line("Chips").get_by_role("button", name="One more Chips")).to_be_disabled()
    await anshu.add("Soup")
    await anshu.sees("Soup", 1)
    await chinu.open_cart()
    await chinu.line("Soup").get_by_role("button", name="One more Soup").click()
    await anshu.sees("Soup", 2)
    await anshu.line("Soup").get_by_role("button", name="One less Soup").click()
    await anshu.sees("Soup", 1)
    await anshu.line("Soup").get_by_role("button", name="Remove Soup").click()
    await expect(chinu.line("Soup")).to_have_count(0)


async def test_quick_taps_add_up_to_what_was_tapped(browser: Browser, box: Box) -> None:
    chinu, anshu = await two_at_a_table(browser, box)
    for _ in range(9):
        await chinu.add("Chips")
    await anshu.sees("Chips", 10)


async def test_choices_are_asked_for_priced_and_shown(browser: Browser, box: Box) -> None:
    chinu, anshu = await two_at_a_table(browser, box)
    await anshu.add("Steak")
    sheet = anshu.page.get_by_role("dialog", name="Steak")
    await expect(sheet.get_by_role("button", name="Choose: How done")).to_be_disabled()
    await sheet.get_by_label("rare").check()
    await sheet.get_by_label("bacon").check()
    await sheet.get_by_label("Note").fill("no salt")
    await sheet.get_by_role("button", name="Add · €23.10").click()
    await chinu.open_cart()
    await chinu.sees("Steak", 1)
    await expect(chinu.line("Steak")).to_contain_text("rare · bacon · no salt")
    await expect(chinu.page.locator(".total:visible")).to_contain_text("€26.35")


async def test_what_was_tapped_while_the_box_was_away_arrives_once(
    browser: Browser, box: Box, tasks: asyncio.TaskGroup
) -> None:
    chinu, anshu = await two_at_a_table(browser, box)
    await box.off()
    lost = chinu.page.get_by_text("Connection lost. Reconnecting...").first
    await expect(lost).to_be_visible()
    for _ in range(3):
        await chinu.add("Soup")
    await chinu.open_cart()
    await expect(chinu.line("Soup")).to_contain_text("saving")
    await expect(chinu.page.get_by_role("button", name="Place Order").last).to_be_disabled()
    await box.on(tasks)
    await anshu.sees("Soup", 3)
    await chinu.sees("Soup", 3)
    await expect(lost).to_be_hidden()


async def test_a_reload_finds_the_same_member_and_cart(browser: Browser, box: Box) -> None:
    chinu, anshu = await two_at_a_table(browser, box)
    await chinu.page.reload()
    await chinu.open_cart()
    await chinu.sees("Chips", 1)
    await expect(chinu.line("Chips")).to_contain_text("added by you")
    await expect(anshu.page.locator(".faces .face")).to_have_count(2)


async def test_an_order_is_confirmed_on_every_phone_and_listed(browser: Browser, box: Box) -> None:
    chinu, anshu = await two_at_a_table(browser, box)
    await anshu.page.get_by_label("For the kitchen").fill("window table")
    await anshu.place_order()
    await chinu.is_congratulated("K-1")
    await anshu.is_congratulated("K-1")
    await expect(chinu.page.locator(".bottom-cart")).to_contain_text("empty")
    orders = anshu.page.get_by_label("Orders", exact=True)
    await expect(orders).to_contain_text("The kitchen has your order")
    await expect(orders).to_contain_text("ORD-7-1")
    await chinu.add("Soup")
    await anshu.sees("Soup", 1)


async def test_a_dish_that_leaves_the_menu_cannot_be_tapped_any_more(browser: Browser, box: Box) -> None:
    chinu, _ = await two_at_a_table(browser, box)
    await box.app.writer.execute(AdoptMenu(menu(2, without=(CHIPS,)), 1))
    await expect(chinu.page.get_by_role("button", name="Add Chips", exact=True)).to_have_count(0)


async def test_a_table_can_be_joined_and_ordered_at_with_the_keyboard_alone(
    browser: Browser, box: Box
) -> None:
    guest = Guest(await browser.device(DESK))
    await guest.scan(box.url)
    await expect(guest.page.get_by_label("Your name")).to_be_focused()
    await guest.page.keyboard.type("Chinu")
    await guest.page.keyboard.press("Enter")
    await guest.page.locator(".faces [title='Chinu']").wait_for()
    await guest.page.get_by_role("button", name="Add Chips", exact=True).focus()
    await guest.page.keyboard.press("Enter")
    await guest.page.get_by_role("dialog", name="Pass word").wait_for()
    await guest.page.keyboard.type("coffee")
    await guest.page.keyboard.press("Enter")
    await guest.sees("Chips", 1)
    await guest.page.get_by_role("button", name="Place Order").locator("visible=true").focus()
    await guest.page.keyboard.press("Enter")
    await expect(guest.page.get_by_role("dialog", name="Order placed")).to_contain_text("K-1")
    await guest.page.keyboard.press("Escape")
    await expect(guest.page.get_by_role("dialog")).to_have_count(0)
