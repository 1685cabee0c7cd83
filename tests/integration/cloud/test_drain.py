"""A process that is told to stop while boxes send and people ask: nothing is lost, nobody cut off, exit 0."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import asyncpg
import msgspec

from cloud.ingest import doctor
from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.store.pool import open_pool
from tests.fake_box import FakeBox, Gone
from tests.integration.cloud.agreement import assert_agrees
from tests.integration.cloud.conftest import OWNER, PASSWORD

_BOXES = 6
_PATIENCE_S = 90


class _Process:
    """`holdfast-cloud run` on a database."""

    def __init__(self, database: str, log: Path) -> None:
        told = {"DATABASE_URL": database, "HOLDFAST_CLOUD_DATA": f"{log}.data", "HOLDFAST_WORKS": "no"}
        self._environment = {**os.environ, **told}
        self._log = log

    @asynccontextmanager
    async def running(self) -> "AsyncIterator[_Process]":
        """Up, and certainly gone afterwards."""
        with self._log.open("wb") as log:
            self.child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "cloud.cli", "run", "--port", "0", "--json"),
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=self._environment,
            )
        try:
            assert self.child.stdout is not None
            self.url = json.loads(await self.child.stdout.readline())["url"]
            yield self
        finally:
            if self.child.returncode is None:
                self.child.kill()
                await self.child.wait()

    def lines(self) -> list[dict[str, object]]:
        """What it logged."""
        return [msgspec.json.decode(line) for line in self._log.read_bytes().splitlines()]


class _Crowd:
    """Boxes that send and somebody who asks, at whichever process answers."""

    def __init__(self, urls: list[str], boxes: list[FakeBox], http: aiohttp.ClientSession) -> None:
        self._urls = urls
        self._boxes = boxes
        self._http = http
        self.endings: list[int | None] = []
        self.cut = 0
        self.enough = asyncio.Event()

    async def send(self, box: FakeBox) -> None:
        """Visit after visit until it is enough, then the rest."""
        while not self.enough.is_set() or box.acked_seq < box.day.tail_seq:
            if not self.enough.is_set():
                box.day.serve(2)
            for url in self._urls:
                with suppress(aiohttp.ClientError, OSError):
                    try:
                        async with box.online(self._http, url) as wire:
                            while not self.enough.is_set():
                                box.day.serve(1)
                                await wire.catch_up()
                            await wire.catch_up()
                    except Gone as gone:
                        self.endings.append(gone.code)

    async def ask(self) -> None:
        """Every answer that was begun comes to its end."""
        while not self.enough.is_set():
            for url in self._urls:
                try:
                    async with self._http.get(f"{url}/status", headers={"Connection": "close"}) as response:
                        await response.read()
                except aiohttp.ClientConnectorError:
                    pass  # nobody listens there any more
                except aiohttp.ClientError:
                    self.cut += 1


async def _founded(database: str) -> dict[str, FakeBox]:
    """Boxes by the codes that claim them."""
    boxes = {}
    async with open_pool(database, 1) as pool:
        await founding.create_owner(pool, OWNER, PASSWORD)
        file = venue_file.load(sample("venue.json"))
        for number in range(_BOXES):
            staff = msgspec.structs.replace(file.staff[0], user=f"cook{number}")
            own = msgspec.structs.replace(file, staff=(staff,))
            venue = await founding.create_venue(pool, OWNER, f"Venue {number}", own)
            boxes[venue.claim_code] = FakeBox(number)
    return boxes


async def test_a_process_drains_under_load(
    database: str, http: aiohttp.ClientSession, sql: asyncpg.Connection, tmp_path: Path
) -> None:
    claims = await _founded(database)
    boxes = list(claims.values())
    first, second = (_Process(database, tmp_path / f"{name}.log") for name in ("first", "second"))
    async with first.running(), second.running():
        for code, box in claims.items():
            status, answer = await box.claim(http, second.url, code)
            assert status == 200, answer
        crowd = _Crowd([first.url, second.url], boxes, http)
        async with asyncio.timeout(_PATIENCE_S), asyncio.TaskGroup() as group:
            for box in boxes:
                group.create_task(crowd.send(box))
            group.create_task(crowd.ask())
            await _until(sql, "SELECT count(*) FROM nodes WHERE durable_seq > 60", _BOXES)
            first.child.send_signal(signal.SIGTERM)
            assert await first.child.wait() == 0
            before = await sql.fetchval("SELECT sum(durable_seq) FROM nodes")
            await _until(sql, f"SELECT count(*) FROM nodes HAVING sum(durable_seq) > {before + 100}", _BOXES)
            crowd.enough.set()
        assert crowd.cut == 0
        assert 1001 in crowd.endings, "boxes were told that it goes away"
        for box in boxes:
            await assert_agrees(sql, box)
        second.child.send_signal(signal.SIGTERM)
        assert await second.child.wait() == 0
    lines = first.lines() + second.lines()
    assert [line for line in lines if line["level"] in ("error", "critical")] == []
    _carry_names(lines)
    async with open_pool(database, 1) as pool:
        assert "bad" not in {each.verdict for each in await doctor.examine(pool)}


def _carry_names(lines: list[dict[str, object]]) -> None:
    """Every line of a link says whose, every line of a request says which."""
    links = [line for line in lines if line["event"] in ("hello", "link_over")]
    assert {"venue_id", "node_id", "log_id", "connection", "durable_seq"} <= set.intersection(
        *map(set, links)
    )
    requests = [line for line in lines if line["event"] == "request"]
    assert requests, "claims"
    assert all(line["request_id"] and line["route"] for line in requests)


async def _until(sql: asyncpg.Connection, query: str, wanted: int) -> None:
    while await sql.fetchval(query) != wanted:
        await sql.execute("SELECT pg_sleep(0.02)")
