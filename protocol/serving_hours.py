"""When a dish is served or a venue is open: windows of local time that repeat every week.

Pure: a window is asked about a local weekday and minute; who asks knows the venue's clock. A window that ends
at or before its beginning goes past midnight, and its days are those on which it begins. On a day on which
the clocks change a window begins and ends when they show it, so no dish is served an hour too long.

Counterparts: `facts/menu.py` keeps the windows of a dish, `edge/core/orders/pricing.py` decides by them.
"""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from protocol.facts.play_config import DAYS, Day

_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES


class ServingHours(msgspec.Struct, frozen=True, omit_defaults=True):
    """From `begins` to `ends`, local time `HH:MM`, on `days`; none named means all."""

    begins: str
    ends: str
    days: tuple[Day, ...] = ()


def served_at(hours: Iterable[ServingHours], local: datetime) -> bool:
    """Whether any of the windows is open; a dish without windows is always served."""
    minute = local.weekday() * _DAY_MINUTES + local.hour * 60 + local.minute
    spans = list(_spans(hours))
    return not spans or any((minute - begins) % _WEEK_MINUTES < length for begins, length in spans)


def minutes_to_change(hours: Iterable[ServingHours], local: datetime) -> int | None:
    """Minutes until a window begins or ends, 1 to a week; None where there are no windows."""
    minute = local.weekday() * _DAY_MINUTES + local.hour * 60 + local.minute
    ends = [begins + offset for begins, length in _spans(hours) for offset in (0, length)]
    return min(((end - minute) % _WEEK_MINUTES or _WEEK_MINUTES for end in ends), default=None)


def is_time(text: str) -> bool:
    """Whether a text is a time of day, `HH:MM`."""
    hours, colon, minutes = text.partition(":")
    digits = len(hours) == len(minutes) == 2 and (hours + minutes).isascii() and (hours + minutes).isdecimal()
    return bool(colon) and digits and int(hours) < 24 and int(minutes) < 60


def are_times(hours: Iterable[ServingHours]) -> bool:
    """Whether every window begins and ends at a time of day."""
    return all(is_time(each.begins) and is_time(each.ends) for each in hours)


def in_words(hours: Iterable[ServingHours]) -> str:
    """`mon-fri 11:30-14:30; sat, sun 10:00-15:00`, as a menu file has it."""
    return "; ".join(f"{_days_in_words(each.days)}{each.begins}-{each.ends}" for each in hours)


def _days_in_words(days: tuple[Day, ...]) -> str:
    places = [DAYS.index(day) for day in days]
    if len(places) > 2 and places == list(range(places[0], places[-1] + 1)):
        return f"{days[0]}-{days[-1]} "
    return f"{', '.join(days)} " if days else ""


def _spans(hours: Iterable[ServingHours]) -> Iterable[tuple[int, int]]:
    """Minutes after Monday's midnight at which windows begin, and how long they are."""
    for each in hours:
        begins, ends = _minute_of(each.begins), _minute_of(each.ends)
        length = (ends - begins) % _DAY_MINUTES or _DAY_MINUTES
        for day in each.days or DAYS:
            yield DAYS.index(day) * _DAY_MINUTES + begins, length


def _minute_of(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
