"""Plugs and gates under a whole box: emulated devices, real sockets, and everything that goes wrong."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from edge.core.devices.bindings import Bindings, DeviceAddress, GateBinding, StationBinding
from edge.effects.alarms import Alarm
from edge.wiring.gaming import BadStationsFile, read_bindings
from firmware_profiles.emulators.clock import ManualClock
from firmware_profiles.emulators.routeros import RouterBox
from firmware_profiles.emulators.routeros_packets import Packet, forward
from firmware_profiles.emulators.routeros_rest import RouterOsRestEmulator
from firmware_profiles.emulators.shelly_gen1 import ShellyGen1Emulator
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator
from tests.integration.edge.play.floor_box import FloorBox, floor_box
from tests.open_box import until
from tests.sample_venue import PS5, play_config

MAC, CONSOLE, SERVER = "AA:BB:CC:00:00:01", "192.168.30.50", "203.0.113.7"
SECRET = "open sesame"
NO_GRACE = msgspec.structs.replace(play_config(), grace_s=0)


def bound(plug: ShellyGen2Emulator | ShellyGen1Emulator) -> Bindings:
    """The console behind this plug."""
    dialect = "shelly_gen1" if isinstance(plug, ShellyGen1Emulator) else "shelly_gen2"
    address = DeviceAddress(dialect, plug.url, password=SECRET)
    return Bindings(stations={PS5: StationBinding(address)})


@asynccontextmanager
async def console(directory: Path, grace_s: int = 0) -> AsyncIterator[tuple[FloorBox, ShellyGen2Emulator]]:
    """A box whose console hangs on a plug."""
    rules = msgspec.structs.replace(play_config(), grace_s=grace_s)
    async with AsyncExitStack() as stack:
        plug = await stack.enter_async_context(ShellyGen2Emulator(password=SECRET))
        box = await stack.enter_async_context(floor_box(directory, rules, bound(plug)))
        yield box, plug


@pytest.mark.parametrize("make", [ShellyGen1Emulator, ShellyGen2Emulator])
async def test_power_comes_and_goes_with_the_session(
    make: type[ShellyGen1Emulator | ShellyGen2Emulator], tmp_path: Path
) -> None:
    async with make(password=SECRET) as plug, floor_box(tmp_path / "box", NO_GRACE, bound(plug)) as box:
        minutes = box.brief(1.5)
        await box.start(PS5, minutes=minutes)
        await until(lambda: plug.relay.on)
        left_s = plug.relay.timer_remaining_s
        assert left_s is not None
        assert left_s <= 60 * minutes + 0.5
        await until(lambda: not plug.relay.on)
        assert plug.relay.source in ("http", "timer")
        stations = await box.stations()
        assert stations[PS5]["devices"] == {"plug": "well"}


async def test_the_plug_is_told_the_paid_end_and_its_grace_at_start_and_extend(tmp_path: Path) -> None:
    async with console(tmp_path / "box", grace_s=30) as (box, plug):
        began_s = time.monotonic()
        session = await box.start(PS5, minutes=10)
        await until(lambda: plug.relay.on)
        left_s = plug.relay.timer_remaining_s
        assert left_s is not None
        assert 627 - (time.monotonic() - began_s) <= left_s <= 633
        body = {"additional_minutes": 30, "amount": 5}
        await box.ask("PUT", f"/api/v1/sessions/{session['id']}/extend", body)
        await until(lambda: (plug.relay.timer_remaining_s or 0) > 2400)
        left_s = plug.relay.timer_remaining_s
        assert left_s is not None
        assert 2426 - (time.monotonic() - began_s) <= left_s <= 2434


async def test_staff_stops_and_pauses_without_grace(tmp_path: Path) -> None:
    async with console(tmp_path / "box", grace_s=30) as (box, plug):
        session = await box.start(PS5)
        path = f"/api/v1/sessions/{session['id']}"
        await until(lambda: plug.relay.on)
        await box.ask("POST", f"{path}/pause", {})
        await until(lambda: not plug.relay.on)
        await box.ask("POST", f"{path}/resume")
        await until(lambda: plug.relay.on)
        await box.ask("DELETE", path)
        await until(lambda: not plug.relay.on)


async def test_after_the_end_a_console_keeps_its_power_for_its_grace(tmp_path: Path) -> None:
    async with console(tmp_path / "box", grace_s=5) as (box, plug):
        await box.start(PS5, minutes=box.brief(1))
        await until(lambda: plug.relay.on)
        await box.until_station(PS5, lambda station: station["session"] is None)
        assert plug.relay.on
        await until(lambda: not plug.relay.on)


async def test_a_dead_box_neither_cuts_early_nor_gives_free_hours(tmp_path: Path) -> None:
    clock = ManualClock()
    rules = msgspec.structs.replace(play_config(), grace_s=30)
    async with ShellyGen2Emulator(clock=clock, password=SECRET) as plug:
        async with floor_box(tmp_path / "box", rules, bound(plug)) as box:
            await box.start(PS5, minutes=10)
            await until(lambda: plug.relay.on)
        clock.advance(620)
        assert plug.relay.on
        clock.advance(15)
        assert not plug.relay.on


@pytest.mark.parametrize("policy", ["pause", "charge"])
async def test_a_box_back_from_a_power_cut_puts_everything_right(tmp_path: Path, policy: str) -> None:
    rules = msgspec.structs.replace(NO_GRACE, off_policy=policy)
    async with ShellyGen2Emulator(password=SECRET) as plug:
        async with floor_box(tmp_path / "box", rules, bound(plug)) as box:
            began_s = time.monotonic()
            session = await box.start(PS5, minutes=10)
            await until(lambda: plug.relay.on)
        plug.reboot(state=False)
        async with floor_box(tmp_path / "box", rules, bound(plug), boot="another boot") as box:
            await until(lambda: plug.relay.on)
            left_s = plug.relay.timer_remaining_s
            assert left_s is not None
            assert 595 - (time.monotonic() - began_s) <= left_s <= 605
            _, again = await box.ask("GET", f"/api/v1/sessions/{session['id']}")
            assert again["status"] == "ACTIVE"
            assert 595 - (time.monotonic() - began_s) <= again["remaining_seconds"] <= 600


async def test_time_that_ran_out_without_power_is_charged_and_brings_no_grace(tmp_path: Path) -> None:
    rules = msgspec.structs.replace(play_config(), grace_s=30, off_policy="charge")
    async with ShellyGen2Emulator(password=SECRET) as plug:
        async with floor_box(tmp_path / "box", rules, bound(plug)) as box:
            minutes = box.brief(1)
            session = await box.start(PS5, minutes=minutes)
            await until(lambda: plug.relay.on)
            ended_ms = time.time_ns() // 1_000_000 + round(60_000 * minutes)
        plug.reboot(state=False)
        await until(lambda: time.time_ns() // 1_000_000 > ended_ms)
        plug.heard.clear()
        async with floor_box(tmp_path / "box", rules, bound(plug), boot="another boot") as box:
            await until(lambda: len(plug.heard) > 0)
            await box.until_station(PS5, lambda station: station["session"] is None)
            assert (await box.ask("GET", f"/api/v1/sessions/{session['id']}"))[1]["status"] == "EXPIRED"
            await until(lambda: box.app.gaming.floor.things(PS5).power_w == 0.0)
            assert '"on":true' not in "".join(heard.body for heard in plug.heard)


async def test_a_session_that_ran_out_while_the_box_was_off_ends_at_once(tmp_path: Path) -> None:
    async with ShellyGen2Emulator(password=SECRET) as plug:
        async with floor_box(tmp_path / "box", NO_GRACE, bound(plug)) as box:
            session = await box.start(PS5, minutes=box.brief(0.5))
            await until(lambda: plug.relay.on)
        await until(lambda: not plug.relay.on)
        async with floor_box(tmp_path / "box", NO_GRACE, bound(plug)) as box:
            await box.until_station(PS5, lambda station: station["session"] is None)
            assert not plug.relay.on
            assert (await box.ask("GET", f"/api/v1/sessions/{session['id']}"))[1]["status"] == "EXPIRED"


async def test_a_plug_that_is_gone_at_the_end_is_alarmed_and_switched_off_on_its_return(
    tmp_path: Path,
) -> None:
    raised: list[Alarm] = []
    async with console(tmp_path / "box") as (box, plug):
        box.app.alarms.listen(lambda alarm, up: raised.append(alarm) if up else None)
        session = await box.start(PS5)
        await box.until_station(PS5, lambda station: bool(station["power_w"]))
        plug.faults.drop = True
        await box.ask("DELETE", f"/api/v1/sessions/{session['id']}")
        await until(lambda: "device_enforcement_failed" in [alarm.code for alarm in raised])
        assert plug.relay.on
        assert (await box.stations())[PS5]["devices"] == {"plug": "alarmed"}
        assert (await box.stations())[PS5]["status"] == "OFFLINE"
        plug.faults.drop = False
        await until(lambda: not plug.relay.on)
        await until(lambda: not box.app.alarms.current())
        assert (await box.stations())[PS5]["status"] == "ONLINE"


async def test_a_box_without_its_plug_sells_and_serves_all_the_same(tmp_path: Path) -> None:
    nowhere = Bindings(stations={PS5: StationBinding(DeviceAddress("shelly_gen2", "http://127.0.0.1:9"))})
    async with floor_box(tmp_path / "box", NO_GRACE, nowhere) as box:
        assert (await box.start(PS5))["status"] == "ACTIVE"


async def tripped(box: FloorBox) -> None:
    """Wait until the staff knows that the plug has tripped."""
    await until(lambda: "device_overpower" in [alarm.code for alarm in box.app.alarms.current()])


async def test_a_plug_that_tripped_is_tried_again_when_the_staff_says_so(tmp_path: Path) -> None:
    async with console(tmp_path / "box") as (box, plug):
        plug.trip(5000.0)
        await box.start(PS5)
        await tripped(box)
        plug.relay.load_w = 45.2
        assert not plug.relay.on
        status, station = await box.ask("POST", f"/api/v1/stations/{PS5}/power")
        assert (status, station["id"]) == (200, PS5)
        await until(lambda: plug.relay.on)
        assert not box.app.alarms.current()
        assert (await box.ask("POST", "/api/v1/stations/nowhere/power"))[0] == 404


async def test_whoever_pays_next_has_power_on_a_plug_that_tripped_before(tmp_path: Path) -> None:
    async with console(tmp_path / "box") as (box, plug):
        plug.trip(5000.0)
        session = await box.start(PS5)
        await tripped(box)
        await box.ask("DELETE", f"/api/v1/sessions/{session['id']}")
        plug.relay.load_w = 45.2
        await box.start(PS5)
        await until(lambda: plug.relay.on)


async def test_out_of_service_the_staff_has_power(tmp_path: Path) -> None:
    async with console(tmp_path / "box") as (box, plug):
        await box.ask("POST", f"/api/v1/stations/{PS5}/maintenance", {"on": True})
        await until(lambda: plug.relay.on)
        await box.ask("POST", f"/api/v1/stations/{PS5}/maintenance", {"on": False})
        await until(lambda: not plug.relay.on)


async def test_a_console_behind_a_router_plays_online_for_as_long_as_it_paid(tmp_path: Path) -> None:
    router = RouterBox(password=SECRET)
    router.lease_address(MAC, CONSOLE)
    packet = Packet(CONSOLE, SERVER, MAC)
    async with RouterOsRestEmulator(router) as rest:
        bindings = Bindings(
            {"router": DeviceAddress("routeros_rest", rest.url, router.user, SECRET)},
            {PS5: StationBinding(gate=GateBinding("router", MAC))},
        )
        async with floor_box(tmp_path / "box", NO_GRACE, bindings) as box:
            await until(lambda: not forward(router, packet))
            await box.start(PS5, minutes=box.brief(2))
            await until(lambda: forward(router, packet))
            await until(lambda: not forward(router, packet))
            session = await box.start(PS5)
            await until(lambda: forward(router, packet))
            rest.faults.drop = True
            await box.ask("DELETE", f"/api/v1/sessions/{session['id']}")
            await until(lambda: bool(box.app.alarms.current()))
            assert forward(router, packet)
            rest.faults.drop = False
            await until(lambda: not forward(router, packet))


def test_a_station_file_that_is_damaged_is_said_so(tmp_path: Path) -> None:
    assert read_bindings(tmp_path / "none.json") == Bindings()
    (tmp_path / "bad.json").write_text('{"stations": 5}')
    with pytest.raises(BadStationsFile, match="stations"):
        read_bindings(tmp_path / "bad.json")
    with pytest.raises(BadStationsFile):
        read_bindings(tmp_path)
