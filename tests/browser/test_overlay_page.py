"""The page on a gaming PC's own screen, in a real browser: the time is there, whatever else is said."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Locator, Page, ViewportSize, expect

from edge.agent.commands import View
from edge.agent.overlay import Overlay
from tests.browser.venue import open_browser

#: The window in the corner, as `kiosk.py` opens it, and the whole screen.
CORNER, SCREEN = ViewportSize(width=340, height=190), ViewportSize(width=1920, height=1080)


class Pc:
    """The page, and what the agent says it should show."""

    def __init__(self, page: Page, overlay: Overlay, views: list[View]) -> None:
        self.page = page
        self._overlay = overlay
        self._views = views

    async def shows(self, view: View, size: ViewportSize) -> None:
        """From now on."""
        await self.page.set_viewport_size(size)
        self._views[:] = [view]
        await self._overlay.changed()

    def time(self) -> Locator:
        """The clock that counts down."""
        return self.page.get_by_role("timer")


@pytest.fixture
async def pc() -> AsyncIterator[Pc]:
    """Locked at first."""
    views = [View("locked", None, paused=False, online=True, message="")]
    overlay = Overlay(lambda: views[-1], lambda _on: None, "token")
    url = await overlay.start(0)
    async with open_browser() as browser:
        page = await browser.device()
        await page.goto(url)
        yield Pc(page, overlay, views)
    await overlay.stop()
    assert browser.complaints == []


async def whole(pc: Pc, *parts: Locator) -> None:
    """All of it can be seen without scrolling, at this size of the window."""
    size = pc.page.viewport_size
    assert size is not None
    for part in parts:
        box = await part.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= size["width"]
        assert box["y"] + box["height"] <= size["height"]


@pytest.mark.parametrize("left_s", [3 * 3600.0, 1500.0, 95.0])
async def test_the_corner_always_has_the_time(pc: Pc, left_s: float) -> None:
    await pc.shows(View("playing", left_s, paused=False, online=True, message=""), CORNER)
    await expect(pc.time()).to_have_text(re.compile(r"^(\d:)?\d{1,2}:\d\d$"))
    await whole(pc, pc.time())
    before = await pc.time().text_content()
    await expect(pc.time()).not_to_have_text(str(before))


async def test_a_message_stands_beside_the_time_and_not_in_its_place(pc: Pc) -> None:
    for message in ("Time added!", "10 minutes left. Save your game."):
        await pc.shows(View("playing", 1800.0, paused=False, online=True, message=message), CORNER)
        await expect(pc.page.get_by_role("status")).to_have_text(message)
        await whole(pc, pc.time(), pc.page.get_by_role("status"))


async def test_a_pause_stands_still_over_the_whole_screen(pc: Pc) -> None:
    await pc.shows(View("paused", 1800.0, paused=True, online=True, message="Paused."), SCREEN)
    await expect(pc.time()).to_have_text("30:00")
    await whole(pc, pc.time())


async def test_at_the_end_it_says_so_and_what_is_left_to_do(pc: Pc) -> None:
    await pc.shows(View("saving", 30.0, paused=False, online=True, message=""), SCREEN)
    await expect(pc.page.get_by_text("Session ended. This PC logs off in")).to_be_visible()
    await expect(pc.time()).to_have_text(re.compile(r"^0:[012]\d$"))
    await whole(pc, pc.time())


async def test_without_the_box_the_time_goes_on_and_it_says_so(pc: Pc) -> None:
    await pc.shows(View("playing", 1800.0, paused=False, online=False, message=""), SCREEN)
    await expect(pc.page.get_by_text("your time goes on")).to_be_visible()
    await whole(pc, pc.time())


async def test_locked_it_says_where_to_pay(pc: Pc) -> None:
    await pc.page.set_viewport_size(SCREEN)
    await expect(pc.page.get_by_text("Pay at the counter")).to_be_visible()
