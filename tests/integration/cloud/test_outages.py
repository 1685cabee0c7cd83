"""Postgres killed, the cloud gone, the link cut: afterwards the cloud holds what the box has."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import aiohttp
import asyncpg
import pytest

from cloud.app import serving
from cloud.ingest.ending import Ending
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.store.embedded_postgres import EmbeddedPostgres
from protocol.link_machine import Acknowledged
from tests.fake_box import FakeBox, Gone
from tests.integration.cloud.agreement import assert_agrees
from tests.integration.cloud.conftest import CONFIG, OWNER, PASSWORD


async def _founded(url: str, http: aiohttp.ClientSession) -> FakeBox:
    """A box claimed for a new venue of the database."""
    box = FakeBox(seed=3)
    async with serving(CONFIG, url) as served:
        await founding.create_owner(served.pool, OWNER, PASSWORD)
        venue = await founding.create_venue(served.pool, OWNER, None, venue_file.load(sample("venue.json")))
        assert (await box.claim(http, served.url, venue.claim_code))[0] == 200
    return box


@pytest.fixture
def own_postgres(tmp_path: Path) -> EmbeddedPostgres:
    """A server that a test may kill."""
    return EmbeddedPostgres(tmp_path / "own")


async def test_postgres_is_killed_and_comes_back(
    own_postgres: EmbeddedPostgres, http: aiohttp.ClientSession
) -> None:
    own_postgres.start()
    url = own_postgres.url
    try:
        box = await _founded(url, http)
        async with serving(CONFIG, url) as served:
            box.day.serve(60)
            for _ in range(3):
                with suppress(Gone):
                    async with box.online(http, served.url) as wire:
                        await wire.push(100)
                        await wire.next(Acknowledged)
                        while await wire.push(50):
                            pass
                        os.kill(own_postgres.pid, signal.SIGKILL)
                        await wire.catch_up()
                await _refuses_in_words(http, served.url)
                own_postgres.wait()
                own_postgres.start()
            box.day.serve(3)
            await box.persist(http, served.url)
            connection = await asyncpg.connect(url)
            await assert_agrees(connection, box)
            await connection.close()
    finally:
        own_postgres.stop()


async def _refuses_in_words(http: aiohttp.ClientSession, url: str) -> None:
    """While Postgres is away, people get a 503 that says so."""
    async with http.get(f"{url}/healthz") as response:
        answer = await response.json()
    assert (response.status, answer["error"]["code"]) == (503, "storage_failed")


async def test_the_cloud_is_replaced_again_and_again(
    database: str, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    box = await _founded(database, http)
    box.day.serve(30)
    while box.acked_seq < box.day.tail_seq:
        async with serving(CONFIG, database) as served, box.online(http, served.url) as wire:
            await wire.push(90)
            await wire.next(Acknowledged)
            await wire.push(90)  # never acknowledged to us, committed or not
    await assert_agrees(sql, box)


async def test_a_process_that_goes_away_says_so(database: str, http: aiohttp.ClientSession) -> None:
    box = await _founded(database, http)
    async with serving(CONFIG, database) as served, box.online(http, served.url) as wire:
        served.links.closing.set()
        with pytest.raises(Gone) as gone:
            await wire.next(Acknowledged)
    assert gone.value.code == Ending.GOING_AWAY


async def test_a_transaction_that_is_cut_leaves_nothing_and_costs_nothing(
    database: str, http: aiohttp.ClientSession, sql: asyncpg.Connection
) -> None:
    """Every backend is ended while a run waits for the node's row, as a fail-over does."""
    box = await _founded(database, http)
    box.day.serve(10)
    async with serving(CONFIG, database) as served:
        async with box.online(http, served.url) as wire:
            held = sql.transaction()
            await held.start()
            await sql.execute("SELECT 1 FROM nodes FOR UPDATE")
            await wire.push(50)
            await _until_waiting(sql)
            await sql.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
            await held.rollback()
            with pytest.raises(Gone) as gone:
                await wire.next(Acknowledged)
            assert gone.value.code == Ending.TRY_AGAIN
        assert await sql.fetchval("SELECT count(*) FROM facts") == 0
        await box.persist(http, served.url)
    await assert_agrees(sql, box)


async def _until_waiting(sql: asyncpg.Connection) -> None:
    """Until another backend of this database waits for a lock."""
    waiting = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'
    """
    while not await sql.fetchval(waiting):
        await sql.execute("SELECT pg_stat_clear_snapshot()")
