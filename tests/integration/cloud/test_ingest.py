"""Facts over the link into Postgres: exactly once, whatever the box repeats, skips or breaks off."""

import aiohttp
import asyncpg
import pytest

from cloud.app import Serving, serving
from cloud.ingest.ending import Ending
from protocol import link
from protocol.link_machine import Acknowledged
from tests.fake_box import FakeBox, Gone
from tests.integration.cloud.agreement import assert_agrees
from tests.integration.cloud.conftest import CONFIG


async def test_a_day_arrives_whole(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(20)
    async with box.online(http, cloud.url) as wire:
        assert wire.welcome is not None
        assert wire.welcome.verdict == "ok"
        await wire.catch_up(run=97)
        box.day.serve(5)
        await wire.catch_up(run=3)
    await assert_agrees(sql, box)
    assert await sql.fetchval("SELECT count(*) FROM quarantine") == 0


async def test_an_acknowledgement_means_committed(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(3)
    async with box.online(http, cloud.url) as wire:
        await wire.push(10)
        acknowledged = await wire.next(Acknowledged)
        held = await sql.fetchval("SELECT count(*) FROM facts")
    assert held >= acknowledged.seq == 10
    assert acknowledged.chain_hash == box.day.hashes[10]


async def test_a_repeated_run_changes_nothing_and_is_acknowledged_again(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(2)
    first = link.Up(1, tuple(box.day.records[:20]), box.day.hashes[20])
    overlapping = link.Up(11, tuple(box.day.records[10:30]), box.day.hashes[30])
    async with box.online(http, cloud.url) as wire:
        for run, durable in ((first, 20), (first, 20), (overlapping, 30), (first, 30)):
            await wire.send(run)
            answer = await wire.answer(link.UpAck, link.Resend)
            assert isinstance(answer, link.UpAck)
            assert (answer.durable_seq, answer.durable_hash) == (durable, box.day.hashes[durable])
    async with box.online(http, cloud.url) as wire:
        await wire.catch_up()
    await assert_agrees(sql, box)


async def test_a_gap_asks_for_what_is_missing_once(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(2)
    late = link.Up(11, tuple(box.day.records[10:20]), box.day.hashes[20])
    async with box.online(http, cloud.url) as wire:
        await wire.send(late)
        await wire.send(late)
        await wire.send(link.Ping(7))
        assert await wire.answer(link.Resend, link.Pong) == link.Resend(0)
        assert isinstance(await wire.answer(link.Resend, link.Pong), link.Pong)
        assert await sql.fetchval("SELECT count(*) FROM facts") == 0
        await wire.catch_up()
    await assert_agrees(sql, box)


async def test_a_run_that_does_not_hash_is_refused_whole(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box.day.serve(1)
    damaged = [*box.day.records[:9], box.day.records[9].replace(b'"version":', b'"version": ')]
    async with box.online(http, cloud.url) as wire:
        await wire.send(link.Up(1, tuple(damaged), box.day.hashes[10]))
        with pytest.raises(Gone) as gone:
            await wire.next(Acknowledged)
    assert gone.value.code == Ending.CHAIN_BROKEN
    assert await sql.fetchval("SELECT count(*) FROM facts") == 0
    assert "Damaged journal" in await sql.fetchval("SELECT trouble FROM nodes")


async def test_more_than_the_credit_is_a_violation(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    box.day.serve(1)
    async with box.online(http, cloud.url) as wire:
        assert wire.welcome is not None
        await wire.send(link.Up(wire.welcome.credit, tuple(box.day.records[:2]), box.day.hashes[2]))
        with pytest.raises(Gone) as gone:
            await wire.next(Acknowledged)
    assert gone.value.code == Ending.VIOLATION


async def test_the_newest_connection_of_a_box_speaks_for_it(
    cloud: Serving, database: str, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """Across two processes: the older one may not apply what it still receives."""
    box.day.serve(4)
    async with (
        serving(CONFIG, database) as second,
        box.online(http, cloud.url) as old,
        box.online(http, second.url) as new,
    ):
        with pytest.raises(Gone) as gone:
            await old.catch_up(run=5)
        assert gone.value.code == Ending.SUPERSEDED
        await new.catch_up()
    await assert_agrees(sql, box)


async def test_an_idle_connection_learns_that_it_was_replaced(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession
) -> None:
    async with box.online(http, cloud.url) as old, box.online(http, cloud.url):
        await old.send(link.Ping(1))
        with pytest.raises(Gone) as gone:
            await old.next(Acknowledged)
    assert gone.value.code == Ending.SUPERSEDED


async def test_another_process_takes_over_in_the_middle(
    cloud: Serving, database: str, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """Aggregates that one process has hot are loaded by the next from their facts."""
    box.day.serve(12)
    async with serving(CONFIG, database) as second:
        place = 0
        while box.acked_seq < box.day.tail_seq:
            place += 1
            async with box.online(http, (cloud, second)[place % 2].url) as wire:
                await wire.push(23)
                await wire.next(Acknowledged)
    await assert_agrees(sql, box)


async def test_facts_make_no_more_transactions_than_runs(
    cloud: Serving, box: FakeBox, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """Runs that queue behind a commit share the next one."""
    box.day.serve(20)
    async with box.online(http, cloud.url) as wire:
        while await wire.push(10):
            pass
        acknowledgements = 0
        while box.acked_seq < box.day.tail_seq:
            await wire.next(Acknowledged)
            acknowledgements += 1
    assert acknowledgements < box.day.tail_seq / 10
    await assert_agrees(sql, box)
