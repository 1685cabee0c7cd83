"""Paid time on one PC, counted on a clock that nobody can set.

A lease says how many seconds are left at the moment it arrives; from there this counts by itself, so the
box may be gone. Pure: the present is handed in, in seconds of a clock that only moves forward and runs on
through suspend.
"""

import msgspec

from protocol.station import Lease

#: A repeated lease may bring this many seconds more than we count ourselves; see `renewed`.
REPEAT_SLACK_S = 5.0


class Countdown(msgspec.Struct, frozen=True):
    """`left_s` seconds were left at `at_s`. `warnings` are still to come, longest first."""

    lease: Lease
    left_s: float
    at_s: float
    warnings: tuple[int, ...]

    @property
    def paused(self) -> bool:
        """Whether time stands still."""
        return self.lease.paused

    def remaining_s(self, now_s: float) -> float:
        """Seconds left; never negative."""
        return self.left_s if self.paused else max(0.0, self.left_s - (now_s - self.at_s))

    def next_s(self, now_s: float) -> float | None:
        """Seconds until something is due: a warning or the end. None while paused."""
        if self.paused:
            return None
        remaining_s = self.remaining_s(now_s)
        return remaining_s - self.warnings[0] if self.warnings else remaining_s


def begun(lease: Lease, now_s: float, left_s: float | None = None) -> Countdown:
    """Count from a lease. Warnings that would come at once are left out: the guest knows what he bought."""
    left_s = lease.remaining_s if left_s is None else min(left_s, lease.remaining_s)
    warnings = tuple(sorted((at_s for at_s in lease.warn_at_s if at_s < left_s), reverse=True))
    return Countdown(lease, left_s, now_s, warnings)


def renewed(known: Countdown, lease: Lease, now_s: float) -> Countdown:
    """Count from a newer lease of the same session.

    One that rests on the same fact as ours can bring no more time than we count, or somebody plays back
    what he recorded an hour ago.
    """
    same_fact = (lease.epoch, lease.seq) == (known.lease.epoch, known.lease.seq)
    most_s = known.remaining_s(now_s) + REPEAT_SLACK_S if same_fact else lease.remaining_s
    return begun(lease, now_s, most_s)


def warned(known: Countdown, now_s: float) -> tuple[Countdown, int | None]:
    """Take out the warnings that are due; the shortest of them is the one to show."""
    remaining_s = known.remaining_s(now_s)
    due = [at_s for at_s in known.warnings if remaining_s <= at_s]
    if not due:
        return known, None
    rest = tuple(at_s for at_s in known.warnings if at_s not in due)
    return msgspec.structs.replace(known, warnings=rest), min(due)
