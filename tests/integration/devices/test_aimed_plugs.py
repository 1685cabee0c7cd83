"""Off commands that are made ready before their time, by every plug dialect against its stand-in."""

import pytest

from edge.core.devices.ports import DeviceUnreachable
from tests.integration.devices.plug_pairs import Pair
from tests.open_box import until


def off_commands(pair: Pair) -> int:
    asked = [f"{heard.path} {heard.query} {heard.body}" for heard in pair.emulator.heard if heard.authorised]
    return sum("'turn': 'off'" in each or '"on":false' in each or "Power1 Off" in each for each in asked)


async def test_an_aimed_off_command_leaves_without_being_waited_for(pair: Pair) -> None:
    await pair.plug.turn_on(600.0)
    await pair.plug.aim()
    await pair.plug.aim()
    assert off_commands(pair) == 0
    pair.plug.fire()
    pair.plug.fire()
    await until(lambda: not pair.emulator.relay.on)
    reading = await pair.plug.turn_off()
    assert (reading.on, reading.timer_remaining_s, off_commands(pair)) == (False, None, 1)


async def test_what_was_aimed_and_never_fired_is_sent_by_turning_off(pair: Pair) -> None:
    await pair.plug.turn_on(600.0)
    await pair.plug.aim()
    assert not (await pair.plug.turn_off()).on
    assert off_commands(pair) == 1


async def test_more_time_at_the_last_moment_takes_the_aim_back(pair: Pair) -> None:
    await pair.plug.turn_on(600.0)
    await pair.plug.aim()
    await pair.plug.turn_on(1200.0)
    pair.plug.fire()
    assert (await pair.plug.read()).on
    assert off_commands(pair) == 0


async def test_a_line_that_died_meanwhile_costs_nothing_but_time(pair: Pair) -> None:
    await pair.plug.turn_on(600.0)
    await pair.plug.aim()
    await pair.emulator.stop()
    pair.plug.fire()
    await pair.emulator.start()
    assert not (await pair.plug.turn_off()).on


async def test_a_log_in_that_grew_old_meanwhile_is_renewed(pair: Pair) -> None:
    await pair.plug.turn_on(20_000.0)
    await pair.plug.aim()
    pair.clock.advance(3 * 3600.0)
    pair.plug.fire()
    assert not (await pair.plug.turn_off()).on


async def test_a_plug_that_is_gone_cannot_be_aimed_at(pair: Pair) -> None:
    await pair.emulator.stop()
    with pytest.raises(DeviceUnreachable):
        await pair.plug.aim()
