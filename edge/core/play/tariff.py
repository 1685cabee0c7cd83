"""What so many minutes cost, and what minutes that were played cost.

Each minute has the price of its hour, in local time; the sum is rounded up to a whole minor unit once, and is
never below the tariff's minimum. A package of exactly that length counts if it is cheaper. While nobody knows
the time of day there are no happy hours, because a wrong clock must not make prices.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from edge.core.clock import Now
from protocol.facts.play import PlaySession
from protocol.facts.play_config import DAYS, HappyHour, Tariff
from protocol.play import Offer

_DAY_MINUTES = 24 * 60
_USUAL_MINUTES = (30, 60, 120)


def price_minor(tariff: Tariff, seconds: int, begins: datetime | None) -> int:
    """The price of time bought ahead; `begins` is local time, None while it is not known."""
    minutes = _sold_minutes(tariff, seconds)
    packages = [each.price_minor for each in tariff.packages if each.minutes * 60 == seconds]
    return min([_by_the_minute(tariff, minutes, begins), *packages])


def played_minor(tariff: Tariff, seconds: int, begins: datetime | None) -> int:
    """The price of time that was played: the cheapest of minutes and of any package that covers them."""
    minutes = _sold_minutes(tariff, seconds)
    packages = [each.price_minor for each in tariff.packages if each.minutes * 60 >= seconds]
    return min([_by_the_minute(tariff, minutes, begins), *packages])


def offers(tariff: Tariff, begins: datetime | None) -> tuple[Offer, ...]:
    """What is offered at the counter: half an hour to three hours, and the packages, shortest first."""
    packages = {each.minutes: each.name for each in tariff.packages}
    lengths = sorted({*_USUAL_MINUTES, *packages})
    return tuple(
        Offer(packages.get(minutes, ""), minutes, price_minor(tariff, minutes * 60, begins))
        for minutes in lengths
    )


def local_time(now: Now, timezone: str) -> datetime | None:
    """The time of day at the venue; None while the clock is not trusted."""
    if not now.clock_trusted:
        return None
    return datetime.fromtimestamp(now.wall_ms / 1000, ZoneInfo(timezone))


def begun_at(session: PlaySession, now: Now, timezone: str) -> datetime | None:
    """The time of day at which a session began; None where the clock was not trusted then or is not now."""
    if not (now.clock_trusted and session.ordered_at.trusted) or session.begun_ms is None:
        return None
    return datetime.fromtimestamp(session.begun_ms / 1000, ZoneInfo(timezone))


def _sold_minutes(tariff: Tariff, seconds: int) -> int:
    step_s = 60 * max(1, tariff.step_minutes)
    return -(-seconds // step_s) * max(1, tariff.step_minutes)


def _by_the_minute(tariff: Tariff, minutes: int, begins: datetime | None) -> int:
    hourly = sum(_per_hour_minor(tariff, begins, minute) for minute in range(minutes))
    return max(tariff.minimum_minor, -(-hourly // 60))


def _per_hour_minor(tariff: Tariff, begins: datetime | None, minute: int) -> int:
    if begins is None or not tariff.happy_hours:
        return tariff.per_hour_minor
    at = begins + timedelta(minutes=minute)
    happy = [each.per_hour_minor for each in tariff.happy_hours if _holds(each, at)]
    return min(happy, default=tariff.per_hour_minor)


def _holds(happy: HappyHour, at: datetime) -> bool:
    """Whether a local time lies in the window, which may have begun the day before."""
    begins, ends = _minute_of(happy.begins), _minute_of(happy.ends)
    minute = at.hour * 60 + at.minute
    length = (ends - begins) % _DAY_MINUTES or _DAY_MINUTES
    into = (minute - begins) % _DAY_MINUTES
    yesterday = minute < begins
    day = DAYS[(at.weekday() - yesterday) % 7]
    return into < length and (not happy.days or day in happy.days)


def _minute_of(text: str) -> int:
    hours, _, minutes = text.partition(":")
    return int(hours) * 60 + int(minutes)
