"""The kitchen stream: tickets out to MQTT devices and their acks in, derived from what is on disk.

Rule of the file: nothing is remembered here that the journal does not know. A ticket is sent because its
state is `fired`, and again until that state has changed; so a crash, a broker that forgot, or a device
that was off cost time and never a ticket. An ack becomes a command and is answered only when it is refused.

Counterparts: `plan.py` decides what is due, `protocol/kitchen.py` has the words,
`edge/adapters/kitchen/mqtt.py` the wire, `edge/journal/board.py` the tickets.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from edge.core.clock import Now
from edge.core.commands import AdvanceTicket
from edge.core.deadlines import NEVER
from edge.effects.alarms import Alarm, Alarms
from edge.effects.kitchen.plan import USUAL, KitchenPlan, Limits
from edge.effects.kitchen.practice import Practice
from edge.journal.board import KitchenBoard
from edge.journal.writer import Outcome, Writer
from protocol import codec, kitchen
from protocol.errors import Refusal, Refused, refuse
from protocol.facts.ticket import Ticket
from protocol.kitchen import Publication

#: Station ids are short; a longer one in a topic is nobody's, and is not worth remembering.
LONGEST_STATION = 32
BROKER_ALARM = "kitchen:broker"

#: Sends messages to the broker; whether it confirmed all of them. False means that the connection is gone.
Publish = Callable[[Sequence[Publication]], Awaitable[bool]]

_ack = msgspec.json.Decoder(kitchen.Ack)
log = logging.getLogger(__name__)


def alarm_key(ticket: Ticket) -> str:
    """The alarm of a ticket that nobody acknowledges."""
    return f"ticket:{ticket.fired.ticket}@{ticket.fired.station}"


class KitchenStream:
    """Make it after the board; hand `receive` and `connection` to the MQTT session; run `run` beside it."""

    def __init__(
        self,
        venue_id: str,
        board: KitchenBoard,
        writer: Writer,
        alarms: Alarms,
        clock: Callable[[], Now],
        limits: Limits = USUAL,
        epoch: int = 0,
    ) -> None:
        self._venue_id = venue_id
        self._epoch = epoch
        self._board = board
        self._writer = writer
        self._alarms = alarms
        self._clock = clock
        self._limits = limits
        self._wake = asyncio.Event()
        self._plan = KitchenPlan(limits, self._now_s())
        now = clock()
        for ticket in board.tickets():
            self._plan.moved(ticket, self._now_s(), _age_s(ticket, now))
        board.listen(self._moved)
        self.practice = Practice(clock)
        self.practice.listen(self._moved)

    def _now_s(self) -> float:
        return self._clock().mono_ns / 1e9

    # ── what comes in ────────────────────────────────────────────────────────────────────────────

    def connection(self, up: bool) -> None:
        """The session with the broker began or ended."""
        if up:
            self._plan.connected(self._now_s())
            self._alarms.clear(BROKER_ALARM)
        else:
            self._plan.disconnected(self._now_s())
        self._wake.set()

    def receive(self, topic: str, payload: bytes, replayed: bool) -> None:
        """A message of a device. Whatever it holds, it ends as a command or as a named refusal."""
        station = kitchen.station_of(topic)
        if station is None:
            return
        if len(station) > LONGEST_STATION:
            log.warning("an ack for a station with an impossible name was dropped")
            return
        try:
            ack = codec.decode(_ack, payload)
        except Refused as refused:
            self._refuse(station, refused.refusal)
            return
        if replayed and ack.mid is None:
            # Published as retained: long past, and without a mid not to be told from a new one.
            self._refuse(station, refuse("invalid", "Do not publish acks as retained."), ack)
            return
        self._submit(station, ack)

    def _submit(self, station: str, ack: kitchen.Ack) -> None:
        if self.practice.answered(ack.ticket, station, "over MQTT"):
            return

        def settle(outcome: Outcome) -> None:
            if isinstance(outcome, Refusal):
                self._refuse(station, outcome, ack)

        command = AdvanceTicket(ack.ticket, station, ack.state, by=f"device:{station}", mid=ack.mid)
        self._writer.submit(command, settle)

    def _refuse(self, station: str, refusal: Refusal, ack: kitchen.Ack | None = None) -> None:
        ticket, mid = (ack.ticket, ack.mid) if ack else (None, None)
        self._plan.answer(kitchen.error_publication(self._venue_id, station, refusal, ticket, mid))
        self._wake.set()

    def _moved(self, tickets: list[Ticket]) -> None:
        now_s = self._now_s()
        for ticket in tickets:
            self._plan.moved(ticket, now_s)
            if ticket.state != "fired":
                self._alarms.clear(alarm_key(ticket))
        if not tickets:
            self._plan.stations_changed(now_s)
        self._wake.set()

    # ── what goes out ────────────────────────────────────────────────────────────────────────────

    async def run(self, publish: Publish) -> None:
        """Send what is due and raise what is overdue, until cancelled."""
        while True:
            self._wake.clear()
            publications = self._publications(self._now_s())
            # If it fails, the session ends and the next one makes everything due again.
            if publications:
                await publish(publications)
            self._sound()
            await self._rest()

    def _publications(self, now_s: float) -> list[Publication]:
        venue_id, board, epoch = self._venue_id, self._board, self._epoch
        tickets = [kitchen.ticket_publication(venue_id, ticket, epoch) for ticket in self._plan.due(now_s)]
        snapshots = [
            kitchen.snapshot_publication(venue_id, station, board.tickets(station), epoch)
            for station in self._plan.stale(board.stations, now_s)
        ]
        return [*tickets, *snapshots, *self._plan.answers()]

    async def _rest(self) -> None:
        now_s = self._now_s()
        next_s = self._plan.next_s(now_s)
        try:
            async with asyncio.timeout(None if next_s == NEVER else max(0.0, next_s - now_s)):
                await self._wake.wait()
        except TimeoutError:
            return

    def _sound(self) -> None:
        now, now_s = self._clock(), self._now_s()
        for ticket in self._plan.overdue(now_s):
            self._alarms.raise_(_unacknowledged(ticket, now))
        if self._plan.broker_missing(now_s):
            message = "The kitchen's message broker cannot be reached; tickets are not being delivered."
            self._alarms.raise_(Alarm(BROKER_ALARM, "kitchen_broker_missing", message, now.wall_ms))


def _age_s(ticket: Ticket, now: Now) -> float:
    """How long a ticket has waited, as far as the wall clock is to be believed."""
    return max(0.0, (now.wall_ms - ticket.placed_ms) / 1000) if now.clock_trusted else 0.0


def _unacknowledged(ticket: Ticket, now: Now) -> Alarm:
    first = ticket.fired
    message = (
        f"{first.ticket} for {first.table_name} is not acknowledged by {first.station}; please go there."
    )
    detail = {"ticket": first.ticket, "station": first.station, "order_id": first.order_id}
    return Alarm(alarm_key(ticket), "ticket_unacknowledged", message, now.wall_ms, detail)


async def nobody_listens(_publications: Sequence[Publication]) -> bool:
    """Publishing in a venue without a broker."""
    return False
