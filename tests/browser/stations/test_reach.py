"""Sixty stations, their sheets, devices and a guest's strip on every device: big, legible, reachable."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import expect

from firmware_profiles.emulators.announcing import announced
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator
from tests.browser.audit import hold
from tests.browser.people import Guest
from tests.browser.stations.busy_floor import big_floor, fill
from tests.browser.stations.floor import Tablet, commands
from tests.browser.venue import DESK, PHONE, TABLET, Box, Browser
from tests.sample_venue import T1

_DEVICES = [(TABLET, "light"), (TABLET, "dark"), (PHONE, "dark"), (PHONE, "light"), (DESK, "light")]
_NAMES = ["tablet-day", "tablet-night", "phone-night", "phone-day", "desk"]


@pytest.fixture
async def box(tmp_path: Path, tasks: asyncio.TaskGroup) -> AsyncIterator[Box]:
    running = Box(tmp_path / "box", commands(big_floor()), mdns="127.0.0.1", trial_settle_s=0.01)
    await running.on(tasks)
    yield running
    await running.off()


@pytest.mark.parametrize(("size", "scheme"), _DEVICES, ids=_NAMES)
async def test_stations_and_devices(
    browser: Browser, box: Box, size: dict[str, int], scheme: Literal["light", "dark"]
) -> None:
    await fill(box)
    tablet = Tablet(await browser.device(size, scheme))
    await tablet.sign_in(box.url)
    await hold(tablet.tile("PS5-1"), "grid")
    for station in ("PS5-2", "PS5-5", "PS5-9", "PS5-20", "PS5-24", "PC-3"):
        sheet = await tablet.open(station)
        await hold(sheet.get_by_role("heading", name=station), station)
        await tablet.close()
    mac = f"A8032A{secrets.token_hex(3)}".upper()  # others announce theirs beside us
    async with ShellyGen2Emulator(mac=mac, password="sesame") as plug, announced(plug):
        await tablet.page.evaluate("location.hash = '#/stations/devices'")
        await tablet.page.get_by_text(plug.device_id).click(timeout=60_000)
        await hold(tablet.page.get_by_role("dialog"), "adopting")
        await tablet.close()
        await hold(tablet.page.get_by_text(plug.device_id), "devices")


async def test_sixty_stations_are_seen_at_once_on_a_tablet(browser: Browser, box: Box) -> None:
    await fill(box)
    tablet = Tablet(await browser.device({"width": 1280, "height": 800}))
    await tablet.sign_in(box.url)
    await expect(tablet.tile("PC-32")).to_be_in_viewport()
    await expect(tablet.tile("PS5-1")).to_be_in_viewport()


@pytest.mark.parametrize(("size", "scheme"), _DEVICES[2:], ids=_NAMES[2:])
async def test_a_guests_strip(
    browser: Browser, box: Box, size: dict[str, int], scheme: Literal["light", "dark"]
) -> None:
    guest = Guest(await browser.device(size, scheme))
    await guest.sit_down(box.url, "Chinu")
    await fill(box, box.app.hot.open_session_at(T1))
    await expect(guest.page.get_by_role("timer")).to_have_count(3)
    await guest.page.get_by_role("button", name="More time").first.click()
    await hold(guest.page.get_by_text("Staff is called"), "time left")
