"""kill -9 of the box, sixty times and two hundred by night, while guests put their carts together and order.

Evenings of ten kills, each evening with a box and guests of its own. A kill comes at a random moment:
after some answer or other, or while the box is still starting. The guests notice by themselves and ask again;
in the end everything that anybody was told is in the journal, and whatever anybody asked for is there once.
"""

import asyncio
import random
import time
from pathlib import Path

import pytest

from tests.depth import so_many
from tests.integration.faults.crowd import Crowd
from tests.integration.faults.premises import furnish
from tests.integration.faults.programs import Server, edge_program
from tests.sample_venue import WORD

KILLS = 10
EVENINGS = so_many(6, 20)
#: One kill in so many hits a box that is still starting.
_EARLY = 5
_MOST_ANSWERS = 60

pytestmark = pytest.mark.xdist_group("faults")


async def _start_up_s(box: Server) -> float:
    """How long this machine takes to start the box, within which an early kill falls."""
    started = time.perf_counter()
    await box.up()
    return min(time.perf_counter() - started, 0.45)


async def _more(crowd: Crowd, answers: int, box: Server) -> None:
    """Wait for so many further answers; a box that has ended by itself is quoted."""
    try:
        await crowd.more(answers)
    except AssertionError:
        box.check()
        raise


async def _kill_at_random(box: Server, crowd: Crowd, dice: random.Random, start_up_s: float) -> None:
    if dice.randrange(_EARLY) == 0:
        await asyncio.sleep(dice.uniform(0, start_up_s))
    else:
        await _more(crowd, dice.randint(1, _MOST_ANSWERS), box)
        await asyncio.sleep(dice.uniform(0, 0.004))
    box.kill()
    assert "Traceback" not in box.said()


@pytest.mark.parametrize("evening", range(EVENINGS))
async def test_what_was_answered_is_there_and_nothing_twice(tmp_path: Path, evening: int) -> None:
    directory, dice = tmp_path / "box", random.Random(evening)
    await furnish(directory)
    box = edge_program(directory)
    crowd = Crowd(box.url, ("TABLE1", "TABLE2"), WORD, f"evening {evening}", phones=3)
    try:
        start_up_s = await _start_up_s(box)
        async with crowd.at_work():
            for _ in range(KILLS):
                await _kill_at_random(box, crowd, dice, start_up_s)
                box.start()
            await _more(crowd, 100, box)
            while len(crowd.diary.orders) < 4:
                await _more(crowd, 20, box)
            await crowd.rest()
    finally:
        box.kill()
    journal = crowd.assert_borne_out(directory)
    assert len(journal.placed) > 2
    assert crowd.diary.repeats > 40, "hardly a kill fell on anything"
