"""Asking for slips about money: a job each, named so that a second print of the same thing says so."""

from edge.core.commands import AskPrint
from edge.web.counter import Counter
from protocol.errors import Refused, refuse
from protocol.facts.printout import Printout, Slip


class Paper:
    """Jobs for the printers that print receipts."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def expect_printer(self, name: str = "") -> None:
        """Raises `Refused` with `no_printer` when nothing could ever come out."""
        printers = self._counter.config().printers
        if not any(each.receipts if not name else each.name == name for each in printers):
            raise Refused(refuse("no_printer"))

    def _free(self, name: str) -> tuple[str, int]:
        """A job's name that nobody has used, and the how manieth of its kind it is."""
        job, number = name, 1
        while isinstance(self._counter.hot.committed(f"print:{job}"), Printout):
            number += 1
            job = f"{name}/{number}"
        return job, number

    async def print(self, kind: str, name: str, slip: Slip, by: str, printer: str = "") -> str:
        """Put `slip` on paper under `name`; the job's name. Later prints of the same name are marked."""
        job, number = self._free(name)
        again = Slip(slip.heading, slip.lines, slip.footing, reprint=True)
        return await self.ask(kind, job, slip if number == 1 else again, by, printer)

    async def ask(self, kind: str, job: str, slip: Slip, by: str, printer: str = "") -> str:
        """Put `slip` on paper as `job`, unless it was asked for already; the job."""
        self.expect_printer(printer)
        await self._counter.do(AskPrint(job, kind, slip, by, printer))
        return job
