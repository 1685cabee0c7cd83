"""Until when the box is known to have lived: the checkpoint that all running play sessions share.

Every session that runs consumes time on the same clock, so one fact every few seconds checkpoints them all
(core.md §5). It says nothing but its envelope: boot, monotonic time, best wall time.

Counterpart: `edge/core/play/reckoning.py` counts from here after a power cut.
"""

import msgspec

from protocol.facts.fact import Fact, Row, shape

AGGREGATE = "clock:clock"


class Instant(msgspec.Struct, frozen=True):
    """When a fact happened, by both clocks of its envelope."""

    boot: str
    mono_ns: int
    wall_ms: int
    trusted: bool


class ClockTicked(msgspec.Struct, frozen=True, tag=True):
    """The box was alive."""


class PlayClock(msgspec.Struct, frozen=True):
    """The last instant that is on disk."""

    version: int
    seen: Instant


def ticked(_clock: PlayClock | None, _event: ClockTicked, fact: Fact[ClockTicked]) -> PlayClock:
    """The newest tick is all there is to know."""
    return PlayClock(fact.version, Instant(fact.boot, fact.mono_ns, fact.wall_ms, fact.clock_trusted))


EVOLVE = {ClockTicked: ticked}

SHAPES = (shape("play_clock", "id", "id:int boot mono_ns:int wall_ms:int trusted:bool version:int"),)


def rows(clock: PlayClock, _fact: Fact[ClockTicked]) -> list[Row]:
    """One row for ever."""
    seen = clock.seen
    return [("play_clock", (1, seen.boot, seen.mono_ns, seen.wall_ms, seen.trusted, clock.version))]
