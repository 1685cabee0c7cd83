"""Which printer does what next: pure, a function of jobs, printers' failures and seconds handed in.

A job has a chain of printers: the one that serves it, that one's fallback, and so on. The first in the chain
that is not out of order takes it; if all are, whichever is tried next and works. A printer that failed is
left alone for a while, longer each time, and is out of order after a few failures or when it says itself
that it cannot print. A job that has waited too long is stuck, and somebody has to be told.

Counterpart: `printing.py` talks to the printers and writes down what became of the jobs.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec

from edge.core.deadlines import Deadlines
from protocol.facts.venue import PrinterConfig

DEFAULT_PORT = 9100


class PrintLimits(msgspec.Struct, frozen=True):
    """Seconds after a first failure and between later ones, failures that put a printer out of order, and
    seconds after which a job that did not come out is stuck."""

    retry_s: float = 2.0
    most_retry_s: float = 10.0
    patience: int = 2
    stuck_s: float = 30.0


class Job(msgspec.Struct, frozen=True):
    """A slip to be printed: for a kitchen `station`, or at the `printer` that was asked for (empty for any
    that prints receipts). `begun` says that it may be on paper already."""

    name: str
    kind: str
    station: str | None = None
    printer: str = ""
    begun: bool = False


class Condition(msgspec.Struct, frozen=True):
    """How a printer is: `heard_s` when it last said that it would print, None if it never did. `waiting`
    slips are for it, whoever prints them in the end; `out` when others should do its work."""

    name: str
    out: bool
    heard_s: float | None
    waiting: int


class _Health(msgspec.Struct):
    failures: int = 0
    retry_s: float = 0.0
    heard_s: float | None = None


def address_of(printer: PrinterConfig) -> tuple[str, int]:
    """Host and port; ESC/POS printers listen on 9100 (the vendors' 'raw' port)."""
    host, _, port = printer.address.rpartition(":")
    return (host, int(port)) if host and port.isdecimal() else (printer.address, DEFAULT_PORT)


def server_of(printers: Iterable[PrinterConfig], station: str) -> PrinterConfig | None:
    """The printer that gets the tickets of a station: the first that names it."""
    return next((each for each in printers if station in each.stations), None)


class PrintingPlan:
    """All seconds are of one clock that only moves forward."""

    def __init__(self, limits: PrintLimits, printers: Iterable[PrinterConfig]) -> None:
        self._limits = limits
        self.printers = {each.name: each for each in printers}
        self._health = {name: _Health() for name in self.printers}
        self._jobs: dict[str, Job] = {}
        self._taken: set[str] = set()
        self._stuck: Deadlines[str] = Deadlines()

    def __contains__(self, name: str) -> bool:
        return name in self._jobs

    # ── jobs ─────────────────────────────────────────────────────────────────────────────────────

    def want(self, job: Job, now_s: float) -> None:
        """A job came; oldest first."""
        if job.name not in self._jobs:
            self._jobs[job.name] = job
            self._stuck.set(job.name, now_s + self._limits.stuck_s)

    def over(self, name: str) -> Job | None:
        """The job came out or is not wanted any more; what it was, if it was still to be done."""
        self._taken.discard(name)
        self._stuck.drop(name)
        return self._jobs.pop(name, None)

    def take(self, printer: str, now_s: float) -> Job | None:
        """The next job for a printer that is free."""
        health = self._health[printer]
        if health.failures and now_s < health.retry_s:
            return None
        free = (job for job in self._jobs.values() if job.name not in self._taken)
        job = next((each for each in free if self._serves(printer, each)), None)
        if job is not None:
            self._taken.add(job.name)
        return job

    def give_back(self, name: str, *, begun: bool) -> None:
        """The job did not come out; `begun` says that a part of it may have."""
        self._taken.discard(name)
        job = self._jobs.get(name)
        if job is not None and begun:
            self._jobs[name] = msgspec.structs.replace(job, begun=True)

    def stuck(self, now_s: float) -> list[Job]:
        """Jobs that have waited too long, each told once."""
        return [self._jobs[name] for name in self._stuck.take(now_s)]

    def next_stuck_s(self) -> float:
        """When the next job gets stuck."""
        return self._stuck.next_s()

    # ── printers ─────────────────────────────────────────────────────────────────────────────────

    def chain(self, job: Job) -> list[str]:
        """The printers that may print a job, best first."""
        first = self._first(job)
        chain: list[str] = []
        while first is not None and first.name not in chain:
            chain.append(first.name)
            first = self.printers.get(first.fallback)
        return chain

    def _first(self, job: Job) -> PrinterConfig | None:
        printers = self.printers.values()
        if job.station is not None:
            return server_of(printers, job.station)
        return self.printers.get(job.printer) or next((each for each in printers if each.receipts), None)

    def _serves(self, printer: str, job: Job) -> bool:
        chain = self.chain(job)
        able = [name for name in chain if not self.out_of_order(name)]
        return printer == able[0] if able else printer in chain

    def stand_in(self, printer: str) -> str | None:
        """Who prints what this one cannot."""
        name = self.printers[printer].fallback
        return name if name in self.printers and not self.out_of_order(name) else None

    def failed(self, printer: str, now_s: float, *, hopeless: bool) -> None:
        """It did not print. `hopeless` when it says itself that it cannot."""
        health, limits = self._health[printer], self._limits
        health.failures = max(health.failures + 1, limits.patience if hopeless else 0)
        health.heard_s = None
        pause_s = limits.retry_s * 2.0 ** min(health.failures - 1, 10)
        health.retry_s = now_s + min(limits.most_retry_s, pause_s)

    def works(self, printer: str, now_s: float) -> None:
        """It printed, or says that it would."""
        self._health[printer] = _Health(heard_s=now_s)

    def conditions(self) -> list[Condition]:
        """How each printer is."""
        first = Counter(each.name for job in self._jobs.values() if (each := self._first(job)) is not None)
        return [
            Condition(name, self.out_of_order(name), health.heard_s, first[name])
            for name, health in self._health.items()
        ]

    def out_of_order(self, printer: str) -> bool:
        """Whether others should do its work."""
        return self._health[printer].failures >= self._limits.patience

    def rests_s(self, printer: str, now_s: float) -> float | None:
        """Seconds until it is to be tried again; None for one that did not fail."""
        health = self._health[printer]
        return max(0.0, health.retry_s - now_s) if health.failures else None
