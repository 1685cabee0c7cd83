"""Clocks that jump, stop, forget and lie: nobody gains or loses more than the policy says."""

import pytest

from edge.core.clock import Now
from edge.core.commands import ConfigureVenue
from edge.core.play.commands import ExpirePlay, PausePlay, ReckonPlay, StopPlay, TickClock
from protocol.facts.play import NS, PlaySession
from protocol.facts.play_events import TimeReckoned
from tests.sample_venue import config, extend, opening, start
from tests.unit.edge.core.script import Script

WALL_MS = 1_700_000_000_000
DAY_MS = 86_400_000


class Clock:
    """A box's clocks, moved by hand."""

    def __init__(self, venue: Script) -> None:
        self._venue = venue
        self.boot, self.mono_s, self.wall_ms, self.trusted = 1, 100.0, WALL_MS, True
        self.show()

    def show(self) -> None:
        boot = f"boot-{self.boot}"
        self._venue.now = Now(boot, int(self.mono_s * NS), int(self.wall_ms), self.trusted)

    def passes(self, seconds: float) -> None:
        """Both clocks run."""
        self.mono_s += seconds
        self.wall_ms += int(seconds * 1000)
        self.show()

    def steps(self, milliseconds: int) -> None:
        """Somebody sets the wall clock."""
        self.wall_ms += milliseconds
        self.show()

    def power_cut(self, off_s: float, *, wall_ms: int | None = None, trusted: bool = True) -> None:
        """Off for so long; then a boot that believes it is `wall_ms`."""
        self.boot, self.mono_s = self.boot + 1, 20.0
        self.wall_ms += int(off_s * 1000)
        if wall_ms is not None:
            self.wall_ms = wall_ms
        self.trusted = trusted
        self.show()

    def learns(self, wall_ms: int) -> None:
        """NTP or the cloud tells the time."""
        self.wall_ms, self.trusted = wall_ms, True
        self.show()


class Evening:
    """A session of an hour on a box with hands on its clock."""

    def __init__(self, policy: str) -> None:
        self.venue = Script(*opening())
        rules = config()
        play = type(rules.play)(rules.play.stations, rules.play.tariffs, off_policy=policy)  # type: ignore[arg-type]
        changed = {name: getattr(rules, name) for name in rules.__struct_fields__} | {"play": play}
        self.venue.do(ConfigureVenue(type(rules)(**changed)))
        self.clock = Clock(self.venue)
        self.venue.do(start())

    def session(self) -> PlaySession:
        found = self.venue.play("play-1")
        assert found is not None
        return found

    def left_s(self) -> float:
        return self.session().left_ns(self.venue.now.boot, self.venue.now.mono_ns) / NS

    def reckon(self) -> None:
        self.venue.do(ReckonPlay("play-1"))


@pytest.fixture
def pausing() -> Evening:
    """Time without power is a gift."""
    return Evening("pause")


@pytest.fixture
def charging() -> Evening:
    """Time without power is charged."""
    return Evening("charge")


@pytest.mark.parametrize("step_ms", [-3 * DAY_MS, -3600_000, 3600_000, 3 * DAY_MS, -WALL_MS])
def test_a_step_of_the_wall_clock_changes_no_time(charging: Evening, step_ms: int) -> None:
    charging.clock.passes(600)
    charging.clock.steps(step_ms)
    assert charging.left_s() == 3000
    assert charging.venue.do(ExpirePlay("play-1")) == []
    assert charging.venue.do(ReckonPlay("play-1")) == []
    charging.venue.do(extend())
    assert charging.left_s() == 4800


def test_a_suspend_is_time_that_passes(pausing: Evening) -> None:
    pausing.clock.passes(7200)
    assert pausing.left_s() == 0
    pausing.venue.do(ExpirePlay("play-1"))
    assert pausing.session().status == "EXPIRED"


def test_a_restart_of_the_program_alone_changes_nothing(pausing: Evening) -> None:
    pausing.clock.passes(600)
    assert pausing.venue.do(ReckonPlay("play-1")) == []
    assert pausing.left_s() == 3000


def test_a_power_cut_loses_at_most_one_checkpoint(pausing: Evening) -> None:
    pausing.clock.passes(600)
    pausing.venue.do(TickClock())
    pausing.clock.passes(9)
    pausing.clock.power_cut(1800)
    pausing.reckon()
    assert pausing.left_s() == 3000
    pausing.clock.passes(100)
    assert pausing.left_s() == 2900


def test_without_a_checkpoint_the_last_change_counts(pausing: Evening) -> None:
    pausing.clock.passes(300)
    pausing.venue.do(extend())
    pausing.clock.power_cut(1800)
    pausing.reckon()
    assert pausing.left_s() == 3300 + 1800


def test_a_power_cut_is_charged_by_a_clock_that_is_trusted_on_both_sides(charging: Evening) -> None:
    charging.clock.passes(600)
    charging.venue.do(TickClock())
    charging.clock.power_cut(1800)
    charging.reckon()
    assert charging.left_s() == 1200


def test_a_power_cut_longer_than_what_was_left_ends_it(charging: Evening) -> None:
    charging.clock.passes(600)
    charging.clock.power_cut(DAY_MS / 1000)
    events = charging.venue.do(ExpirePlay("play-1"))
    assert [type(event).__name__ for event in events] == ["TimeReckoned", "PlayExpired", "StationFreed"]
    assert charging.session().consumed_ns == 3600 * NS


def test_a_boot_in_1970_charges_nothing_until_it_knows_better(charging: Evening) -> None:
    charging.clock.passes(600)
    charging.venue.do(TickClock())
    charging.clock.power_cut(0, wall_ms=30_000, trusted=False)
    charging.reckon()
    assert charging.left_s() == 3000
    charging.clock.passes(200)
    charging.clock.learns(WALL_MS + (600 + 1800 + 200) * 1000)
    charging.reckon()
    assert charging.left_s() == 3000 - 200 - 1800
    assert charging.venue.do(ReckonPlay("play-1")) == []


def test_two_power_cuts_before_the_time_is_known_are_both_charged(charging: Evening) -> None:
    charging.clock.passes(600)
    charging.clock.power_cut(0, wall_ms=0, trusted=False)
    charging.reckon()
    charging.clock.passes(100)
    charging.venue.do(TickClock())
    charging.clock.power_cut(0, wall_ms=0, trusted=False)
    charging.reckon()
    charging.clock.passes(50)
    charging.clock.learns(WALL_MS + (300 + 100 + 400 + 50) * 1000)
    charging.reckon()
    # 600 s before the first cut were not checkpointed; since then 850 s have passed, 150 of them played.
    assert charging.left_s() == 3600 - 850


def test_a_box_that_never_knew_the_time_charges_nothing(charging: Evening) -> None:
    charging.clock.trusted = False
    charging.clock.passes(600)
    charging.venue.do(TickClock())
    charging.clock.power_cut(1800)
    charging.reckon()
    assert charging.left_s() == 3000
    assert charging.session().off is None


def test_a_clock_that_went_back_over_a_power_cut_gives_nothing(charging: Evening) -> None:
    charging.clock.passes(600)
    charging.venue.do(TickClock())
    charging.clock.power_cut(-DAY_MS / 1000)
    charging.reckon()
    assert charging.left_s() == 3000


def test_a_paused_session_loses_nothing_to_a_power_cut(charging: Evening) -> None:
    charging.clock.passes(600)
    charging.venue.do(PausePlay("play-1", "phone", "staff:ann"))
    charging.clock.power_cut(1800)
    assert charging.venue.do(ReckonPlay("play-1")) == []
    assert charging.left_s() == 3000


def test_whatever_is_asked_first_after_a_boot_is_reckoned_first(charging: Evening) -> None:
    charging.clock.passes(600)
    charging.venue.do(TickClock())
    charging.clock.power_cut(600)
    events = charging.venue.do(extend())
    assert isinstance(events[0], TimeReckoned)
    assert charging.left_s() == 3600 - 1200 + 1800
    charging.venue.do(StopPlay("play-1", "left", "staff:ann"))
    assert charging.session().consumed_ns == 1200 * NS
