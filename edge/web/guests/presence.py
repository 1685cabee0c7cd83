"""Who is still there: for how long each guest's phone has given no sign of life.

An open table socket is a sign, and so is every request. Kept in memory on purpose: after a restart nobody
counts as gone before they have had the time to come back. Counterpart: an order's lock is given back when
its owner has gone (`edge/effects/orders/point_of_sale.py`).
"""

from collections.abc import Callable

#: Members remembered after their last sign; who falls out counts as seen when the box started.
MOST_MEMBERS = 10_000


class Presence:
    """Signs of life by member. `monotonic_s` is the clock."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self._open: dict[str, int] = {}
        self._seen_s: dict[str, float] = {}
        self._since_s = monotonic_s()

    def came(self, member_pid: str) -> None:
        """A socket opened."""
        self._open[member_pid] = self._open.get(member_pid, 0) + 1

    def left(self, member_pid: str) -> None:
        """A socket closed."""
        self._open[member_pid] -= 1
        if not self._open[member_pid]:
            del self._open[member_pid]
        self.seen(member_pid)

    def seen(self, member_pid: str) -> None:
        """A request came."""
        self._seen_s.pop(member_pid, None)
        self._seen_s[member_pid] = self._monotonic_s()
        if len(self._seen_s) > MOST_MEMBERS:
            del self._seen_s[next(iter(self._seen_s))]

    def away_s(self, member_pid: str) -> float:
        """Seconds since the last sign; 0 while a socket is open."""
        if member_pid in self._open:
            return 0.0
        return self._monotonic_s() - self._seen_s.get(member_pid, self._since_s)
