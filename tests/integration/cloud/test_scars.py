"""Other people's scars: what has gone wrong in systems like this one, by its public report."""

import asyncio
from uuid import uuid4

import aiohttp
import asyncpg

from cloud.app import Serving
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from protocol.link_machine import Acknowledged
from tests.fake_box import FakeBox
from tests.integration.cloud.agreement import assert_agrees
from tests.integration.cloud.conftest import OWNER

_HERD = 60


async def test_boxes_that_come_back_all_at_once_do_no_harm(
    cloud: Serving, venue: NewVenue, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """cht-core#6246: 300 clients reconnected at once and the server fell over."""
    file = venue_file.load(sample("venue.json"))
    boxes = []
    for number in range(_HERD):
        place = await founding.create_venue(cloud.pool, OWNER, f"Venue {number}", file)
        await sql.execute("DELETE FROM attempts")
        box = FakeBox(number)
        assert (await box.claim(http, cloud.url, place.claim_code))[0] == 200
        box.day.serve(2)
        boxes.append(box)
    async with asyncio.TaskGroup() as group:
        for box in boxes:
            group.create_task(box.persist(http, cloud.url))
    for box in boxes:
        assert box.acked_seq == box.day.tail_seq
    await assert_agrees(sql, boxes[0])
    assert await sql.fetchval("SELECT count(*) FROM nodes WHERE trouble IS NOT NULL") == 0


async def test_a_cursor_does_not_survive_the_data_it_counted(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """TanStack/db#1659: the data was wiped, the cursor was not, and nothing came."""
    box.day.serve(3)
    await box.persist(http, cloud.url)
    await sql.execute("DELETE FROM facts")
    for name in box.day.tables:
        await sql.execute(f"DELETE FROM {name}")
    await sql.execute("UPDATE nodes SET durable_seq = 0, durable_hash = $1", box.day.hashes[0])
    async with box.online(http, cloud.url) as wire:
        assert wire.welcome is not None
        assert wire.welcome.verdict == "resend"
        await wire.catch_up()
    await assert_agrees(sql, box)


async def test_what_is_acknowledged_waits_for_the_disk(cloud: Serving) -> None:
    """nats-server#7564: acknowledged writes were lost with the power; fsync came every two minutes."""
    for name in ("fsync", "synchronous_commit", "full_page_writes"):
        assert await cloud.pool.fetchval("SELECT current_setting($1)", name) == "on", name


async def test_time_is_no_cursor(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """WatermelonDB#1219: rows with the timestamp of the last sync, or an earlier one, were skipped."""
    box.day.serve(1)
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
        box.day.wall_ms = 0
        box.day.serve(1)
        await wire.catch_up()
        box.day.wall_ms = 4_000_000_000_000
        box.day.serve(1)
        await wire.catch_up()
        box.day.wall_ms = 1_790_000_000_000
        box.day.serve(1)
        await wire.catch_up()
    await assert_agrees(sql, box)


async def test_a_poisoned_fact_is_met_once(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """thingsboard#7491: one event that could not be processed was fetched again for ever."""
    box.day.serve(1)
    poisoned = f'{{"seq":{box.day.tail_seq + 1},"aggregate":"order:{uuid4()}","version":1,"event":'
    box.day.append(f'{poisoned}{{"type":"FromTheFuture"}},"boot":"b","mono_ns":1,"wall_ms":1}}'.encode())
    box.day.append(b"\xff\x00 no fact at all")
    async with box.online(http, cloud.url) as wire:
        while box.acked_seq < box.day.tail_seq:
            await wire.push()
            await wire.next(Acknowledged)
    assert await sql.fetchval("SELECT count(*) FROM quarantine") == 2
    assert await sql.fetchval("SELECT durable_seq FROM nodes") == box.day.tail_seq
    async with box.online(http, cloud.url) as wire:
        assert wire.welcome is not None
        assert (wire.welcome.verdict, wire.welcome.durable_seq) == ("ok", box.day.tail_seq)
