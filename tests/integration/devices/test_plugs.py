"""Every plug dialect against its stand-in: what it does, and what it does when things go wrong."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from edge.adapters.devices.shelly_gen1 import ShellyGen1Plug
from edge.adapters.devices.shelly_gen2 import ShellyGen2Plug
from edge.adapters.devices.tasmota import TasmotaPlug
from edge.core.devices.ports import (
    DeviceBusy,
    DeviceConfused,
    DeviceRefused,
    DeviceUnreachable,
)
from firmware_profiles.emulators.clock import ManualClock
from firmware_profiles.emulators.shelly_gen1 import ShellyGen1Emulator
from firmware_profiles.emulators.shelly_gen2 import ShellyGen2Emulator
from firmware_profiles.emulators.tasmota import TasmotaEmulator
from tests.integration.devices.plug_pairs import (
    IMPATIENT_S,
    KINDS,
    PATIENT_S,
    SECRET,
    Emulator,
    Pair,
    adapter_for,
)


async def test_it_goes_on_with_an_end_and_tells_its_power(pair: Pair) -> None:
    reading = await pair.plug.turn_on(3600.0)
    assert reading.on
    assert reading.power_w == pytest.approx(45, abs=0.5)
    assert reading.timer_remaining_s == pytest.approx(3600, abs=1)


async def test_it_goes_off_by_itself_when_nobody_calls_again(pair: Pair) -> None:
    await pair.plug.turn_on(3600.0)
    pair.clock.advance(3599.0)
    assert (await pair.plug.read()).on
    pair.clock.advance(2.0)
    reading = await pair.plug.read()
    assert (reading.on, reading.power_w, reading.timer_remaining_s) == (False, 0.0, None)


async def test_an_extension_moves_the_end(pair: Pair) -> None:
    await pair.plug.turn_on(600.0)
    pair.clock.advance(300.0)
    reading = await pair.plug.turn_on(2100.0)
    assert reading.timer_remaining_s == pytest.approx(2100, abs=1)
    pair.clock.advance(2000.0)
    assert (await pair.plug.read()).on


@pytest.mark.parametrize("seconds", [1.0, 8.3, 11.1, 11.2, 12.0, 64.0, 43_200.0])
async def test_short_and_long_ends_are_kept(pair: Pair, seconds: float) -> None:
    reading = await pair.plug.turn_on(seconds)
    assert reading.timer_remaining_s == pytest.approx(seconds, abs=1.0)


async def test_off_leaves_no_timer_behind(pair: Pair) -> None:
    await pair.plug.turn_on(600.0)
    reading = await pair.plug.turn_off()
    assert (reading.on, reading.timer_remaining_s) == (False, None)
    pair.clock.advance(700.0)
    assert not (await pair.plug.read()).on


async def test_it_stays_off_after_a_power_cut_once_prepared(pair: Pair) -> None:
    await pair.plug.prepare()
    await pair.plug.prepare()
    await pair.plug.turn_on(3600.0)
    pair.clock.advance(100.0)
    pair.emulator.reboot()
    reading = await pair.plug.read()
    assert not reading.on
    assert reading.uptime_s == 0


async def test_a_reboot_loses_the_end_and_the_reading_says_so(pair: Pair) -> None:
    await pair.plug.turn_on(3600.0)
    pair.emulator.reboot(state=True)
    reading = await pair.plug.read()
    assert (reading.on, reading.timer_remaining_s) == (True, None)


async def test_a_pressed_button_is_seen(pair: Pair) -> None:
    pair.emulator.press_button()
    reading = await pair.plug.read()
    assert reading.on
    if not isinstance(pair.emulator, TasmotaEmulator):
        assert reading.source == "button"


async def test_a_tripped_fuse_is_seen(pair: Pair) -> None:
    await pair.plug.turn_on(3600.0)
    pair.emulator.trip()
    reading = await pair.plug.read()
    assert (reading.on, reading.power_w) == (False, 0.0)
    if not isinstance(pair.emulator, TasmotaEmulator):
        assert (reading.overpower, reading.source) == (True, "overpower")


async def test_a_button_pressed_after_the_end_does_not_start_the_last_guests_time_again() -> None:
    async with TasmotaEmulator(clock=ManualClock()) as emulator, TasmotaPlug("x", emulator.url) as plug:
        await plug.turn_on(3600.0)
        await plug.turn_off()
        emulator.press_button()
        assert (await plug.read()).timer_remaining_s is None


async def test_who_it_is_needs_no_pass_word_on_a_shelly() -> None:
    clock = ManualClock()
    async with ShellyGen1Emulator(clock=clock, password=SECRET) as one, ShellyGen1Plug("x", one.url) as plug:
        assert (await plug.identify()).model == "SHPLG-S"
    async with ShellyGen2Emulator(clock=clock, password=SECRET) as two, ShellyGen2Plug("x", two.url) as other:
        identity = await other.identify()
    assert (identity.model, identity.firmware, identity.mac) == ("S3PL-00112EU", "2.0.0", "AABBCC000001")


async def test_a_flashed_plug_goes_by_the_name_of_its_template() -> None:
    async with TasmotaEmulator(clock=ManualClock()) as emulator, TasmotaPlug("x", emulator.url) as plug:
        identity = await plug.identify()
    assert (identity.model, identity.mac) == ("NOUS A1T", "2CF432000001")


@pytest.mark.parametrize("make", KINDS)
async def test_a_wrong_pass_word_is_refused_and_not_offline(
    make: Callable[[ManualClock, str], Emulator],
) -> None:
    async with make(ManualClock(), SECRET) as emulator, adapter_for(emulator, "wrong") as plug:
        with pytest.raises(DeviceRefused):
            await plug.turn_on(60.0)
        assert not emulator.relay.on


async def test_a_lost_configuration_still_obeys(pair: Pair) -> None:
    pair.emulator.lose_config()
    assert (await pair.plug.turn_on(60.0)).on


async def test_a_cut_connection_is_unreachable(pair: Pair) -> None:
    pair.emulator.faults.drop = True
    with pytest.raises(DeviceUnreachable):
        await pair.plug.read()
    pair.emulator.faults.drop = False
    assert not (await pair.plug.read()).on


async def test_a_silent_plug_is_unreachable_after_the_time_out(pair: Pair) -> None:
    pair.emulator.faults.hang()
    async with adapter_for(pair.emulator, SECRET, IMPATIENT_S) as impatient:
        with pytest.raises(DeviceUnreachable):
            await impatient.read()
        pair.emulator.faults.answer()
    assert not (await pair.plug.read()).on


async def test_a_plug_that_left_the_network_is_unreachable_and_comes_back(pair: Pair) -> None:
    await pair.emulator.stop()
    with pytest.raises(DeviceUnreachable):
        await pair.plug.turn_on(60.0)
    await pair.emulator.start()
    assert (await pair.plug.turn_on(60.0)).on


async def test_an_obeyed_command_whose_answer_was_lost_can_be_repeated(pair: Pair) -> None:
    pair.emulator.faults.lose_answers = True
    with pytest.raises(DeviceUnreachable):
        await pair.plug.turn_on(60.0)
    pair.emulator.faults.lose_answers = False
    pair.clock.advance(5.0)
    reading = await pair.plug.turn_on(55.0)
    assert reading.timer_remaining_s == pytest.approx(55, abs=1)


async def test_a_busy_plug_is_busy_and_not_offline(pair: Pair) -> None:
    pair.emulator.faults.busy = True
    with pytest.raises(DeviceBusy) as busy:
        await pair.plug.read()
    assert busy.value.retry_after_s > 0
    pair.emulator.faults.busy = False
    assert not (await pair.plug.read()).on


async def test_calls_on_one_plug_wait_for_each_other(pair: Pair) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(pair.plug.turn_on(60.0 + n)) for n in range(12)]
    assert all(task.result().on for task in tasks)


# ── what only firmware 2.0 of the second generation does ────────────────────────────────────────
@pytest.fixture
async def two() -> AsyncIterator[tuple[ShellyGen2Emulator, ShellyGen2Plug, ManualClock]]:
    clock = ManualClock()
    async with (
        ShellyGen2Emulator(clock=clock, password=SECRET) as emulator,
        ShellyGen2Plug("PS5-1", emulator.url, password=SECRET, timeout_s=PATIENT_S) as plug,
    ):
        yield emulator, plug, clock


async def test_one_nonce_serves_many_calls(
    two: tuple[ShellyGen2Emulator, ShellyGen2Plug, ManualClock],
) -> None:
    emulator, plug, _clock = two
    for _ in range(20):
        await plug.read()
    assert [heard.authorised for heard in emulator.heard].count(False) == 1


async def test_a_nonce_that_grew_old_is_renewed_without_anybody_noticing(
    two: tuple[ShellyGen2Emulator, ShellyGen2Plug, ManualClock],
) -> None:
    emulator, plug, clock = two
    await plug.read()
    clock.advance(3601.0)
    await plug.read()
    assert [heard.authorised for heard in emulator.heard] == [False, True, False, True]


async def test_a_reboot_forgets_nonces_and_the_next_call_goes_through(
    two: tuple[ShellyGen2Emulator, ShellyGen2Plug, ManualClock],
) -> None:
    emulator, plug, _clock = two
    await plug.read()
    emulator.reboot()
    assert not (await plug.read()).on


async def test_when_strangers_take_all_nonces_we_wait_and_then_get_a_fresh_one(
    two: tuple[ShellyGen2Emulator, ShellyGen2Plug, ManualClock],
) -> None:
    emulator, plug, clock = two
    await plug.read()
    clock.advance(3599.0)
    for _ in range(31):
        assert emulator.nonces.issue() is not None
    clock.advance(2.0)  # ours has grown old, theirs have not, and one more fills every slot
    assert emulator.nonces.issue() is not None
    with pytest.raises(DeviceBusy) as busy:
        await plug.read()
    clock.advance(busy.value.retry_after_s)
    assert not (await plug.read()).on
    assert emulator.heard[-1].authorised


async def test_a_nonce_count_never_starts_at_two() -> None:
    clock = ManualClock()
    async with ShellyGen2Emulator(clock=clock, password=SECRET) as emulator:
        nonce = emulator.nonces.issue()
        assert nonce is not None
        assert not emulator.nonces.take(nonce, "00000002")
        assert emulator.nonces.take(nonce, "00000001")
        assert not emulator.nonces.take(nonce, "00000001")
        assert emulator.nonces.take(nonce, "00000002")


async def test_a_plug_without_the_time_is_told_its_end_anew() -> None:
    clock = ManualClock()
    async with (
        ShellyGen2Emulator(clock=clock, unixtime_s=None) as emulator,
        ShellyGen2Plug("PS5-1", emulator.url) as plug,
    ):
        await plug.turn_on(600.0)
        clock.advance(60.0)
        assert (await plug.read()).timer_remaining_s == 600.0


async def test_a_seventh_caller_is_cut_off() -> None:
    async with ShellyGen2Emulator(clock=ManualClock()) as emulator, AsyncExitStack() as stack:
        emulator.faults.hang()
        plugs = [
            await stack.enter_async_context(ShellyGen2Plug(f"{n}", emulator.url, timeout_s=PATIENT_S))
            for n in range(7)
        ]
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(_outcome(plug)) for plug in plugs]
            await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            emulator.faults.answer()
        assert sorted(task.result() for task in asked) == ["read"] * 6 + ["unreachable"]


async def _outcome(plug: ShellyGen2Plug) -> str:
    try:
        await plug.read()
    except DeviceUnreachable:
        return "unreachable"
    return "read"


# ── answers that are no answers ─────────────────────────────────────────────────────────────────
async def test_something_else_at_the_address_is_confusing_not_offline() -> None:
    async with (
        TasmotaEmulator(clock=ManualClock()) as flashed,
        ShellyGen1Emulator(clock=ManualClock()) as first,
        ShellyGen1Plug("x", flashed.url) as as_first,
        ShellyGen2Plug("y", flashed.url) as as_second,
        TasmotaPlug("z", first.url) as as_flashed,
    ):
        for plug in (as_first, as_second, as_flashed):
            with pytest.raises(DeviceConfused):
                await plug.read()


async def test_a_stuck_relay_is_noticed() -> None:
    async with (
        ShellyGen2Emulator(clock=ManualClock()) as emulator,
        ShellyGen2Plug("PS5-1", emulator.url) as plug,
    ):
        emulator.relay.trip()  # as soon as it is on it draws too much
        with pytest.raises(DeviceConfused):
            await plug.turn_on(60.0)
