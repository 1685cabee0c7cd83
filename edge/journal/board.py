"""The tickets that are still the kitchen's business, by station: a read model over committed facts.

Read once from the folded tables (the partial index `open_tickets`, so a long journal costs nothing), then
kept by the batches that the writer commits. It never holds anything that is not on disk, and of what is open
there only the newest: where a printer is all that the kitchen has, no ticket is ever bumped, and the dinners
of a year would be read at every start. The newest are those of the highest number: a clock that was wrong
when the box booted may be put right in between, and then says nothing about what came first.

Counterparts: `edge/effects/kitchen/stream.py` sends these tickets to the devices of the kitchen, the web's
`/ws/kitchen` shows them on its page.
"""

import sqlite3
from collections.abc import Callable

from edge.core.clock import Now
from edge.journal.hot import Hot
from edge.journal.writer import Committed
from protocol.facts.ticket import OPEN_STATES, Ticket, aggregate_of
from protocol.facts.venue import Venue

#: Gets the tickets that a batch moved, as they are now, also those that have just left the board.
#: Empty when only the venue's stations changed.
BoardListener = Callable[[list[Ticket]], None]

#: More than a full house orders in an evening; whoever has more open has long stopped looking at the oldest.
MOST_TICKETS = 1000

# Spelt like the index, for SQLite uses a partial index only when it can prove that the query implies it.
_OPEN = (
    "SELECT ticket, station FROM tickets WHERE state NOT IN ('served', 'rejected') "
    "ORDER BY CAST(substr(ticket, 3) AS INTEGER) DESC LIMIT ?"
)


class KitchenBoard:
    """Make it before the writer runs and hand `follow` to `Writer.listen`, so that no batch is missed."""

    def __init__(
        self, reader: sqlite3.Connection, hot: Hot, clock: Callable[[], Now], most: int = MOST_TICKETS
    ) -> None:
        self._hot = hot
        self._clock = clock
        self._most = most
        self._tickets: dict[tuple[str, str], Ticket] = {}
        # Of what moved since the start; a clock that is put right later does not reach these.
        self._moved_ns: dict[tuple[str, str], int] = {}
        self._listeners: list[BoardListener] = []
        for name, station in reversed(reader.execute(_OPEN, (most,)).fetchall()):
            ticket = hot.committed(aggregate_of(name, station))
            if isinstance(ticket, Ticket):
                self._tickets[name, station] = ticket

    @property
    def stations(self) -> tuple[str, ...]:
        """Ids of the configured stations in the owner's order, then of those that only tickets still name."""
        venue = self._hot.committed_venue()
        configured = [each.id for each in venue.config.stations] if venue else []
        lingering = sorted({station for _, station in self._tickets}.difference(configured))
        return (*configured, *lingering)

    def tickets(self, station: str | None = None) -> list[Ticket]:
        """Open tickets of one station or of all, in the order in which they were fired."""
        found = (each for each in self._tickets.values() if station in (None, each.fired.station))
        return sorted(found, key=lambda ticket: ticket.seq)

    def moved_within(self, span_ms: int) -> int:
        """How many open tickets somebody has moved in the last `span_ms`; the others wait for nobody.

        The wall clock decides only for what was read at the start; while it is not believed, all that counts.
        """
        now = self._clock()
        return sum(self._moved_lately(key, each, now, span_ms) for key, each in self._tickets.items())

    def _moved_lately(self, key: tuple[str, str], ticket: Ticket, now: Now, span_ms: int) -> bool:
        moved_ns = self._moved_ns.get(key)
        if moved_ns is not None:
            return now.mono_ns - moved_ns < span_ms * 1_000_000
        return not now.clock_trusted or ticket.changed_ms > now.wall_ms - span_ms

    def listen(self, listener: BoardListener) -> Callable[[], None]:
        """Tell `listener` of every change from now on; call what is returned to end it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def follow(self, batch: list[Committed]) -> None:
        """Take in what was committed; several steps of one ticket in a batch are told as one."""
        moved: dict[tuple[str, str], Ticket] = {}
        for each in batch:
            if isinstance(each.state, Ticket):
                moved[each.state.fired.ticket, each.state.fired.station] = each.state
        for key, ticket in moved.items():
            if ticket.state in OPEN_STATES:
                self._tickets[key], self._moved_ns[key] = ticket, self._clock().mono_ns
            else:
                self._drop(key)
        while len(self._tickets) > self._most:
            self._drop(min(self._tickets, key=lambda key: self._tickets[key].seq))
        if moved or any(isinstance(each.state, Venue) for each in batch):
            for listener in tuple(self._listeners):
                listener(list(moved.values()))

    def _drop(self, key: tuple[str, str]) -> None:
        self._tickets.pop(key, None)
        self._moved_ns.pop(key, None)
