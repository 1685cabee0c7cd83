"""The far end fails while guests order: afterwards the cloud's tables are the box's, row by row.

Cloud and Postgres are killed and started again in mid-stream, the line is cut in the middle of a batch, and
the box moves between cloud processes. The venue serves on meanwhile, which the phones at work insist on.
"""

import asyncio
import os
import random
import signal
from pathlib import Path

import pytest

from cloud.store.embedded_postgres import EmbeddedPostgres
from tests.integration.faults.chain import Parts, chain
from tests.integration.faults.wire import Limit

#: What a job comes to that its process was killed over, if it is one of those that are tried once.
CUT_OFF = "The worker died each time while it was at this."

pytestmark = pytest.mark.xdist_group("faults")


async def test_the_cloud_is_killed_again_and_again(tmp_path: Path, database: str) -> None:
    async with chain(tmp_path, database) as parts:
        for _ in range(3):
            await parts.more_facts(100)
            parts.cloud.kill()
            await parts.crowd.more(200)
            await parts.cloud.up()
        await parts.more_facts(100)
        await parts.rest(CUT_OFF, beyond=1000)


async def test_postgres_stops_at_once_and_comes_back(
    tmp_path: Path, database: str, postgres: EmbeddedPostgres
) -> None:
    """Immediate mode: no backend says goodbye, and the next start recovers from the log."""
    async with chain(tmp_path, database) as parts:
        for _ in range(2):
            await parts.more_facts(100)
            os.kill(postgres.pid, signal.SIGQUIT)
            await asyncio.to_thread(postgres.wait)
            await parts.crowd.more(200)
            await asyncio.to_thread(postgres.start)
        await parts.more_facts(100)
        await parts.rest(CUT_OFF, beyond=500)


async def test_cloud_and_postgres_are_killed_together(
    tmp_path: Path, database: str, postgres: EmbeddedPostgres
) -> None:
    async with chain(tmp_path, database) as parts:
        await parts.more_facts(100)
        os.kill(postgres.pid, signal.SIGQUIT)
        parts.cloud.kill()
        await asyncio.to_thread(postgres.wait)
        await parts.crowd.more(200)
        await asyncio.to_thread(postgres.start)
        await parts.cloud.up()
        await parts.more_facts(100)
        await parts.rest(CUT_OFF, beyond=500)


async def _backlog(parts: Parts, answers: int) -> None:
    """The internet goes away for so many answers, and is there again."""
    parts.wire.cut()
    await parts.crowd.more(answers)
    parts.wire.heal()


@pytest.mark.parametrize("seed", range(2))
async def test_the_line_is_cut_in_the_middle_of_batches(tmp_path: Path, database: str, seed: int) -> None:
    """Several cuts in a row, after some number of bytes each: within a hello, a batch, a welcome, an ack."""
    dice = random.Random(seed)
    async with chain(tmp_path, database) as parts:
        limits = [Limit(up=dice.randint(1_000, 60_000)) for _ in range(6)]
        limits += [Limit(down=dice.randint(400, 1_000)) for _ in range(4)]
        limits += [Limit(up=dice.randint(1, 900)), Limit(down=dice.randint(1, 400))]
        dice.shuffle(limits)
        parts.wire.limits.extend(limits)
        await _backlog(parts, 1500)
        await parts.until(lambda _status: not parts.wire.limits)
        await parts.more_facts(200)
        assert parts.wire.cuts >= len(limits) - 1
        await parts.rest(beyond=1500)


async def test_the_box_moves_between_cloud_processes_in_mid_stream(tmp_path: Path, database: str) -> None:
    """The connection to the former cloud stays half open, so that one goes on believing in it."""
    async with chain(tmp_path, database, clouds=2) as parts:
        for move in range(1, 7):
            await _backlog(parts, 200)
            await parts.more_facts(20)
            parts.wire.move(parts.clouds[move % 2].port)
            await parts.more_facts(100)
        await parts.rest(beyond=1000)
        for cloud in parts.clouds:
            assert cloud.said().count('"verdict": "ok"') >= 3, "the box never moved"


async def test_a_link_that_cannot_read_the_journal_ends_nothing_but_itself(
    tmp_path: Path, database: str
) -> None:
    """The file is out of sight for whoever opens it anew; the writer, who has it open, goes on selling."""
    async with chain(tmp_path, database) as parts:
        # Of a box at work "live" is not to be asked: its crowd may have sold more by every acknowledgement.
        await parts.until(lambda status: status["link"] in ("catching_up", "live"))
        journal, hidden = parts.directory / "journal.sqlite3", parts.directory / "hidden"
        journal.rename(hidden)
        parts.wire.cut()
        parts.wire.heal()
        await parts.until(lambda status: "unable to open" in status["link_message"])
        await parts.crowd.more(100)
        hidden.rename(journal)
        await parts.more_facts(100)
        await parts.rest(beyond=200)
