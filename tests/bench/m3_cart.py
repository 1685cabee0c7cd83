"""M3, at the tables: how long a shared-cart mutation takes while the box sends a fortnight's backlog.

The same box, the same phones, before the line is back and while it is: the figure beside ours is the p99 of
M1 without the catch-up, measured a moment earlier. The run with the line back begins with its first byte.
"""

import asyncio
import tempfile
from pathlib import Path

import asyncpg

from tests.bench.boxes import box, free_port, quantile, run_crowds, seat
from tests.bench.clouds import Cloud, cloud
from tests.bench.m3_catch_up import backlog
from tests.bench.m3_heal import OUTAGES, Relay, claim_through
from tests.bench.rows import Row

TABLES = 4
SECONDS = 4.0


async def measure(facts: int = OUTAGES["14 days"], seconds: float = SECONDS) -> list[Row]:
    """One row; says what share of the backlog went up meanwhile, because the rest was not measured."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch) / "box"
        await backlog(directory, facts)
        async with cloud(Path(scratch)) as there:
            before_s, during_s, sent = await _both(directory, there, seconds)
    print(f"  {sent:,} of {facts:,} facts went up meanwhile")
    return [Row.latency("M1 p99 while catching up", during_s, before_s, "<= 1.5 x without")]


async def _both(directory: Path, there: Cloud, seconds: float) -> tuple[float, float, int]:
    port = free_port()
    await claim_through(directory, there, f"http://127.0.0.1:{port}")
    relay = Relay(int(there.url.rpartition(":")[2]))
    async with box(directory) as (url, _):
        before = await run_crowds(url, await seat(url, TABLES, 4), seconds)
        plans = await seat(url, TABLES, 4)
        async with relay.serving(port):
            await relay.used.wait()
            during = await run_crowds(url, plans, seconds)
            sent = await _durable(there)
    return quantile(before.round_trips_s, 0.99), quantile(during.round_trips_s, 0.99), sent


async def _durable(there: Cloud) -> int:
    connection = await asyncpg.connect(there.database_url)
    try:
        return int(await connection.fetchval("SELECT coalesce(max(durable_seq), 0) FROM nodes"))
    finally:
        await connection.close()


if __name__ == "__main__":
    for row in asyncio.run(measure()):
        print(row)
