"""Numbered pictures of pages in one directory."""

from pathlib import Path

from playwright.async_api import Page

#: Until whatever moves has come to its end; what turns for ever does not count.
_STILL = """Promise.all(document.getAnimations()
  .filter((each) => each.effect.getComputedTiming().iterations !== Infinity)
  .map((each) => each.finished.catch(() => null)))"""


class Album:
    """Numbered pictures in one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._taken = 0
        directory.mkdir(parents=True, exist_ok=True)

    async def keep(self, page: Page, name: str) -> None:
        """One picture of what is visible, once nothing is being fetched any more."""
        await page.wait_for_load_state("networkidle")
        await page.evaluate(_STILL)
        self._taken += 1
        path = self._directory / f"{self._taken:02d}-{name}.png"
        await page.screenshot(path=path)
        print(path)
