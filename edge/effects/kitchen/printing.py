"""Slips to printers, derived from what is on disk: at least once, and marked where it is more than once.

Every open ticket of a station that a printer serves has to be on paper, and so has every slip that somebody
asked for. What is still to do follows from tickets and printouts in the journal; so after a crash, a change
of the printers or a night without paper it is worked out anew, and nothing is lost.

One worker a printer: ask how it is, write down that the slip is begun, send, write down that it came out.
Whoever finds a slip begun and not finished prints it again as a reprint. No printer holds up another, and
none holds up an order: nothing waits for this file.

Counterparts: `printing_plan.py` says who prints what, `edge/core/orders/slips.py` what stands on it,
`edge/adapters/kitchen/escpos.py` how it gets there.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable

import msgspec

from edge.core.clock import Now
from edge.core.commands import AdvanceTicket, BeginPrint, DropPrint, FinishPrint
from edge.core.deadlines import NEVER
from edge.core.devices.ports import DeviceError, Printer, PrinterStopped, stopped_by
from edge.core.local_time import local
from edge.core.orders.slips import kitchen_slip
from edge.effects.alarms import Alarm, Alarms
from edge.effects.kitchen.printing_plan import Condition, Job, PrintingPlan, PrintLimits, server_of
from edge.journal.board import KitchenBoard
from edge.journal.hot import Hot
from edge.journal.writer import Committed, Outcome, Writer
from protocol.errors import Refusal
from protocol.facts import printout, ticket
from protocol.facts.printout import PrintAsked, Printout, Slip, ticket_job
from protocol.facts.ticket import TO_COOK, HeldTicketFired, Ticket, TicketFired
from protocol.facts.venue import PrinterConfig, Venue

#: The alarm that sends a ticket to a printer which prints the unacknowledged ones only.
UNACKNOWLEDGED = "ticket_unacknowledged"

# Spelt like the index, for SQLite uses a partial index only when it can prove that the query implies it.
_OPEN = "SELECT job FROM printouts WHERE state IN ('asked', 'sending') ORDER BY asked_ms"
_TROUBLES = {
    "paper_end": "is out of paper",
    "cover_open": "has its cover open",
    "fault": "reports a fault",
}

#: Makes the adapter of a configured printer; may take its time.
Connect = Callable[[PrinterConfig], Printer]


def printer_alarm(printer: str) -> str:
    """The alarm of a printer that cannot print."""
    return f"printer:{printer}"


def job_alarm(job: str) -> str:
    """The alarm of a slip that does not come out."""
    return f"print:{job}"


class Printing:
    """Make it after the board and before the writer runs; hand `hear` to `Writer.listen`; run `run`."""

    def __init__(
        self,
        board: KitchenBoard,
        hot: Hot,
        reader: sqlite3.Connection,
        writer: Writer,
        alarms: Alarms,
        clock: Callable[[], Now],
        connect: Connect,
        limits: PrintLimits | None = None,
        adopted: Callable[[], tuple[PrinterConfig, ...]] = tuple,
    ) -> None:
        self._board = board
        self._hot = hot
        self._reader = reader
        self._writer = writer
        self._alarms = alarms
        self._clock = clock
        self._connect = connect
        self._limits = limits or PrintLimits()
        self._adopted = adopted
        self._changed = asyncio.Event()
        self._wakes: dict[str, asyncio.Event] = {}
        self._plan = PrintingPlan(self._limits, ())
        alarms.listen(self._alarmed)

    def _now_s(self) -> float:
        return self._clock().mono_ns / 1e9

    # ── what has to be printed ───────────────────────────────────────────────────────────────────

    def hear(self, batch: list[Committed]) -> None:
        """Take in what was committed."""
        for each in batch:
            if isinstance(each.state, Ticket):
                self._ticket(each.state, fresh=isinstance(each.fact.event, TicketFired | HeldTicketFired))
            elif isinstance(each.state, Printout):
                self._printout(each.state, asked=isinstance(each.fact.event, PrintAsked))
            elif isinstance(each.state, Venue):
                self._configured(each.state)

    def _configured(self, venue: Venue) -> None:
        if {each.name: each for each in self._printers(venue)} != self._plan.printers:
            self._changed.set()

    def _printers(self, venue: Venue | None) -> tuple[PrinterConfig, ...]:
        """Those that the staff adopted on the spot come before those of the owner's configuration."""
        adopted = self._adopted()
        names = {each.name for each in adopted}
        configured = venue.config.printers if venue else ()
        return (*adopted, *(each for each in configured if each.name not in names))

    def reconsider(self) -> None:
        """A printer was adopted, let go, or has moved."""
        if {each.name: each for each in self._printers(self._hot.committed_venue())} != self._plan.printers:
            self._changed.set()

    def _ticket(self, moved: Ticket, *, fresh: bool) -> None:
        if fresh:
            self._want_ticket(moved, overdue=False)
        elif moved.state not in TO_COOK:
            self._forget(ticket_job(moved.fired.ticket, moved.fired.station))

    def _forget(self, name: str) -> None:
        """The kitchen is done with the ticket: no paper is wanted any more."""
        job = self._plan.over(name)
        self._alarms.clear(job_alarm(name))
        if job is not None and job.begun:
            self._writer.submit(DropPrint(name, "the ticket is done", "box"), _heedless)

    def _printout(self, state: Printout, *, asked: bool) -> None:
        name = state.asked.job
        if state.state not in printout.OPEN_STATES:
            self._plan.over(name)
            self._alarms.clear(job_alarm(name))
        elif asked and state.asked.slip is not None:
            self._want(_job_of(state))

    def _alarmed(self, alarm: Alarm, up: bool) -> None:
        if up and alarm.code == UNACKNOWLEDGED:
            found = self._hot.committed(ticket.aggregate_of(alarm.detail["ticket"], alarm.detail["station"]))
            if isinstance(found, Ticket):
                self._want_ticket(found, overdue=True)

    def _want_ticket(self, wanted: Ticket, *, overdue: bool) -> None:
        """Queue the ticket if a printer serves its station and it is not on paper yet."""
        name, station = wanted.fired.ticket, wanted.fired.station
        printer = server_of(self._plan.printers.values(), station)
        if printer is None or not (overdue or printer.tickets == "every"):
            return
        job = ticket_job(name, station)
        state = self._hot.committed(printout.aggregate_of(job))
        if isinstance(state, Printout) and state.state not in printout.OPEN_STATES:
            return
        begun = isinstance(state, Printout) and state.attempts > 0
        self._want(Job(job, "ticket", station, begun=begun))

    def _want(self, job: Job) -> None:
        self._plan.want(job, self._now_s())
        self._wake()

    def _wake(self) -> None:
        for event in self._wakes.values():
            event.set()

    def _survey(self) -> None:
        """Work out from the disk what is to do, for the printers as they are configured now."""
        printers = self._printers(self._hot.committed_venue())
        for gone in self._plan.printers.keys() - {each.name for each in printers}:
            self._alarms.clear(printer_alarm(gone))
        self._plan = PrintingPlan(self._limits, printers)
        self._wakes = {name: asyncio.Event() for name in (*self._plan.printers, "")}
        for each in self._board.tickets():
            if each.state in TO_COOK:
                self._want_ticket(each, overdue=False)
        for alarm in self._alarms.current():
            self._alarmed(alarm, True)
        for (job,) in self._reader.execute(_OPEN).fetchall():
            self._resume(job)

    def _resume(self, name: str) -> None:
        """A printout that was open when the box stopped: still wanted, or dropped with its ticket."""
        state = self._hot.committed(printout.aggregate_of(name))
        if not isinstance(state, Printout) or name in self._plan:
            return
        if state.asked.slip is not None:
            self._want(_job_of(state))
            return
        found = self._open_ticket(name)
        if found is None:
            self._writer.submit(DropPrint(name, "the ticket is done", "box"), _heedless)
        elif found.state in TO_COOK:
            self._want_ticket(found, overdue=False)

    def _open_ticket(self, job: str) -> Ticket | None:
        """Asks the journal and not the board, which holds only the newest of what is open."""
        name, _, station = job.partition("@")
        found = self._hot.committed(ticket.aggregate_of(name, station))
        return found if isinstance(found, Ticket) and found.state in ticket.OPEN_STATES else None

    # ── printing ─────────────────────────────────────────────────────────────────────────────────

    async def run(self) -> None:
        """Print until cancelled; begin anew whenever the printers are configured differently."""
        while True:
            self._changed.clear()
            self._survey()
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._work(each), name=f"printer {each.name}")
                    for each in self._plan.printers.values()
                ]
                tasks.append(group.create_task(self._watch(), name="stuck slips"))
                await self._changed.wait()
                for task in tasks:
                    task.cancel()

    async def _work(self, config: PrinterConfig) -> None:
        """One printer, from the first slip to the last."""
        wake = self._wakes[config.name]
        printer = await asyncio.to_thread(self._connect, config)
        while True:
            wake.clear()
            rest_s = self._plan.rests_s(config.name, self._now_s())
            if rest_s == 0.0:
                await self._ready(config.name, printer)
                continue
            job = self._plan.take(config.name, self._now_s())
            if job is not None:
                await self._print(job, config, printer)
            else:
                await _wait(wake, rest_s)

    async def _ready(self, name: str, printer: Printer) -> bool:
        """Ask whether it could print now."""
        try:
            trouble = stopped_by(await printer.read())
            if trouble is not None:
                raise PrinterStopped(name, trouble)
        except DeviceError as error:
            self._failed(name, error)
            return False
        self._works(name)
        return True

    async def _print(self, job: Job, config: PrinterConfig, printer: Printer) -> None:
        begun = job.begun
        try:
            slip = self._slip(job)
            if slip is None:
                self._plan.over(job.name)
            elif await self._ready(config.name, printer) and await self._begin(job, config.name):
                begun = True
                await printer.print(slip)
                await self._finish(job, config)
        except DeviceError as error:
            self._failed(config.name, error)
        finally:
            self._plan.give_back(job.name, begun=begun)

    def _slip(self, job: Job) -> Slip | None:
        """What to print; None when there is no such thing any more."""
        if job.station is None:
            state = self._hot.committed(printout.aggregate_of(job.name))
            asked = state.asked.slip if isinstance(state, Printout) else None
            return _marked(asked, job.begun) if asked else None
        found = self._hot.committed(ticket.aggregate_of(job.name.partition("@")[0], job.station))
        if not isinstance(found, Ticket) or found.state not in TO_COOK:
            return None
        placed = local(found.placed_ms, self._timezone())
        return kitchen_slip(found, placed, self._station_name(job.station), reprint=job.begun)

    def _timezone(self) -> str:
        venue = self._hot.committed_venue()
        return venue.config.timezone if venue else "UTC"

    def _station_name(self, station: str) -> str:
        venue = self._hot.committed_venue()
        names = {each.id: each.name for each in venue.config.stations} if venue else {}
        return names.get(station, station)

    async def _begin(self, job: Job, printer: str) -> bool:
        """Write down that it is about to be sent. False when it is over already, or the disk fails."""
        outcome = await self._writer.execute(BeginPrint(job.name, job.kind, printer))
        if not isinstance(outcome, Refusal):
            return True
        if outcome.code == "illegal_transition":
            self._plan.over(job.name)
        else:
            self._plan.failed(printer, self._now_s(), hopeless=False)
        return False

    async def _finish(self, job: Job, config: PrinterConfig) -> None:
        """Write down that it came out; if the disk fails just now, it will come out again as a reprint."""
        outcome = await self._writer.execute(FinishPrint(job.name, config.name))
        if isinstance(outcome, Refusal):
            self._plan.failed(config.name, self._now_s(), hopeless=False)
        elif config.acknowledges and job.station is not None:
            name = job.name.partition("@")[0]
            command = AdvanceTicket(name, job.station, "received", f"printer:{config.name}")
            self._writer.submit(command, _heedless)

    def conditions(self) -> list[Condition]:
        """How each printer is."""
        return self._plan.conditions()

    # ── what people are told ─────────────────────────────────────────────────────────────────────

    def _works(self, name: str) -> None:
        was_out = self._plan.out_of_order(name)
        self._plan.works(name, self._now_s())
        self._alarms.clear(printer_alarm(name))
        if was_out:
            self._wake()

    def _failed(self, name: str, error: DeviceError) -> None:
        self._plan.failed(name, self._now_s(), hopeless=isinstance(error, PrinterStopped))
        if not self._plan.out_of_order(name):
            return
        trouble = _TROUBLES.get(error.detail, "does not answer")
        other = self._plan.stand_in(name)
        then = f"Its slips come out at {other}." if other else "Its slips wait."
        message = f"{name} {trouble}. {then}"
        detail = {"printer": name, "reason": error.detail if error.detail in _TROUBLES else error.code}
        self._alarms.raise_(
            Alarm(printer_alarm(name), "printer_stopped", message, self._clock().wall_ms, detail)
        )
        self._wake()

    async def _watch(self) -> None:
        """Tell of slips that nobody could print in time."""
        wake = self._wakes[""]
        while True:
            wake.clear()
            now_s = self._now_s()
            for job in self._plan.stuck(now_s):
                self._alarms.raise_(self._stuck(job))
            next_s = self._plan.next_stuck_s()
            await _wait(wake, None if next_s == NEVER else next_s - now_s)

    def _stuck(self, job: Job) -> Alarm:
        place = f"; please tell {self._station_name(job.station)}" if job.station else ""
        message = f"{job.name.partition('@')[0]} could not be printed{place}."
        detail = {"job": job.name, "kind": job.kind, "station": job.station or ""}
        return Alarm(job_alarm(job.name), "print_stuck", message, self._clock().wall_ms, detail)


def _job_of(state: Printout) -> Job:
    asked = state.asked
    return Job(asked.job, asked.kind, printer=asked.printer, begun=state.attempts > 0)


def _marked(slip: Slip, begun: bool) -> Slip:
    """The slip as it has to come out: a second one says so, and leaves the drawer shut."""
    again = slip.reprint or begun
    return msgspec.structs.replace(slip, reprint=again, open_drawer=slip.open_drawer and not again)


def _heedless(_outcome: Outcome) -> None:
    """For commands whose refusal means that things stand as wanted already."""


async def _wait(event: asyncio.Event, timeout_s: float | None) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
