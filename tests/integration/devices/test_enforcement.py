"""Reconcilers with real adapters and emulated devices on one hand-moved clock: who gains, who loses?"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from edge.adapters.devices.routeros_gate import RouterOsGate
from edge.adapters.devices.routeros_rest import RouterOsRest
from edge.adapters.devices.shelly_gen2 import ShellyGen2Plug
from edge.core.devices.desired import OFF, POLL_S, DeviceEvent, Wanted
from edge.core.devices.ports import PlugReading
from edge.effects.devices.enforcement import BootTime, Enforcement, Network, Power, Reconciler
from edge.effects.devices.volley import Volley
from firmware_profiles.emulators.clock import ManualClock
from firmware_profiles.emulators.routeros import RouterBox
from firmware_profiles.emulators.routeros_packets import Packet, forward
from firmware_profiles.emulators.routeros_rest import RouterOsRestEmulator
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator

SECRET = "open sesame"
MAC, CONSOLE, SERVER = "AA:BB:CC:00:00:01", "192.168.30.50", "203.0.113.7"


class HandTime:
    """Waiting is not waiting: it moves the clock, or returns when nudged."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.waits: list[float] = []
        self.waited_enough = asyncio.Event()

    def now_s(self) -> float:
        return self._clock.now_s()

    async def wait(self, event: asyncio.Event, timeout_s: float) -> None:
        self.waits.append(timeout_s)
        if len(self.waits) == 4:
            self.waited_enough.set()
        if not event.is_set():
            self._clock.advance(timeout_s)
        await asyncio.sleep(0)


@dataclass
class Station:
    """A plug, its reconciler, and what it told."""

    clock: ManualClock
    emulator: ShellyGen2Emulator
    plug: ShellyGen2Plug
    wanted: Wanted = OFF
    events: list[DeviceEvent] = field(default_factory=list)
    readings: list[PlugReading] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.reconciler = self.fresh_reconciler()

    def fresh_reconciler(self) -> Reconciler:
        """As after a restart of the box: it remembers nothing."""
        keeper = HandTime(self.clock)
        self.volley = Volley(keeper)
        return Reconciler(
            Power(self.plug, self.clock.now_s, self.readings.append),
            lambda: self.wanted,
            self.events.append,
            keeper=keeper,
            chance=lambda: 0.5,
            trigger=self.volley,
        )

    def play_for(self, seconds: float, asked: int = 0) -> None:
        self.wanted = Wanted(on=True, until_s=self.clock.now_s() + seconds, asked=asked)

    async def pass_time(self, seconds: float) -> None:
        """Let the reconciler live through so many seconds."""
        end_s = self.clock.now_s() + seconds
        again_s = await self.reconciler.step()
        while self.clock.now_s() + again_s < end_s:
            self.clock.advance(again_s)
            again_s = await self.reconciler.step()
        self.clock.advance(end_s - self.clock.now_s())

    def powered(self) -> bool:
        return self.emulator.relay.on

    def told(self) -> list[str]:
        return [event.kind for event in self.events]


@pytest.fixture
async def station() -> AsyncIterator[Station]:
    clock = ManualClock()
    async with (
        ShellyGen2Emulator(clock=clock, password=SECRET) as emulator,
        ShellyGen2Plug("PS5-1", emulator.url, password=SECRET) as plug,
    ):
        yield Station(clock, emulator, plug)


async def test_an_hour_is_an_hour_and_power_is_read_each_minute(station: Station) -> None:
    station.play_for(3600)
    await station.pass_time(3599)
    assert station.powered()
    await station.pass_time(2)
    assert not station.powered()
    assert station.events == []
    powers = [reading.power_w for reading in station.readings if reading.on]
    assert len(powers) >= 3600 / POLL_S
    assert set(powers) == {45.2}


async def test_the_end_goes_out_without_a_look_first(station: Station) -> None:
    station.play_for(100)
    await station.pass_time(100)
    station.emulator.heard.clear()
    station.volley.fire_due()
    await station.reconciler.step()
    assert [heard.path for heard in station.emulator.heard] == ["/rpc/Switch.Set", "/rpc/Shelly.GetStatus"]


async def test_more_time_in_the_last_second_holds_the_fire(station: Station) -> None:
    station.play_for(100)
    await station.pass_time(99)
    station.play_for(600)
    station.reconciler.nudge()
    station.clock.advance(2)
    station.emulator.heard.clear()
    station.volley.fire_due()
    await station.reconciler.step()
    assert station.powered()
    assert '"on":false' not in "".join(heard.body for heard in station.emulator.heard)


async def test_a_shot_that_is_overtaken_by_more_time_does_not_leave(station: Station) -> None:
    """The wish changed and nobody has said so yet: what is wanted in that second counts."""
    station.play_for(100)
    await station.pass_time(99)
    station.play_for(600)
    station.clock.advance(2)
    station.emulator.heard.clear()
    station.volley.fire_due()
    await station.plug.read()
    assert [heard.path for heard in station.emulator.heard] == ["/rpc/Shelly.GetStatus"]


async def test_a_dead_box_cuts_nobody_early_and_gives_no_free_hours(station: Station) -> None:
    station.play_for(3600)
    await station.pass_time(60)
    station.clock.advance(3530)
    assert station.powered()
    station.clock.advance(20)
    assert not station.powered()


async def test_a_box_that_comes_back_finds_everything_and_changes_nothing(station: Station) -> None:
    station.play_for(3600)
    await station.pass_time(60)
    station.clock.advance(600)
    station.reconciler = station.fresh_reconciler()
    station.emulator.heard.clear()
    await station.reconciler.step()
    assert [heard.path for heard in station.emulator.heard] == ["/rpc/Shelly.GetStatus"]
    assert station.events == []


async def test_a_box_that_comes_back_after_the_end_finds_the_plug_off(station: Station) -> None:
    station.play_for(3600)
    await station.pass_time(60)
    station.clock.advance(7200)
    station.wanted = OFF
    station.reconciler = station.fresh_reconciler()
    await station.reconciler.step()
    assert station.events == []
    assert not station.powered()


async def test_an_extension_moves_the_end_on_the_plug_itself(station: Station) -> None:
    station.play_for(600)
    await station.pass_time(300)
    station.play_for(2100)
    await station.reconciler.step()
    assert station.emulator.relay.timer_remaining_s == pytest.approx(2100, abs=1)


async def test_a_session_without_an_end_never_hangs_on_one_box(station: Station) -> None:
    station.wanted = Wanted(on=True)
    await station.pass_time(6 * 3600)
    assert station.powered()
    assert station.events == []
    station.clock.advance(2 * 3600 + 60)
    assert not station.powered()


async def test_a_plug_unreachable_at_the_end_is_alarmed_and_switched_off_on_return(station: Station) -> None:
    station.wanted = Wanted(on=True)
    await station.pass_time(60)
    station.emulator.faults.drop = True
    station.wanted = OFF
    await station.pass_time(90)
    assert station.told() == ["unreachable", "enforcement_failed"]
    station.emulator.faults.drop = False
    await station.pass_time(16)
    assert station.told() == ["unreachable", "enforcement_failed", "recovered"]
    assert not station.powered()


async def test_a_plug_unreachable_with_its_own_end_set_needs_no_alarm(station: Station) -> None:
    station.play_for(600)
    await station.pass_time(60)
    await station.emulator.stop()
    station.wanted = OFF
    await station.pass_time(30)
    station.events.clear()
    station.clock.advance(600)
    await station.pass_time(120)
    assert station.events == []
    assert not station.powered()


async def test_a_button_pressed_without_paying_lasts_one_look(station: Station) -> None:
    await station.pass_time(60)
    station.emulator.press_button()
    await station.pass_time(61)
    assert station.told() == ["manual_press"]
    assert not station.powered()


async def test_a_tripped_fuse_waits_for_the_staff(station: Station) -> None:
    station.play_for(3600)
    await station.pass_time(60)
    station.emulator.trip()
    await station.pass_time(300)
    assert station.told() == ["overpower"]
    assert not station.powered()
    station.emulator.relay.load_w = 45.2
    station.wanted = Wanted(on=True, until_s=station.wanted.until_s, asked=1)
    await station.reconciler.step()
    assert station.powered()


async def test_a_restart_into_the_wrong_state_is_mended(station: Station) -> None:
    await station.pass_time(120)
    station.emulator.reboot(state=True)
    await station.pass_time(61)
    assert station.told() == ["restarted_wrong"]
    assert not station.powered()


async def test_a_power_cut_gives_the_guest_power_again_and_the_right_end(station: Station) -> None:
    station.play_for(3600)
    await station.pass_time(120)
    station.emulator.reboot(state=False)
    await station.pass_time(61)
    assert station.told() == ["restarted_wrong"]
    assert station.emulator.relay.timer_remaining_s == pytest.approx(3600 - 181, abs=61)


async def test_a_busy_plug_is_waited_for_and_is_not_offline(station: Station) -> None:
    station.play_for(3600)
    station.emulator.faults.busy = True
    await station.pass_time(5)
    station.emulator.faults.busy = False
    await station.pass_time(10)
    assert station.events == []
    assert station.powered()


async def test_a_lost_answer_is_no_news(station: Station) -> None:
    station.play_for(600)
    station.emulator.faults.lose_answers = True
    await station.reconciler.step()
    station.emulator.faults.lose_answers = False
    await station.pass_time(60)
    assert station.events == []
    assert station.powered()


async def test_a_running_reconciler_acts_when_nudged_and_ends_when_let_go(station: Station) -> None:
    reading = asyncio.Event()
    target = Power(station.plug, BootTime().now_s, lambda _reading: reading.set())
    station.wanted = OFF
    reconciler = Reconciler(
        target, lambda: station.wanted, station.events.append, keeper=BootTime(), chance=lambda: 0.5
    )
    async with asyncio.TaskGroup() as group:
        enforcement = Enforcement(group)
        enforcement.take_on("PS5-1", reconciler)
        await reading.wait()
        reading.clear()
        station.wanted = Wanted(on=True, until_s=BootTime().now_s() + 600)
        enforcement.nudge("PS5-1")
        await reading.wait()
        assert station.powered()
        enforcement.close()
    enforcement.nudge("PS5-1")


async def test_waiting_follows_the_reconciler(station: Station) -> None:
    keeper = HandTime(station.clock)
    target = Power(station.plug, station.clock.now_s, station.readings.append)
    reconciler = Reconciler(
        target, lambda: station.wanted, station.events.append, keeper=keeper, chance=lambda: 0.5
    )
    station.play_for(90)
    async with asyncio.TaskGroup() as group:
        enforcement = Enforcement(group)
        enforcement.take_on("PS5-1", reconciler)
        await keeper.waited_enough.wait()
        enforcement.close()
    assert keeper.waits[:4] == [0.0, 60.0, 28.0, 2.0]


async def test_a_console_behind_a_router_is_let_through_and_stopped() -> None:
    clock = ManualClock()
    box = RouterBox(password=SECRET, clock=clock)
    box.lease_address(MAC, CONSOLE)
    clock.advance(86_400)
    wanted = Wanted(on=True, until_s=clock.now_s() + 600)
    events: list[DeviceEvent] = []
    async with RouterOsRestEmulator(box) as emulator:
        menus = RouterOsRest("router", emulator.url, user="holdfast", password=SECRET)
        async with RouterOsGate(menus) as gate:
            reconciler = Reconciler(
                Network(gate, MAC, clock.now_s),
                lambda: wanted,
                events.append,
                keeper=HandTime(clock),
                chance=lambda: 0.5,
            )
            await reconciler.step()
            assert forward(box, Packet(CONSOLE, SERVER, MAC))
            clock.advance(60)
            box.reboot()
            assert not forward(box, Packet(CONSOLE, SERVER, MAC))
            await reconciler.step()
            assert forward(box, Packet(CONSOLE, SERVER, MAC))
            clock.advance(540)
            await reconciler.step()
            assert not forward(box, Packet(CONSOLE, SERVER, MAC))
    assert [event.kind for event in events] == ["restarted_wrong"]
