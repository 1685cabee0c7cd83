"""A phone that is not on the venue's Wi-Fi: sits down, orders, and is told the truth through an outage."""

from playwright.async_api import Page, expect

from tests.browser.audit import faint_words, sideways, small_targets, still
from tests.browser.venue import DESK, PHONE, Browser
from tests.integration.afar.linked import Linked, eventually

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
    await sheet.get_by_role("button", name="Join and order").click()


def orders(stand: Linked) -> int:
    """How many the box has."""
    return int(stand.box.app.reader.execute("SELECT count(*) FROM orders").fetchone()[0])


async def sent(stand: Linked, count: int) -> bool:
    """Whether so many orders have reached the cloud."""
    found = await stand.cloud.pool.fetchval("SELECT count(*) FROM instructions WHERE kind = 'guest_order'")
    return bool(found == count)


async def test_a_phone_on_mobile_data_orders_through_an_outage_and_is_told_the_truth(
    stand: Linked, browser: Browser
) -> None:
    page = await browser.device(PHONE)
    await open_page(page, stand)
    await still(page)
    assert (await small_targets(page), await faint_words(page), await sideways(page)) == ([], [], 0)
    await put_in(page)
    cart = page.get_by_role("dialog", name="Your order")
    await cart.get_by_role("button", name="Place Order").click()
    await join(page, stand, "wrong")
    await expect(page.get_by_role("dialog", name="Join the table").get_by_role("alert")).to_be_visible()
    await join(page, stand)
    await expect(cart.get_by_text("Order placed")).to_be_visible()
    assert orders(stand) == 1

    await stand.offline()
    await cart.get_by_role("button", name="Order something else").click()
    await cart.get_by_role("button", name="Close").click()
    await expect(page.get_by_text("The venue has no internet at the moment.")).to_be_visible()
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
    await expect(cart.get_by_text("Order placed")).to_be_visible()
    assert orders(stand) == 2
    await stand.agree()


async def test_what_the_venue_refuses_is_in_the_cart_again(stand: Linked, browser: Browser) -> None:
    page = await browser.device(DESK)
    await open_page(page, stand, 2)
    await page.get_by_role("button", name=f"Add {DISH}").click()
    await stand.outcome(await stand.ask({"kind": "mark_sold_out", "menu_item": DISH_ID}))
    order = page.get_by_role("region", name="Order")
    await order.get_by_role("button", name="Place Order").click()
    await join(page, stand)
    await expect(order.get_by_text("Not ordered")).to_be_visible()
    await expect(order.get_by_role("button", name=f"Remove {DISH}")).to_be_visible()
    assert orders(stand) == 0

    async def taken_back() -> bool:
        carts = stand.box.app.reader.execute("SELECT count(*) FROM cart_items WHERE state = 'pending'")
        return int(carts.fetchone()[0]) == 0

    await eventually(taken_back)


async def test_an_address_of_no_table_says_so(stand: Linked, browser: Browser) -> None:
    page = await browser.device(PHONE)
    await page.goto(f"{stand.cloud.url}/v/{stand.venue.venue_id}/t/NOWHERE")
    await expect(page.get_by_text("Nothing can be ordered here")).to_be_visible()
