"""What a station's plug and gate should be doing, from the session that holds it.

A console has power until the paid end and its grace; the plug is told that end too, so a dead box neither
cuts early nor gives free hours. A PC is never cut while it draws power: its agent ends the session, and
power goes when the machine has gone to sleep. Out of service means that the staff works on it.
"""

from edge.core.devices.desired import OFF, Wanted
from protocol.facts.play import NS, PlaySession
from protocol.facts.play_config import PlayStation

#: A PC that draws less than this is asleep or off.
IDLE_W = 15.0


def power(
    station: PlayStation,
    session: PlaySession | None,
    *,
    maintenance: bool,
    ending_s: float,
    power_w: float | None,
    asked: int,
) -> Wanted:
    """What its plug should do.

    `ending_s` is until when the session that was there last keeps its grace; `asked` counts how often people
    have asked for power there.
    """
    if maintenance:
        return Wanted(on=True, asked=asked)
    if station.kind == "pc":
        busy = session is not None or (power_w or 0.0) > IDLE_W
        return Wanted(on=True, asked=asked) if busy else OFF
    until_s = _until_s(session)
    if until_s is not None and session is not None:
        return Wanted(on=True, until_s=until_s + session.ordered.grace_s, asked=asked)
    return Wanted(on=True, until_s=ending_s, asked=asked) if ending_s > 0 else OFF


def network(session: PlaySession | None, *, maintenance: bool, ending_s: float) -> Wanted:
    """What its gate should do: the same, without caring for power."""
    if maintenance:
        return Wanted(on=True)
    until_s = _until_s(session)
    if until_s is not None and session is not None:
        return Wanted(on=True, until_s=until_s + session.ordered.grace_s)
    return Wanted(on=True, until_s=ending_s) if ending_s > 0 else OFF


def grace_ends_s(session: PlaySession, ended_s: float) -> float:
    """Until when a session that has expired keeps its power; 0 for one that was ended by hand."""
    return ended_s + session.ordered.grace_s if session.status == "EXPIRED" else 0.0


def _until_s(session: PlaySession | None) -> float | None:
    """When paid time runs out on the clock of this boot; None while it does not run.

    Nor does it where a reckoning found nothing left: that ended with the power off, and so did its grace.
    """
    if session is None or session.status != "ACTIVE" or session.running is None:
        return None
    ends_ns = session.ends_mono_ns
    return ends_ns / NS if ends_ns is not None and ends_ns > session.running.mono_ns else None
