"""What the cloud owns reaches the box: everything after its cursor, in order, as soon as it is published."""

import asyncio
from pathlib import Path

import aiohttp
import asyncpg
import msgspec
import pytest

from cloud.app import Serving, serving
from cloud.owners.samples import sample
from cloud.owners.venues import founding
from cloud.owners.venues.founding import MenuRefused, NewVenue
from cloud.store.link import streams
from protocol.facts.menu import Menu
from protocol.facts.venue import VenueConfig
from protocol.link_machine import Arrived
from tests.fake_box import FakeBox
from tests.integration.cloud.conftest import CONFIG


async def _applied(sql: asyncpg.Connection, stream: str) -> int:
    return int(await sql.fetchval("SELECT coalesce(max(seq), 0) FROM down_cursors WHERE stream = $1", stream))


async def test_a_new_box_gets_its_configuration_and_menu(
    cloud: Serving, venue: NewVenue, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    await founding.import_menu(cloud.pool, venue.venue_id, sample("menu.csv"), "test")
    async with box.online(http, cloud.url) as wire:
        while not (box.down["config"] and box.down["menu"]):
            await wire.next(Arrived)
        while await _applied(sql, "menu") < 1 or await _applied(sql, "config") < 1:
            pass
    config = msgspec.json.decode(box.down["config"][0], type=VenueConfig)
    menu = msgspec.json.decode(box.down["menu"][0], type=Menu)
    assert (config.venue_id, config.restaurant_id) == (venue.venue_id, venue.restaurant_id)
    assert [table.name for table in config.tables] == [f"T{number}" for number in range(1, 13)]
    assert menu.menu_version == 1
    assert len(menu.items) >= 60


async def test_what_is_published_by_another_process_arrives_at_once(
    cloud: Serving, database: str, venue: NewVenue, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    async with serving(CONFIG, database) as second, box.online(http, cloud.url) as wire:
        await wire.next(Arrived)
        for version in (1, 2, 3):
            assert (
                await founding.import_menu(second.pool, venue.venue_id, sample("menu.json"), "test")
                == version
            )
            arrived = await wire.next(Arrived)
            assert (arrived.stream, [entry.seq for entry in arrived.entries]) == ("menu", [version])


async def test_only_what_is_new_comes_after_a_reconnect(
    cloud: Serving, venue: NewVenue, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    for _ in range(3):
        await founding.import_menu(cloud.pool, venue.venue_id, sample("menu.json"), "test")
    box.cursors = {"config": 1, "menu": 2}
    async with box.online(http, cloud.url) as wire:
        arrived = await wire.next(Arrived)
    assert (arrived.stream, [entry.seq for entry in arrived.entries]) == ("menu", [3])


async def test_a_box_that_died_before_it_could_say_so_says_it_with_its_hello(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.cursors = {"config": 1, "menu": 0}
    async with box.online(http, cloud.url):
        assert await _applied(sql, "config") == 1
    assert await _applied(sql, "menu") == 0


async def test_a_stream_is_dense_and_in_the_order_of_commits(
    cloud: Serving, venue: NewVenue, sql: asyncpg.Connection
) -> None:
    """Publishers of one stream wait for each other; one that fails leaves no hole."""

    async def publish(number: int) -> None:
        async with cloud.pool.acquire() as connection:
            try:
                async with connection.transaction():
                    seq = await streams.next_seq(connection, venue.venue_id, "menu")
                    await streams.publish(connection, venue.venue_id, "menu", seq, b"%d" % number)
                    if number % 3 == 0:
                        raise LookupError
            except LookupError:
                pass

    async with asyncio.TaskGroup() as group:
        for number in range(1, 13):
            group.create_task(publish(number))
    rows = await sql.fetch("SELECT seq, body FROM down_entries WHERE stream = 'menu' ORDER BY seq")
    assert [row["seq"] for row in rows] == list(range(1, 9))
    assert {int(row["body"]) for row in rows} == {number for number in range(1, 13) if number % 3}


async def test_long_streams_come_in_bounded_messages(
    cloud: Serving, venue: NewVenue, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    async with cloud.pool.acquire() as connection, connection.transaction():
        for _ in range(7):
            seq = await streams.next_seq(connection, venue.venue_id, "menu")
            await streams.publish(connection, venue.venue_id, "menu", seq, bytes(1_500_000))
    async with box.online(http, cloud.url) as wire:
        sizes = []
        while len(box.down["menu"]) < 7:
            arrived = await wire.next(Arrived)
            sizes.append(sum(len(entry.body) for entry in arrived.entries))
    assert max(sizes) <= 4 * 1024 * 1024


async def test_a_menu_with_mistakes_is_refused_whole(
    cloud: Serving, venue: NewVenue, sql: asyncpg.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "menu.csv"
    file.write_text("id,category,name,price\n1,Mains,Soup,x\n1,Mains,,2\n")
    with pytest.raises(MenuRefused) as refused:
        await founding.import_menu(cloud.pool, venue.venue_id, file, "test")
    assert len(refused.value.complaints) == 3
    file.write_text("id,category,name,price,station\n1,Mains,Soup,2,cellar\n")
    with pytest.raises(MenuRefused, match="no station 'cellar'"):
        await founding.import_menu(cloud.pool, venue.venue_id, file, "test")
    assert await sql.fetchval("SELECT seq FROM down_heads WHERE stream = 'menu'") == 0
