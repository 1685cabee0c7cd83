"""Seed 000 from the first scan to the fired order, and on through an outage of the internet.

Two guests with a phone each, a cook at the kitchen's screen and the owner at home, all in a real browser, in
front of the whole product. Beside what people see, what the phones say is held against the seed's diagram.
"""

import asyncio
from typing import Any

import aiohttp
import asyncpg
import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.demo.ear import Ear
from tests.browser.people import Cook, Guest
from tests.browser.venue import DESK, Browser
from tests.demo_process import DemoProcess
from tests.equality import assert_equal

DISH, SWEET = "Croissant", "Chocolate Fondant"
_CATCH_UP_MS = 60_000
#: Printers and screens have had their say when no fact came for so long.
_QUIET_S = 0.4

pytestmark = pytest.mark.xdist_group("demo")


class Table:
    """Chinu, who hosts, and Anshu, at the first table of the demo."""

    def __init__(self, said: dict[str, Any], pages: tuple[Page, Page]) -> None:
        self.edge = said["edge"]
        self.word = said["pass_word"]
        self.code = said["tables"][0]["code"]
        self.chinu, self.anshu = (Guest(page) for page in pages)
        self.chinu_says, self.anshu_says = (Ear(page) for page in pages)

    async def sit_down(self) -> None:
        """Both phones: an empty snapshot, then the socket."""
        await self.chinu.sit_down(self.edge, "Chinu", self.code)
        await self.anshu.sit_down(self.edge, "Anshu", self.code)
        for ear in (self.chinu_says, self.anshu_says):
            assert len(ear.calls("GET", "/cart_snapshot")) >= 1
            assert ear.mutations() == []

    async def first_item(self) -> dict[str, Any]:
        """§1 and 1A: pass_required, the modal, the same create again; the line, on both phones."""
        await self.chinu.add(DISH)
        await self.chinu.say_word(self.word)
        for guest in (self.chinu, self.anshu):
            await guest.open_cart()
            await guest.sees(DISH, 1)
        first, again = self.chinu_says.mutations()
        assert first == again
        assert (first["op"], first["qty"]) == ("create", 1)
        assert [message["code"] for message in self.chinu_says.told("error")] == ["pass_required"]
        (word,) = self.chinu_says.calls("POST", "/session/validate_pass")
        assert word["word"] == self.word
        (update,) = self.anshu_says.told("cart_update")
        assert (update["op"], update["tmpId"], update["item"]["version"]) == ("create", first["tmpId"], 1)
        assert self.chinu_says.told("cart_update") == [update]
        line: dict[str, Any] = update["item"]
        return line

    async def host_increases(self, line: dict[str, Any]) -> None:
        """§2 and 3: the member cannot, the host can; versions tell both phones what is news."""
        await expect(self.anshu.line(DISH).get_by_role("button", name=f"One more {DISH}")).to_be_disabled()
        await self.chinu.line(DISH).get_by_role("button", name=f"One more {DISH}").click()
        await self.anshu.sees(DISH, 2)
        await self.chinu.sees(DISH, 2)
        change = self.chinu_says.mutations()[-1]
        assert (change["op"], change["id"], change["version"], change["qty"]) == ("update", line["id"], 1, 2)
        update = self.anshu_says.told("cart_update")[-1]
        assert (update["item"]["qty"], update["item"]["version"]) == (2, 2)
        assert self.anshu_says.mutations() == [], "a disabled button sent something"

    async def rogue_patch(self, line: dict[str, Any]) -> None:
        """§4: Anshu's phone is made to say what its page would never say."""
        join = {"op": "update", "id": line["id"], "version": 1, "qty": 3}
        answer = await self.anshu.page.evaluate(_ROGUE, {"type": "cart_mutate", **join})
        assert (answer["type"], answer["code"]) == ("error", "not_authorised")
        await self.chinu.sees(DISH, 2)

    async def order(self, guest: Guest, ticket: str) -> None:
        """§5: whoever presses, everyone is told."""
        await guest.place_order()
        for each in (self.chinu, self.anshu):
            await each.is_congratulated(ticket)
        for ear in (self.chinu_says, self.anshu_says):
            fired = ear.told("order_fired")[-1]["order"]
            assert fired["ticket"] == ticket
            assert fired["items"]


#: A second socket under the page's own membership, which the page has kept for reloads.
_ROGUE = """
(message) => new Promise((resolve, reject) => {
  const kept = Object.values(localStorage).map((text) => JSON.parse(text)).find((value) => value?.ws_token);
  const address = `${location.origin.replace("http", "ws")}/ws/table?sid=${kept.session_pid}`;
  const socket = new WebSocket(address, ["holdfast.v1", `bearer.${kept.ws_token}`]);
  socket.onopen = () => socket.send(JSON.stringify(message));
  socket.onerror = reject;
  socket.onmessage = (event) => {
    const answer = JSON.parse(event.data);
    if (answer.type === "error") { resolve(answer); socket.close(); }
  };
})
"""


async def owner_at_home(browser: Browser, said: dict[str, Any]) -> Locator:
    """The owner's page, signed in; the part about the venue."""
    page = await browser.device(DESK)
    await page.goto(said["cloud"])
    await page.get_by_label("E-mail").fill(said["owner"]["email"])
    await page.get_by_label("Password").fill(said["owner"]["password"])
    await page.get_by_role("button", name="Sign in").click()
    venue = page.get_by_role("region").filter(has_text="No orders today")
    await expect(venue).to_be_visible()
    return page.get_by_role("region", name=await venue.get_attribute("aria-label") or "")


async def test_the_whole_of_seed_000_through_an_outage(
    browser: Browser, demo: DemoProcess, http: aiohttp.ClientSession
) -> None:
    said = demo.said
    table = Table(said, (await browser.device(), await browser.device()))
    cook = Cook(await browser.device(DESK))
    owner = await owner_at_home(browser, said)
    await cook.sign_in(table.edge, said["staff"]["pin"], user=said["staff"]["user"])
    await table.sit_down()
    line = await table.first_item()
    await table.host_increases(line)
    await table.rogue_patch(line)
    await table.order(table.chinu, "K-1")
    (asked,) = table.chinu_says.calls("POST", "/orders")
    assert len(asked["cart_hash"]) == 64
    await expect(cook.ticket("K-1")).to_contain_text(DISH)
    await expect(owner.get_by_role("listitem").filter(has_text="K-1")).to_be_visible()
    await expect(owner.get_by_text("Live", exact=True)).to_be_visible()

    await demo.internet(http, up=False)
    await expect(owner.get_by_text("Offline", exact=True)).to_be_visible(timeout=_CATCH_UP_MS)
    await table.anshu.add(SWEET)
    await table.anshu.open_cart()
    await table.anshu.sees(SWEET, 1)
    await table.order(table.anshu, "K-2")
    await expect(cook.ticket("K-2")).to_contain_text(SWEET)
    await cook.press("K-2", "Accept")
    await expect(owner.get_by_role("listitem").filter(has_text="K-2")).to_have_count(0)

    await demo.internet(http, up=True)
    late = owner.get_by_role("listitem").filter(has_text="K-2")
    await expect(late).to_be_visible(timeout=_CATCH_UP_MS)
    await expect(owner.get_by_text("Live", exact=True)).to_be_visible()
    await agrees(demo, http)


async def agrees(demo: DemoProcess, http: aiohttp.ClientSession) -> None:
    """Once nothing happens any more and everything is sent, Postgres has what the box has."""
    seen = -1
    async with asyncio.timeout(_CATCH_UP_MS / 1000):
        while (tail := await _sent_up_to(demo, http)) is None or tail != seen:
            seen = -1 if tail is None else tail
            await asyncio.sleep(_QUIET_S)
    sql = await asyncpg.connect(demo.said["postgres"])
    try:
        assert await assert_equal(demo.directory / "edge", sql) == seen
    finally:
        await sql.close()


async def _sent_up_to(demo: DemoProcess, http: aiohttp.ClientSession) -> int | None:
    """The box's last fact, if the cloud has it too."""
    async with http.get(f"{demo.said['edge']}/status") as answer:
        status = await answer.json()
    in_step = status["link"] == "live" and status["unsynced"] == 0
    return status["tail_seq"] if in_step else None
