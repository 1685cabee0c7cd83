"""The menu editor, from a manager's keyboard to a guest's phone, with two managers at it at once."""

import asyncio
from pathlib import Path

from PIL import Image
from playwright.async_api import Locator, Page, expect

from cloud.app import Serving
from cloud.owners.venues.founding import NewVenue
from tests.browser.owner.test_owner_page import VENUE, sign_in
from tests.browser.people import Guest
from tests.browser.venue import DESK, PHONE, Box, Browser


async def _editor(page: Page, cloud: Serving) -> None:
    await sign_in(page, cloud.url)
    await page.get_by_role("link", name="Menu").click()
    await expect(page.get_by_text("Everything is saved.")).to_be_visible()


async def _open(page: Page, dish: str) -> Locator:
    await page.get_by_role("button", name=dish).first.click()
    return page.get_by_role("dialog", name=dish)


async def _price(page: Page, dish: str, price: str) -> None:
    sheet = await _open(page, dish)
    await sheet.get_by_label("Price (EUR)", exact=True).fill(price)
    await sheet.get_by_role("button", name="Close").click()


async def _publish(page: Page) -> Locator:
    await page.get_by_role("button", name="Publish").click()
    await page.get_by_role("button", name="Publish to 1 venue").click()
    return page.get_by_role("dialog")


async def test_a_price_is_edited_published_and_seen_by_a_guest(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    manager, guest = await browser.device(DESK), Guest(await browser.device(PHONE))
    await guest.sit_down(box.url, "Chinu", venue.tables[0].code)
    await expect(guest.page.get_by_text("€3.20").first).to_be_visible()
    await _editor(manager, cloud)
    await _price(manager, "Croissant", "4,75")
    await expect(manager.get_by_text("Not published yet. Everything is saved.")).to_be_visible()
    await expect(guest.page.get_by_text("€4.75")).to_have_count(0)
    await expect(await _publish(manager)).to_contain_text("Version 1 is on its way")
    await expect(guest.page.get_by_text("€4.75").first).to_be_visible()
    await manager.get_by_role("button", name="Done").click()
    await manager.get_by_role("link", name="Venues", exact=True).last.click()
    row = manager.get_by_role("listitem").filter(has_text=VENUE)
    await expect(row.get_by_text("newest")).to_be_visible()
    await manager.get_by_role("button", name="Look again").click()
    await expect(row.get_by_text("sells from it")).to_be_visible()


async def test_a_picture_is_uploaded_published_and_seen_beside_the_dish(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box, tmp_path: Path
) -> None:
    manager, guest = await browser.device(DESK), Guest(await browser.device(PHONE))
    photo = tmp_path / "croissant.jpg"
    Image.linear_gradient("L").resize((800, 600)).convert("RGB").save(photo)
    await _editor(manager, cloud)
    sheet = await _open(manager, "Croissant")
    await sheet.get_by_label("Picture", exact=True).set_input_files(photo)
    shown = sheet.get_by_role("img", name="Picture of Croissant")
    await expect(shown).to_be_visible()
    await _drawn(shown, 800)
    await sheet.get_by_role("button", name="Close").click()
    await expect(manager.get_by_text("Everything is saved.")).to_be_visible()
    await expect(await _publish(manager)).to_contain_text("is on its way")
    await manager.get_by_role("button", name="Done").click()

    await guest.sit_down(box.url, "Chinu", venue.tables[0].code)
    row = guest.page.get_by_role("listitem").filter(has_text="Croissant").first
    await row.scroll_into_view_if_needed()
    tile = row.locator("img")
    await _drawn(tile, 160, reload=guest.page)
    await row.get_by_role("button", name="Croissant, details").click()
    dish = guest.page.get_by_role("dialog", name="Croissant")
    await _drawn(dish.locator("img"), 800)


async def _drawn(image: Locator, width_px: int, reload: Page | None = None) -> None:
    """The picture is there in full; a box that has just got the menu may still be fetching it."""
    async with asyncio.timeout(60):
        while await image.evaluate("image => image.complete ? image.naturalWidth : -1") != width_px:
            if reload is not None and await image.get_attribute("data-gone"):
                await reload.reload()
            await asyncio.sleep(0.1)


async def test_two_managers_lose_nothing_and_are_asked_only_where_both_changed_the_same(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    ann, bob = await browser.device(DESK), await browser.device(DESK)
    await _editor(ann, cloud)
    await _editor(bob, cloud)
    await _price(ann, "Croissant", "4.10")
    await expect(ann.get_by_text("Everything is saved.")).to_be_visible()
    await _price(bob, "Salmon Bagel", "12.00")
    await expect(bob.get_by_text("Your changes and theirs are put together.")).to_be_visible()
    await expect(bob.get_by_role("button", name="Croissant").first).to_contain_text("€4.10")
    await expect(bob.get_by_text("Everything is saved.")).to_be_visible()

    await _price(ann, "Croissant", "4.20")
    question = ann.get_by_role("dialog", name="You both changed this")
    await expect(question).to_have_count(0)
    await expect(ann.get_by_role("button", name="Salmon Bagel").first).to_contain_text("€12.00")
    await expect(ann.get_by_text("Everything is saved.")).to_be_visible()
    await _price(bob, "Croissant", "4.30")
    question = bob.get_by_role("dialog", name="You both changed this")
    await expect(question).to_contain_text("Croissant, price")
    await question.get_by_role("radio", name="Theirs: €4.20").check()
    await question.get_by_role("button", name="Go on with these").click()
    await expect(bob.get_by_text("Everything is saved.")).to_be_visible()
    await expect(bob.get_by_role("button", name="Croissant").first).to_contain_text("€4.20")


async def test_the_second_to_publish_is_told_who_was_first(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    ann, bob = await browser.device(DESK), await browser.device(PHONE)
    await _editor(ann, cloud)
    await _price(ann, "Croissant", "4.10")
    await expect(ann.get_by_text("Everything is saved.")).to_be_visible()
    await _editor(bob, cloud)
    await bob.get_by_role("button", name="Publish").click()
    await expect(await _publish(ann)).to_contain_text("Version 1 is on its way")
    await bob.get_by_role("button", name="Publish to 1 venue").click()
    refused = bob.get_by_role("alert")
    await expect(refused).to_contain_text("published version 1")
    await expect(refused).to_contain_text("Nothing of yours is lost")
    await bob.get_by_role("button", name="Publish to 1 venue").click()
    await expect(bob.get_by_role("dialog")).to_contain_text("Version 2 is on its way")


async def test_what_cannot_be_sold_from_is_said_before_anything_is_sent(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    page = await browser.device(DESK)
    await _editor(page, cloud)
    await page.get_by_label("New category").fill("Specials")
    await page.get_by_role("button", name="Add category").click()
    await page.get_by_role("button", name="Add to Specials").click()
    sheet = page.get_by_role("dialog", name="A new item")
    price = sheet.get_by_label("Price (EUR)", exact=True)
    for nonsense in ("a lot", "-3", "9" * 13):
        await price.fill(nonsense)
        await expect(sheet.get_by_text("A price is like 12.50, and not below zero.")).to_be_visible()
    await sheet.get_by_role("button", name="Close").click()
    await expect(page.get_by_text("Nothing in here yet; guests do not see it.")).to_be_visible()
    sheet = await _open(page, "Croissant")
    await sheet.get_by_label("Name", exact=True).fill(" ")
    await page.keyboard.press("Escape")
    await expect(page.get_by_text("Everything is saved.")).to_be_visible()
    dialog = await _publish(page)
    await expect(dialog.get_by_role("alert")).to_contain_text("needs a name")
    entries = await cloud.pool.fetchval("SELECT count(*) FROM down_entries WHERE stream = 'menu'")
    assert entries == 1, "the import's and no other"


async def test_a_category_comes_moves_and_goes_by_keyboard_alone_and_is_taken_back(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    page, guest = await browser.device(PHONE), Guest(await browser.device(PHONE))
    await guest.sit_down(box.url, "Chinu", venue.tables[0].code)
    await _editor(page, cloud)

    async def press(name: str) -> None:
        await page.get_by_role("button", name=name, exact=True).press("Enter")

    new = page.get_by_label("New category")
    await new.fill("Breakfast")
    await new.press("Enter")
    await expect(page.get_by_role("alert")).to_have_text("There is a category “Breakfast” already.")
    await new.fill("Late")
    await new.press("Enter")
    await press("Edit Late")
    await page.get_by_label("New name of Late").fill("Night")
    await page.get_by_label("New name of Late").press("Enter")
    up = page.get_by_role("button", name="Move Night up")
    for _ in range(20):
        await up.press("Enter")
        await expect(up).to_be_focused()
        if await up.get_attribute("aria-disabled") == "true":
            break
    await expect(page.get_by_role("heading", level=2).first).to_have_text("Night")
    await press("Add to Night")
    sheet = page.get_by_role("dialog")
    await sheet.get_by_label("Name", exact=True).fill("Midnight Ramen")
    await sheet.get_by_label("Price (EUR)").first.fill("12,5")
    await page.keyboard.press("Escape")
    await press("Edit Night")
    await page.get_by_role("button", name="Remove…").press("Enter")
    await sheet.get_by_label("Its 1 item").select_option("Breakfast")
    await press("Remove, and move 1 item to Breakfast")
    await expect(page.get_by_role("heading", name="Night", exact=True)).to_have_count(0)
    await page.keyboard.press("Control+z")
    await expect(page.get_by_role("heading", level=2).first).to_have_text("Night")
    await expect(page.get_by_text("Everything is saved.")).to_be_visible()
    await page.get_by_role("button", name="Publish").press("Enter")
    await press("Publish to 1 venue")
    await expect(sheet).to_contain_text("Version 1 is on its way")
    await expect(guest.page.get_by_text("Midnight Ramen").first).to_be_visible()
    await expect(guest.page.get_by_text("€12.50").first).to_be_visible()
    await expect(guest.page.get_by_role("heading", level=2).first).to_have_text("Night")


async def test_work_goes_on_while_the_cloud_is_away(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    page = await browser.device(DESK)
    await _editor(page, cloud)
    await page.context.set_offline(True)
    await _price(page, "Croissant", "5.00")
    await expect(page.get_by_text("Not saved yet: the cloud does not answer.")).to_be_visible()
    await page.context.set_offline(False)
    await expect(page.get_by_text("Everything is saved.")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("button", name="Croissant").first).to_contain_text("€5.00")


async def test_what_was_not_saved_is_there_again_when_the_page_is(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    page, other = await browser.device(DESK), await browser.device(DESK)
    await _editor(page, cloud)
    await page.context.set_offline(True)
    await _price(page, "Croissant", "5.00")
    await expect(page.get_by_text("Not saved yet: the cloud does not answer.")).to_be_visible()
    await page.goto("about:blank")
    await page.context.set_offline(False)
    await _editor(other, cloud)
    await expect(other.get_by_role("button", name="Croissant").first).to_contain_text("€3.20")
    await _price(other, "Salmon Bagel", "12.00")
    await expect(other.get_by_text("Everything is saved.")).to_be_visible()
    await page.goto(f"{cloud.url}/#menu")
    await expect(page.get_by_text("What was not saved last time is here again.")).to_be_visible()
    await expect(page.get_by_text("Everything is saved.")).to_be_visible()
    await expect(page.get_by_role("button", name="Croissant").first).to_contain_text("€5.00")
    await expect(page.get_by_role("button", name="Salmon Bagel").first).to_contain_text("€12.00")
