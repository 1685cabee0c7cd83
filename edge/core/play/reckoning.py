"""What a play session consumed before a boot that it did not see, and what the time without power costs.

Within one boot nothing has to be reckoned: the monotonic clock runs on through suspend and nobody can set it.
Across a boot the last checkpoint on disk counts. The time after it is a gift (`pause`), or charged by wall
time where that was trusted on both sides (`charge`). Where it will only be trusted later, what is owed is
kept with the session until the box has learnt the time. A wall clock that steps changes nothing.
"""

import msgspec

from edge.core.clock import Now
from edge.core.view import VenueView
from protocol.facts.play import NS, PlaySession
from protocol.facts.play_clock import Instant, PlayClock
from protocol.facts.play_events import OffTime, TimeReckoned

_NS_PER_MS = 1_000_000


def reckoning(view: VenueView, session: PlaySession, now: Now) -> TimeReckoned | None:
    """What has to be said about the session before anything else; None when it is up to date."""
    running = session.running
    if running is not None and running.boot != now.boot:
        return _across(session, _last_seen(running, view.play_clock()), now)
    if session.off is not None and session.off.boot == now.boot and now.clock_trusted:
        return _settled(session, session.off, now)
    return None


def counted(session: PlaySession, event: TimeReckoned, now: Now) -> PlaySession:
    """The session as it will stand once `event` is a fact."""
    consumed_ns = min(event.consumed_ns, session.entitled_s * NS)
    running = Instant(now.boot, now.mono_ns, now.wall_ms, now.clock_trusted)
    return msgspec.structs.replace(
        session,
        version=session.version + 1,
        consumed_ns=consumed_ns,
        off=event.off,
        running=running if session.status == "ACTIVE" else None,
    )


def _last_seen(running: Instant, clock: PlayClock | None) -> Instant:
    """The last sign of life in the boot that the session ran in."""
    if clock is None or clock.seen.boot != running.boot:
        return running
    return max(running, clock.seen, key=lambda each: each.mono_ns)


def _across(session: PlaySession, seen: Instant, now: Now) -> TimeReckoned:
    consumed_ns = session.consumed_by(seen.boot, seen.mono_ns)
    since_ms = _off_since(session, seen)
    if since_ms is None:
        return TimeReckoned(consumed_ns)
    off = OffTime(since_ms, now.boot, now.mono_ns)
    if not now.clock_trusted:
        return TimeReckoned(consumed_ns, off)
    return TimeReckoned(consumed_ns + max(0, now.wall_ms - since_ms) * _NS_PER_MS)


def _off_since(session: PlaySession, seen: Instant) -> int | None:
    """Wall time from which on power was off and is charged; None where it is not, or where nobody knows."""
    if session.ordered.off_policy != "charge":
        return None
    off = session.off
    if off is not None and off.boot == seen.boot:  # an earlier cut, in a boot that never learnt the time
        return off.since_ms + (seen.mono_ns - off.mono_ns) // _NS_PER_MS
    return seen.wall_ms if seen.trusted else None


def _settled(session: PlaySession, off: OffTime, now: Now) -> TimeReckoned:
    back_ms = now.wall_ms - (now.mono_ns - off.mono_ns) // _NS_PER_MS
    consumed_ns = session.consumed_by(now.boot, now.mono_ns)
    return TimeReckoned(consumed_ns + max(0, back_ms - off.since_ms) * _NS_PER_MS)
