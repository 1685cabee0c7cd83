"""What a plug or a router should be doing, compared with what it reports: the next thing to ask of it.

Desired state, not commands (core.md §4): whoever looks after a session says until when the station may go
on, and this says, look after look, whether the device has to be told again. It works the same for power
and for network: a *grant* lasts a number of seconds and ends by itself on the device, a *revocation* ends
it now. What people do to devices by hand is news for the staff, never an error.

A device's health is told apart from what it should do:

    well ──failed──▶ shaky ──announced──▶ lost ──gave_up──▶ alarmed
      ▲                │                   │                  │
      └────answered────┴───────────────────┴──────────────────┘

`shaky` is one missed answer, which Wi-Fi does every day; `lost` is told to the staff; `alarmed` means
that somebody has to go there, because a paying guest waits or an unpaid one plays on. A device that only
asks to be left alone is never lost, but may end up alarmed.

Pure: seconds and randomness are handed in. Counterpart: `edge/effects/devices/enforcement.py`.
"""

from typing import Literal

import msgspec

from edge.core.devices.ports import GateReading, PlugReading

Health = Literal["well", "shaky", "lost", "alarmed"]
HEALTH: dict[str, dict[str, Health]] = {
    "well": {"answered": "well", "failed": "shaky"},
    "shaky": {"answered": "well", "failed": "shaky", "announced": "lost", "gave_up": "alarmed"},
    "lost": {"answered": "well", "failed": "lost", "gave_up": "alarmed"},
    "alarmed": {"answered": "well", "failed": "alarmed"},
}

#: Seconds between looks when nothing is amiss; also the pace of power readings (seed 003 §7).
POLL_S = 60.0
#: So long before the end the off command is made ready to leave; some plugs hang up on silent callers.
AIM_S = 2.0
#: A device's own end may differ this much from ours before it is set again.
SLACK_S = 5.0
#: Longest grant given at once; every dialect can keep it (Tasmota's pulse ends at 18 h).
LONGEST_S = 12 * 3600.0
#: Grant for a session without an end, so that a dead box cannot leave it on for ever.
OPEN_ENDED_S = 2 * 3600.0
#: Failures after which the staff is told, and after which an unkept promise becomes an alarm.
ANNOUNCE_AFTER, ALARM_AFTER = 2, 5
#: Full jitter between 0 and `BACK_OFF_S` × 2ⁿ, at most `MOST_BACK_OFF_S`.
BACK_OFF_S, MOST_BACK_OFF_S = 0.5, 15.0
#: Wrong pass words mend themselves slowly, and firmware 2.0 plugs count them.
REFUSED_BACK_OFF_S = 30.0


class Wanted(msgspec.Struct, frozen=True):
    """`on` until `until_s` on the monotonic clock; None is without an end.

    `asked` grows each time a person asks again: it lifts the hold that follows a tripped fuse.
    """

    on: bool
    until_s: float | None = None
    asked: int = 0


OFF = Wanted(on=False)


class Standing(msgspec.Struct, frozen=True):
    """What a device reported at `at_s`, power and network alike. Fields as in `PlugReading`."""

    on: bool
    at_s: float
    remaining_s: float | None = None
    keeps_time: bool = True
    complete: bool = True
    source: str = "other"
    overpower: bool = False
    uptime_s: float | None = None


class Grant(msgspec.Struct, frozen=True):
    """Tell the device: on, and off by itself after `for_s`."""

    for_s: float


class Revoke(msgspec.Struct, frozen=True):
    """Tell the device: off now."""


Action = Grant | Revoke

EventKind = Literal[
    "manual_press",
    "overpower",
    "restarted_wrong",
    "found_wrong",
    "unreachable",
    "recovered",
    "enforcement_failed",
]


class DeviceEvent(msgspec.Struct, frozen=True):
    """News for the staff. `on` is how the device was found; `code` a `DeviceError`'s, where one led here."""

    kind: EventKind
    on: bool | None = None
    code: str = ""


class Watch(msgspec.Struct, frozen=True):
    """What is remembered of one device between looks.

    `doubt_until_s` is until when a grant would last that was sent and never answered; None without one.
    """

    health: Health = "well"
    failures: int = 0
    last: Standing | None = None
    held_at: int | None = None
    doubt_until_s: float | None = None


class Step(msgspec.Struct, frozen=True):
    """What came of a look: what to remember, what to tell, what to ask, and when to look again."""

    watch: Watch
    events: tuple[DeviceEvent, ...] = ()
    action: Action | None = None
    again_s: float = POLL_S


def from_plug(reading: PlugReading, now_s: float) -> Standing:
    """A plug's reading, as of now."""
    return Standing(
        on=reading.on,
        at_s=now_s,
        remaining_s=reading.timer_remaining_s,
        source=reading.source,
        overpower=reading.overpower,
        uptime_s=reading.uptime_s,
    )


def from_gate(reading: GateReading, now_s: float) -> Standing:
    """A router's reading for one machine, as of now."""
    return Standing(
        on=reading.allowed,
        at_s=now_s,
        remaining_s=reading.remaining_s,
        keeps_time=reading.keeps_time,
        complete=reading.complete,
        uptime_s=reading.uptime_s,
    )


def due_s(wanted: Wanted, now_s: float) -> float:
    """Seconds the device should still go on; 0 when it should not."""
    if not wanted.on:
        return 0.0
    return OPEN_ENDED_S if wanted.until_s is None else max(0.0, wanted.until_s - now_s)


def needed(wanted: Wanted, standing: Standing, now_s: float) -> Action | None:
    """What has to be asked of a device that stands so; None when it does as it should."""
    due = due_s(wanted, now_s)
    if due == 0.0:
        return Revoke() if standing.on or not standing.complete else None
    grant = Grant(min(due, LONGEST_S))
    if not standing.on or not standing.complete:
        return grant
    return None if _ends_right(wanted, standing, due, now_s) else grant


def foreseen(watch: Watch, wanted: Wanted, now_s: float) -> Action | None:
    """What can be asked without looking first, because the device was well and stood otherwise.

    At the second a session ends this saves a round trip; a device that is not well is looked at first.
    """
    if watch.health != "well" or watch.last is None or watch.held_at == wanted.asked:
        return None
    return needed(wanted, watch.last, now_s)


def closing(watch: Watch, wanted: Wanted, now_s: float) -> bool:
    """Whether all that is left to do with a device is to switch it off at its second."""
    if watch.health != "well" or watch.last is None or not watch.last.on:
        return False
    return 0 < due_s(wanted, now_s) <= AIM_S and wanted.until_s is not None


def told(watch: Watch, action: Action, now_s: float) -> Watch:
    """An action is about to leave: until it is answered, a grant may have been heard or not."""
    if not isinstance(action, Grant):
        return watch
    until_s = max(watch.doubt_until_s or 0.0, now_s + action.for_s)
    return msgspec.structs.replace(watch, doubt_until_s=until_s)


def looked(watch: Watch, wanted: Wanted, standing: Standing) -> Step:
    """A device answered: what is new, and what it has to be told."""
    events = [*_news(watch, wanted, standing), *_relief(watch)]
    held_at = _hold(watch, wanted, standing)
    held = held_at == wanted.asked and due_s(wanted, standing.at_s) > 0
    action = None if held else needed(wanted, standing, standing.at_s)
    known = Watch(HEALTH[watch.health]["answered"], 0, standing, held_at)
    return Step(known, tuple(events), action, _again_s(wanted, standing.at_s))


def obeyed(watch: Watch, wanted: Wanted, standing: Standing) -> Step:
    """A device was told something and read back: nothing it did is news."""
    known = Watch(HEALTH[watch.health]["answered"], 0, standing, None)
    return Step(known, tuple(_relief(watch)), None, _again_s(wanted, standing.at_s))


def failed(
    watch: Watch, wanted: Wanted, code: str, now_s: float, chance: float, retry_after_s: float = 0.0
) -> Step:
    """A device did not answer, or not as it should. `chance` is a random number from 0 to 1."""
    failures = watch.failures + 1
    health = HEALTH[watch.health]["failed"]
    events = []
    if health == "shaky" and failures >= ANNOUNCE_AFTER and not retry_after_s:
        health = HEALTH[health]["announced"]
        events.append(DeviceEvent("unreachable", _last_on(watch), code))
    if failures >= ALARM_AFTER and health != "alarmed" and not _believed(watch, wanted, now_s):
        health = HEALTH[health]["gave_up"]
        events.append(DeviceEvent("enforcement_failed", _last_on(watch), code))
    known = msgspec.structs.replace(watch, health=health, failures=failures)
    return Step(known, tuple(events), None, _back_off_s(failures, code, chance, retry_after_s))


def _ends_right(wanted: Wanted, standing: Standing, due: float, now_s: float) -> bool:
    """Whether the device's own end is where it should be."""
    if not standing.keeps_time:
        return True
    if standing.remaining_s is None:
        return False
    left = standing.remaining_s - (now_s - standing.at_s)
    if wanted.until_s is None or due > LONGEST_S:
        return min(due, LONGEST_S) / 2 <= left <= min(due, LONGEST_S) + SLACK_S
    return abs(left - due) <= SLACK_S


def _news(watch: Watch, wanted: Wanted, standing: Standing) -> list[DeviceEvent]:
    """What happened to the device since it was last seen, that nobody here asked for."""
    last = watch.last
    if standing.overpower:
        return [] if last is not None and last.overpower else [DeviceEvent("overpower", standing.on)]
    if last is None or standing.on is (due_s(wanted, standing.at_s) > 0):
        return []
    if last.uptime_s is not None and standing.uptime_s is not None and standing.uptime_s < last.uptime_s:
        return [DeviceEvent("restarted_wrong", standing.on)]
    if standing.on is last.on or _ran_out(last, standing):
        return []
    return [DeviceEvent("manual_press" if standing.source == "button" else "found_wrong", standing.on)]


def _ran_out(last: Standing, standing: Standing) -> bool:
    """Whether the device kept its own end, as it was told to."""
    left = last.remaining_s
    return not standing.on and left is not None and standing.at_s - last.at_s >= left - SLACK_S


def _relief(watch: Watch) -> list[DeviceEvent]:
    return [DeviceEvent("recovered")] if watch.health in ("lost", "alarmed") else []


def _hold(watch: Watch, wanted: Wanted, standing: Standing) -> int | None:
    """After a tripped fuse power stays off until somebody asks again: what tripped it is still plugged in."""
    if standing.overpower and (watch.last is None or not watch.last.overpower):
        return wanted.asked
    return watch.held_at if standing.overpower else None


def _last_on(watch: Watch) -> bool | None:
    return watch.last.on if watch.last is not None else None


def _believed(watch: Watch, wanted: Wanted, now_s: float) -> bool:
    """Whether the device, by what it last said, does as it should although it cannot be asked.

    A plug whose own timer has meanwhile run out is believed to be off: that is what the timer is for. One
    that may have heard a grant is not, for as long as that would last.
    """
    last, due = watch.last, due_s(wanted, now_s)
    if last is None:
        return False
    if watch.doubt_until_s is not None and not due:
        return last.keeps_time and now_s >= watch.doubt_until_s
    left = None if last.remaining_s is None else last.remaining_s - (now_s - last.at_s)
    on = last.on and (left is None or left > 0)
    return on is (due > 0)


def _back_off_s(failures: int, code: str, chance: float, retry_after_s: float) -> float:
    if code == "device_refused":
        return REFUSED_BACK_OFF_S * (1 + chance)
    return retry_after_s + chance * min(MOST_BACK_OFF_S, BACK_OFF_S * 2.0 ** min(failures, 10))


def _again_s(wanted: Wanted, now_s: float) -> float:
    """The next look: after a minute, in time to aim, or the very second the wish ends."""
    due = due_s(wanted, now_s)
    if not due or wanted.until_s is None:
        return POLL_S
    return min(POLL_S, due - AIM_S if due > AIM_S else due)
