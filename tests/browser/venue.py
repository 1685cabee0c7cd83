"""A venue to look at: the real box with the sample menu, and a Chromium that knows nothing of it.

Rule of the file: nothing here knows what a test wants to see. Chromium is the one from Debian's packages;
where it is missing the command that brings it is named. Everything a page says on its console that is an
error, and every exception in it, ends up in `Browser.complaints`.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import msgspec
from argon2 import PasswordHasher
from playwright.async_api import Browser as Chromium
from playwright.async_api import Page, async_playwright, expect

from edge.config import Config
from edge.core.commands import AdoptMenu, ConfigureVenue
from edge.journal.writer import Accepted
from edge.wiring.app import EdgeApp
from protocol.facts.menu import Menu
from protocol.facts.venue import StaffAccount
from tests import sample_venue

PIN = "2468"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 820}
TABLET = {"width": 1180, "height": 820}
#: A machine that is busy with much else is slow, not wrong: no test of a page is about how soon it comes.
PATIENCE_MS = 45_000
#: Cheap on purpose: how hard a PIN is to guess is tested elsewhere.
_hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

#: For every page of ours Chromium makes two of its own, for the list under an address bar that nobody sees;
#: they cost more than ours. A switch that comes twice counts once: here is what Playwright switches off, too.
_WITHOUT = (
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup"),
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints"),
    *("NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch"),
)

#: What Chromium itself writes when a request is refused or a box is away, which tests do on purpose.
_EXPECTED = ("Failed to load resource", "WebSocket connection to")


def venue_commands(
    menu: Menu | None = None, name: str = "The Harbour", **settings: Any
) -> list[ConfigureVenue | AdoptMenu]:
    """What makes an empty box the sample venue; every PIN is `PIN`. `settings` are those of `config`."""
    config = sample_venue.config(name, **settings)
    carl = StaffAccount("carl", "Carl", "cook", "")
    known = _hasher.hash(PIN)
    staff = tuple(msgspec.structs.replace(each, pin_hash=known) for each in (*config.staff, carl))
    return [
        ConfigureVenue(msgspec.structs.replace(config, staff=staff)),
        AdoptMenu(menu or sample_venue.menu()),
    ]


class Box:
    """A box that can be switched off and on again at the same address. `settings` are those of `Config`."""

    def __init__(self, directory: Path, commands: list[ConfigureVenue | AdoptMenu], **settings: Any) -> None:
        self.directory = directory
        self._commands = commands
        self.settings = settings
        self._port = 0
        self._off = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self.app: EdgeApp
        self.url = ""

    async def on(self, tasks: asyncio.TaskGroup) -> None:
        """Serve until `off`; the first time at a free port, later at the same one."""
        self._off.clear()
        serving = asyncio.Event()
        self._running = tasks.create_task(self._serve(serving))
        await serving.wait()

    async def _serve(self, serving: asyncio.Event) -> None:
        settings = {"directory": self.directory, "host": "127.0.0.1", "port": self._port, **self.settings}
        self.app = EdgeApp(Config(**settings))
        async with self.app.serving() as self.url:
            self._port = int(self.url.rpartition(":")[2])
            if self.app.hot.committed_venue() is None:
                for command in self._commands:
                    outcome = await self.app.writer.execute(command)
                    assert isinstance(outcome, Accepted), outcome
            serving.set()
            await self._off.wait()

    async def off(self) -> None:
        """Every connection ends."""
        self._off.set()
        assert self._running is not None
        await self._running


class Browser:
    """People with a device each: nothing is shared between their pages."""

    def __init__(self, chromium: Chromium) -> None:
        self._chromium = chromium
        self.complaints: list[str] = []

    async def device(
        self,
        size: dict[str, int] | None = None,
        scheme: Literal["light", "dark"] = "light",
        scale: float = 1,
    ) -> Page:
        """A fresh device with an empty memory."""
        width, height = (size or PHONE).values()
        context = await self._chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            device_scale_factor=scale,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._heard(message.type, message.text))
        return page

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and not text.startswith(_EXPECTED):
            self.complaints.append(text)


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, without a window."""
    path = shutil.which("chromium")
    assert path, "Chromium is missing; run: apt-get install --yes chromium"
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        without = f"--disable-features={','.join(_WITHOUT)}"
        chromium = await playwright.chromium.launch(executable_path=path, args=[without])
        try:
            yield Browser(chromium)
        finally:
            await chromium.close()
