"""Many boxes come back at once: few catch up at a time, all do in the end, and live boxes notice nothing."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import asyncpg
import msgspec
import pytest

from cloud.app import Serving, serving
from cloud.ingest import catch_ups, door
from cloud.ingest.catch_ups import SMALL_FACTS, WAITING_BYTES, WAITING_FACTS
from cloud.ingest.ending import Ending
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from protocol.link_machine import Heard
from tests.fake_box import FakeBox, Gone, Wire
from tests.integration.cloud.agreement import assert_agrees
from tests.integration.cloud.conftest import CONFIG, OWNER, PASSWORD

_SLOTS = 2
_JUDGES = 2
_HERD = 8


@pytest.fixture
async def cloud(database: str) -> AsyncIterator[Serving]:
    """A process with few slots."""
    async with serving(msgspec.structs.replace(CONFIG, catch_ups=_SLOTS, hellos=_JUDGES), database) as served:
        await founding.create_owner(served.pool, OWNER, PASSWORD)
        yield served


async def _boxes(cloud: Serving, http: aiohttp.ClientSession, sql: asyncpg.Connection) -> list[FakeBox]:
    file, boxes = venue_file.load(sample("venue.json")), []
    for number in range(_HERD):
        place = await founding.create_venue(cloud.pool, OWNER, f"Venue {number}", file)
        await sql.execute("DELETE FROM attempts")
        box = FakeBox(number)
        assert (await box.claim(http, cloud.url, place.claim_code))[0] == 200
        boxes.append(box)
    return boxes


def _figure(cloud: Serving, name: str) -> float:
    return cloud.links.figures.registry.get_sample_value(f"holdfast_{name}") or 0.0


async def test_a_herd_is_admitted_bit_by_bit_and_drains(
    cloud: Serving,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catch_ups, "SHARE_BYTES", 3_000)
    monkeypatch.setattr(catch_ups, "PATIENCE_S", 0.2)
    boxes = await _boxes(cloud, http, sql)
    for box in boxes:
        box.day.serve(40)
        assert box.day.tail_seq > 3 * SMALL_FACTS
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, int(_figure(cloud, "catch_ups")))
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        watching = group.create_task(watch())
        async with asyncio.TaskGroup() as herd:
            for box in boxes:
                herd.create_task(box.persist(http, cloud.url))
        watching.cancel()
    assert 0 < most <= _SLOTS
    assert _figure(cloud, "catch_up_wait_seconds_count") > _HERD, "shares made some of them ask anew"
    assert (_figure(cloud, "catch_ups"), _figure(cloud, "catch_ups_waiting")) == (0, 0)
    for box in boxes:
        assert box.acked_seq == box.day.tail_seq
    await assert_agrees(sql, boxes[-1])
    async with http.get(f"{cloud.url}/metrics") as response:
        told = await response.text()
    assert "holdfast_catch_ups 0.0" in told
    assert "holdfast_catch_up_wait_seconds_bucket" in told


async def test_who_waits_is_welcome_and_who_works_does_not_wait(
    cloud: Serving,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Slots are held by boxes that say nothing; everybody else goes on."""
    monkeypatch.setattr("cloud.ingest.socket.IDLE_S", 600.0)
    *idle, late, live = (await _boxes(cloud, http, sql))[: _SLOTS + 2]
    for box in (*idle, late):
        box.day.serve(40)
    async with asyncio.TaskGroup() as group:
        hogs = [group.create_task(_hold(box, http, cloud)) for box in idle]
        await _until(lambda: _figure(cloud, "catch_ups") == _SLOTS)
        async with late.online(http, cloud.url) as waiting, live.online(http, cloud.url) as working:
            assert waiting.welcome is not None
            assert (waiting.welcome.credit, waiting.welcome.credit_bytes) == (WAITING_FACTS, WAITING_BYTES)
            assert _figure(cloud, "catch_ups_waiting") == 1
            live.day.serve(3)
            await working.catch_up()
            await founding.import_menu(cloud.pool, late.venue_id, sample("menu.json"), "test")
            await _handed_down(waiting, "menu")
            waiting.end.ping(7)
            await waiting.flush()
            assert (await waiting.next(Heard)).token == 7
            for hog in hogs:
                hog.cancel()
            await waiting.catch_up()
    await assert_agrees(sql, late)
    await assert_agrees(sql, live)


async def _hold(box: FakeBox, http: aiohttp.ClientSession, cloud: Serving) -> None:
    async with box.online(http, cloud.url):
        await asyncio.Event().wait()


async def _handed_down(wire: Wire, stream: str) -> None:
    async with asyncio.timeout(60):
        while not wire.box.cursors.get(stream):
            await wire.event()


async def _until(so: object) -> None:
    assert callable(so)
    async with asyncio.timeout(60):
        while True:
            if so():
                return
            await asyncio.sleep(0.01)


async def test_a_slot_that_is_not_used_goes_to_the_next(
    cloud: Serving,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cloud.ingest.socket.IDLE_S", 0.1)
    *idle, late = (await _boxes(cloud, http, sql))[: _SLOTS + 1]
    for box in (*idle, late):
        box.day.serve(40)
    async with asyncio.TaskGroup() as group:
        hogs = [group.create_task(_hold(box, http, cloud)) for box in idle]
        await late.persist(http, cloud.url)
        for hog in hogs:
            hog.cancel()
    await assert_agrees(sql, late)


async def test_hellos_that_the_database_keeps_waiting_are_in_nobodys_way(
    cloud: Serving,
    http: aiohttp.ClientSession,
    sql: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More hellos than there are connections to Postgres: two are judged, the others hear that they should
    come again, at the door if it is full; a box at work goes on working, and in the end everybody is let in.
    """
    monkeypatch.setattr(door, "JUDGED_WITHIN_S", 0.2)
    *herd, live = await _boxes(cloud, http, sql)
    for box in herd:
        box.day.serve(3)
    async with live.online(http, cloud.url) as working, asyncio.TaskGroup() as group:
        async with sql.transaction():
            nodes = [box.node_id for box in herd]
            await sql.execute("SELECT 1 FROM nodes WHERE node_id = ANY($1::uuid[]) FOR UPDATE", nodes)
            ends = [group.create_task(_end_of(box, http, cloud)) for box in herd]
            await _until(lambda: sum(end.done() for end in ends) == len(herd) - _JUDGES)
            assert {end.result() for end in ends if end.done()} == {Ending.TRY_AGAIN}
            live.day.serve(3)
            await working.catch_up()
            monkeypatch.setattr(door, "MOST_WAITING", 0)
            with pytest.raises(aiohttp.WSServerHandshakeError) as full:
                async with herd[0].online(http, cloud.url):
                    raise AssertionError("let in through a full door")
            assert (full.value.status, full.value.headers and full.value.headers["Retry-After"]) == (503, "1")
            monkeypatch.undo()
        for box in herd:
            group.create_task(box.persist(http, cloud.url))
    assert [box.acked_seq for box in herd] == [box.day.tail_seq for box in herd]
    await assert_agrees(sql, live)
    assert _figure(cloud, "hellos_waiting") == 0


async def _end_of(box: FakeBox, http: aiohttp.ClientSession, cloud: Serving) -> int | None:
    """The close code of a connection that ends instead of being welcomed; None of one that is welcomed."""
    try:
        async with box.online(http, cloud.url):
            return None
    except Gone as gone:
        return gone.code
