"""How everything at a venue is, live on its owner's page: each reading with its age, old ones grey."""

import aiohttp
from playwright.async_api import expect

from cloud.app import Serving
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from protocol import link
from protocol.telemetry import Reading, pack
from tests.browser.owner.test_owner_page import sign_in
from tests.browser.venue import DESK, PHONE, Browser
from tests.fake_box import FakeBox
from tests.integration.cloud.conftest import OWNER

_BOX = {
    "disk_used_percent": 84.0,
    "disk_free_bytes": 9.4e9,
    "memory_used_percent": 41.0,
    "temperature_c": 61.0,
    "load_1m": 0.42,
    "uptime_s": 183_000.0,
    "clock_trusted": 1.0,
    "alarms": 2.0,
}
_LATE = "Nobody there acknowledges its tickets."
_PAPER = "Grill printer is out of paper. Its slips wait."
_LONG = 9_000_000
EVENING = (
    Reading("box", "box", "The box", "shaky", 0, 7_200_000, _BOX, "Its disk is filling up."),
    Reading("broker", "broker", "MQTT broker", "well", 0, _LONG),
    Reading("kitchen:grill", "kitchen", "Grill", "alarmed", 0, 240_000, {"open_tickets": 4.0}, _LATE),
    Reading("kitchen:bar", "kitchen", "Bar", "well", 0, _LONG, {"open_tickets": 1.0}),
    Reading("printer:Grill", "printer", "Grill printer", "alarmed", 2_000, 600_000, {"waiting": 3.0}, _PAPER),
    Reading("printer:Bar", "printer", "Bar printer", "unknown", 0, _LONG, {"waiting": 0.0}, "Not used yet."),
    Reading("plug:1", "plug", "PS5-1", "well", 21_000, _LONG, {"power_w": 187.4, "energy_wh": 4_210.0}),
    Reading("plug:2", "plug", "PS5-2", "lost", 400_000, 380_000, {"power_w": 61.0}),
    Reading("gate:1", "gate", "PS5-1", "well", 0, _LONG),
    Reading("agent:1", "agent", "PC-1", "well", 0, _LONG, {"cpu_percent": 71.0, "ram_percent": 48.0}),
    Reading("agent:2", "agent", "PC-2", "away", 0, 40_000_000),
)


async def test_readings_are_live_with_their_age_and_grey_when_nobody_has_said_more(
    browser: Browser, cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession
) -> None:
    box, desk, phone = FakeBox(), await browser.device(DESK), await browser.device(PHONE)
    pier = await founding.create_venue(cloud.pool, OWNER, "Pier 9", venue_file.load(sample("venue.json")))
    await box.claim(http, cloud.url, pier.claim_code)
    box.day.serve(1)
    for page in (desk, phone):
        await sign_in(page, cloud.url)
        await page.goto(f"{cloud.url}/#venue/{pier.venue_id}/health")
        await expect(page.get_by_text("Nothing heard yet")).to_be_visible()
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
        await wire.send(link.Status(box.day.tail_seq, True, 0, pack(EVENING), whole=True))
        for page in (desk, phone):
            health = page.get_by_role("region", name="Health")
            await expect(health.get_by_text("187 W drawn now")).to_be_visible()
            await expect(health.get_by_text("3 things to look at.")).to_be_visible()
            plug = health.get_by_role("listitem").filter(has_text="PS5-1").first
            await expect(plug).to_contain_text("4.21 kWh counted")
            await expect(plug).to_contain_text("as of")
            stale = health.get_by_role("listitem").filter(has_text="PS5-2").first
            await expect(stale).to_have_attribute("data-stale", "true")
            await expect(stale).to_contain_text("was not answering")
            await expect(health.get_by_text("Nobody there acknowledges its tickets.")).to_be_visible()
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "no sideways"
    await cloud.pool.execute("UPDATE telemetry SET read_at = read_at - interval '10 minutes'")
    await desk.reload()
    health = desk.get_by_role("region", name="Health")
    await expect(health.get_by_text("Offline; this is how everything stood")).to_be_visible()
    await expect(health.locator('[data-stale="false"]')).to_have_count(0)
    await expect(health.get_by_text("drawn now")).to_have_count(0)
