"""M7: a thousand venues at one cloud: all boxes come back at once, then work; with one process and with two.

Limit: the same facts into Postgres alone, in transactions of the same size from as many connections, without
folding, hashing or a link. The herd must drain with no error and bounded memory. With VISITS=40 every
box is so far behind that it has to be admitted to catching up.
"""

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import asyncpg
import msgspec
import psutil
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cloud.owners.venues import founding
from cloud.store.link.facts import FACT_COLUMNS
from cloud.store.pool import open_pool
from protocol.facts.fact import genesis
from tests.bench.boxes import free_port, process, quantile, until_up
from tests.bench.herd import Place, Plan, Result
from tests.bench.rows import Row

VENUES = int(os.environ.get("VENUES", "1000"))
VISITS = int(os.environ.get("VISITS", "3"))
LIVE_S = 10.0
_HERDS = 2
_OWNER = "bench@holdfast.example"


@contextlib.asynccontextmanager
async def postgres(directory: Path) -> AsyncIterator[str]:
    """A migrated database with an owner."""
    with process("-m", "cloud.cli", "postgres", "--data", str(directory)) as server:
        assert server.stdout is not None
        url = json.loads(await asyncio.to_thread(server.stdout.readline))["url"]
        os.environ["DATABASE_URL"] = url
        try:
            child = await asyncio.create_subprocess_exec(sys.executable, "-m", "cloud.cli", "migrate")
            assert await child.wait() == 0
            yield url
        finally:
            del os.environ["DATABASE_URL"]


async def found(url: str, venues: int) -> list[Place]:
    """So many venues, each with a box that has claimed it."""
    places = [
        Place(str(uuid4()), str(uuid4()), str(uuid4()), Ed25519PrivateKey.generate().private_bytes_raw())
        for _ in range(venues)
    ]
    async with open_pool(url, 2) as pool:
        organisation_id = await founding.create_owner(pool, f"{uuid4()}@example.com", "a long pass phrase")
        brand_id = await pool.fetchval(
            "SELECT brand_id FROM brands WHERE organisation_id = $1", organisation_id
        )
        await pool.executemany(
            "INSERT INTO venues (venue_id, organisation_id, brand_id, name, currency, timezone, epoch) "
            "VALUES ($1, $2, $3, 'Bench', 'EUR', 'UTC', 1)",
            [(place.venue_id, organisation_id, brand_id) for place in places],
        )
        await pool.executemany(
            "INSERT INTO nodes (venue_id, node_id, epoch, log_id, public_key, durable_hash) "
            "VALUES ($1, $2, 1, $3, $4, $5)",
            [
                (
                    place.venue_id,
                    place.node_id,
                    place.log_id,
                    Ed25519PrivateKey.from_private_bytes(place.key).public_key().public_bytes_raw(),
                    genesis(place.log_id),
                )
                for place in places
            ],
        )
    return places


class Herded(msgspec.Struct):
    """What one run came to."""

    drained_s: list[float]
    facts: int
    live_facts: int
    reconnects: int
    put_off: int
    errors: int
    rss_mib: float


async def herd(url: str, processes: int) -> Herded:
    """The whole herd against so many processes of the cloud."""
    places = await found(url, VENUES)
    async with AsyncExitStack() as stack:
        ports = [free_port() for _ in range(processes)]
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        clouds = []
        for port in ports:
            log = stack.enter_context((scratch / f"{port}.log").open("wb"))
            cloud = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "cloud.cli", "run", "--host", "127.0.0.1", "--port", str(port)),
                stdout=log,
                stderr=log,
            )
            clouds.append(cloud)
        try:
            for port in ports:
                await until_up(f"http://127.0.0.1:{port}")
            urls = [f"http://127.0.0.1:{port}" for port in ports]
            watch = stack.enter_context(_Watch([cloud.pid for cloud in clouds]))
            results = await _drive(urls, places, watch)
        finally:
            for cloud in clouds:
                cloud.terminate()
                await cloud.wait()
        errors = _errors(scratch)
    return Herded(
        sorted(each for result in results for each in result.drained_s),
        sum(result.facts for result in results),
        sum(result.live_facts for result in results),
        sum(result.reconnects for result in results),
        sum(result.put_off for result in results),
        errors,
        watch.most_mib,
    )


def _errors(logs: Path) -> int:
    return sum(path.read_text().count('"level": "error"') for path in logs.iterdir())


class _Watch:
    """The most memory that the processes of the cloud had together."""

    def __init__(self, pids: list[int]) -> None:
        self._processes = [psutil.Process(pid) for pid in pids]
        self.most_mib = 0.0

    def look(self) -> None:
        """Note what they have now."""
        now = sum(each.memory_info().rss for each in self._processes) / 2**20
        self.most_mib = max(self.most_mib, now)

    def __enter__(self) -> "_Watch":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left to look at."""


async def _drive(urls: list[str], places: list[Place], watch: _Watch) -> list[Result]:
    herds = []
    for at in range(_HERDS):
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.bench.herd"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=2**24,
        )
        assert child.stdin is not None
        own = urls[at % len(urls) :] + urls[: at % len(urls)]
        plan = Plan(own, places[at::_HERDS], VISITS, LIVE_S)
        child.stdin.write(msgspec.json.encode(plan) + b"\n")
        herds.append(child)
    for child in herds:
        assert child.stdout is not None
        assert (await child.stdout.readline()) == b"ready\n"
    for child in herds:
        assert child.stdin is not None
        child.stdin.write(b"go\n")
    async with asyncio.TaskGroup() as group:
        answers = [group.create_task(_answer(child)) for child in herds]
        while not all(answer.done() for answer in answers):
            watch.look()
            await asyncio.sleep(0.2)
    return [answer.result() for answer in answers]


async def _answer(child: asyncio.subprocess.Process) -> Result:
    assert child.stdout is not None
    answer = await child.stdout.readline()
    await child.wait()
    return msgspec.json.decode(answer, type=Result)


async def limit(url: str, facts: int, connections: int = 12, run: int = 33) -> float:
    """Facts a second into a bare table, `run` a transaction, each from one of so many connections."""
    async with open_pool(url, connections) as pool:
        await pool.execute("CREATE TABLE bare (LIKE facts_live INCLUDING ALL)")
        rows = await pool.fetch(f"SELECT {', '.join(FACT_COLUMNS)} FROM facts LIMIT $1", facts)
        records = [tuple(row) for row in rows]
        runs = [records[start : start + run] for start in range(0, len(records), run)]
        started_s = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for at in range(connections):
                group.create_task(_insert(pool, runs[at::connections]))
        elapsed_s = time.perf_counter() - started_s
        await pool.execute("DROP TABLE bare")
    return len(records) / elapsed_s


async def _insert(pool: asyncpg.Pool, runs: list[list[tuple[object, ...]]]) -> None:
    async with pool.acquire() as connection:
        for run in runs:
            async with connection.transaction():
                await connection.copy_records_to_table("bare", records=run, columns=FACT_COLUMNS)


async def measure() -> list[Row]:
    """Two rows a process count, and the errors that there must not be."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        async with postgres(Path(scratch)) as url:
            for processes in (1, 2):
                herded = await herd(url, processes)
                alone = await limit(url, 50_000)
                rows += _rows(herded, processes, alone)
    return rows


def _rows(herded: Herded, processes: int, alone: float) -> list[Row]:
    name = f"M7 {VENUES} venues, {processes} process" + ("es" if processes > 1 else "")
    last_s, median_s = herded.drained_s[-1], quantile(herded.drained_s, 0.5)
    print(
        f"  herd: {herded.facts} facts drained in {last_s:.1f} s (median {median_s:.1f} s), "
        f"{herded.reconnects} reconnects, {herded.put_off} put off, {herded.errors} errors, "
        f"{herded.rss_mib:.0f} MiB"
    )
    return [
        Row.ratio(f"{name}, herd", herded.facts / last_s, alone, "facts/s", "both: all", "0 errors"),
        Row.ratio(
            f"{name}, live", herded.live_facts / LIVE_S, alone, "facts/s", "both: all", "2: >= 1.8 x 1"
        ),
    ]


if __name__ == "__main__":
    for row in asyncio.run(measure()):
        print(row)
