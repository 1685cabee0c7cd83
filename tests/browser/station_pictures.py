"""Pictures of the stations on a busy evening: at the counter, on a phone, a desk, and a guest's phone."""

import asyncio
from pathlib import Path

from firmware_profiles.emulators.announcing import LOOPBACK, announced
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator
from tests.browser.album import Album
from tests.browser.people import Guest
from tests.browser.stations.busy_floor import big_floor, fill
from tests.browser.stations.floor import Tablet, commands
from tests.browser.venue import DESK, PHONE, TABLET, Box, Browser
from tests.sample_venue import T1


async def stations(album: Album, browser: Browser, directory: Path) -> None:
    """A box of its own with fifty-six stations."""
    async with asyncio.TaskGroup() as tasks:
        box = Box(directory, commands(big_floor()), mdns=LOOPBACK, trial_settle_s=0.2)
        await box.on(tasks)
        try:
            await _counter(album, browser, box)
        finally:
            await box.off()


async def _counter(album: Album, browser: Browser, box: Box) -> None:
    guest = Guest(await browser.device(PHONE, scale=2))
    await guest.sit_down(box.url, "Chinu")
    await fill(box, box.app.hot.open_session_at(T1))
    await album.keep(guest.page, "guest-time-left")
    plug = ShellyGen2Emulator(mac="A8032A0000F1", load_w=182.0)
    devices = (
        ("tablet", await browser.device(TABLET)),
        ("phone", await browser.device(PHONE, "dark", scale=2)),
        ("desk", await browser.device(DESK)),
    )
    async with plug, announced(plug):
        for name, page in devices:
            tablet = Tablet(page)
            await tablet.sign_in(box.url)
            await album.keep(page, f"stations-{name}")
            for station, words in (("PS5-2", "playing"), ("PS5-20", "free")):
                await tablet.open(station)
                await album.keep(page, f"stations-{name}-{words}")
                await tablet.close()
            await page.goto(f"{box.url}/staff#/stations/devices")
            await page.get_by_text(plug.device_id).click()
            await album.keep(page, f"devices-{name}-adopt")
            await tablet.close()
            await album.keep(page, f"devices-{name}")
