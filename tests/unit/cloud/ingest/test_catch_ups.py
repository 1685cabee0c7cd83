"""Slots for catching up: first come, a share each, nobody holds one that it does not use."""

import asyncio

import pytest

from cloud.ingest import catch_ups
from cloud.ingest.catch_ups import (
    SHARE_BYTES,
    SMALL_BYTES,
    SMALL_FACTS,
    WAITING_BYTES,
    WAITING_FACTS,
    CatchUps,
    Turn,
)
from cloud.web.figures import Figures

FAR = SMALL_FACTS + 1
LARGE = (20_000, 8_000_000)
SMALL = (SMALL_FACTS, SMALL_BYTES)
NEXT_TO_NONE = (WAITING_FACTS, WAITING_BYTES)


def _line(slots: int, boxes: int) -> tuple[CatchUps, list[Turn]]:
    line = CatchUps(slots, *LARGE, Figures())
    turns = [line.turn() for _ in range(boxes)]
    for turn in turns:
        turn.ask(FAR)
    return line, turns


def _admitted(turns: list[Turn]) -> list[int]:
    return [place for place, turn in enumerate(turns) if turn.admitted]


async def test_a_box_that_is_only_a_little_behind_needs_no_slot() -> None:
    turn = CatchUps(0, *LARGE, Figures()).turn()
    turn.ask(SMALL_FACTS)
    async with asyncio.timeout(30):
        await turn.wait(SMALL_FACTS)
    turn.spent(10**9, SMALL_FACTS, 0)
    assert turn.credit() == SMALL


async def test_slots_go_to_whoever_asked_first() -> None:
    line, turns = _line(2, 5)
    assert _admitted(turns) == [0, 1]
    assert [turn.credit() for turn in turns] == [LARGE, LARGE, NEXT_TO_NONE, NEXT_TO_NONE, NEXT_TO_NONE]
    turns[1].spent(1, 0, 0)
    assert _admitted(turns) == [0, 2]
    turns[3].rest()
    turns[0].rest()
    assert _admitted(turns) == [2, 4]
    for turn in turns:
        turn.rest()
        turn.rest()
    assert not line.contended
    again = [line.turn(), line.turn(), line.turn()]
    for turn in again:
        turn.ask(FAR)
    assert _admitted(again) == [0, 1], "every slot is free again, and none of them twice"


async def test_whoever_had_its_share_of_bytes_goes_behind_the_others() -> None:
    _, turns = _line(1, 3)
    first = turns[0]
    first.spent(SHARE_BYTES, 50_000, 9_000)
    assert first.admitted, "what is on its way is taken in first"
    assert first.credit() == SMALL
    first.spent(10, 40_000, SMALL_FACTS)
    assert _admitted(turns) == [1]
    turns[1].rest()
    assert _admitted(turns) == [2]
    turns[2].rest()
    assert _admitted(turns) == [0], "it had asked anew"
    assert first.credit() == LARGE


async def test_a_share_counts_only_while_somebody_waits() -> None:
    _, (turn,) = _line(1, 1)
    turn.spent(3 * SHARE_BYTES, 50_000, 9_000)
    assert turn.credit() == LARGE
    turn.spent(1, 50_000, 0)
    assert turn.admitted


async def test_a_slow_line_does_not_keep_a_slot_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catch_ups, "SHARE_S", 0.0)
    _, turns = _line(1, 2)
    turns[0].spent(1, 50_000, 300)
    turns[0].spent(1, 50_000, 1)
    assert _admitted(turns) == [1]


async def test_whoever_waits_long_passes_a_little_and_keeps_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catch_ups, "PATIENCE_S", 0.01)
    line, turns = _line(1, 3)
    async with asyncio.timeout(30):
        await turns[1].wait(FAR)
    turns[1].spent(1, FAR, 0)
    assert turns[1].credit() == NEXT_TO_NONE
    turns[0].rest()
    assert _admitted(turns) == [1]
    assert line.figures.registry.get_sample_value("holdfast_catch_ups_trickled_total") == 1
    assert line.figures.registry.get_sample_value("holdfast_catch_ups") == 1
    assert line.figures.registry.get_sample_value("holdfast_catch_ups_waiting") == 1


async def test_of_many_that_wait_only_so_many_pass_in_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the admitted ones would queue for the database behind all of them."""
    monkeypatch.setattr(catch_ups, "PATIENCE_S", 0.0)
    monkeypatch.setattr(catch_ups, "TRICKLES_A_SECOND", 2)
    monkeypatch.setattr(catch_ups, "_ASKED_AGAIN_S", 0.001)
    clock = _Clock()
    monkeypatch.setattr(catch_ups, "time", clock)
    line, turns = _line(1, 8)
    passed: list[int] = []

    async def wait(place: int) -> None:
        await turns[place].wait(FAR)
        passed.append(place)

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        for place in range(1, 8):
            group.create_task(wait(place))
        for second in range(1, 4):
            while len(passed) < 2 * second or clock.asked < 200 * second:
                assert len(passed) <= 2 * second
                await asyncio.sleep(0)
            clock.now_s += 1.0
        turns[0].rest()
    assert sorted(passed) == list(range(1, 8))
    assert line.figures.registry.get_sample_value("holdfast_catch_ups_trickled_total") in (6.0, 7.0)


class _Clock:
    """Stands where the module `time` stands."""

    def __init__(self) -> None:
        self.now_s = 100.0
        self.asked = 0

    def monotonic(self) -> float:
        """Of this test's own."""
        self.asked += 1
        return self.now_s
