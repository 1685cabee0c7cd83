"""M9: whether a box grows slower with its journal: start-up and shared-cart mutations after days of service.

A day is 2,500 facts, as in the outages of M3. The figure beside each is that of the first day's journal, in
the same run. `python -m tests.bench.m9_growth 1000` goes on to a thousand days, which takes minutes to make.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.bench.boxes import box, quantile, run_crowds, seat
from tests.bench.m3_catch_up import backlog
from tests.bench.m3_heal import OUTAGES
from tests.bench.rows import Row

DAYS = (1, 100)
TABLES = 4
_STARTS = 3
_TARGET = "within 20 % of a day's"


async def grown(days: int, seconds: float) -> tuple[float, float, float]:
    """Seconds to the first answer of a fresh start, mutations a second, their p99 in seconds."""
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch) / "box"
        await backlog(directory, days * OUTAGES["1 day"])
        starts = sorted([await _start_s(directory) for _ in range(_STARTS)])
        async with box(directory) as (url, _):
            result = await run_crowds(url, await seat(url, TABLES, 4), seconds)
    return starts[_STARTS // 2], result.mutations / result.seconds, quantile(result.round_trips_s, 0.99)


async def _start_s(directory: Path) -> float:
    started_s = time.perf_counter()
    async with box(directory):
        return time.perf_counter() - started_s


async def measure(days: tuple[int, ...] = DAYS, seconds: float = 4.0) -> list[Row]:
    """Three rows for each number of days after the first."""
    first, *later = days
    start_s, rate, p99_s = await grown(first, seconds)
    rows = []
    for each in later:
        older = await grown(each, seconds)
        rows += [
            Row.latency(f"M9 start after {each:,} days", older[0], start_s, _TARGET),
            Row.ratio(f"M9 M1 rate after {each:,} days", older[1], rate, "mutations/s", "", _TARGET),
            Row.latency(f"M9 M1 p99 after {each:,} days", older[2], p99_s, _TARGET),
        ]
    return rows


if __name__ == "__main__":
    for row in asyncio.run(measure((1, *map(int, sys.argv[1:] or DAYS[1:])))):
        print(row)
