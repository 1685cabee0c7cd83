"""Whose station is it when: bookings against bookings, and against whoever plays already.

Rule of the file: spans are half open, so one may begin in the instant in which another ends. While nobody
knows the time of day, bookings are in nobody's way: an unknown hour must not keep a guest from playing.
What is read off the wall becomes an instant here: an hour that comes twice on the day on which clocks go
back means the first one unless somebody says which, one that is skipped is refused by name.
"""

import datetime

from edge.core.clock import Now
from edge.core.local_time import local, zone
from edge.core.play.station import standing
from edge.core.view import VenueView
from protocol.errors import Refusal, refuse
from protocol.facts.booking import Booking
from protocol.facts.play import NS, PlaySession
from protocol.play import rfc3339

HOUR_MS = 3_600_000


def overlapping(
    view: VenueView, station_id: str, starts_ms: int, ends_ms: int, but: str | None = None
) -> Booking | None:
    """The first booking that stands at a station within a span, apart from the booking `but`."""
    known = (view.booking(each) for each in view.bookings_at(station_id) if each != but)
    found = [each for each in known if each is not None and each.overlaps(starts_ms, ends_ms)]
    return min(found, key=lambda each: each.made.starts_ms, default=None)


def booked(
    view: VenueView, station_id: str, seconds: float, now: Now, but: str | None = None
) -> Refusal | None:
    """Why `seconds` of play from now on are more than a station is free for; None if they are not."""
    if not now.clock_trusted:
        return None
    found = overlapping(view, station_id, now.wall_ms, now.wall_ms + max(1, int(seconds * 1000)), but)
    if found is None:
        return None
    venue, first = view.venue(), found.made
    free_ms = max(0, first.starts_ms - now.wall_ms)
    at = f"{local(first.starts_ms, venue.config.timezone if venue else 'UTC'):%H:%M}"
    words = f"Booked from {at} for {first.name}; free for {free_ms // 60_000} min until then."
    detail = {
        "booking_id": found.booking_id,
        "name": first.name,
        "free_until": rfc3339(max(now.wall_ms, first.starts_ms)),
        "free_minutes": free_ms // 60_000,
    }
    return refuse("station_booked", words, detail=detail)


def taken(
    view: VenueView, station_id: str, starts_ms: int, ends_ms: int, now: Now, but: str | None = None
) -> Refusal | None:
    """Why a station cannot be booked for a span; None if it can, also where only the booking `but` has it."""
    found = overlapping(view, station_id, starts_ms, ends_ms, but)
    if found is not None:
        detail = {"booking_id": found.booking_id, "name": found.made.name, "station_id": station_id}
        return refuse("slot_taken", detail=detail)
    session = view.play(standing(view, station_id).session_id or "")
    if session is not None and starts_ms < _plays_until_ms(session, now):
        return refuse("slot_taken", "Somebody plays there until then.", detail={"station_id": station_id})
    return None


def _plays_until_ms(session: PlaySession, now: Now) -> int:
    """When a session will be over if it goes on now; one on account has no end, and may be ended in time."""
    if not session.live or not now.clock_trusted or session.ordered.entitlement.method == "POSTPAID":
        return 0
    if session.status == "AWAITING":
        return now.wall_ms + session.ordered.entitlement.seconds * 1000
    return now.wall_ms + session.left_ns(now.boot, now.mono_ns) * 1000 // NS


def instant(text: str, timezone: str) -> int | Refusal:
    """Milliseconds of an ISO 8601 time: the venue's own where it names no offset."""
    try:
        named = datetime.datetime.fromisoformat(text).replace(microsecond=0)
        if not 2000 <= named.year < 2200:  # beyond, no calendar is sure of itself
            raise ValueError(text)
        if named.tzinfo is not None:
            return int(named.timestamp() * 1000)
        own = named.replace(tzinfo=zone(timezone))
        starts_ms = int(own.timestamp() * 1000)
        skipped = local(starts_ms, timezone).replace(tzinfo=None) != named
    except (ValueError, OverflowError, OSError):
        return refuse("no_such_time")
    if skipped:
        return refuse("no_such_time", f"There is no {named:%H:%M} on that day; clocks go forward then.")
    return starts_ms


def day_of(text: str, now: Now, timezone: str) -> datetime.date | Refusal:
    """The day that is named like 2026-11-21; today at the venue where none is."""
    if not text:
        return local(now.wall_ms, timezone).date()
    try:
        day = datetime.date.fromisoformat(text)
        if not 2000 <= day.year < 2200:
            raise ValueError(text)
    except (ValueError, OverflowError, OSError):
        return refuse("no_such_time", "Name the day, like 2026-11-21.")
    return day


def span(day: datetime.date, timezone: str) -> tuple[int, int]:
    """From midnight to midnight, of 23 to 25 hours."""
    return _midnight(day, timezone), _midnight(day + datetime.timedelta(days=1), timezone)


def hours(day: datetime.date, timezone: str) -> list[tuple[int, str]]:
    """Every hour of a day as an instant and as people read it."""
    starts_ms, ends_ms = span(day, timezone)
    return [(at_ms, f"{local(at_ms, timezone):%H:%M}") for at_ms in range(starts_ms, ends_ms, HOUR_MS)]


def _midnight(day: datetime.date, timezone: str) -> int:
    return int(datetime.datetime(day.year, day.month, day.day, tzinfo=zone(timezone)).timestamp() * 1000)
