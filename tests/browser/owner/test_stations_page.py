"""Owners see who plays at their venue, live: a real box, a real cloud, a real Postgres, a real browser."""

import asyncio
import re
import time
from typing import Any

import aiohttp
from playwright.async_api import expect

from cloud.app import Serving
from cloud.owners.venues import founding
from cloud.owners.venues.founding import NewVenue
from edge.core.play.commands import (
    ExtendPlay,
    PausePlay,
    PlayCommand,
    SetMaintenance,
    StartPlay,
    StopPlay,
)
from edge.journal.writer import Accepted
from tests.browser.owner.test_owner_page import sign_in
from tests.browser.venue import DESK, PHONE, Box, Browser
from tests.integration.cloud.conftest import OWNER, PASSWORD


async def happen(box: Box, *commands: PlayCommand) -> None:
    """At the venue's counter."""
    for command in commands:
        outcome = await box.app.writer.execute(command)
        assert isinstance(outcome, Accepted), outcome


def start(name: str, station: str, minutes: int | None, method: Any = "CASH") -> StartPlay:
    """Somebody plays."""
    seconds = None if minutes is None else minutes * 60
    return StartPlay(name, f"{name}:first", station, seconds, method, None, "staff:ana")


async def occupancy(cloud: Serving, venue: NewVenue, email: str = OWNER) -> tuple[int, Any]:
    """What the cloud says of the venue's stations."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        async with http.post(f"{cloud.url}/api/login", json={"email": email, "password": PASSWORD}) as answer:
            assert answer.status == 200
        async with http.get(f"{cloud.url}/api/venues/{venue.venue_id}/stations") as answer:
            return answer.status, await answer.json()


async def test_play_at_the_venue_is_seen_by_the_owner_as_it_happens(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box, tasks: asyncio.TaskGroup
) -> None:
    page = await browser.device(DESK)
    await sign_in(page, cloud.url)
    await page.get_by_role("link", name="Stations", exact=True).click()
    floor = page.get_by_role("region", name="Stations")
    await expect(floor.get_by_text("0 of 3 busy")).to_be_visible()

    await happen(box, start("p1", "ps5-1", 60), start("p2", "pc-1", None, "POSTPAID"))
    await expect(floor.get_by_text("2 of 3 busy")).to_be_visible()
    await expect(floor.get_by_role("timer")).to_contain_text(re.compile(r"\b5\d:"))
    await expect(floor.get_by_text("paid later")).to_be_visible()
    await happen(box, ExtendPlay("p1", "p1:more", 1800, "staff:ana"))
    await expect(floor.get_by_role("timer")).to_contain_text(re.compile(r"\b1:2\d:"))
    await happen(box, PausePlay("p1", "fire drill", "staff:ana"), SetMaintenance("ps5-2", True, "staff:ana"))
    await expect(floor.get_by_text("0 free, 1 out of service")).to_be_visible()
    await expect(floor.get_by_text("paused since")).to_be_visible()
    await happen(box, StopPlay("p1", "left", "staff:ana"))
    await expect(floor.get_by_text("1 of 3 busy")).to_be_visible()

    await box.off()
    await expect(floor.get_by_text("Play goes on at the venue.")).to_be_visible()
    await box.on(tasks)
    await expect(floor.get_by_text("Play goes on at the venue.")).to_have_count(0)


async def test_the_stations_are_readable_on_a_phone_and_nobody_elses_business(
    browser: Browser, cloud: Serving, venue: NewVenue, box: Box
) -> None:
    began_s = time.monotonic()
    await happen(box, start("p1", "ps5-1", 60))
    page = await browser.device(PHONE)
    await sign_in(page, cloud.url)
    await page.get_by_role("link", name="Stations", exact=True).click()
    await expect(page.get_by_role("timer")).to_be_visible()
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
    _, told = await occupancy(cloud, venue)
    assert (told["busy"], told["free"], told["out_of_service"]) == (1, 2, 0)
    (playing,) = [each for each in told["stations"] if each["state"] == "playing"]
    assert (playing["name"], playing["counts"]) == ("PS5-1", True)
    assert 3600 - (time.monotonic() - began_s) - 1 <= playing["remaining_s"] <= 3600

    await founding.create_owner(cloud.pool, "other@example.com", PASSWORD)
    status, refused = await occupancy(cloud, venue, "other@example.com")
    assert (status, refused["error"]["code"]) == (404, "unknown_venue")
