"""A phone that is not on the venue's Wi-Fi: orders, follows the kitchen, is told the truth in an outage."""

import re

from playwright.async_api import Page, expect

from edge.core.commands import AdvanceTicket
from tests.browser.audit import hold
from tests.browser.venue import DESK, PHONE, Browser
from tests.integration.afar.linked import Linked, eventually
from tests.integration.afar.test_dish_pictures import photo, published, uploaded

DISH, DISH_ID = "Garlic Bread", 13


async def open_page(page: Page, stand: Linked, table: int = 1) -> None:
    """The table's public address."""
    code = stand.venue.tables[table].code
    await page.goto(f"{stand.cloud.url}/v/{stand.venue.venue_id}/t/{code}")
    await page.get_by_role("button", name=f"Add {DISH}").wait_for()


async def put_in(page: Page) -> None:
    """One pizza, and the cart is looked at."""
    await page.get_by_role("button", name=f"Add {DISH}").click()
    await page.locator(".bottom-cart").click()


async def join(page: Page, stand: Linked, word: str | None = None) -> None:
    """The name, and the pass word."""
    sheet = page.get_by_role("dialog", name="Join the table")
    await sheet.get_by_label("Your name").fill("Bela")
    await sheet.get_by_label("Today's pass word").fill(stand.venue.pass_word if word is None else word)
    await sheet.get_by_role("button", name=re.compile("Join and order|Leave the order")).click()


async def placed(page: Page) -> None:
    """The venue has it, and the guest has seen so."""
    sheet = page.get_by_role("dialog", name="Order placed")
    await expect(sheet.get_by_text("Order placed successfully!")).to_be_visible()
    await sheet.get_by_role("button", name="Continue").click()


def orders(stand: Linked) -> int:
    """How many the box has."""
    return int(stand.box.app.reader.execute("SELECT count(*) FROM orders").fetchone()[0])


def tables(stand: Linked) -> int:
    """At how many somebody sits."""
    found = stand.box.app.reader.execute("SELECT count(*) FROM table_sessions WHERE status = 'open'")
    return int(found.fetchone()[0])


async def follows_the_kitchen(page: Page, stand: Linked) -> None:
    """What a cook does is on the guest's phone, step by step."""
    await page.locator(".bottom-orders").click()
    sheet = page.get_by_role("dialog", name="Orders")
    await expect(sheet.get_by_text("The kitchen has your order")).to_be_visible()
    row = stand.box.app.reader.execute("SELECT ticket, station FROM tickets").fetchone()
    for state, words in (("accepted", "accepted it"), ("preparing", "Being prepared"), ("ready", "Ready!")):
        await stand.box.app.writer.execute(AdvanceTicket(row[0], row[1], state, "cook"))
        await expect(sheet.get_by_text(words)).to_be_visible()
    await hold(sheet)
    await page.keyboard.press("Escape")
    await stand.box.app.writer.execute(AdvanceTicket(row[0], row[1], "served", "cook"))
    await expect(page.locator(".bottom-orders")).to_contain_text("served")


async def sent(stand: Linked, count: int) -> bool:
    """Whether so many orders have reached the cloud."""
    found = await stand.cloud.pool.fetchval("SELECT count(*) FROM instructions WHERE kind = 'guest_order'")
    return bool(found == count)


async def test_a_phone_on_mobile_data_orders_through_an_outage_and_is_told_the_truth(
    stand: Linked, browser: Browser
) -> None:
    page = await browser.device(PHONE)
    await open_page(page, stand)
    await hold(page.get_by_role("main"))
    await put_in(page)
    cart = page.get_by_role("dialog", name="Your order")
    await cart.get_by_role("button", name="Place Order").click()
    await join(page, stand, "wrong")
    await expect(page.get_by_role("dialog", name="Join the table").get_by_role("alert")).to_be_visible()
    await join(page, stand)
    await placed(page)
    assert orders(stand) == 1
    await follows_the_kitchen(page, stand)

    await stand.offline()
    await expect(page.get_by_text("The venue has no internet at the moment.").first).to_be_visible()
    await put_in(page)
    await cart.get_by_role("button", name="Place Order").click()
    await expect(cart.get_by_text("nothing is cooked before that")).to_be_visible()
    await page.reload()
    await page.locator(".bottom-cart").click()
    await expect(cart.get_by_text("nothing is cooked before that")).to_be_visible()
    await eventually(lambda: sent(stand, 2))
    await stand.aged(60)
    await stand.online()
    await expect(cart.get_by_text("The staff is looking at it")).to_be_visible()
    assert orders(stand) == 1, "nothing is fired late by itself"
    (held,) = (await stand.staff("GET", "approvals"))["orders"]
    await stand.staff("POST", f"approvals/{held['command_id']}", {"approve": True})
    await placed(page)
    assert orders(stand) == 2
    await stand.agree()


async def test_who_comes_in_an_outage_orders_with_their_seat_and_sees_what_became_of_it(
    stand: Linked, browser: Browser
) -> None:
    page = await browser.device(PHONE)
    await stand.offline()
    await open_page(page, stand, 2)
    await expect(page.get_by_text("The venue has no internet at the moment.")).to_be_visible()
    await put_in(page)
    cart = page.get_by_role("dialog", name="Your order")
    await cart.get_by_role("button", name="Place Order").click()
    sheet = page.get_by_role("dialog", name="Join the table")
    await expect(sheet).to_contain_text("nobody can let you in yet")
    await join(page, stand)
    await expect(cart.get_by_text("your seat at the table comes with the order")).to_be_visible()
    assert tables(stand) == 0
    await eventually(lambda: sent(stand, 1))
    await stand.staff("POST", "menu/sold_out", {"menu_item": DISH_ID, "sold_out": True})
    await stand.aged(60)
    await page.reload()
    await stand.online()
    await page.locator(".bottom-cart").click()
    await expect(cart.get_by_text("The staff is looking at it")).to_be_visible()
    assert (orders(stand), tables(stand)) == (0, 0), "nobody sits down before the venue has said yes"
    (held,) = (await stand.staff("GET", "approvals"))["orders"]
    assert (held["guest"], held["table"], held["word"]) == ("Bela", stand.venue.tables[2].name, "right")
    await stand.staff("POST", f"approvals/{held['command_id']}", {"approve": True})
    await expect(cart.get_by_text(f"{DISH} has just sold out")).to_be_visible()
    line = cart.get_by_role("listitem").filter(has_text=DISH)
    await expect(line.get_by_role("alert")).to_contain_text("This has just sold out.")
    await expect(cart.get_by_role("button", name="Check the changed dishes")).to_be_disabled()
    await line.get_by_role("button", name=f"Take {DISH} out").click()
    await expect(cart.get_by_role("button", name="Check the changed dishes")).to_have_count(0)
    assert orders(stand) == 0
    await stand.agree()


async def test_a_change_of_the_menu_is_seen_at_once_and_nobody_pays_it_unasked(
    stand: Linked, browser: Browser
) -> None:
    page = await browser.device(DESK)
    await open_page(page, stand, 2)
    await page.get_by_role("button", name=f"Add {DISH}").click()
    order = page.get_by_role("region", name="Order")
    await expect(order.get_by_text("€4.90").first).to_be_visible()
    _, picture = await uploaded(stand, photo())
    status, answer = await published(stand, DISH_ID, picture=picture, price_minor=520)
    assert status == 200, answer
    await expect(order.get_by_role("alert")).to_contain_text("The price has changed: €5.20 now.")
    shown = page.get_by_role("main").get_by_role("listitem").filter(has_text=DISH).locator("img.dish-picture")
    await expect(shown).to_be_visible()
    assert await shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    await expect(order.get_by_role("button", name="Check the changed dishes")).to_be_disabled()
    await order.get_by_role("button", name=f"Keep {DISH}").click()
    await order.get_by_role("button", name="Place Order").click()
    await stand.online()
    await join(page, stand)
    await placed(page)
    orders_card = page.get_by_role("region", name="Orders")
    await expect(orders_card.get_by_text("€5.20")).to_be_visible()
    await stand.outcome(await stand.ask({"kind": "mark_sold_out", "menu_item": DISH_ID}))
    dish = page.get_by_role("main").get_by_role("listitem").filter(has_text=DISH)
    await expect(dish.get_by_text("Sold out")).to_be_visible()
    await stand.agree()


async def test_an_address_of_no_table_says_so(stand: Linked, browser: Browser) -> None:
    page = await browser.device(PHONE)
    await page.goto(f"{stand.cloud.url}/v/{stand.venue.venue_id}/t/NOWHERE")
    await expect(page.get_by_text("Nothing can be ordered here")).to_be_visible()
