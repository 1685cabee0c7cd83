"""Pictures of the shop for `screenshots.py`: at a table, at home, and before whoever runs it."""

from pathlib import Path

from PIL import Image, ImageDraw
from playwright.async_api import Page, expect

from cloud.app import Serving
from cloud.owners.venues.founding import NewVenue
from edge.core.money.commands import TakePayment
from edge.journal.writer import Accepted
from tests.browser.album import Album
from tests.browser.people import Guest
from tests.browser.venue import DESK, PHONE, Box, Browser

_WITHIN_MS = 60_000


def _photo(directory: Path) -> Path:
    """A red sun over a grey sea."""
    image = Image.linear_gradient("L").resize((960, 720)).convert("RGB")
    ImageDraw.Draw(image).ellipse((240, 120, 720, 600), fill="#d64545")
    path = directory / "sun.jpg"
    image.save(path)
    return path


async def shop(
    album: Album, browser: Browser, box: Box, cloud: Serving, venue: NewVenue, guest: Guest, directory: Path
) -> None:
    """A mug is ordered at the table; at home somebody looks at a shirt and gives their address."""
    photo = _photo(directory)
    code = venue.tables[3].code
    await guest.page.goto(f"{box.url}/t/{code}/shop")
    await _design(album, guest.page, "table", "Mug", photo)
    await guest.page.get_by_role("button", name="Order ·").click()
    await guest.page.get_by_text("is on your table’s bill").wait_for(timeout=_WITHIN_MS)
    await album.keep(guest.page, "shop-table-ordered")
    session_pid = box.app.hot.open_session_at(code)
    assert session_pid is not None
    paid = TakePayment(session_pid, "paid-1", "CASH", "staff:ana", "shift-1")
    assert isinstance(await box.app.writer.execute(paid), Accepted)
    await guest.page.goto(f"{box.url}/t/{code}")
    devices = {"phone": await browser.device(PHONE, "dark", 2), "desk": await browser.device(DESK)}
    for name, page in devices.items():
        await page.goto(f"{cloud.url}/shop/{venue.venue_id}")
        await _design(album, page, f"home-{name}", "T-shirt", photo)
        await page.get_by_label("Text", exact=True).fill("\U0001f1e9\U0001f1ea")
        await page.get_by_text("This cannot be printed").wait_for(timeout=_WITHIN_MS)
        await album.keep(page, f"shop-home-{name}-refused")
        await page.get_by_label("Text", exact=True).fill("Ahoy")
        await expect(page.locator(".editor-standing")).to_contain_text("Saved", timeout=_WITHIN_MS)
        await page.get_by_role("button", name="Order now").click()
        await page.get_by_role("heading", name="Your order").wait_for(timeout=_WITHIN_MS)
        await album.keep(page, f"shop-home-{name}-order")


async def _design(album: Album, page: Page, where: str, product: str, photo: Path) -> None:
    """From the gallery to something that is saved."""
    page.set_default_timeout(_WITHIN_MS)
    await page.get_by_role("button", name=product).wait_for()
    await album.keep(page, f"shop-{where}")
    await page.get_by_role("button", name=product).click()
    await page.get_by_label("Text", exact=True).fill("Ahoy there \U0001f389")
    await page.get_by_label("Choose a picture").set_input_files(photo)
    await page.get_by_role("button", name="Other picture").wait_for()
    await expect(page.locator(".editor-standing")).to_contain_text("Saved", timeout=_WITHIN_MS)
    await album.keep(page, f"shop-{where}-editor")


async def shop_desk(album: Album, page: Page, name: str) -> None:
    """The shop of the dashboard: its orders, its products and how they are sent."""
    start = page.url.partition("#")[0]
    await page.goto(f"{start}#shop/all")
    await page.get_by_role("link", name="1 × Mug").wait_for()
    await expect(page.locator(".waiting")).to_have_count(0)
    await album.keep(page, f"owner-{name}-shop")
    await page.get_by_role("link", name="1 × Mug").click()
    await page.get_by_role("button", name="Start making it").wait_for()
    await expect(page.get_by_text("still being painted")).to_have_count(0, timeout=_WITHIN_MS)
    await album.keep(page, f"owner-{name}-shop-order")
    for view in ("products", "shipping"):
        await page.goto(f"{start}#shop/{view}")
        await page.get_by_role("heading", level=1, name=view, exact=False).wait_for()
        await expect(page.locator(".waiting")).to_have_count(0)
        await album.keep(page, f"owner-{name}-shop-{view}")
    await page.goto(f"{start}#shop/products")
    await page.get_by_role("link", name="T-shirt").click()
    await page.get_by_label("Price (EUR)").wait_for()
    await album.keep(page, f"owner-{name}-shop-product")
    await page.get_by_role("button", name="Close").click()
