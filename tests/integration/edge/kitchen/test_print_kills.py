"""The box dies at every point of putting a ticket on paper: it comes out, and what comes out twice says so.

Real journal, real sockets, an emulated printer. Death is at exactly the points before and after each commit
and the sending; nothing after it runs, as after a kill.
"""

import asyncio
from pathlib import Path
from typing import NoReturn

import pytest

from edge.adapters.kitchen.escpos import REPRINT
from edge.core.commands import Command
from edge.core.devices.ports import Printer
from edge.journal.rebuild import rebuild
from edge.journal.writer import Outcome
from firmware_profiles.emulators.escpos import EscPosEmulator
from protocol.facts.printout import Slip
from protocol.facts.venue import PrinterConfig
from tests.integration.edge.kitchen.test_printing import PrintingBox, at


class Killed(BaseException):
    """The process is gone at this very point."""


class MortalPrinter:
    """A printer with the points around its sending."""

    def __init__(self, box: "MortalBox", real: Printer) -> None:
        self._box = box
        self._real = real
        self.read = real.read

    async def print(self, slip: Slip) -> None:
        """See `Printer`."""
        self._box.reached("before", "sending")
        await self._real.print(slip)
        self._box.reached("after", "sending")


class MortalBox(PrintingBox):
    """Dies before or after the first command of a type, or before or after the slip is sent."""

    point = ("", "")

    def mortal(self, when: str, what: str) -> None:
        """Choose the point."""
        self.point = (when, what)
        execute = self.writer.execute

        async def watched(command: Command) -> Outcome:
            self.reached("before", type(command).__name__)
            outcome = await execute(command)
            self.reached("after", type(command).__name__)
            return outcome

        self.writer.execute = watched  # type: ignore[method-assign]

    def reached(self, when: str, what: str) -> None:
        """Die if this is the point."""
        if (when, what) == self.point:
            die()

    def _connect(self, printer: PrinterConfig) -> Printer:
        return MortalPrinter(self, super()._connect(printer))  # type: ignore[return-value]


def die() -> NoReturn:
    """Here it ends."""
    raise Killed


#: Where it dies, and what then lies in front of the cook: first slips and reprints.
POINTS = [
    ("before", "BeginPrint", 1, 0),
    ("after", "BeginPrint", 0, 1),
    ("before", "sending", 0, 1),
    ("after", "sending", 1, 1),
    ("before", "FinishPrint", 1, 1),
    ("after", "FinishPrint", 1, 0),
]


@pytest.mark.parametrize(("when", "what", "first", "again"), POINTS)
async def test_killed_while_a_ticket_is_printed(
    tmp_path: Path, when: str, what: str, first: int, again: int
) -> None:
    async with EscPosEmulator() as paper:
        async with MortalBox(tmp_path) as box:
            await box.with_printers(at(paper))
            name = await box.order()
            box.mortal(when, what)
            with pytest.raises(BaseExceptionGroup) as death:
                async with box.working():
                    await asyncio.Event().wait()
            assert death.value.subgroup(Killed) is not None
        async with PrintingBox(tmp_path) as again_up, again_up.working():
            await again_up.printed(f"{name}@grill")
            other = await again_up.order()
            await again_up.printed(f"{other}@grill")
        slips = [slip.text for slip in await paper.printed(first + again + 1)]
    own = [slip for slip in slips if name in slip and other not in slip]
    assert len(slips) == first + again + 1
    assert [REPRINT in slip for slip in own] == [False] * first + [True] * again
    assert rebuild(tmp_path).agrees
