"""A venue whose box may be of the former release or of this one, before a cloud of this one.

    phones ── box (a process of either release) ── cloud (a process of ours) ── Postgres

The box is changed for another release on the same data directory, as an upgrade and its way back do.
`agree` asks both databases directly and compares what both releases have: every byte of the journal, and of
each table the columns that the box's release knows.
"""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from cloud.store.pool import open_pool
from protocol.facts.fold import SHAPES
from tests.former import Former
from tests.integration.faults.crowd import Crowd
from tests.integration.faults.programs import Server, cloud_program, free_port

OWNER, PASSWORD = "owner@example.com", "correct horse"
#: `holdfast-edge` of either release, in a hurry to compare its tables with the cloud's.
_HASTY = """
import sys
try:
    import edge.adapters.cloud.link.conversation as c
except ModuleNotFoundError:
    import edge.adapters.cloud_link.conversation as c
from edge.cli import main
c.PING_EVERY_S = 0.2; c.DIGEST_EVERY = 1
sys.exit(main(sys.argv[1:]))
"""
#: So many digests, each of another part of the tables.
_DIGESTS = 6
_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.02
Row = tuple[Any, ...]


class Street:
    """One venue, its owner and its guests."""

    def __init__(self, scratch: Path, url: str, venue: NewVenue, cloud: Server, former: Former) -> None:
        self.directory = scratch / "box"
        self.url = url
        self.venue = venue
        self.cloud = cloud
        self._former = former
        self._port = free_port()
        self.box: Server | None = None
        self.crowd: Crowd | None = None
        self.http: aiohttp.ClientSession
        self.csrf = ""

    # ── the box ──────────────────────────────────────────────────────────────────────────────────

    def run(self, *arguments: str, ours: bool) -> str:
        """A command of either release on the box's data, to its end; what it said."""
        options = {} if ours else {"env": self._former.environment()}
        argv = [sys.executable, "-m", "edge.cli", *arguments, "--data", str(self.directory)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60, **options)  # type: ignore[call-overload]
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return str(done.stdout)

    async def on(self, *, ours: bool) -> None:
        """Serve, at the same address every time."""
        arguments = ["-c", _HASTY, "--log-level", "warning", "run", "--data", str(self.directory)]
        arguments += ["--host", "127.0.0.1", "--port", str(self._port), "--mdns", "off"]
        extra = {} if ours else self._former.first
        log = self.directory.with_name(f"box-{'ours' if ours else 'former'}.log")
        self.box = Server(log, arguments, self._port, extra)
        await self.box.up()

    def off(self) -> None:
        """As an upgrade stops it; no error may be in its log."""
        assert self.box is not None
        box, self.box = self.box, None
        status = box.stop()
        assert (status, box.errors()) == (0, [])

    # ── people ───────────────────────────────────────────────────────────────────────────────────

    async def enter(self) -> None:
        """The owner signs in."""
        body = {"email": OWNER, "password": PASSWORD}
        async with self.http.post(f"{self.cloud.url}/api/login", json=body) as answer:
            self.csrf = (await answer.json())["csrf"]

    async def command(self, ask: dict[str, Any]) -> dict[str, Any]:
        """The owner asks something of the venue; what became of it."""
        path = f"{self.cloud.url}/api/venues/{self.venue.venue_id}/commands"
        headers = {"X-CSRF-Token": self.csrf}
        async with self.http.post(path, json={"ask": ask}, headers=headers) as answer:
            assert answer.status == 202, await answer.text()
            command_id = (await answer.json())["command_id"]

        async def finished() -> bool:
            row = await self._command(path, command_id)
            return row["finished_ms"] is not None

        await eventually(finished)
        return await self._command(path, command_id)

    async def _command(self, path: str, command_id: str) -> dict[str, Any]:
        async with self.http.get(path) as answer:
            listed: list[dict[str, Any]] = (await answer.json())["commands"]
        return next(each for each in listed if each["command_id"] == command_id)

    @asynccontextmanager
    async def evening(self) -> AsyncIterator[Crowd]:
        """Guests at two tables, who are at rest when the block ends."""
        assert self.box is not None
        await self.until({"link": "live"})
        tables = [table.code for table in self.venue.tables[:2]]
        # A diary knows no other day: each evening has guests of its own.
        crowd = Crowd(self.box.url, tables, self.venue.pass_word, f"{self.venue.venue_id}/{id(self.box)}")
        async with crowd.at_work():
            yield crowd
            await crowd.rest()

    async def menu(self) -> dict[str, Any]:
        """What the box shows guests."""
        assert self.box is not None
        async with self.http.get(f"{self.box.url}/menu") as answer:
            body: dict[str, Any] = await answer.json()
            return body

    async def publish(self) -> None:
        """The owner publishes the menu anew, and the box has it."""
        async with open_pool(self.url, 2) as pool:
            version = await founding.import_menu(pool, self.venue.venue_id, sample("menu.csv"), "test")

        async def there() -> bool:
            return (await self.menu()).get("menu_version") == version

        await eventually(there)

    async def until(self, wanted: dict[str, Any]) -> None:
        """Wait until the box's `/status` says so."""
        url = f"{self.box.url}/status" if self.box else ""

        async def so() -> bool:
            async with self.http.get(url) as answer:
                told: dict[str, Any] = await answer.json()
            return wanted.items() <= told.items()

        await eventually(so)

    # ── agreement ────────────────────────────────────────────────────────────────────────────────

    async def agree(self) -> int:
        """The cloud has everything, and both hold the same; how many facts."""
        await self.until({"link": "live", "unsynced": 0})
        sql = await asyncpg.connect(self.url)
        try:
            with closing(sqlite3.connect(self.directory / "journal.sqlite3")) as box:
                await _same_facts(box, sql)
                for name in SHAPES:
                    await _same_rows(box, sql, name)
                return int(box.execute("SELECT count(*) FROM journal").fetchone()[0])
        finally:
            await sql.close()

    async def digests(self) -> dict[str, float]:
        """Outcomes of the digests that the box has sent to this cloud."""
        async with self.http.get(f"{self.cloud.url}/metrics") as answer:
            lines = (await answer.text()).splitlines()
        told = (line.split('"') for line in lines if line.startswith("holdfast_digests_total{"))
        return {parts[1]: float(parts[2].split()[-1]) for parts in told}

    async def until_digests_agree(self) -> None:
        """The box has compared its tables with the cloud's by itself, and they were equal."""
        wanted = (await self.digests()).get("equal", 0) + _DIGESTS

        async def compared() -> bool:
            return (await self.digests()).get("equal", 0) >= wanted

        await eventually(compared)
        told = await self.digests()
        assert told["mended"] == told["yours"] == 0, told


async def eventually(so: Callable[[], Awaitable[bool]]) -> None:
    """Look again and again until it is so."""
    async with asyncio.timeout(_WITHIN_S):
        while True:
            if await so():
                return
            await asyncio.sleep(_LOOK_EVERY_S)


async def _same_facts(box: sqlite3.Connection, sql: asyncpg.Connection) -> None:
    ours = box.execute("SELECT seq, CAST(record AS BLOB), hash FROM journal ORDER BY seq").fetchall()
    theirs = await sql.fetch("SELECT seq, record, hash, set_aside FROM facts ORDER BY seq")
    assert [tuple(row)[:3] for row in theirs] == ours
    assert not any(row["set_aside"] for row in theirs)


async def _same_rows(box: sqlite3.Connection, sql: asyncpg.Connection, name: str) -> None:
    known = {row[1] for row in box.execute(f"PRAGMA table_info({name})")}
    columns = [(column, kind) for column, kind in SHAPES[name].columns if column in known]
    if not columns:
        return  # a table of this release only
    listed = ", ".join(column for column, _ in columns)
    kinds = [kind for _, kind in columns]
    ours = {_plain(row, kinds) for row in box.execute(f"SELECT {listed} FROM {name}")}
    theirs = {tuple(row) for row in await sql.fetch(f"SELECT {listed} FROM {name}")}
    assert ours == theirs, f"{name}: the box has {ours - theirs}, the cloud {theirs - ours}"


def _plain(row: Row, kinds: list[str]) -> Row:
    """SQLite has no booleans."""
    return tuple(bool(value) if kind == "bool" else value for value, kind in zip(row, kinds, strict=True))


@asynccontextmanager
async def street(scratch: Path, url: str, former: Former) -> AsyncIterator[Street]:
    """The former release's box, claimed by its own hand at a cloud of ours, with a menu; at work."""
    async with open_pool(url, 2) as pool:
        await founding.create_owner(pool, OWNER, PASSWORD)
        venue = await founding.create_venue(pool, OWNER, None, venue_file.load(sample("venue.json")))
        await founding.import_menu(pool, venue.venue_id, sample("menu.csv"), "test")
    async with AsyncExitStack() as stack:
        cloud = cloud_program(scratch / "cloud.log", url)
        stack.callback(cloud.kill)
        await cloud.up()
        made = Street(scratch, url, venue, cloud, former)
        jar = aiohttp.CookieJar(unsafe=True)
        made.http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
        await made.enter()
        made.run("claim", "--cloud", cloud.url, "--code", venue.claim_code, ours=False)
        stack.callback(lambda: made.box.kill() if made.box else None)
        yield made
        cloud.check()
        assert cloud.errors() == []
