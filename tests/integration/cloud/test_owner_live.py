"""The owner's live socket: changes from any process, for those they concern, for as long as they may look."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving, serving
from cloud.owners.venues import founding
from cloud.owners.venues.founding import NewVenue
from tests.fake_box import FakeBox
from tests.integration.cloud.conftest import CONFIG, OWNER, PASSWORD
from tests.integration.cloud.hours import make_it_noon
from tests.venue_day import VenueDay


async def _login(http: aiohttp.ClientSession, url: str, email: str = OWNER) -> str:
    async with http.post(f"{url}/api/login", json={"email": email, "password": PASSWORD}) as response:
        return str((await response.json())["csrf"])


def _now_ms() -> int:
    return int(datetime.now(UTC).timestamp() * 1000)


async def _until(
    socket: aiohttp.ClientWebSocketResponse, fits: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """The first message that fits."""
    async with asyncio.timeout(60):
        while True:
            message = await socket.receive_json()
            if fits(message):
                return dict(message)


async def test_what_one_process_takes_in_another_tells(
    cloud: Serving,
    database: str,
    venue: NewVenue,
    box: FakeBox,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
) -> None:
    await make_it_noon(sql)
    async with serving(CONFIG, database) as second:
        await _login(http, second.url)
        async with http.ws_connect(f"{second.url}/ws/owner") as page:
            first = await _until(page, lambda message: message["type"] == "venue")
            assert (first["venue_id"], first["link"]) == (venue.venue_id, "down")
            box.day = VenueDay(box.log_id, venue.restaurant_id, wall_ms=_now_ms())
            box.day.serve(2)
            async with box.online(http, cloud.url) as wire:
                await wire.catch_up()
                await _until(page, lambda m: m == {"type": "facts", "venue_id": venue.venue_id})
                order = await _until(page, lambda message: message["type"] == "order")
                assert order["venue_id"] == venue.venue_id
                assert order["order_id"] == f"ORD-{venue.restaurant_id}-1"
                assert order["lines"]
                told = {"type": "venue", "orders_today": 2, "link": "live", "unsynced": 0}
                await _until(page, lambda m: told.items() <= m.items())
            await _until(page, lambda message: message["type"] == "venue" and message["link"] == "down")


async def test_nothing_of_others_is_told(cloud: Serving, box: FakeBox, http: aiohttp.ClientSession) -> None:
    await founding.create_owner(cloud.pool, "other@example.com", PASSWORD)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as stranger:
        await _login(stranger, cloud.url, "other@example.com")
        await _login(http, cloud.url)
        async with (
            stranger.ws_connect(f"{cloud.url}/ws/owner") as theirs,
            http.ws_connect(f"{cloud.url}/ws/owner") as ours,
        ):
            box.day.serve(1)
            async with box.online(http, cloud.url) as wire:
                await wire.catch_up()
            await _until(ours, lambda message: message["type"] == "order")
            with pytest.raises(asyncio.TimeoutError):
                await theirs.receive(timeout=0.3)


async def test_a_page_needs_a_login_and_its_own_origin(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession
) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect(f"{cloud.url}/ws/owner")
    assert refused.value.status == 401
    await _login(http, cloud.url)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await http.ws_connect(f"{cloud.url}/ws/owner", origin="http://evil.example")
    assert refused.value.status == 403
    async with http.ws_connect(f"{cloud.url}/ws/owner", origin=cloud.url) as page:
        assert (await page.receive_json())["type"] == "venue"


async def test_a_login_that_ends_ends_the_page(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession
) -> None:
    csrf = await _login(http, cloud.url)
    async with http.ws_connect(f"{cloud.url}/ws/owner") as page:
        async with http.post(f"{cloud.url}/api/logout", headers={"X-CSRF-Token": csrf}) as response:
            assert response.status == 200
        async with asyncio.timeout(60):
            while (await page.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
    assert page.close_code == 4401


async def test_a_page_that_talks_on_is_closed(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession
) -> None:
    await _login(http, cloud.url)
    async with http.ws_connect(f"{cloud.url}/ws/owner") as page:
        for _ in range(30):
            await page.send_str("{}")
        async with asyncio.timeout(60):
            while (await page.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
    assert page.close_code == 4429


async def test_a_page_lives_through_an_outage_of_postgres(
    cloud: Serving, venue: NewVenue, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """All connections are cut, the listening one too; orders that came meanwhile are told afterwards."""
    await _login(http, cloud.url)
    async with http.ws_connect(f"{cloud.url}/ws/owner") as page:
        await page.receive_json()
        await sql.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        box.day = VenueDay(box.log_id, venue.restaurant_id, wall_ms=_now_ms())
        box.day.serve(1)
        await box.persist(http, cloud.url)
        await _until(page, lambda message: message["type"] == "order")
