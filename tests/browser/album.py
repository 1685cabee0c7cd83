"""Numbered pictures of pages in one directory."""

from pathlib import Path

from playwright.async_api import Page

from tests.browser.audit import still


class Album:
    """Numbered pictures in one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._taken = 0
        directory.mkdir(parents=True, exist_ok=True)

    async def keep(self, page: Page, name: str) -> None:
        """One picture of what is visible, once nothing is being fetched any more."""
        await page.wait_for_load_state("networkidle")
        await still(page)
        self._taken += 1
        path = self._directory / f"{self._taken:02d}-{name}.png"
        await page.screenshot(path=path)
        print(path)
