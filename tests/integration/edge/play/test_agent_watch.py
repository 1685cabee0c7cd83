"""A PC on which somebody plays and whose agent has gone is somebody's business; an idle one is nobody's."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.effects.alarms import Alarms
from edge.effects.play.agent_watch import AgentWatch, alarm_key
from tests.integration.edge.play.floor_box import FloorBox, floor_box
from tests.open_box import until
from tests.sample_venue import PC1, PC2, PS5


@pytest.fixture
async def box(tmp_path: Path) -> AsyncIterator[FloorBox]:
    async with floor_box(tmp_path / "box") as opened:
        yield opened


def keys(alarms: Alarms) -> list[str]:
    """What is up."""
    return [each.key for each in alarms.current()]


async def test_an_agent_that_goes_in_the_middle_of_a_game_is_missed_until_it_is_back(box: FloorBox) -> None:
    alarms = Alarms()
    watch = AgentWatch(box.app.gaming.floor, alarms, box.app.clock, gone_s=0.02)
    headers = {"Authorization": f"Bearer {await box.agent_token(PC1)}"}
    async with asyncio.TaskGroup() as group:
        running = group.create_task(watch.run())
        async with box.http.ws_connect(f"{box.url}/ws/agent/{PC1}", headers=headers):
            await box.until_station(PC1, lambda each: bool(each["agent"]["online"]))
            session = await box.start(PC1)
            await box.start(PS5)
            await asyncio.sleep(0.05)
            assert keys(alarms) == []
        await until(lambda: keys(alarms) == [alarm_key(PC1)])
        (alarm,) = alarms.current()
        assert (alarm.code, alarm.detail) == ("agent_gone", {"station_id": PC1})
        async with box.http.ws_connect(f"{box.url}/ws/agent/{PC1}", headers=headers):
            await until(lambda: keys(alarms) == [])
        await until(lambda: keys(alarms) == [alarm_key(PC1)])
        await box.ask("DELETE", f"/api/v1/sessions/{session['id']}")
        await until(lambda: keys(alarms) == [])
        running.cancel()


async def test_a_session_from_before_a_restart_is_watched_too(box: FloorBox) -> None:
    await box.start(PC2)
    alarms = Alarms()
    watch = AgentWatch(box.app.gaming.floor, alarms, box.app.clock, gone_s=0.0)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(watch.run())
        await until(lambda: keys(alarms) == [alarm_key(PC2)])
        running.cancel()
