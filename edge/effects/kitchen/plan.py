"""What the kitchen's devices have to be told now: pure, a function of tickets and of seconds handed in.

A ticket in state `fired` has reached nobody for certain. It is due at once, again at every connection, and
again every few seconds until a device moves it; after a limit somebody has to walk over, so it is overdue.
A station's snapshot is due when it differs from what the broker holds; changes close together make one.

Counterpart: `kitchen.py` publishes what is due and raises the alarms.
"""

from collections import deque
from collections.abc import Iterable

import msgspec

from edge.core.deadlines import NEVER, Deadlines
from protocol.facts.ticket import Ticket
from protocol.kitchen import Publication

#: Answers to refused acks that may wait for a broker; a device that floods loses its oldest ones.
MOST_ANSWERS = 1000


class Limits(msgspec.Struct, frozen=True):
    """Seconds until a ticket is sent again, until it or a missing broker alarms, for changes to gather."""

    resend_s: float = 5.0
    alarm_s: float = 60.0
    gather_s: float = 0.2
    broker_alarm_s: float = 15.0


USUAL = Limits()


class KitchenPlan:
    """All seconds are of one clock that only moves forward. Starts without a connection."""

    def __init__(self, limits: Limits, now_s: float) -> None:
        self._limits = limits
        self._fired: dict[tuple[str, str], Ticket] = {}
        self._due: Deadlines[tuple[str, str]] = Deadlines()
        self._overdue: Deadlines[tuple[str, str]] = Deadlines()
        self._answers: deque[Publication] = deque(maxlen=MOST_ANSWERS)
        #: Stations whose snapshot is known to be right, and others that had tickets since it was.
        self._shown: set[str] = set()
        self._touched: set[str] = set()
        self._gathered_s = NEVER
        self._silent_since_s: float | None = now_s

    def moved(self, ticket: Ticket, now_s: float, age_s: float = 0.0) -> None:
        """A ticket is now as given. `age_s` is how long it had waited before this process saw it."""
        key = (ticket.fired.ticket, ticket.fired.station)
        if ticket.state == "fired":
            self._fired[key] = ticket
            self._due.set(key, now_s)
            self._overdue.set(key, now_s + max(0.0, self._limits.alarm_s - age_s))
        else:
            self._fired.pop(key, None)
            self._due.drop(key)
            self._overdue.drop(key)
        self._shown.discard(ticket.fired.station)
        self._touched.add(ticket.fired.station)
        self._gathered_s = min(self._gathered_s, now_s + self._limits.gather_s)

    def stations_changed(self, now_s: float) -> None:
        """There may be stations that never had a snapshot."""
        self._gathered_s = min(self._gathered_s, now_s)

    def answer(self, publication: Publication) -> None:
        """Say this to a device at the next occasion."""
        self._answers.append(publication)

    def connected(self, now_s: float) -> None:
        """The broker may have lost everything: all is due."""
        self._silent_since_s = None
        self._shown.clear()
        self._gathered_s = now_s
        for key in self._fired:
            self._due.set(key, now_s)

    def disconnected(self, now_s: float) -> None:
        """Nothing is due until the broker is back."""
        if self._silent_since_s is None:
            self._silent_since_s = now_s

    def answers(self) -> list[Publication]:
        """What `answer` gathered, once and while there is a connection."""
        if self._silent_since_s is not None:
            return []
        taken = list(self._answers)
        self._answers.clear()
        return taken

    def due(self, now_s: float) -> list[Ticket]:
        """Tickets to send now; they are due again after the limit's interval."""
        if self._silent_since_s is not None:
            return []
        keys = self._due.take(now_s)
        for key in keys:
            self._due.set(key, now_s + self._limits.resend_s)
        return [self._fired[key] for key in keys]

    def stale(self, stations: Iterable[str], now_s: float) -> list[str]:
        """Stations, of the venue's or touched by a ticket, whose snapshot is to be published now."""
        if self._silent_since_s is not None or self._gathered_s > now_s:
            return []
        named = dict.fromkeys([*stations, *sorted(self._touched)])
        stale = [station for station in named if station not in self._shown]
        self._shown.update(stale)
        self._touched.clear()
        self._gathered_s = NEVER
        return stale

    def overdue(self, now_s: float) -> list[Ticket]:
        """Tickets that became overdue; each is told once."""
        return [self._fired[key] for key in self._overdue.take(now_s)]

    def broker_missing(self, now_s: float) -> bool:
        """Whether there has been no connection for longer than a restart of the broker takes."""
        return (
            self._silent_since_s is not None and now_s - self._silent_since_s >= self._limits.broker_alarm_s
        )

    def next_s(self, now_s: float) -> float:
        """When to look again if nothing happens before; `NEVER` for not at all."""
        if self._silent_since_s is None:
            return min(self._overdue.next_s(), self._due.next_s(), self._gathered_s)
        missing_s = self._silent_since_s + self._limits.broker_alarm_s
        return min(self._overdue.next_s(), missing_s if missing_s > now_s else NEVER)
