"""The telemetry lane at the cloud: the latest reading wins, is told to pages, and costs nobody anything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import aiohttp
import asyncpg
import msgspec

from cloud.app import Serving
from cloud.ingest.presence import Guest, Presence
from cloud.owners.venues.founding import NewVenue
from cloud.store.link import telemetry
from cloud.store.link.nodes import Sign
from cloud.store.link.telemetry import Told
from protocol import link
from protocol.telemetry import Reading, pack
from tests.fake_box import FakeBox, Wire
from tests.integration.cloud.agreement import assert_agrees
from tests.integration.cloud.conftest import OWNER, PASSWORD

PLUG = Reading("plug:ps5", "plug", "PS5", "well", 4_000, 90_000, {"power_w": 61.5}, "")
PRINTER = Reading("printer:Bar", "printer", "Bar", "alarmed", words="Bar is out of paper.")


async def _say(
    wire: Wire, *readings: Reading, whole: bool = False, minor: int | None = None, tail_seq: int = 0
) -> None:
    seq = tail_seq or wire.box.day.tail_seq
    await wire.send(link.Status(seq, True, minor, pack(readings), whole))


async def _login(http: aiohttp.ClientSession, url: str) -> None:
    async with http.post(f"{url}/api/login", json={"email": OWNER, "password": PASSWORD}) as response:
        assert response.status == 200


async def _things(http: aiohttp.ClientSession, cloud: Serving, venue_id: str) -> dict[str, Any]:
    async with http.get(f"{cloud.url}/api/venues/{venue_id}/health") as response:
        assert response.status == 200
        return {each["thing"]: each for each in (await response.json())["things"]}


async def _until_things(
    http: aiohttp.ClientSession, cloud: Serving, venue_id: str, names: set[str]
) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            if (found := await _things(http, cloud, venue_id)).keys() == names:
                return found
            await asyncio.sleep(0.02)


async def test_readings_are_kept_with_their_age_told_to_pages_and_replaced(
    cloud: Serving, venue: NewVenue, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await _login(http, cloud.url)
    async with http.ws_connect(f"{cloud.url}/ws/owner") as page, box.online(http, cloud.url) as wire:
        await _first_row(page)
        await _say(wire, PLUG, PRINTER, whole=True)
        await _hears_of_health(page, venue.venue_id)
        found = await _until_things(http, cloud, venue.venue_id, {"plug:ps5", "printer:Bar"})
        assert found["plug:ps5"]["figures"] == {"power_w": 61.5}
        assert 4 <= found["plug:ps5"]["age_s"] < 34
        assert 90 <= found["plug:ps5"]["since_s"] < 120
        assert found["printer:Bar"]["words"] == "Bar is out of paper."
        await _say(wire, PLUG, whole=True)
        await _until_things(http, cloud, venue.venue_id, {"plug:ps5"})
    assert await sql.fetchval("SELECT hellos FROM nodes") == 1


async def _first_row(page: aiohttp.ClientWebSocketResponse) -> None:
    async with asyncio.timeout(60):
        while (await page.receive_json())["type"] != "venue":
            pass


async def _hears_of_health(page: aiohttp.ClientWebSocketResponse, venue_id: str) -> None:
    async with asyncio.timeout(60):
        while (message := await page.receive_json())["type"] != "health":
            pass
    assert message == {"type": "health", "venue_id": venue_id}


async def test_an_older_reading_never_wins_and_one_without_a_voice_is_dropped(
    cloud: Serving, venue: NewVenue, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    old, new = (msgspec.structs.replace(PLUG, figures={"power_w": watts}) for watts in (1.0, 2.0))
    async with box.online(http, cloud.url):
        name = str(await sql.fetchval("SELECT connection FROM nodes"))
        assert await telemetry.keep(sql, [Told(name, 7, 0.0, new)]) == {venue.venue_id}
        assert await telemetry.keep(sql, [Told(name, 6, 0.0, old)]) == set()
        nobody = "00000000-0000-0000-0000-000000000000"
        assert await telemetry.keep(sql, [Told(nobody, 9, 0.0, old)]) == set()
        await telemetry.forget(sql, {name: 7, nobody: 99})
        (kept,) = await telemetry.latest(sql, venue.venue_id)
        assert kept.figures == {"power_w": 2.0}
    async with box.online(http, cloud.url):
        name = str(await sql.fetchval("SELECT connection FROM nodes"))
        assert await telemetry.keep(sql, [Told(name, 1, 0.0, old)]) == {venue.venue_id}, "a later welcome"
        await sql.execute("UPDATE venues SET epoch = epoch + 1")
        assert await telemetry.keep(sql, [Told(name, 2, 0.0, new)]) == set(), "of a box that was replaced"


async def test_what_cannot_be_read_costs_neither_link_nor_journal(
    cloud: Serving, venue: NewVenue, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await _login(http, cloud.url)
    box.day.serve(2)
    async with box.online(http, cloud.url) as wire:
        await wire.send(link.Status(box.day.tail_seq, True, 5, b"\xc1 noise", whole=True))
        await wire.send(link.Status(box.day.tail_seq, True, 5, b"x" * 100_000))
        odd = msgspec.structs.replace(PLUG, name="𝄞" * 40, figures={"power_w": 1e300})
        await _say(wire, odd, msgspec.structs.replace(PLUG, thing="nul \0"))
        await wire.catch_up()
        await _until_things(http, cloud, venue.venue_id, {"plug:ps5"})
    await assert_agrees(sql, box)


async def test_the_owner_sees_what_waits_at_the_venue_and_what_it_is_worth(
    cloud: Serving, venue: NewVenue, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    await _login(http, cloud.url)

    async def row() -> dict[str, Any]:
        async with http.get(f"{cloud.url}/api/venues") as response:
            return dict((await response.json())["venues"][0])

    async def until(**wanted: object) -> dict[str, Any]:
        async with asyncio.timeout(60):
            while True:
                if wanted.items() <= (found := await row()).items():
                    return found
                await asyncio.sleep(0.02)

    assert ((await row())["unsynced_minor"], (await row())["heard_age_s"]) == (None, None)
    box.day.serve(2)
    async with box.online(http, cloud.url) as wire:
        await until(unsynced=box.day.tail_seq, unsynced_minor=None)
        await _say(wire, minor=4_250)
        await until(unsynced=box.day.tail_seq, unsynced_minor=4_250)
    gone = await until(link="down", unsynced=box.day.tail_seq, unsynced_minor=4_250)
    assert 0 <= gone["heard_age_s"] < 60
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
        await until(unsynced=0, unsynced_minor=0)
    await until(link="down", unsynced=None, unsynced_minor=None)


class _Unlucky:
    """Books in which readings meet another process's, and everything else is well."""

    def __init__(self) -> None:
        self.tried: list[str] = []

    @asynccontextmanager
    async def glance(self) -> AsyncIterator["_Unlucky"]:
        yield self

    async def heard(self, signs: list[Sign]) -> set[str]:
        return {sign.connection for sign in signs}

    async def keep_told(self, told: list[Told]) -> set[str]:
        self.tried.append("keep")
        raise asyncpg.DeadlockDetectedError("two processes are in each other's way")

    async def forget_untold(self, wholes: dict[str, int]) -> None:
        self.tried.append("forget")
        raise asyncpg.DeadlockDetectedError("two processes are in each other's way")


async def test_readings_that_cannot_be_kept_end_nothing() -> None:
    books, guest = _Unlucky(), Guest("somebody", 0, True)
    guest.tell(link.Status(1, True, None, pack((PLUG,)), whole=True), 0)
    presence = Presence(cast(Any, books), 0.0)
    async with asyncio.TaskGroup() as group:
        with presence.of(guest):
            running = group.create_task(presence.run())
            async with asyncio.timeout(60):
                while "forget" not in books.tried:
                    guest.hear()
                    await asyncio.sleep(0)
                for _ in range(20):
                    await asyncio.sleep(0)
            assert not running.done()
            running.cancel()
    assert books.tried[:2] == ["keep", "forget"]
