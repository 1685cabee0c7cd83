"""The demo's box that belongs to nobody: it sells, shows a code, and has a place once that was typed in."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from tests.demo_process import DemoProcess

pytestmark = pytest.mark.xdist_group("demo")

Json = dict[str, Any]


class Person:
    """Somebody with a browser, which keeps cookies of bare addresses too."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http
        self.headers: dict[str, str] = {}

    async def ask(self, method: str, address: str, body: Json | None = None) -> Json:
        async with self._http.request(method, address, json=body, headers=self.headers) as answer:
            assert answer.status < 300, await answer.text()
            said: Json = await answer.json()
            return said

    async def until(self, address: str, wanted: Callable[[Json], bool]) -> Json:
        """What stands there, once it is as wanted."""
        async with asyncio.timeout(60):
            seen = await self.ask("GET", address)
            while not wanted(seen):
                await asyncio.sleep(0.1)
                seen = await self.ask("GET", address)
            return seen


async def test_a_new_box_is_paired_by_the_code_that_it_shows(demo: DemoProcess) -> None:
    jar, timeout = aiohttp.CookieJar(unsafe=True), aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=timeout) as http:
        manager, owner = Person(http), Person(http)
        control, cloud = demo.said["control"], demo.said["cloud"]
        kiosk = await owner.ask("POST", f"{control}/kiosk")
        assert await owner.ask("POST", f"{control}/kiosk") == kiosk
        box = kiosk["url"]
        menu = await manager.until(f"{box}/menu", lambda seen: bool(seen["items"]))
        assert "Fish roll" in {item["name"] for item in menu["items"]}

        login = {"user": kiosk["user"], "pin": kiosk["pin"]}
        token = (await manager.ask("POST", f"{box}/api/v1/auth/pin", login))["token"]
        manager.headers = {"Authorization": f"Bearer {token}"}
        await manager.ask("POST", f"{box}/api/v1/pairing", {"cloud_url": ""})
        shown = await manager.until(f"{box}/api/v1/pairing", lambda seen: bool(seen["user_code"]))

        entered = await owner.ask("POST", f"{cloud}/api/login", demo.said["owner"])
        owner.headers = {"X-CSRF-Token": entered["csrf"]}
        code = {"code": shown["user_code"]}
        seen = await owner.ask("POST", f"{cloud}/api/pairing/look", code)
        assert (seen["name"], seen["fingerprint"]) == ("Kiosk am Hafen", shown["fingerprint"])
        await owner.ask("POST", f"{cloud}/api/pairing", code)

        def is_live(seen: Json) -> bool:
            return ("Kiosk am Hafen", "live") in {(each["name"], each["link"]) for each in seen["venues"]}

        await owner.until(f"{cloud}/api/venues", is_live)
