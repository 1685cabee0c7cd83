"""A cloud that was restored to an earlier time: what boxes send again, what is handed down to them anew."""

import asyncio

import aiohttp
import asyncpg
import msgspec

from cloud.app import Serving
from cloud.owners.samples import sample
from cloud.owners.venues import founding
from cloud.store.link import streams
from protocol import link
from protocol.link_machine import Heard
from tests.fake_box import FakeBox
from tests.integration.cloud.agreement import assert_agrees


async def test_a_restored_cloud_is_another_incarnation_and_is_sent_everything_again(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(6)
    await box.persist(http, cloud.url)
    box.cursors["menu"] = 5
    back = box.day.tail_seq // 2
    await _restore(sql, box, back)
    seen = await sql.fetchval("SELECT incarnation FROM incarnations")
    async with box.connect(http, cloud.url) as wire:
        welcome = await wire.hello({"incarnation_seen": str(seen)})
        assert (welcome.verdict, welcome.durable_seq) == ("resend", back)
        assert welcome.incarnation != str(seen)
        await wire.catch_up()
    await assert_agrees(sql, box)
    assert await sql.fetchval("SELECT count(*) FROM incarnations") == 2
    assert await sql.fetchval("SELECT seq FROM down_heads WHERE stream = 'menu'") == 5
    async with box.connect(http, cloud.url) as wire:
        assert (await wire.hello({"incarnation_seen": welcome.incarnation})).verdict == "ok"


async def test_commands_given_since_a_restore_reach_a_box_that_has_others_at_their_places(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(2)
    await box.persist(http, cloud.url)
    box.cursors["commands"] = 3
    for body in (b"first", b"second"):
        async with sql.transaction():
            seq = await streams.next_seq(sql, box.venue_id, "commands")
            await streams.publish(sql, box.venue_id, "commands", seq, body)
    async with box.connect(http, cloud.url) as wire:
        assert (await wire.hello()).verdict == "ok"
    query = "SELECT seq, body FROM down_entries WHERE stream = 'commands' ORDER BY seq"
    assert [tuple(row) for row in await sql.fetch(query)] == [(4, b"first"), (5, b"second")]
    assert await sql.fetchval("SELECT seq FROM down_heads WHERE stream = 'commands'") == 5


async def test_what_was_published_since_a_restore_is_handed_down_at_the_first_hello(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """The box has newer ones than the restored cloud knew of; the owner publishes, and then it says hello."""
    box.day.serve(2)
    await box.persist(http, cloud.url)
    known = {row["stream"]: row["seq"] for row in await sql.fetch("SELECT stream, seq FROM down_heads")}
    assert known == {"config": 1, "menu": 0, "commands": 0}
    await sql.execute("UPDATE down_cursors SET seq = 1 WHERE stream = 'config'")
    box.cursors |= {"config": 4, "menu": 2}
    box.down = {stream: [] for stream in link.STREAMS}
    await founding.import_menu(cloud.pool, box.venue_id, sample("menu.json"), "test")
    async with sql.transaction():
        seq = await streams.next_seq(sql, box.venue_id, "config")
        newest = await streams.latest(sql, box.venue_id, "config")
        assert newest is not None
        await streams.publish(sql, box.venue_id, "config", seq, newest + b" ")
    async with box.online(http, cloud.url) as wire:
        async with asyncio.timeout(60):
            while not (box.down["menu"] and box.down["config"]):
                await wire.event()
    assert box.cursors["config"] == 5
    assert box.down["config"] == [newest + b" "]
    assert box.cursors["menu"] == 3
    assert msgspec.json.decode(box.down["menu"][0])["menu_version"] == 3
    box.down = {stream: [] for stream in link.STREAMS}
    async with box.online(http, cloud.url) as wire:
        wire.end.ping(1)
        await wire.flush()
        await wire.next(Heard)
    assert not any(box.down.values()), "handed down once"
    assert await sql.fetchval("SELECT count(*) FROM down_entries WHERE stream = 'menu'") == 1


async def _restore(sql: asyncpg.Connection, box: FakeBox, seq: int) -> None:
    """Point-in-time recovery to the moment at which the cloud had `seq` facts."""
    await sql.execute("DELETE FROM facts WHERE seq > $1", seq)
    for name in box.day.tables:
        await sql.execute(f"DELETE FROM {name}")
    await sql.execute("UPDATE nodes SET durable_seq = $1, durable_hash = $2", seq, box.day.hashes[seq])
    for name, rows in box.day.tables_at(seq).items():
        records = [(box.venue_id, *row) for row in rows.values()]
        await sql.copy_records_to_table(name, records=records)
