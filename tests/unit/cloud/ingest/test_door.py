"""The door of the link: few are judged at once, nobody in vain, and whoever is put off hears when to come."""

import asyncio
from types import SimpleNamespace

import pytest

from cloud.ingest import door
from cloud.ingest.door import Door
from cloud.ingest.ending import Ending, LinkOver
from cloud.web.figures import Figures
from protocol.errors import Refused


def _put_off_s(at: Door) -> int:
    with pytest.raises(Refused) as refused:
        at.knock()
    assert (refused.value.refusal.code, refused.value.refusal.status) == ("crowded", 503)
    assert refused.value.refusal.retry_after_s is not None
    return refused.value.refusal.retry_after_s


def test_a_full_door_gives_appointments_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST_ARRIVING", 1)
    monkeypatch.setattr(door, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    figures = Figures()
    at = Door(1, figures)
    at.knock()
    with at.arriving():
        told = [_put_off_s(at) for _ in range(20_000)]
    assert told == sorted(told), "nobody is to come before those that knocked earlier"
    assert (told[0], told[450]) == (1, 5), "a hundred a second"
    assert told[-1] == 60, "and nobody in an hour"
    assert figures.registry.get_sample_value("holdfast_hellos_put_off_total", {"where": "door"}) == 20_000
    at.knock()


async def test_a_hello_that_has_grown_old_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "JUDGED_WITHIN_S", 0.01)
    monkeypatch.setattr(door, "MOST_WAITING", 1)
    figures = Figures()
    at = Door(1, figures)
    async with at.judging():
        with pytest.raises(LinkOver) as over:
            async with at.judging():
                raise AssertionError("judged beside the other")
        assert over.value.ending is Ending.TRY_AGAIN
        at.knock()
    assert figures.registry.get_sample_value("holdfast_hellos_put_off_total", {"where": "queue"}) == 1
    assert figures.registry.get_sample_value("holdfast_hellos_waiting") == 0
    async with at.judging():
        """It is free again."""


async def test_whoever_leaves_while_it_waits_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST_WAITING", 1)
    at = Door(1, Figures())

    async def wait() -> None:
        async with at.judging():
            raise AssertionError("judged beside the other")

    async with asyncio.timeout(30), asyncio.TaskGroup() as group, at.judging():
        waiting = group.create_task(wait())
        while not waiting.done():
            await asyncio.sleep(0)
            try:
                at.knock()
            except Refused:
                waiting.cancel()
    at.knock()
    async with asyncio.timeout(30), at.judging():
        """It is free again."""
