"""The stations on a tablet at the counter: two taps each, two tablets at once, the box away, arrow keys."""

import asyncio
import re
import secrets
from typing import Any

from playwright.async_api import Route, expect

from firmware_profiles.emulators.announcing import announced
from firmware_profiles.emulators.routeros import RouterBox
from firmware_profiles.emulators.routeros_rest import RouterOsRestEmulator
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator
from protocol.facts.play import PlaySession
from tests.browser.stations.floor import Tablet
from tests.browser.venue import PHONE, TABLET, Box, Browser


def session_at(box: Box, station: str) -> PlaySession:
    """Who plays there, as it is on disk."""
    session = box.app.gaming.floor.session_at(station)
    assert session is not None
    return session


async def a_tablet(browser: Browser, box: Box, size: Any = TABLET, user: str = "mia") -> Tablet:
    tablet = Tablet(await browser.device(size))
    await tablet.sign_in(box.url, user)
    return tablet


async def test_start_extend_move_pause_and_stop_are_two_taps_each(browser: Browser, box: Box) -> None:
    tablet = await a_tablet(browser, box)
    await tablet.tap("PS5-1", "1 h €4.00")
    await expect(tablet.page.get_by_text("1 h began.")).to_be_visible()
    assert session_at(box, "ps5-1").paid_minor == 400
    dialog = tablet.page.get_by_role("dialog", name="PS5-1")
    await dialog.get_by_role("button", name="+ 30 min").click()
    await expect(dialog.get_by_role("timer")).to_contain_text(re.compile(r"\b1:2\d:"))
    await dialog.get_by_role("button", name="Move to PS5-2").click()
    await expect(dialog.get_by_text("Free", exact=True)).to_be_visible()
    await tablet.close()

    await tablet.tap("PS5-2", "Pause")
    dialog = tablet.page.get_by_role("dialog", name="PS5-2")
    await expect(dialog.get_by_text("left, time stands")).to_be_visible()
    stands = session_at(box, "ps5-2")
    assert (stands.status, stands.entitled_s, stands.paid_minor) == ("PAUSED", 5400, 600)
    await dialog.get_by_role("button", name="Let time run").click()
    await dialog.get_by_role("button", name="Stop").click()
    await dialog.get_by_role("button", name=re.compile(r"^Stop, 1 h 2\d min lost$")).click()
    await expect(dialog.get_by_text("Stopped.")).to_be_visible()
    assert box.app.gaming.floor.session_at("ps5-2") is None


async def test_two_tablets_extend_in_the_same_instant_and_both_count(browser: Browser, box: Box) -> None:
    one, other = [await a_tablet(browser, box, user=user) for user in ("mia", "ann")]
    await one.tap("PS5-1", "1 h €4.00")
    await expect(one.page.get_by_role("timer")).to_be_visible()
    await expect(other.tile("PS5-1")).to_have_attribute("data-play", "playing")
    await other.open("PS5-1")
    more = [each.page.get_by_role("button", name="+ 30 min") for each in (one, other)]
    for button in more:
        await expect(button).to_be_enabled()
    await asyncio.gather(*(button.click() for button in more))
    for each in (one, other):
        await expect(each.page.get_by_role("timer")).to_contain_text(re.compile(r"\b1:5\d:"))
    assert session_at(box, "ps5-1").entitled_s == 7200


async def test_two_tablets_start_on_one_station_and_one_is_told_that_it_is_taken(
    browser: Browser, box: Box
) -> None:
    one, other = [await a_tablet(browser, box, user=user) for user in ("mia", "ann")]
    first_began = asyncio.Event()

    async def late(route: Route) -> None:
        await first_began.wait()
        await route.continue_()

    await other.page.route("**/api/v1/sessions/start", late)
    await other.tap("PS5-1", "1 h €4.00")
    await one.tap("PS5-1", "1 h €4.00")
    await expect(one.page.locator(".said")).to_have_text("1 h began.")
    first_began.set()
    await expect(other.page.locator(".said")).to_have_text("Somebody is playing there.")
    await expect(other.page.get_by_role("timer")).to_be_visible()
    assert session_at(box, "ps5-1").entitled_s == 3600


#: Somebody sets the tablet's clock. What it counts seconds with, `performance.now()`, nobody can set.
_FIVE_YEARS_LATER = """(() => {
  const Right = Date;
  const later_ms = 5 * 365 * 86_400_000;
  globalThis.Date = class extends Right {
    constructor(...given) { super(...(given.length ? given : [Right.now() + later_ms])); }
    static now() { return Right.now() + later_ms; }
  };
})()"""


async def test_a_wrong_clock_on_the_tablet_does_not_bend_the_time(browser: Browser, box: Box) -> None:
    tablet = await a_tablet(browser, box)
    await tablet.tap("PS5-1", "1 h €4.00")
    await expect(tablet.page.get_by_role("timer")).to_contain_text(re.compile(r"\b5\d:"))
    await tablet.close()
    await tablet.page.evaluate(_FIVE_YEARS_LATER)
    drawn = tablet.tile("PS5-1").locator(".station-time")
    await expect(drawn).not_to_have_text(await drawn.inner_text())

    def left_s() -> float:
        now = box.app.clock()
        return session_at(box, "ps5-1").left_ns(now.boot, now.mono_ns) / 1e9

    earlier_s = left_s()
    shown_s = await tablet.time_at("PS5-1")
    assert left_s() - 2 < shown_s < earlier_s + 60  # a tablet may be slow to draw, but not by years


async def test_paid_later_shows_what_it_costs_so_far_and_what_is_to_pay(browser: Browser, box: Box) -> None:
    tablet = await a_tablet(browser, box)
    dialog = await tablet.open("PS5-1")
    await dialog.get_by_role("button", name="Pay later").click()
    await dialog.get_by_role("button", name="Start, pay at the counter").click()
    await expect(dialog.get_by_text("so far")).to_be_visible()
    await expect(tablet.tile("PS5-1")).to_have_attribute("data-play", "open")
    await dialog.get_by_role("button", name="Stop").click()
    await expect(dialog.get_by_text("Free", exact=True)).to_be_visible()


async def test_out_of_service_and_back_is_seen_on_the_other_tablet(browser: Browser, box: Box) -> None:
    one, other = [await a_tablet(browser, box, user=user) for user in ("mia", "ann")]
    await one.tap("PS5-1", "Take out of service")
    await expect(other.tile("PS5-1")).to_have_attribute("data-play", "service")
    await one.page.get_by_role("button", name="Back in service").click()
    await expect(other.tile("PS5-1")).to_have_attribute("data-play", "free")


async def test_arrow_keys_walk_through_the_stations_and_enter_opens_one(browser: Browser, box: Box) -> None:
    tablet = await a_tablet(browser, box)
    await tablet.tile("PS5-1").focus()
    await tablet.page.keyboard.press("ArrowRight")
    await expect(tablet.tile("PS5-2")).to_be_focused()
    await tablet.page.keyboard.press("Enter")
    await expect(tablet.page.get_by_role("dialog", name="PS5-2")).to_be_visible()
    await tablet.page.keyboard.press("Escape")
    await expect(tablet.page.get_by_role("dialog")).to_have_count(0)


async def test_when_the_box_is_away_the_screen_says_so_and_goes_on_by_itself(
    browser: Browser, box: Box, tasks: asyncio.TaskGroup
) -> None:
    tablet = await a_tablet(browser, box, PHONE)
    await tablet.tap("PS5-1", "1 h €4.00")
    await expect(tablet.page.get_by_role("timer")).to_be_visible()
    await tablet.close()
    await box.off()
    await expect(tablet.page.locator(".staff")).to_have_attribute("data-away", "true")
    await box.on(tasks)
    await expect(tablet.page.locator(".staff")).to_have_attribute("data-away", "false")
    await expect(tablet.tile("PS5-1")).to_have_attribute("data-play", "playing")


async def test_a_manager_adopts_a_plug_that_was_heard_and_replaces_it(browser: Browser, box: Box) -> None:
    first, second = (
        ShellyGen2Emulator(mac=f"A8032A{secrets.token_hex(3)}".upper(), load_w=61.0) for _ in range(2)
    )
    tablet = await a_tablet(browser, box)
    async with first, announced(first), second, announced(second):
        await tablet.page.get_by_role("link", name="Devices").click()
        await tablet.page.get_by_text(first.device_id).click()
        dialog = tablet.page.get_by_role("dialog")
        await dialog.get_by_role("button", name="PS5-1").click()
        await dialog.get_by_role("button", name="Try it and take it into service").click()
        await expect(dialog.get_by_role("heading", name="It works")).to_be_visible()
        await expect(dialog.get_by_text("61 W")).to_be_visible()
        await dialog.get_by_role("button", name="Done").click()
        await expect(tablet.page.get_by_role("link", name="PS5-1 Shelly Plug S Gen3")).to_be_visible()

        await tablet.page.get_by_text(second.device_id).click()
        await dialog.get_by_role("button", name="PS5-1").click()
        await expect(dialog.get_by_text("It takes the place of PS5-1")).to_be_visible()
        await dialog.get_by_role("button", name="Try it and take it into service").click()
        await expect(dialog.get_by_role("heading", name="It works")).to_be_visible()
        adopted = box.app.hot.devices()
        assert adopted is not None
        assert list(adopted.adopted) == [second.mac]


async def test_a_wrong_pass_word_is_told_in_words_and_a_waiter_has_no_devices_page(
    browser: Browser, box: Box
) -> None:
    tablet = await a_tablet(browser, box)
    async with ShellyGen2Emulator(mac=f"A8032A{secrets.token_hex(3)}".upper(), password="sesame") as plug:
        await tablet.page.get_by_role("link", name="Devices").click()
        await tablet.page.get_by_role("link", name="Look at an address").click()
        dialog = tablet.page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Plug").click()
        await dialog.get_by_label("Address").fill(plug.url)
        await dialog.get_by_role("button", name="Ask who is there").click()
        await dialog.get_by_role("button", name="PS5-2").click()
        await dialog.get_by_role("button", name="Try it and take it into service").click()
        await expect(dialog.get_by_role("alert")).to_contain_text(
            "It could not say who it is. The device does not accept this user and pass word."
        )
        waiter = await a_tablet(browser, box, user="ann")
        await expect(waiter.page.get_by_role("link", name="Devices")).to_have_count(0)


async def test_a_router_is_looked_for_and_cares_for_two_stations(browser: Browser, box: Box) -> None:
    router = RouterBox(password="sesame", serial=f"R{secrets.token_hex(5)}")
    for number in (1, 2):
        router.lease_address(f"00:D9:D1:00:00:0{number}", f"192.168.88.5{number}")
    tablet = await a_tablet(browser, box)
    async with RouterOsRestEmulator(router) as rest:
        await tablet.page.get_by_role("link", name="Devices").click()
        await tablet.page.get_by_role("link", name="Look at an address").click()
        dialog = tablet.page.get_by_role("dialog")
        await dialog.get_by_label("Address").fill(rest.url)
        await dialog.get_by_label("User").fill("holdfast")
        await dialog.get_by_label("Pass word").fill("sesame")
        await dialog.get_by_role("button", name="Ask who is there").click()
        await dialog.get_by_role("button", name="PS5-1").click()
        await dialog.get_by_label("MAC of the machine").fill("00:D9:D1:00:00:01")
        await dialog.get_by_label("What people call it").fill("hall")
        await dialog.get_by_role("button", name="Try it and take it into service").click()
        await expect(dialog.get_by_text("let a machine through")).to_be_visible()
        await dialog.get_by_role("button", name="Done").click()

        await tablet.page.get_by_role("link", name="hall").click()
        await dialog.get_by_role("button", name="PS5-2").click()
        await dialog.get_by_label("MAC of the machine").fill("00-d9-d1-00-00-02")
        await dialog.get_by_role("button", name="Care for it").click()
        await expect(dialog.get_by_text("00:D9:D1:00:00:02")).to_be_visible()
        await dialog.get_by_role("listitem").filter(has_text="PS5-1").get_by_role("button").click()
        await expect(dialog.get_by_text("cares for PS5-2", exact=True)).to_be_visible()
