"""Orders from inside the venue only: by network, behind a proxy, by GPS, over HTTP and over the socket."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from protocol.facts.venue import Fence, LocationConfig
from tests.integration.ordering.venue import Phone, serving
from tests.sample_venue import BURGER

LOOPBACK = ("127.0.0.0/8",)
WIFI = ("192.168.8.0/24",)
HARBOUR = Fence(53.5436, 9.9665, 80.0)
INSIDE = {"lat": 53.5437, "lon": 9.9667, "accuracy_m": 12.0}
TOWN = {"lat": 53.56, "lon": 9.99, "accuracy_m": 12.0}


@asynccontextmanager
async def at_a_table(directory: Path, location: LocationConfig) -> AsyncIterator[Phone]:
    """A guest with a burger in the cart, on loopback."""
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(serving(directory, location=location))
        http = await stack.enter_async_context(aiohttp.ClientSession())
        phone = await stack.enter_async_context(await Phone.join(http, box.url))
        await phone.say_word()
        await phone.add(BURGER)
        yield phone


@pytest.mark.parametrize(
    ("location", "forwarded", "gps", "status"),
    [
        (LocationConfig(), "", None, 201),
        (LocationConfig("ip"), "", None, 201),
        (LocationConfig("ip", WIFI), "", INSIDE, 403),
        (LocationConfig("ip", WIFI), "192.168.8.20", None, 403),
        (LocationConfig("ip", WIFI, trusted_proxies=LOOPBACK), "192.168.8.20", None, 201),
        (LocationConfig("ip", WIFI, trusted_proxies=LOOPBACK), "192.168.8.20, 203.0.113.9", None, 403),
        (LocationConfig("ip", WIFI, trusted_proxies=LOOPBACK), "", None, 403),
        (LocationConfig("gps", fence=HARBOUR), "", INSIDE, 201),
        (LocationConfig("gps", fence=HARBOUR), "", TOWN, 403),
        (LocationConfig("gps", fence=HARBOUR), "", None, 403),
        (LocationConfig("either", WIFI, HARBOUR), "", INSIDE, 201),
        (LocationConfig("either", WIFI, HARBOUR), "", TOWN, 403),
        (LocationConfig("either", LOOPBACK, HARBOUR), "", TOWN, 201),
    ],
)
async def test_where_an_order_comes_from(
    tmp_path: Path, location: LocationConfig, forwarded: str, gps: dict[str, float] | None, status: int
) -> None:
    async with at_a_table(tmp_path, location) as phone:
        assert (await phone.snapshot())["location_policy"] == location.policy
        got, body = await phone.order({"X-Forwarded-For": forwarded} if forwarded else None, gps=gps)
        assert got == status, body
        if status == 403:
            assert (body["error"]["code"], body["error"]["policy"]) == ("not_at_venue", location.policy)
            left = await phone.snapshot()
            assert (left["cart_locked"], len(left["items"])) == (False, 1)


@pytest.mark.parametrize(("gps", "told"), [(TOWN, "error"), (None, "error"), (INSIDE, "order_confirmed")])
async def test_over_the_socket_too(tmp_path: Path, gps: dict[str, float] | None, told: str) -> None:
    async with at_a_table(tmp_path, LocationConfig("gps", fence=HARBOUR)) as phone:
        await phone.send({"type": "place_order", "gps": gps, "mid": "press-the-button"})
        message = await phone.hears(told)
        if told == "error":
            assert (message["code"], message["mid"]) == ("not_at_venue", "press-the-button")


@pytest.mark.parametrize(
    "gps",
    [
        {"lat": 91, "lon": 0},
        {"lat": 0, "lon": -181},
        {"lat": 0},
        {"lat": "x", "lon": 0},
        7,
        {"lat": 1, "lon": 1, "accuracy_m": -1},
    ],
)
async def test_readings_that_are_none(tmp_path: Path, gps: Any) -> None:
    async with at_a_table(tmp_path, LocationConfig("gps", fence=HARBOUR)) as phone:
        status, body = await phone.order(gps=gps)
        assert (status, body["error"]["code"]) == (400, "invalid")
