"""A cloud with one owner and the sample venue, the owner at the dashboard, and lines from boxes to it.

Everything is a process of its own, as it is in the field; only the founding is done from here.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx

from cloud.owners.samples import sample
from cloud.owners.venues import founding, venue_file
from cloud.owners.venues.founding import NewVenue
from cloud.store.embedded_postgres import embedded_postgres
from cloud.store.migrate import migrate
from cloud.store.pool import open_pool
from edge.provision.host import Host
from tests.integration.cloud.conftest import OWNER, PASSWORD

TREE = Path(__file__).parents[2]
#: Where a box finds the cloud, through its line.
PORT = 9000
ADDRESS = f"http://127.0.0.1:{PORT}"


class Headquarters:
    """The cloud at `url`, and the owner, who has signed in."""

    def __init__(self, url: str, database: str, venue: NewVenue, log: Path) -> None:
        self.venue = venue
        self._log = log
        self.url = url
        self.database = database
        entered = httpx.post(f"{url}/api/login", json={"email": OWNER, "password": PASSWORD}, timeout=60)
        assert entered.status_code == 200, entered.text
        cookies = "; ".join(f"{name}={value}" for name, value in entered.cookies.items())
        self._headers = {"X-CSRF-Token": entered.json()["csrf"], "Cookie": cookies}

    def owner(self, method: str, path: str, body: object = None) -> Any:
        """The owner asks, and is answered."""
        address = f"{self.url}/api/{path}"
        answer = httpx.request(method, address, json=body, headers=self._headers, timeout=60)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def orders(self) -> list[str]:
        """Today's orders, the newest first."""
        listed = self.owner("GET", f"venues/{self.venue.venue_id}/orders?day=today")["orders"]
        return [each["order_id"] for each in listed]

    def keepsakes(self) -> int:
        """How many the cloud holds; it tells nobody but a box."""

        async def count() -> int:
            connection = await asyncpg.connect(self.database)
            try:
                return int(await connection.fetchval("SELECT count(*) FROM keepsakes"))
            finally:
                await connection.close()

        return asyncio.run(count())

    @contextlib.contextmanager
    def line(self, box: Host) -> Iterator[None]:
        """The box reaches the cloud at `ADDRESS` while the block lasts."""
        ends = (box.name, str(PORT), str(urlsplit(self.url).port))
        with running(self._log, "tests.install.uplink", *ends) as said:
            assert said == "up", f"see {self._log}"
            yield


@contextlib.contextmanager
def headquarters(folder: Path, **settings: str) -> Iterator[Headquarters]:
    """All of it, while the block lasts; `settings` are the cloud's."""
    with embedded_postgres(folder / "postgres") as postgres:
        venue = asyncio.run(_found(postgres.url))
        serve = ("cloud.cli", "run", "--data", str(folder / "cloud"), "--port", "0", "--json")
        log = folder / "cloud.log"
        with running(log, *serve, DATABASE_URL=postgres.url, **settings) as said:
            assert said, f"see {log}"
            yield Headquarters(json.loads(said)["url"], postgres.url, venue, log)


async def _found(database: str) -> NewVenue:
    await migrate(database)
    async with open_pool(database, 2) as pool:
        await founding.create_owner(pool, OWNER, PASSWORD)
        venue = await founding.create_venue(pool, OWNER, None, venue_file.load(sample("venue.json")))
        await founding.import_menu(pool, venue.venue_id, sample("menu.csv"), "test")
        return venue


@contextlib.contextmanager
def running(log: Path, module: str, *words: str, **settings: str) -> Iterator[str]:
    """A program of ours while the block lasts; its first line."""
    around = {**os.environ, "PYTHONPATH": str(TREE), **settings}
    argv = [sys.executable, "-m", module, *words]
    with log.open("ab") as complaints:
        child = subprocess.Popen(
            argv, env=around, cwd=TREE, text=True, stdout=subprocess.PIPE, stderr=complaints
        )
    try:
        assert child.stdout is not None
        yield child.stdout.readline().strip()
    finally:
        child.kill()
        child.communicate()
