"""What a page has to keep to for thumbs and tired eyes: sizes of what is tapped, contrast of what is read.

Rules of the file: measured in the page as it is drawn, not read from style sheets; and whoever measures names
what has to be there first, so that a page which has not come yet, or a sheet which is still rising, is waited
for and never held to be in order. Sources: WCAG 2.2, success criteria 1.4.3 (contrast, AA) and 2.5.5 (target
size, 44 by 44). Counterpart: `audit.js`.
"""

import asyncio
from pathlib import Path

import msgspec
from playwright.async_api import Locator, Page, expect

from tests.browser.venue import PATIENCE_MS

_AUDIT = Path(__file__).with_name("audit.js").read_text("utf-8")


class Measures(msgspec.Struct, frozen=True):
    """What is wrong with a page, in words for people; `words` counts the legible pieces of what was named."""

    words: int
    small: list[str]
    faint: list[str]
    sideways_px: int


async def measure(shown: Locator) -> Measures:
    """The whole page that `shown` is on, once it is visible and nothing moves any more."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while True:
            await expect(shown).to_be_visible()
            found = await shown.evaluate(f"(shown) => {_AUDIT}.measure(shown)")
            if found is not None:
                return msgspec.convert(found, Measures)


async def hold(shown: Locator, view: str = "") -> None:
    """The page with `shown` on it is big enough, legible, and sticks out nowhere."""
    found = await measure(shown)
    assert found.words > 0, f"nothing to be read in {shown} {view}"
    assert (found.small, found.faint, found.sideways_px) == ([], [], 0), view


async def still(page: Page) -> None:
    """Wait until whatever moves or is about to has come to its end."""
    async with asyncio.timeout(PATIENCE_MS / 1000):
        await page.evaluate(f"{_AUDIT}.still()")
