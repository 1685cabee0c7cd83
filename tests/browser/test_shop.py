"""The editor on a guest's phone at a table whose venue has lost the internet, and then the box as well."""

import asyncio
import io
from pathlib import Path

import msgspec
from PIL import Image
from playwright.async_api import Page, expect

from protocol.facts.shop_order import ShopOrder
from tests.browser.venue import Box, Browser
from tests.sample_venue import T1

WITHIN_MS = 45_000


async def _sat_down(browser: Browser, box: Box) -> Page:
    page = await browser.device()
    page.set_default_timeout(WITHIN_MS)
    await page.goto(f"{box.url}/t/{T1}")
    await page.get_by_label("Your name").fill("Chinu")
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Design a mug").click()
    return page


def _photo(directory: Path) -> Path:
    path = directory / "photo.jpg"
    Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(path)
    return path


async def test_a_mug_is_designed_and_ordered_at_a_table_without_internet(
    box: Box, browser: Browser, tasks: asyncio.TaskGroup, tmp_path: Path
) -> None:
    page = await _sat_down(browser, box)
    await page.get_by_role("button", name="Mug").click()
    canvas = page.locator(".editor-canvas")
    await page.get_by_label("Text", exact=True).fill("Ahoy")
    await page.get_by_label("Choose a picture").set_input_files(_photo(tmp_path))
    saved = page.locator(".editor-standing")
    await expect(page.get_by_role("button", name="Other picture")).to_be_visible(timeout=WITHIN_MS)
    await expect(saved).to_contain_text("Saved", timeout=WITHIN_MS)
    await expect(page.get_by_alt_text("As it will be printed")).to_be_visible(timeout=WITHIN_MS)
    await _is_painted(page)

    # Moved with the finger, one step back, and moved with the keyboard.
    spot = await canvas.bounding_box()
    assert spot is not None
    await page.mouse.move(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
    await page.mouse.down()
    await page.mouse.move(spot["x"] + spot["width"] / 2 + 40, spot["y"] + spot["height"] / 2 + 10, steps=4)
    await page.mouse.up()
    await canvas.focus()
    await page.keyboard.press("ArrowRight")
    await page.get_by_role("button", name="Undo").click()
    await page.get_by_role("button", name="Redo").click()

    # The box goes; what is changed meanwhile is there when it is back.
    await box.off()
    await page.get_by_label("Text", exact=True).fill("Ahoy there")
    await expect(page.get_by_text("No connection. You can go on")).to_be_visible(timeout=WITHIN_MS)
    await box.on(tasks)
    await expect(saved).to_contain_text("Saved", timeout=WITHIN_MS)
    await page.reload()
    await expect(page.get_by_label("Text", exact=True)).to_have_value("Ahoy there", timeout=WITHIN_MS)

    await _say_the_word(page, box)
    await page.get_by_role("button", name="One more").click()
    await page.get_by_role("button", name="Order ·").click()
    await expect(page.get_by_text("is on your table’s bill")).to_be_visible(timeout=WITHIN_MS)
    orders = box.app.reader.execute("SELECT order_id FROM table_shop_orders").fetchall()
    order = box.app.hot.committed(f"shop:{orders[0][0]}")
    assert isinstance(order, ShopOrder)
    assert (len(orders), order.qty, order.status) == (1, 2, "placed")


async def _say_the_word(page: Page, box: Box) -> None:
    """As the cart does it before its first dish."""
    seat = await page.evaluate(f"localStorage.getItem('holdfast.table.{T1}')")
    joined = msgspec.json.decode(seat)
    status = await page.evaluate(
        """async ([session_pid, token]) => (await fetch("/session/validate_pass", {method: "POST",
            headers: {"Content-Type": "application/json", Authorization: `Bearer ${token}`},
            body: JSON.stringify({session_pid, word: "coffee"})})).status""",
        [joined["session_pid"], joined["ws_token"]],
    )
    assert status == 200


async def _is_painted(page: Page) -> None:
    """Wait for a preview with the photo on it, whose grey is another in the middle than near its end."""
    shown = page.get_by_alt_text("As it will be printed")
    async with asyncio.timeout(WITHIN_MS / 1000):
        while True:
            url = await shown.get_attribute("src")
            response = await page.request.get(page.url.split("/t/")[0] + (url or ""))
            if response.ok and _differs(await response.body()):
                return
            await asyncio.sleep(0.1)


def _differs(picture: bytes) -> bool:
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    middle, end = (image.getpixel((image.width // 50, int(image.height * down))) for down in (0.5, 0.97))
    return middle != end
