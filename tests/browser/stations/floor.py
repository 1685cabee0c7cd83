"""A gaming floor to look at: a box with stations and prices, and tablets at its counter."""

from typing import Any

import msgspec
from playwright.async_api import Page, expect

from edge.core.commands import AdoptMenu, ConfigureVenue
from protocol.facts.play_config import Package, PlayConfig, PlayStation, Tariff
from protocol.facts.venue import StaffAccount
from tests import sample_venue
from tests.browser.venue import PIN, _hasher


def play(consoles: int = 2, pcs: int = 1) -> PlayConfig:
    """Consoles in the lounge, PCs in the hall; 4.00 an hour."""
    stations = (
        *(PlayStation(f"ps5-{each}", f"PS5-{each}", "console", "lounge") for each in range(1, consoles + 1)),
        *(PlayStation(f"pc-{each}", f"PC-{each}", "pc", "hall") for each in range(1, pcs + 1)),
    )
    tariff = Tariff("by the hour", 400, packages=(Package("three hours", 180, 1000),))
    return PlayConfig(stations, (tariff,))


def commands(floor: PlayConfig) -> list[ConfigureVenue | AdoptMenu]:
    """A venue with that floor; Mia manages it and Ann serves, both with `PIN`."""
    staff = tuple(
        StaffAccount(user, user.title(), role, _hasher.hash(PIN))
        for user, role in (("mia", "manager"), ("ann", "waiter"))
    )
    config = msgspec.structs.replace(sample_venue.config(), staff=staff, play=floor)
    return [ConfigureVenue(config), AdoptMenu(sample_venue.menu())]


class Tablet:
    """Somebody of the staff with a tablet, and what they do with it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def sign_in(self, url: str, user: str = "mia", pin: str = PIN) -> None:
        await self.page.goto(f"{url}/staff")
        await self.page.locator('input[name="user"]').fill(user)
        await self.page.locator('input[type="password"]').fill(pin)
        await self.page.get_by_role("button", name="Sign in", exact=True).click()
        await self.page.get_by_role("link", name="Stations").first.click()
        await expect(self.page.get_by_role("heading", name="Stations")).to_be_visible()

    def tile(self, name: str) -> Any:
        """A station's tile."""
        return self.page.locator(".station", has=self.page.get_by_text(name, exact=True))

    async def open(self, name: str) -> Any:
        """The station's sheet."""
        await self.tile(name).click()
        return self.page.get_by_role("dialog", name=name)

    async def close(self) -> None:
        await self.page.get_by_role("button", name="Close", exact=True).click()

    async def tap(self, name: str, button: str) -> None:
        """Two taps: the station, then what to do there."""
        sheet = await self.open(name)
        await sheet.get_by_role("button", name=button, exact=True).click()

    async def time_at(self, name: str) -> int:
        """Seconds on a tile."""
        text = await self.tile(name).locator(".station-time").inner_text()
        seconds = 0
        for part in text.split(":"):
            seconds = seconds * 60 + int(part)
        return seconds
