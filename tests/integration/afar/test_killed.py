"""The box as a process of its own, killed while commands come: each is done once, and has an outcome."""

import asyncio
import random
from functools import partial
from pathlib import Path

import asyncpg
import pytest

from tests.equality import assert_equal
from tests.integration.afar.linked import Linked, eventually, linked
from tests.integration.faults.programs import edge_program


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_box_that_is_killed_does_everything_once(tmp_path: Path, database: str, seed: int) -> None:
    chance = random.Random(seed)
    async with linked(tmp_path / "box", database) as stand:
        session = await stand.play(60)
        await stand.box.off()
        program = edge_program(tmp_path / "box")
        ids = [await _more_time(stand, session) for _ in range(6)]
        try:
            for _ in range(6):
                known = await _outcomes(stand)
                ids.append(await _more_time(stand, session))
                program.start()
                await asyncio.sleep(chance.uniform(0.05, 0.45))
                if chance.random() < 0.5:  # then the kill falls behind the hello, too
                    await eventually(partial(_more_than, stand, known))
                program.kill()
            await program.up()
            assert {(await stand.outcome(each))["status"] for each in ids} == {"DONE"}
            await eventually(lambda: _entitled(stand, session, 3600 + 60 * len(ids)))
            assert program.stop() == 0
        finally:
            program.kill()
        sql = await asyncpg.connect(database)
        await assert_equal(tmp_path / "box", sql)
        await sql.close()
        await stand.box.on(stand.tasks)


async def _more_time(stand: Linked, session: str) -> str:
    return await stand.ask({"kind": "extend_session", "session_id": session, "seconds": 60})


async def _outcomes(stand: Linked) -> int:
    """How many commands the cloud has heard of from the box."""
    return int(await stand.cloud.pool.fetchval("SELECT count(*) FROM command_outcomes"))


async def _more_than(stand: Linked, known: int) -> bool:
    return await _outcomes(stand) > known


async def _entitled(stand: Linked, session: str, seconds: int) -> bool:
    query = "SELECT entitled_s FROM play_sessions WHERE session_id = $1"
    return bool(await stand.cloud.pool.fetchval(query, session) == seconds)
