"""A release without a stop: processes of the former cloud at work while the schema becomes this release's.

    boxes, owners ── former process ──┐
    boxes, owners ── our process ─────┴── one Postgres, migrated by ours in the middle of it

Rule of the file: the former process is the one that was there before; it is asked the same before and after,
so whatever it keeps of the schema (prepared statements, above all) is as old as it would be.
"""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import msgspec
import pytest

from cloud.store.migrate import migrate
from tests.fake_box import FakeBox
from tests.former import Former
from tests.integration.faults.programs import Server, cloud_program

pytestmark = pytest.mark.xdist_group("former")

OWNER, PASSWORD = "owner@example.com", "correct horse"
REVISION = "SELECT version_num FROM alembic_version"
NOW_MS = "SELECT (extract(epoch FROM now()) * 1000)::bigint"
#: Of the former release's schema.
LAST_STEP = "0031"
#: By the former release itself: an owner with a venue, as its own command line makes them.
FOUND = """
import asyncio, json, sys
from cloud.owners import founding, venue_file
from cloud.owners.samples import sample
from cloud.store.pool import open_pool

async def found(url):
    async with open_pool(url, 2) as pool:
        await founding.create_owner(pool, sys.argv[2], sys.argv[3])
        venue = await founding.create_venue(pool, sys.argv[2], None, venue_file.load(sample("venue.json")))
        await founding.import_menu(pool, venue.venue_id, sample("menu.csv"), "test")
        print(json.dumps({"venue_id": venue.venue_id, "claim_code": venue.claim_code}))

asyncio.run(found(sys.argv[1]))
"""


class People:
    """An owner with a browser, who asks one process."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http, self._url = http, url
        self._csrf = ""

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        """The answer, which is no refusal."""
        headers = {"X-CSRF-Token": self._csrf}
        async with self._http.request(method, self._url + path, json=body, headers=headers) as response:
            answer = await response.json()
        assert response.status < 300, (path, answer)
        return answer

    async def enter(self) -> None:
        """Log in."""
        self._csrf = (await self.ask("POST", "/api/login", {"email": OWNER, "password": PASSWORD}))["csrf"]

    async def told_of(self, venue_id: str, orders: int) -> None:
        """Watch the live page until it tells of so many orders of today."""
        async with self._http.ws_connect(f"{self._url}/ws/owner") as socket, asyncio.timeout(60):
            while True:
                row = await socket.receive_json()
                if row.get("venue_id") == venue_id and row.get("orders_today") == orders:
                    return


@pytest.fixture
async def former_cloud(empty_database: str, tmp_path: Path, former: Former) -> AsyncIterator[Server]:
    """At work on the schema of its own release."""
    made = cloud_program(tmp_path / "former.log", empty_database)
    extra = {"DATABASE_URL": empty_database, "HOLDFAST_CLOUD_DATA": str(tmp_path / "former")}
    extra |= former.first
    server = Server(tmp_path / "former.log", made.arguments, made.port, extra)
    await server.up()
    yield server
    server.kill()


async def _founded(former: Former, url: str) -> dict[str, str]:
    argv = [*former.argv("cloud")[:1], "-c", FOUND, url, OWNER, PASSWORD]
    done = await asyncio.to_thread(
        subprocess.run, argv, cwd=former.tree, env=former.environment(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return dict(msgspec.json.decode(done.stdout))


async def _a_day(people: People, box: FakeBox, http: aiohttp.ClientSession, url: str, sold: int) -> None:
    """What boxes and owners do, by way of one process; `sold` orders were there before."""
    async with box.online(http, url) as wire:
        for _ in range(3):
            box.day.serve(1)
        await wire.catch_up()
    await people.told_of(box.venue_id, sold + 3)
    report = await people.ask("GET", "/api/report?first=today&last=today")
    assert sum(row["orders"] for row in report["by_day"]) == sold + 3
    for path in ("/api/devices", "/api/people", "/api/alerts", "/api/money", "/api/audit", "/admin/orders"):
        await people.ask("GET", path)
    asked = {"what": "sales", "format": "csv", "first": "2026-03-01", "last": "2026-03-02"}
    await people.ask("POST", "/api/exports", asked)
    (brand,) = (await people.ask("GET", "/api/brands"))["brands"]
    path = f"/api/brands/{brand['brand_id']}/menu"
    seen = await people.ask("GET", path)
    saving = {"draft": seen["draft"], "draft_version": seen["draft_version"]}
    saved = await people.ask("PUT", f"{path}/draft", saving)
    wish = {**saved, "published_version": seen["published_version"], "venues": [box.venue_id]}
    await people.ask("POST", f"{path}/publish", wish)
    await people.ask("POST", "/api/invitations", {"email": f"eve{sold}@example.com", "role": "manager"})
    person = {"user": f"waiter{sold}", "name": "Ben", "role": "waiter", "pin": "24681"}
    await people.ask("POST", f"/api/venues/{box.venue_id}/staff", person)


async def test_the_former_cloud_works_on_while_and_after_the_schema_is_brought_to_this_release(
    former_cloud: Server, empty_database: str, former: Former, tmp_path: Path
) -> None:
    founded = await _founded(former, empty_database)
    box = FakeBox()
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        status, answer = await box.claim(http, former_cloud.url, founded["claim_code"])
        assert status == 200, answer
        box.day.wall_ms = await _asked(empty_database, NOW_MS)
        people = People(http, former_cloud.url)
        await people.enter()
        await _a_day(people, box, http, former_cloud.url, 0)

        assert await _asked(empty_database, REVISION) == LAST_STEP
        await migrate(empty_database)
        assert await _asked(empty_database, REVISION) > LAST_STEP
        await _a_day(people, box, http, former_cloud.url, 3)

        ours = cloud_program(tmp_path / "ours.log", empty_database)
        try:
            await ours.up()
            newer = People(http, ours.url)
            await newer.enter()
            await _a_day(newer, box, http, ours.url, 6)
            await people.enter()
            await _a_day(people, box, http, former_cloud.url, 9)
            assert ours.errors() == []
        finally:
            ours.stop()
    assert former_cloud.errors() == []
    assert former_cloud.stop() == 0


async def _asked(url: str, question: str) -> Any:
    """The database's own answer."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_a_process_of_this_release_starts_beside_the_next_one(database: str, tmp_path: Path) -> None:
    """The next release has taken steps that this one does not know, and can live with."""
    connection = await asyncpg.connect(database)
    await connection.execute("UPDATE alembic_version SET version_num = '9999'")
    server = cloud_program(tmp_path / "cloud.log", database)
    try:
        await server.up()
        assert await connection.fetchval("SELECT version_num FROM alembic_version") == "9999"
        assert server.stop() == 0
    finally:
        server.kill()
        await connection.close()
