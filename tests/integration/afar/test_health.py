"""What hangs on a box, as its owner sees it from afar: what a plug draws, PCs, kitchen, the box itself."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from edge.adapters.cloud.link import conversation
from edge.core.afar import lane
from edge.core.devices.bindings import Bindings, DeviceAddress, StationBinding
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator
from tests.integration.afar.linked import Linked, eventually

SECRET = "open sesame"


@pytest.fixture(autouse=True)
def _talkative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "PING_EVERY_S", 0.05)
    monkeypatch.setattr(lane, "MOVED_EVERY_S", 0.0)
    monkeypatch.setattr(lane, "ALL_EVERY_S", 0.2)


async def _things(stand: Linked) -> dict[str, Any]:
    return {each["thing"]: each for each in (await stand.owner("GET", "health"))["things"]}


async def test_the_owner_sees_what_a_plug_draws_and_how_the_box_is(stand: Linked, tmp_path: Path) -> None:
    station = stand.venue.play_stations[0].id
    async with ShellyGen2Emulator(password=SECRET) as plug:
        bound = Bindings(
            stations={station: StationBinding(DeviceAddress("shelly_gen2", plug.url, password=SECRET))}
        )
        (stand.directory / "stations.json").write_bytes(msgspec.json.encode(bound))
        await stand.restart()
        plug.relay.load_w = 87.0
        await stand.play()

        async def drawn() -> bool:
            told = (await _things(stand)).get(f"plug:{station}", {"figures": {}})
            return bool(told["figures"].get("power_w", 0.0) > 50)

        await eventually(drawn)
    things = await _things(stand)
    assert things[f"plug:{station}"]["state"] == "well"
    assert 0 <= things[f"plug:{station}"]["age_s"] < 60
    assert "energy_wh" in things[f"plug:{station}"]["figures"]
    box = things["box"]["figures"]
    assert 0 < box["disk_used_percent"] <= 100
    assert {"memory_used_percent", "load_1m", "uptime_s", "clock_trusted", "alarms"} <= box.keys()
    assert {each["kind"] for each in things.values()} >= {"box", "plug", "kitchen", "agent"}
    pcs = [each for each in things.values() if each["kind"] == "agent"]
    assert {each["state"] for each in pcs} == {"away"}, "nobody plays on them and no agent has spoken"


async def test_a_thing_that_has_gone_is_forgotten_and_the_journal_never_waits(stand: Linked) -> None:
    await eventually(lambda: _has(stand, "box"))
    await stand.cloud.pool.execute(
        """
        INSERT INTO telemetry
            (venue_id, thing, epoch, seq, kind, name, state, figures, words, read_at, since_at)
        SELECT venue_id, 'printer:old', epoch, 0, 'printer', 'Old', 'well', '{}', '', now(), now() FROM venues
        """
    )

    async def gone() -> bool:
        return "printer:old" not in await _things(stand)

    await eventually(gone)
    await stand.agree()


async def _has(stand: Linked, thing: str) -> bool:
    return thing in await _things(stand)
