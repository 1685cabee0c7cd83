"""The whole way from a phone to Postgres, every part real and in the test's hands.

    phones ── box (a process) ── wire (cut at will) ── clouds (processes) ── Postgres (a process)

`rest` is how every test of it ends: the phones come to rest, the box has sent everything, and then the cloud
must hold what the box has, byte for byte and row by row.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import msgspec

from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from cloud.store.pool import open_pool
from edge.adapters.cloud.claiming import claim, load_key
from edge.journal.database import bind, open_writer, read_box
from tests.equality import assert_equal
from tests.integration.faults.crowd import Crowd
from tests.integration.faults.programs import Server, cloud_program, edge_program
from tests.integration.faults.wire import Wire

_OWNER = "owner@example.com"
#: Some of these waits are for a dozen connections, one after the other.
_WITHIN_S = 120.0
_LOOK_EVERY_S = 0.02
_DURABLE = "SELECT (SELECT max(durable_seq) FROM nodes)"


class Parts(msgspec.Struct, frozen=True):
    """A venue at work. `url` is the database's, `directory` the box's."""

    directory: Path
    url: str
    venue: NewVenue
    clouds: tuple[Server, ...]
    wire: Wire
    box: Server
    crowd: Crowd

    @property
    def cloud(self) -> Server:
        """The only cloud process, or the first."""
        return self.clouds[0]

    async def until(self, condition: Callable[[dict[str, Any]], bool]) -> None:
        """Wait until the box's `/status` says so."""
        async with aiohttp.ClientSession(self.box.url) as http:

            async def so() -> bool:
                async with http.get("/status") as answer:
                    return condition(await answer.json())

            await _eventually(so)

    async def more_facts(self, count: int) -> None:
        """Wait until the cloud has so many more than now."""
        async with self.postgres() as sql:
            wanted = await sql.fetchval(_DURABLE) + count
            await _eventually(lambda: sql.fetchval(f"{_DURABLE} >= {wanted:d}"))

    async def until_sql(self, question: str) -> None:
        """Wait until Postgres answers it with yes."""
        async with self.postgres() as sql:
            await _eventually(lambda: sql.fetchval(question))

    @asynccontextmanager
    async def postgres(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection beside the cloud's."""
        sql = await asyncpg.connect(self.url)
        try:
            yield sql
        finally:
            await sql.close()

    async def rest(self, *expected: str, beyond: int = 0) -> int:
        """Come to rest and compare everything with everything; how many facts there are.

        Phones at work go on until the cloud is `beyond` so many facts, however fast or slow anything here is.
        No program may have logged an error, but for those that say one of the `expected` things.
        """
        await self.until_sql(f"{_DURABLE} > {beyond:d}")
        await self.crowd.rest()
        await self.until(lambda status: status["link"] == "live" and status["unsynced"] == 0)
        async with self.postgres() as sql:
            facts = await assert_equal(self.directory, sql)
        self.crowd.assert_borne_out(self.directory)
        for program in (self.box, *self.clouds):
            program.check()
            errors = [line for line in program.errors() if not any(word in line for word in expected)]
            assert not errors, errors
        return facts


async def _eventually(look: Callable[[], Awaitable[bool]]) -> None:
    """Look again and again until it is so."""
    async with asyncio.timeout(_WITHIN_S):
        while True:
            if await look():
                return
            await asyncio.sleep(_LOOK_EVERY_S)


@asynccontextmanager
async def chain(
    scratch: Path, url: str, *, clouds: int = 1, mqtt: Callable[[NewVenue], str] | None = None
) -> AsyncIterator[Parts]:
    """Everything started, the box claimed, its menu there and the phones at work; ended whatever happens."""
    directory = scratch / "box"
    venue = await _found(url)
    async with AsyncExitStack() as stack:
        processes = tuple(cloud_program(scratch / f"cloud-{n}.log", url) for n in range(clouds))
        for process in processes:
            stack.callback(process.kill)
            process.start()
        for process in processes:
            await process.until_well()
        wire = await stack.enter_async_context(Wire(processes[0].port).serving())
        await _claim(directory, processes[0].url, wire.url, venue.claim_code)
        box = edge_program(directory, mqtt(venue) if mqtt else None, eager=True)
        stack.callback(box.kill)
        await box.up()
        tables = [table.code for table in venue.tables[:2]]
        crowd = Crowd(box.url, tables, venue.pass_word, venue.venue_id)
        parts = Parts(directory, url, venue, processes, wire, box, crowd)
        await _until_there_is_a_menu(box)
        await stack.enter_async_context(crowd.at_work())
        yield parts


async def _found(url: str) -> NewVenue:
    async with open_pool(url, 2) as pool:
        await founding.create_owner(pool, _OWNER, "correct horse")
        venue = await founding.create_venue(pool, _OWNER, None, venue_file.load(sample("venue.json")))
        await founding.import_menu(pool, venue.venue_id, sample("menu.csv"), "test")
    return venue


async def _claim(directory: Path, cloud_url: str, link_url: str, code: str) -> None:
    """As `holdfast-edge claim` does; the link goes over the wire from then on."""
    connection = open_writer(directory, 0)
    try:
        key = load_key(directory / "node.key")
        claimed = await claim(cloud_url, code, read_box(connection), key)
        bind(connection, claimed.venue_id, claimed.epoch, link_url)
    finally:
        connection.close()


async def _until_there_is_a_menu(box: Server) -> None:
    async with aiohttp.ClientSession(box.url) as http:

        async def there() -> bool:
            async with http.get("/menu") as answer:
                return answer.status == 200

        await _eventually(there)
