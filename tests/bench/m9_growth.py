"""M9: whether a box grows slower with its journal: start-up and shared-cart mutations after days of service.

A day is 2,500 facts, as in the outages of M3. The figure beside each is that of the first day's journal, in
the same run, in turns. `python -m tests.bench.m9_growth 1000` goes on to a thousand days, which takes minutes
to make.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from operator import attrgetter
from pathlib import Path

import msgspec

from tests.bench.boxes import box, quantile, run_crowds, seat
from tests.bench.m3_catch_up import backlog
from tests.bench.m3_heal import OUTAGES
from tests.bench.rows import Row

DAYS = (1, 100)
TABLES = 4
_ROUNDS = 3
_TARGET = "within 20 % of a day's"


class Turn(msgspec.Struct, frozen=True):
    """One fresh start and one crowd: seconds to the first answer, mutations a second, their p99."""

    start_s: float
    rate: float
    p99_s: float


async def turn(directory: Path, seconds: float) -> Turn:
    """One look at a box."""
    start_s = await _start_s(directory)
    async with box(directory) as (url, _):
        result = await run_crowds(url, await seat(url, TABLES, 4), seconds)
    return Turn(start_s, result.mutations / result.seconds, quantile(result.round_trips_s, 0.99))


async def _start_s(directory: Path) -> float:
    started_s = time.perf_counter()
    async with box(directory):
        return time.perf_counter() - started_s


async def measure(days: tuple[int, ...] = DAYS, seconds: float = 4.0) -> list[Row]:
    """Three rows for each number of days after the first: medians of looks in turns, for disks have moods."""
    turns: dict[int, list[Turn]] = {each: [] for each in days}
    with tempfile.TemporaryDirectory() as scratch:
        for each in days:
            await backlog(Path(scratch) / str(each), each * OUTAGES["1 day"])
        for each in days * _ROUNDS:
            turns[each].append(await turn(Path(scratch) / str(each), seconds))
    first, *later = days
    return [row for each in later for row in _rows(each, turns[each], turns[first])]


def _rows(days: int, ours: list[Turn], first: list[Turn]) -> list[Row]:
    start, rate, p99 = (
        (statistics.median(map(part, ours)), statistics.median(map(part, first)))
        for part in map(attrgetter, ("start_s", "rate", "p99_s"))
    )
    return [
        Row.latency(f"M9 start after {days:,} days", *start, _TARGET),
        Row.ratio(f"M9 M1 rate after {days:,} days", *rate, "mutations/s", "", _TARGET),
        Row.latency(f"M9 M1 p99 after {days:,} days", *p99, _TARGET),
    ]


if __name__ == "__main__":
    for row in asyncio.run(measure((1, *map(int, sys.argv[1:] or DAYS[1:])))):
        print(row)
