"""What a page has to keep to for thumbs and tired eyes: sizes of what is tapped, contrast of what is read.

Rule of the file: measured in the page as it is drawn, not read from style sheets. Sources: WCAG 2.2, success
criteria 1.4.3 (contrast, AA) and 2.5.5 (target size, 44 by 44). Counterpart: `audit.js`.
"""

from pathlib import Path
from typing import Any

from playwright.async_api import Page

_AUDIT = Path(__file__).with_name("audit.js").read_text("utf-8")


async def small_targets(page: Page) -> list[str]:
    """Links, buttons and fields that are smaller than a thumb needs, with their sizes."""
    found: Any = await page.evaluate(f"{_AUDIT}.small()")
    return list(found)


async def faint_words(page: Page) -> list[str]:
    """Words that do not stand out enough from what they stand on, with their contrast."""
    found: Any = await page.evaluate(f"{_AUDIT}.faint()")
    return list(found)


async def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its screen."""
    wider: int = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return max(0, wider)


#: What turns for ever does not count.
_STILL = """Promise.all(document.getAnimations()
  .filter((each) => each.effect.getComputedTiming().iterations !== Infinity)
  .map((each) => each.finished.catch(() => null)))"""


async def still(page: Page) -> None:
    """Wait until whatever moves has come to its end."""
    await page.evaluate(_STILL)
