"""`make chaos MINUTES=…`: the demo under load and in a storm, then the question what is missing."""

import argparse
import asyncio
import logging
import random
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg

from tests.chaos import report, tally
from tests.chaos.storm import Storm
from tests.chaos.verdict import business, findings
from tests.demo_process import DemoProcess
from tests.integration.faults.cook import Cook
from tests.integration.faults.crowd import Crowd

_FOLDER = Path(__file__).parents[2] / "chaos"
_DRAINED_WITHIN_S = 120.0
_LOOK_EVERY_S = 0.1


def main() -> int:
    """Entry point; 1 if anything was lost, doubled or is in disagreement."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--phones", type=int, default=3, help="at each table")
    parser.add_argument("--tables", type=int, default=4)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first run")
    parser.add_argument(
        "--runs", type=int, default=1, help="so many, one after the other, each on a fresh demo"
    )
    options = parser.parse_args()
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # phones write to boxes that are gone
    return max(_one(options, options.seed + number) for number in range(options.runs))


def _one(options: argparse.Namespace, seed: int) -> int:
    """One run, told and written down. What a bad one left on its disks is kept beside the report."""
    options.seed = seed
    with tempfile.TemporaryDirectory(prefix="holdfast-chaos-") as scratch:
        try:
            run = asyncio.run(storm_over(Path(scratch) / "demo", options))
        except BaseException:
            _keep(Path(scratch), seed)
            raise
        if not run.well:
            _keep(Path(scratch), seed)
    page = report.write(run, _FOLDER)
    so_far = tally.add(tally.entry(run, datetime.now(UTC).isoformat(timespec="seconds")), _FOLDER)
    print(report.text(run))
    print(tally.text(so_far))
    print(f"The same to read and to print: {page}", flush=True)
    return 0 if run.well else 1


def _keep(scratch: Path, seed: int) -> None:
    kept = _FOLDER / f"seed-{seed}"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(scratch, kept, ignore=shutil.ignore_patterns("*.sock*", ".s.PGSQL*"))
    print(f"what it left: {kept}", file=sys.stderr)


async def storm_over(directory: Path, options: argparse.Namespace) -> report.Run:
    """A demo in a fresh directory, its evening, and what was found. `options` as on the command line."""
    demo = DemoProcess(directory)
    try:
        said = await demo.start()
        async with aiohttp.ClientSession() as http:
            return await _evening(demo, said, http, options)
    finally:
        if demo.runs:
            await demo.stop()


async def _evening(
    demo: DemoProcess, said: dict[str, Any], http: aiohttp.ClientSession, options: argparse.Namespace
) -> report.Run:
    tables = [table["code"] for table in said["tables"][: options.tables]]
    seed = f"chaos {options.seed}"
    crowd = Crowd(said["edge"], tables, said["pass_word"], seed, options.phones, patient=True)
    cook = Cook(said["mqtt"], said["venue_id"])
    storm = Storm(demo, http, random.Random(seed))
    gaps = Gaps(crowd)
    async with crowd.at_work(), asyncio.TaskGroup() as group:
        watching = [group.create_task(cook.run()), group.create_task(gaps.run())]
        await storm.rage(options.minutes * 60)
        ended_s = time.monotonic()
        await _until_served(http, said["edge"])
        gaps.over = True  # nobody asks for anything from here on
        await crowd.rest()
        await _until_drained(http, said["edge"])
        drained_s = time.monotonic() - ended_s
        for task in watching:
            task.cancel()
        sql = await _database(said["postgres"])
        try:
            found = await findings(demo.directory / "edge", sql, crowd)
            sold = await business(sql)
        finally:
            await sql.close()
    return report.Run(
        minutes=options.minutes,
        seed=options.seed,
        phones=len(crowd.phones),
        answers=crowd.diary.answers,
        repeats=crowd.diary.repeats,
        kills=storm.kills,
        done=storm.done,
        longest_wait_s=gaps.longest_s,
        drained_s=drained_s,
        business=sold,
        findings=found,
    )


class Gaps:
    """The longest time in which nobody got an answer."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self.longest_s = 0.0
        self.over = False

    async def run(self) -> None:
        """Look now and then, as long as guests ask."""
        since_s, answers = time.monotonic(), 0
        while not self.over:
            await asyncio.sleep(_LOOK_EVERY_S)
            if self._crowd.diary.answers != answers:
                since_s, answers = time.monotonic(), self._crowd.diary.answers
            self.longest_s = max(self.longest_s, time.monotonic() - since_s)


async def _until_served(http: aiohttp.ClientSession, edge: str) -> None:
    """The box may just have been killed."""
    async with asyncio.timeout(_DRAINED_WITHIN_S):
        while True:
            with suppress(aiohttp.ClientError):
                async with http.get(f"{edge}/healthz") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(_LOOK_EVERY_S)


async def _until_drained(http: aiohttp.ClientSession, edge: str) -> None:
    """The link is live and the cloud has every fact."""
    async with asyncio.timeout(_DRAINED_WITHIN_S):
        while True:
            with suppress(aiohttp.ClientError):
                async with http.get(f"{edge}/status") as answer:
                    status = await answer.json()
                    if status["link"] == "live" and status["unsynced"] == 0:
                        return
            await asyncio.sleep(_LOOK_EVERY_S)


async def _database(url: str) -> asyncpg.Connection:
    """Postgres may just have been killed as well."""
    async with asyncio.timeout(_DRAINED_WITHIN_S):
        while True:
            try:
                return await asyncpg.connect(url)
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(_LOOK_EVERY_S)


if __name__ == "__main__":
    sys.exit(main())
