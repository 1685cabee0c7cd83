"""What is asked of a device, told as scripts: it stands so, this is wanted, that follows."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.core.devices import desired
from edge.core.devices.desired import (
    AIM_S,
    ALARM_AFTER,
    HEALTH,
    LONGEST_S,
    OFF,
    OPEN_ENDED_S,
    POLL_S,
    SLACK_S,
    DeviceEvent,
    Grant,
    Revoke,
    Standing,
    Wanted,
    Watch,
)

NOW = 10_000.0
UNTIL = Wanted(on=True, until_s=NOW + 3600)
OPEN = Wanted(on=True)


def on(left_s: float | None = 3600.0, **more: Any) -> Standing:
    return Standing(on=True, at_s=NOW, remaining_s=left_s, **more)


def off(**more: Any) -> Standing:
    return Standing(on=False, at_s=NOW, **more)


@pytest.mark.parametrize(
    ("wanted", "standing", "action"),
    [
        (OFF, off(), None),
        (OFF, on(), Revoke()),
        (OFF, on(None), Revoke()),
        (UNTIL, off(), Grant(3600.0)),
        (UNTIL, on(), None),
        (UNTIL, on(3600 + SLACK_S), None),
        (UNTIL, on(3600 - SLACK_S), None),
        (UNTIL, on(3600 + SLACK_S + 1), Grant(3600.0)),
        (UNTIL, on(3600 - SLACK_S - 1), Grant(3600.0)),
        (UNTIL, on(None), Grant(3600.0)),
        (UNTIL, on(None, keeps_time=False), None),
        (Wanted(on=True, until_s=NOW), off(), None),
        (Wanted(on=True, until_s=NOW), on(1.0), Revoke()),
        (Wanted(on=True, until_s=NOW - 99), on(), Revoke()),
        (OPEN, off(), Grant(OPEN_ENDED_S)),
        (OPEN, on(OPEN_ENDED_S), None),
        (OPEN, on(OPEN_ENDED_S / 2), None),
        (OPEN, on(OPEN_ENDED_S / 2 - 1), Grant(OPEN_ENDED_S)),
        (OPEN, on(None), Grant(OPEN_ENDED_S)),
        (OPEN, on(10 * OPEN_ENDED_S), Grant(OPEN_ENDED_S)),
        (Wanted(on=True, until_s=NOW + 2 * LONGEST_S), off(), Grant(LONGEST_S)),
        (Wanted(on=True, until_s=NOW + 2 * LONGEST_S), on(LONGEST_S * 0.6), None),
        (OFF, off(complete=False), Revoke()),
        (UNTIL, on(complete=False), Grant(3600.0)),
    ],
)
def test_what_has_to_be_asked(wanted: Wanted, standing: Standing, action: desired.Action | None) -> None:
    assert desired.needed(wanted, standing, NOW) == action


@settings(deadline=None)
@given(
    st.builds(Wanted, on=st.booleans(), until_s=st.none() | st.floats(0, 2e5)),
    st.builds(
        Standing,
        on=st.booleans(),
        at_s=st.just(NOW),
        remaining_s=st.none() | st.floats(0, 2e5),
        complete=st.booleans(),
    ),
)
def test_nobody_is_granted_what_is_over_and_obeying_settles_it(wanted: Wanted, standing: Standing) -> None:
    action = desired.needed(wanted, standing, NOW)
    if desired.due_s(wanted, NOW) == 0:
        assert not isinstance(action, Grant)
    if isinstance(action, Grant):
        assert 0 < action.for_s <= LONGEST_S
        after = Standing(on=True, at_s=NOW, remaining_s=action.for_s)
    else:
        after = Standing(on=standing.on and action is None, at_s=NOW, remaining_s=standing.remaining_s)
    assert desired.needed(wanted, after, NOW) is None


@pytest.mark.parametrize(
    ("watch", "wanted", "aims"),
    [
        (Watch(last=on(2.0)), Wanted(on=True, until_s=NOW + AIM_S), True),
        (Watch(last=on(3.0)), Wanted(on=True, until_s=NOW + AIM_S + 0.1), False),
        (Watch(last=on(0.0)), Wanted(on=True, until_s=NOW), False),
        (Watch(last=off()), Wanted(on=True, until_s=NOW + 1), False),
        (Watch("shaky", 1, on(2.0)), Wanted(on=True, until_s=NOW + 1), False),
        (Watch(), Wanted(on=True, until_s=NOW + 1), False),
        (Watch(last=on(2.0)), OPEN, False),
    ],
)
def test_only_a_plug_that_stands_well_and_nears_its_end_is_aimed_at(
    watch: Watch, wanted: Wanted, aims: bool
) -> None:
    assert desired.closing(watch, wanted, NOW) is aims


def test_the_next_look_is_at_the_end_or_after_a_minute() -> None:
    assert desired.looked(Watch(), UNTIL, on()).again_s == POLL_S
    assert desired.looked(Watch(), Wanted(on=True, until_s=NOW + 7), on(7.0)).again_s == 7.0 - AIM_S
    assert desired.looked(Watch(), Wanted(on=True, until_s=NOW + 1), on(1.0)).again_s == 1.0
    assert desired.looked(Watch(), OFF, off()).again_s == POLL_S


# ── news ────────────────────────────────────────────────────────────────────────────────────────
def kinds(step: desired.Step) -> list[str]:
    return [event.kind for event in step.events]


def test_the_first_look_after_a_start_is_no_news_but_mends() -> None:
    step = desired.looked(Watch(), OFF, on())
    assert (kinds(step), step.action) == ([], Revoke())


def test_a_pressed_button_is_news_and_mended() -> None:
    step = desired.looked(Watch(last=off()), OFF, on(None, source="button"))
    assert step.events == (DeviceEvent("manual_press", on=True),)
    assert step.action == Revoke()


def test_a_guest_who_switches_himself_off_is_news_and_gets_power_again() -> None:
    step = desired.looked(Watch(last=on()), UNTIL, off(source="button"))
    assert step.events == (DeviceEvent("manual_press", on=False),)
    assert step.action == Grant(3600.0)


def test_a_plug_that_does_not_tell_who_was_it_is_merely_found_wrong() -> None:
    assert kinds(desired.looked(Watch(last=off()), OFF, on(None))) == ["found_wrong"]


def test_what_was_wanted_meanwhile_is_no_news() -> None:
    assert kinds(desired.looked(Watch(last=off()), UNTIL, off())) == []
    assert kinds(desired.looked(Watch(last=on()), OFF, on())) == []


def test_a_device_that_kept_its_own_end_is_no_news() -> None:
    before = Standing(on=True, at_s=NOW - 600, remaining_s=600)
    step = desired.looked(Watch(last=before), UNTIL, off(source="timer"))
    assert (kinds(step), step.action) == ([], Grant(3600.0))


def test_a_restart_that_left_it_wrong_is_news() -> None:
    before = off(uptime_s=9000.0)
    step = desired.looked(Watch(last=before), OFF, on(None, uptime_s=12.0, source="boot"))
    assert step.events == (DeviceEvent("restarted_wrong", on=True),)


def test_a_restart_that_left_it_right_is_none() -> None:
    assert kinds(desired.looked(Watch(last=off(uptime_s=9000.0)), OFF, off(uptime_s=1.0))) == []


def test_a_tripped_fuse_is_told_once_and_power_stays_off_until_somebody_asks_again() -> None:
    first = desired.looked(Watch(last=on()), UNTIL, off(overpower=True, source="overpower"))
    assert (kinds(first), first.action) == (["overpower"], None)
    second = desired.looked(first.watch, UNTIL, off(overpower=True))
    assert (kinds(second), second.action) == ([], None)
    assert desired.foreseen(second.watch, UNTIL, NOW) is None
    asked = Wanted(on=True, until_s=UNTIL.until_s, asked=1)
    assert desired.looked(second.watch, asked, off(overpower=True)).action == Grant(3600.0)


def test_a_fuse_that_trips_again_is_held_again() -> None:
    asked = Wanted(on=True, until_s=UNTIL.until_s, asked=1)
    given_again = desired.obeyed(Watch(held_at=0), asked, on())
    step = desired.looked(given_again.watch, asked, off(overpower=True))
    assert (kinds(step), step.action) == (["overpower"], None)


# ── health ──────────────────────────────────────────────────────────────────────────────────────
def fail(
    watch: Watch, wanted: Wanted, times: int, code: str = "device_unreachable"
) -> tuple[Watch, list[str]]:
    told: list[str] = []
    for _ in range(times):
        step = desired.failed(watch, wanted, code, NOW, 0.5)
        watch = step.watch
        told += kinds(step)
    return watch, told


def test_one_missed_answer_is_nothing() -> None:
    watch, told = fail(Watch(last=off()), OFF, 1)
    assert (watch.health, told) == ("shaky", [])
    assert kinds(desired.looked(watch, OFF, off())) == []


def test_a_lost_device_is_told_once_and_so_is_its_return() -> None:
    watch, told = fail(Watch(last=off()), OFF, 20)
    assert (watch.health, told) == ("lost", ["unreachable"])
    step = desired.looked(watch, OFF, off())
    assert (step.watch.health, kinds(step)) == ("well", ["recovered"])


def test_a_promise_that_cannot_be_kept_becomes_an_alarm_once() -> None:
    watch, told = fail(Watch(last=off()), UNTIL, 3 * ALARM_AFTER)
    assert (watch.health, told) == ("alarmed", ["unreachable", "enforcement_failed"])
    assert kinds(desired.looked(watch, UNTIL, on())) == ["recovered"]


def test_a_plug_whose_own_timer_has_run_out_is_believed_to_be_off() -> None:
    gone = Standing(on=True, at_s=NOW - 700, remaining_s=600)
    _watch, told = fail(Watch(last=gone), OFF, 20)
    assert told == ["unreachable"]


def test_a_plug_that_was_on_without_an_end_is_an_alarm_when_it_should_be_off() -> None:
    _watch, told = fail(Watch(last=on(None)), OFF, 20)
    assert told == ["unreachable", "enforcement_failed"]


def test_a_device_that_may_have_heard_a_grant_is_not_believed_to_be_off() -> None:
    """The answer to `on for an hour` was lost, then the session ended: somebody may be playing on unpaid."""
    unanswered = desired.told(Watch(last=off()), Grant(3600.0), NOW)
    _watch, told = fail(unanswered, OFF, 20)
    assert told == ["unreachable", "enforcement_failed"]
    overdue = desired.told(Watch(last=off()), Grant(3600.0), NOW - 3600)
    assert fail(overdue, OFF, 20)[1] == ["unreachable"]
    assert fail(desired.told(Watch(last=off()), Revoke(), NOW), OFF, 20)[1] == ["unreachable"]
    assert desired.looked(unanswered, OFF, off()).watch.doubt_until_s is None


def test_a_device_never_seen_is_believed_nothing() -> None:
    _watch, told = fail(Watch(), OFF, 20)
    assert told == ["unreachable", "enforcement_failed"]


def test_a_busy_device_is_not_lost() -> None:
    watch = Watch(last=off())
    told = []
    for _ in range(ALARM_AFTER):
        step = desired.failed(watch, UNTIL, "device_busy", NOW, 0.0, retry_after_s=2.0)
        assert step.again_s >= 2.0
        watch = step.watch
        told += kinds(step)
    assert told == ["enforcement_failed"]


@settings(deadline=None)
@given(st.integers(0, 10_000), st.floats(0, 1))
def test_waiting_is_full_jitter_within_bounds(failures: int, chance: float) -> None:
    step = desired.failed(Watch(failures=failures), OFF, "device_unreachable", NOW, chance)
    assert 0 <= step.again_s <= desired.MOST_BACK_OFF_S
    assert step.again_s == pytest.approx(chance * min(15.0, 0.5 * 2.0 ** min(failures + 1, 10)))


def test_a_refused_pass_word_is_not_hammered() -> None:
    assert desired.failed(Watch(), OFF, "device_refused", NOW, 0.0).again_s >= 30


def test_every_state_knows_what_an_answer_and_a_failure_lead_to() -> None:
    for state, table in HEALTH.items():
        assert table["answered"] == "well"
        assert table["failed"] in HEALTH, state
    assert {state for table in HEALTH.values() for state in table.values()} == set(HEALTH)


# ── foresight ───────────────────────────────────────────────────────────────────────────────────
def test_the_end_of_a_session_needs_no_look_first() -> None:
    ended = Wanted(on=True, until_s=NOW)
    assert desired.foreseen(Watch(last=on(1.0)), ended, NOW) == Revoke()


@pytest.mark.parametrize("health", ["shaky", "lost", "alarmed"])
def test_a_device_that_is_not_well_is_looked_at_first(health: desired.Health) -> None:
    assert desired.foreseen(Watch(health=health, last=on()), OFF, NOW) is None


def test_what_stands_as_wanted_is_left_alone_as_time_goes_by() -> None:
    watch = Watch(last=on())
    assert desired.foreseen(watch, UNTIL, NOW + 1800) is None
    assert desired.foreseen(watch, Wanted(on=True, until_s=NOW + 7200), NOW + 1800) == Grant(5400.0)
