"""A tablet takes money while the internet is gone and the box is killed: paid once, here and in the cloud."""

import asyncio
import contextlib
import os
import signal

import aiohttp
import asyncpg
import pytest
from playwright.async_api import Route, expect

from tests.browser.tablet import Waiter
from tests.browser.venue import TABLET, Browser
from tests.demo_process import DemoProcess

DISH = "Croissant"
_CATCH_UP_MS = 60_000

pytestmark = pytest.mark.xdist_group("demo")


async def test_a_box_killed_while_a_tablet_pays_takes_the_money_once(
    demo: DemoProcess, browser: Browser, http: aiohttp.ClientSession
) -> None:
    said, table = demo.said, demo.said["tables"][0]["name"]
    ana = Waiter(await browser.device(TABLET))
    await ana.sign_in(said["edge"], said["staff"]["user"], said["staff"]["pin"])
    await ana.open_table(table)
    await ana.tap(DISH)
    await ana.cart_line(DISH).wait_for()
    await ana.send()
    await ana.to_bill()

    await demo.internet(http, up=False)
    await expect(ana.page.get_by_text("The internet is gone.")).to_be_visible(timeout=_CATCH_UP_MS)
    await expect(ana.page.get_by_text("cash and play time work")).to_be_visible()

    box_pid = (await demo.now(http))["pids"]["edge"]
    killed = asyncio.Event()

    async def kill_before_the_answer(route: Route) -> None:
        """It is on the disk, and the box dies before the tablet hears of it."""
        await route.fetch()
        os.kill(box_pid, signal.SIGKILL)
        killed.set()
        await route.abort("connectionreset")

    await ana.page.route("**/payments", kill_before_the_answer, times=1)
    await ana.choose("Take")
    await killed.wait()
    sheet = ana.page.get_by_role("dialog", name="Paid")
    await expect(sheet).to_be_visible(timeout=_CATCH_UP_MS)
    await sheet.get_by_role("button", name="Done").click()
    await expect(ana.page.get_by_text("All paid")).to_be_visible()
    await expect(ana.page.get_by_role("region", name="Pay").get_by_role("listitem")).to_have_count(1)

    await demo.internet(http, up=True)
    await expect(ana.page.get_by_text("The internet is gone.")).to_be_hidden(timeout=_CATCH_UP_MS)
    cloud = await asyncpg.connect(said["postgres"])
    try:
        async with asyncio.timeout(_CATCH_UP_MS / 1000):
            await _paid_once(cloud)
        # A line that heals may be waited for a while; only what was told then counts for the next fault.
        await expect(ana.page.locator(".banner")).to_have_attribute(
            "data-shown", "false", timeout=_CATCH_UP_MS
        )
        away = ana.page.get_by_text("The cloud does not answer; the internet is there.")
        async with asyncio.TaskGroup() as group:
            killing = group.create_task(_keep_down(demo, http))
            await expect(away).to_be_visible(timeout=_CATCH_UP_MS)
            killing.cancel()
        await expect(away).to_be_hidden(timeout=_CATCH_UP_MS)
    finally:
        await cloud.close()


async def _keep_down(demo: DemoProcess, http: aiohttp.ClientSession) -> None:
    """Kill the cloud as often as it comes back: it may do so before anybody has seen that it was away."""
    while True:
        pid = (await demo.now(http))["pids"].get("cloud")
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.1)


async def _paid_once(cloud: asyncpg.Connection) -> None:
    """Return once the cloud has the payment; there is never more than one."""
    while True:
        payments = await cloud.fetch("SELECT status FROM payments")
        assert len(payments) < 2
        if [row["status"] for row in payments] == ["COMPLETED"]:
            return
        await asyncio.sleep(0.1)
