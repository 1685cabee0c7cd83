"""What a telling carries: everything at first, changes soon, all of it now and then, never more than fits."""

import msgspec

from edge.core.afar.lane import ALL_EVERY_S, MOVED_EVERY_S, Lane
from protocol.telemetry import MOST_BYTES, MOST_READINGS, Reading, unpack

PLUG = Reading("plug:ps5", "plug", "PS5", "well", figures={"power_w": 61.0})
BOX = Reading("box", "box", "The box", "well", figures={"load_1m": 0.3})


def _names(lane: Lane, readings: tuple[Reading, ...], now_s: float) -> list[str]:
    return [each.thing for each in unpack(lane.take(readings, now_s).readings)]


def test_everything_is_told_first_and_again_every_minute() -> None:
    lane = Lane()
    first = lane.take((BOX, PLUG), 100.0)
    assert first.whole
    assert unpack(first.readings) == (BOX, PLUG)
    assert lane.take((BOX, PLUG), 105.0).readings == b""
    again = lane.take((BOX, PLUG), 100.0 + ALL_EVERY_S)
    assert again.whole
    assert len(unpack(again.readings)) == 2


def test_a_thing_that_is_otherwise_is_told_at_once_and_one_that_moved_a_little_later() -> None:
    lane = Lane()
    lane.take((BOX, PLUG), 0.0)
    moved = msgspec.structs.replace(BOX, figures={"load_1m": 0.9})
    lost = msgspec.structs.replace(PLUG, state="lost")
    assert _names(lane, (moved, PLUG), 5.0) == []
    assert _names(lane, (moved, lost), 10.0) == ["plug:ps5"]
    assert _names(lane, (moved, lost), MOVED_EVERY_S) == ["box"]
    assert not lane.take((moved, PLUG), MOVED_EVERY_S + 5).whole


def test_an_empty_venue_says_so_and_what_is_gone_is_forgotten() -> None:
    lane = Lane()
    lane.take((BOX, PLUG), 0.0)
    told = lane.take((), ALL_EVERY_S)
    assert told.whole
    assert unpack(told.readings) == ()


def test_more_than_fits_takes_turns_and_is_never_called_whole() -> None:
    lane = Lane()
    many = tuple(
        Reading(f"plug:{n}", "plug", f"PS5 {n}", "well", figures={"power_w": float(n)}, words="x" * 150)
        for n in range(2 * MOST_READINGS)
    )
    seen: set[str] = set()
    for turn in range(8):
        told = lane.take(many, turn * ALL_EVERY_S)
        assert not told.whole
        assert 0 < len(told.readings) <= MOST_BYTES
        seen.update(each.thing for each in unpack(told.readings))
    assert len(seen) == len(many)
