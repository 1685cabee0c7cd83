"""A new box and one that served by itself, paired as people do it: read a code here, type it there.

Used by the test, which looks at nothing, and by `screenshots.py`, which keeps a picture of every step.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
from argon2 import PasswordHasher
from playwright.async_api import Page, expect

from cloud.owners.samples import sample
from cloud.owners.venues import venue_file
from edge.adapters.machine.system_clock import SystemClock
from edge.journal.founding import found, read_menu
from tests.browser.tablet import Waiter
from tests.browser.venue import DESK, PHONE, PIN, Box, Browser

KIOSK = "Kiosk am Hafen"
Keep = Callable[[Page, str], Awaitable[None]]


@asynccontextmanager
async def lonely(directory: Path, tasks: asyncio.TaskGroup, *, serves: bool) -> AsyncIterator[Box]:
    """A box without a cloud, that looks after its own pairing; with a venue out of files, or with none."""
    if serves:
        await asyncio.to_thread(_found, directory)
    box = Box(directory, [])
    await box.on(tasks)
    pairing = tasks.create_task(box.app.pairing.run())
    try:
        yield box
    finally:
        pairing.cancel()
        await box.off()


def _found(directory: Path) -> None:
    """A venue out of files, as `holdfast-edge found` makes one."""
    file = msgspec.structs.replace(venue_file.load(sample("venue.json")), name=KIOSK)
    menu = read_menu(sample("menu.csv"), file.currency)
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    found(directory, file, menu, cheap.hash, SystemClock())


async def read_code(page: Page, box: Box, cloud_url: str, keep: Keep) -> str:
    """The page of a box that belongs to nobody."""
    await page.goto(box.url)
    await keep(page, "pair-box-new")
    await page.get_by_label("Your cloud").fill(cloud_url)
    await page.get_by_role("button", name="Show a code").click()
    await page.locator(".code").wait_for()
    await keep(page, "pair-box-code")
    return await page.locator(".code").inner_text()


async def read_code_on_tablet(page: Page, box: Box, cloud_url: str, keep: Keep) -> str:
    """The staff's page of a box that serves by itself; only a manager is shown the code."""
    manager = Waiter(page)
    await manager.sign_in(box.url, "ana", PIN)
    await manager.tab("More").click()
    panel = page.locator(".panel").filter(has_text="Pair with the cloud")
    await panel.get_by_label("The cloud's address").fill(cloud_url)
    await panel.get_by_role("button", name="Show a code").click()
    await panel.locator(".pairing-code").wait_for()
    await keep(page, "pair-staff")
    return await panel.locator(".pairing-code").inner_text()


async def take_in(
    page: Page, cloud_url: str, code: str, fingerprint: str, choice: str | None, keep: Keep
) -> None:
    """What the owner does with a code; the page is signed in."""
    for section in ("venues", "pair"):
        await page.goto(f"{cloud_url}/#{section}")
    await page.get_by_label("As the box shows it").fill(code.replace("-", "").lower())
    await keep(page, "pair-owner-code")
    await page.get_by_role("button", name="Look at the box").click()
    await expect(page.get_by_text(fingerprint)).to_be_visible()
    if choice is not None:
        await page.get_by_label(choice).check()
        await expect(page.get_by_text("stops selling for good")).to_be_visible()
        await keep(page, "pair-owner-replace")
        await page.get_by_role("button", name=f"Replace the box of {choice}").click()
    else:
        await keep(page, "pair-owner-own")
        await page.get_by_role("button", name="Pair this box").click()
    await expect(page.get_by_text("comes for its place")).to_be_visible()
    await keep(page, "pair-owner-done")


async def both_ways(
    browser: Browser,
    owner: Page,
    cloud_url: str,
    venue: str,
    directory: Path,
    tasks: asyncio.TaskGroup,
    keep: Keep,
) -> None:
    """An empty box replaces the venue's, and one with a venue of its own becomes another."""
    phone, tablet = await browser.device(PHONE, scale=2), await browser.device(DESK)
    async with lonely(directory / "new", tasks, serves=False) as box:
        code = await read_code(phone, box, cloud_url, keep)
        await take_in(owner, cloud_url, code, box.app.pairing.invited().fingerprint, venue, keep)
        await expect(phone.get_by_text(f"Paired with {venue}")).to_be_visible()
        await phone.goto("about:blank")
    async with lonely(directory / "own", tasks, serves=True) as box:
        code = await read_code_on_tablet(tablet, box, cloud_url, keep)
        await take_in(owner, cloud_url, code, box.app.pairing.invited().fingerprint, None, keep)
        await expect(tablet.get_by_text("has taken this box in")).to_be_visible()
        await tablet.goto("about:blank")
    await owner.goto(f"{cloud_url}/#venues")
    await expect(owner.get_by_role("link", name=KIOSK)).to_be_visible()
