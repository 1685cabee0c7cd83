"""A box shows a code and is taken into a venue: real processes, a line that is cut, a box that is killed."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from cloud.owners.samples import sample
from cloud.owners.venues import founding
from cloud.store.pool import open_pool
from edge.journal.database import open_reader, read_box
from tests.equality import assert_equal
from tests.integration.faults.chain import Parts, chain
from tests.integration.faults.crowd import Crowd
from tests.integration.faults.programs import Server, cloud_program, edge_program
from tests.integration.faults.wire import Wire
from tests.integration.successions.boxes import doctor, until_status

pytestmark = [pytest.mark.xdist_group("successions"), pytest.mark.timeout(300)]
_OWNER, _PASSWORD = "owner@example.com", "correct horse"
_WITHIN_S = 60.0


async def edge(*arguments: str) -> tuple[int, str]:
    """`holdfast-edge …`; its exit status and what it said."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "edge.cli", "--log-level", "error", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await child.communicate()
    return child.returncode or 0, output.decode()


async def at_the_dashboard(cloud_url: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    """One change by the owner."""
    async with aiohttp.ClientSession(cloud_url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        async with http.post("/api/login", json={"email": _OWNER, "password": _PASSWORD}) as answer:
            headers = {"X-CSRF-Token": (await answer.json())["csrf"]}
        async with http.post(path, json=body, headers=headers) as answer:
            return answer.status, await answer.json()


@asynccontextmanager
async def cloud_with_an_owner(scratch: Path, database: str) -> AsyncIterator[tuple[Server, Wire]]:
    async with open_pool(database, 2) as pool:
        await founding.create_owner(pool, _OWNER, _PASSWORD)
    cloud = cloud_program(scratch / "cloud.log", database)
    try:
        await cloud.up()
        async with Wire(cloud.port).serving() as wire:
            yield cloud, wire
    finally:
        cloud.kill()


def codes_of(said: str) -> tuple[dict[str, str], str]:
    """Codes by table, and the pass word, from what `found` prints."""
    tables = dict(re.findall(r"table (\S+): (\S+)", said))
    word = re.search(r"pass word: (\S+)\.", said)
    assert word is not None
    return tables, word[1]


async def test_what_was_sold_unpaired_is_in_the_cloud_after_pairing(tmp_path: Path, database: str) -> None:
    directory = tmp_path / "box"
    status, said = await edge(
        *("found", "--data", str(directory), str(sample("venue.json")), "--menu", str(sample("menu.csv")))
    )
    assert status == 0, said
    assert (await edge("found", "--data", str(directory), str(sample("venue.json")), "--menu", "x"))[0] == 1
    tables, word = codes_of(said)
    box = edge_program(directory)
    async with cloud_with_an_owner(tmp_path, database) as (cloud, wire):
        try:
            await box.up()
            with_reader = open_reader(directory)
            venue_id = read_box(with_reader).venue_id or ""
            with_reader.close()
            crowd = Crowd(box.url, [tables["T1"], tables["T2"]], word, venue_id)
            async with crowd.at_work():
                await crowd.more_orders(3)
                code = await shown_on_the_console(directory, wire.url)
                wire.cut()
                answer = await at_the_dashboard(cloud.url, "/api/pairing", {"code": code})
                assert (answer[0], answer[1]["venue_id"]) == (200, venue_id)
                await crowd.more_orders(2)
                box.kill()
                await box.up()
                wire.heal()
                # Never quite in step: the crowd goes on all the while.
                await until_status(box, lambda status: status["link"] in ("catching_up", "live"))
                await crowd.more_orders(1)
                await crowd.rest()
                await until_status(box, lambda status: status["link"] == "live" and status["unsynced"] == 0)
                sql = await asyncpg.connect(database)
                assert await assert_equal(directory, sql) > 20
                assert await sql.fetchval("SELECT count(*) FROM orders") >= 6
                await sql.close()
                crowd.assert_borne_out(directory)
            assert (await edge("pair", "--data", str(directory), "--cloud", cloud.url))[0] == 1
        finally:
            box.kill()
    assert (await doctor(directory))[0] == 0


async def shown_on_the_console(directory: Path, cloud_url: str) -> str:
    """What somebody at the box reads, while the box serves."""
    status, said = await edge("pair", "--data", str(directory), "--cloud", cloud_url, "--no-wait")
    found = re.search(r"Type  (\S+)  into", said)
    assert status == 0, said
    assert found is not None, said
    return found[1]


async def test_an_empty_box_takes_the_place_of_a_dead_one_by_its_code(tmp_path: Path, database: str) -> None:
    async with chain(tmp_path, database) as parts:
        await parts.crowd.more_orders(3)
        facts = await parts.rest()
        parts.box.kill()
        heir = edge_program(tmp_path / "heir")
        try:
            await heir.up()
            code = await shown_on_its_page(heir, parts.wire.url)
            wanted = {"code": code, "venue_id": parts.venue.venue_id, "epoch": 1}
            status, answer = await at_the_dashboard(parts.cloud.url, "/api/pairing", wanted)
            assert (status, answer["replaces"]) == (200, True)
            await killed_in_the_middle(parts, heir)
            await until_status(heir, lambda status: status["link"] == "live" and status["unsynced"] == 0)
            async with parts.postgres() as sql:
                assert await sql.fetchval("SELECT max(epoch) FROM nodes") == 2
                assert await sql.fetchval("SELECT max(seq) FROM facts") >= facts
            heir.stop()
            assert (await doctor(tmp_path / "heir"))[0] == 0
            assert not (tmp_path / "heir/orphans").exists(), "an empty journal leaves nothing behind"
        finally:
            heir.kill()


async def shown_on_its_page(box: Server, cloud_url: str) -> str:
    """What somebody reads who types the box's address into a phone."""
    async with asyncio.timeout(_WITHIN_S), aiohttp.ClientSession(box.url) as http:
        async with http.get("/") as answer:
            assert answer.url.path == "/pair"
            assert "This box is new" in await answer.text()
        async with http.post("/pair", data={"cloud_url": cloud_url}) as answer:
            text = await answer.text()
        while (found := re.search(r'class="code">(\S+)</p>', text)) is None:
            await asyncio.sleep(0.05)
            async with http.get("/pair") as answer:
                text = await answer.text()
        return found[1]


async def killed_in_the_middle(parts: Parts, heir: Server) -> None:
    """The power goes as soon as the cloud has bound the box, whatever the box made of that."""
    await parts.until_sql("SELECT EXISTS (SELECT FROM nodes WHERE epoch = 2)")
    heir.kill()
    await heir.up()
