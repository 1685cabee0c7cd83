"""The name on an alarm outlives a restart, and goes with the alarm."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge.effects.alarms import Alarm, Alarms, Seen
from edge.effects.lookouts import FILE_NAME, Lookouts

HOUR_MS = 3600 * 1000


@asynccontextmanager
async def life(directory: Path) -> AsyncIterator[tuple[Alarms, Lookouts]]:
    """A box's, from start to stop."""
    alarms = Alarms()
    lookouts = Lookouts(directory, alarms)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(lookouts.run())
        yield alarms, lookouts
        task.cancel()


def alarm(since_ms: int, key: str = "ticket:K-1@grill") -> Alarm:
    return Alarm(key, "ticket_unacknowledged", "Please go there.", since_ms)


async def test_who_looks_after_an_alarm_is_known_after_a_restart(tmp_path: Path) -> None:
    async with life(tmp_path) as (alarms, lookouts):
        alarms.raise_(alarm(1000))
        assert not await lookouts.acknowledge("ticket:K-9@grill", "Ann", 2000)
        assert await lookouts.acknowledge("ticket:K-1@grill", "Ann", 2000)
        assert await lookouts.acknowledge("ticket:K-1@grill", "Bo", 3000), "the first one counts"
    async with life(tmp_path) as (alarms, lookouts):
        assert alarms.lookouts() == {"ticket:K-1@grill": Seen("Ann", 2000)}
        alarms.raise_(alarm(9000))
        assert [(each.seen_by, each.seen_ms) for each in alarms.current()] == [("Ann", 2000)]


async def test_the_name_goes_with_the_alarm(tmp_path: Path) -> None:
    async with life(tmp_path) as (alarms, lookouts):
        alarms.raise_(alarm(1000))
        alarms.raise_(alarm(1000, "printer:bar"))
        await lookouts.acknowledge("ticket:K-1@grill", "Ann", 2000)
        alarms.clear("ticket:K-1@grill")
        alarms.raise_(alarm(3000))
        await lookouts.acknowledge("printer:bar", "Bo", 4000)
        assert [each.seen_by for each in alarms.current()] == ["Bo", ""]
    async with life(tmp_path) as (alarms, _):
        assert alarms.lookouts() == {"printer:bar": Seen("Bo", 4000)}


async def test_a_name_of_another_day_is_not_put_on_an_alarm(tmp_path: Path) -> None:
    async with life(tmp_path) as (alarms, lookouts):
        alarms.raise_(alarm(1000))
        await lookouts.acknowledge("ticket:K-1@grill", "Ann", 2000)
    async with life(tmp_path) as (alarms, _):
        alarms.raise_(alarm(2000 + 12 * HOUR_MS))
        assert [each.seen_by for each in alarms.current()] == [""]


async def test_a_disk_that_fails_puts_no_name_on_an_alarm(tmp_path: Path) -> None:
    async with life(tmp_path) as (alarms, lookouts):
        alarms.raise_(alarm(1000))
        (tmp_path / f"{FILE_NAME}.new").mkdir()
        with pytest.raises(OSError, match="directory"):
            await lookouts.acknowledge("ticket:K-1@grill", "Ann", 2000)
        assert [each.seen_by for each in alarms.current()] == [""]


@pytest.mark.parametrize("spoilt", [b"{", b'{"\xff": {"by": "ana", "ms": 1}}'])
async def test_a_spoilt_file_is_begun_anew(tmp_path: Path, spoilt: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(spoilt)
    async with life(tmp_path) as (alarms, lookouts):
        alarms.raise_(alarm(1000))
        assert await lookouts.acknowledge("ticket:K-1@grill", "Ann", 2000)
    async with life(tmp_path) as (alarms, _):
        assert alarms.lookouts() == {"ticket:K-1@grill": Seen("Ann", 2000)}
