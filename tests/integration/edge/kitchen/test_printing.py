"""Tickets on paper: through a real journal and real sockets, to printers that run dry, hang and refuse."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from edge.adapters.kitchen.escpos import REPRINT, EscPosPrinter
from edge.core.commands import AdoptMenu, AdvanceTicket, AskPrint, ConfigureVenue, FireCourse
from edge.core.devices.ports import Printer
from edge.effects.alarms import Alarm
from edge.effects.kitchen.printing import UNACKNOWLEDGED, Printing
from edge.effects.kitchen.printing_plan import PrintLimits, address_of
from edge.journal.board import MOST_TICKETS
from firmware_profiles.catalogue.printers import find_printer
from firmware_profiles.emulators.escpos import EscPosEmulator
from protocol.facts.printout import Printout, Slip, SlipLine
from protocol.facts.venue import PrinterConfig
from tests.integration.edge.kitchen.box import KitchenBox
from tests.open_box import until
from tests.sample_venue import BURGER, SOUP, WINE, config, coursed_menu

BRISK = PrintLimits(retry_s=0.02, most_retry_s=0.05, patience=2, stuck_s=60.0)
PATIENT_S, IMPATIENT_S = 60.0, 0.2


class PrintingBox(KitchenBox):
    """A furnished box whose printing runs for as long as it is told to."""

    def __init__(
        self,
        directory: Path,
        limits: PrintLimits = BRISK,
        timeout_s: float = PATIENT_S,
        most_tickets: int = MOST_TICKETS,
    ) -> None:
        super().__init__(directory, "venue-1", most_tickets=most_tickets)
        self._timeout_s = timeout_s
        self.printing = Printing(
            self.board, self.hot, self.reader, self.writer, self.alarms, self.clock, self._connect, limits
        )
        self.writer.listen(self.printing.hear)

    def _connect(self, printer: PrinterConfig) -> Printer:
        model = find_printer(printer.model)
        assert model is not None
        return EscPosPrinter(
            printer.name,
            *address_of(printer),
            model=model,
            timeout_s=self._timeout_s,
            done_timeout_s=self._timeout_s,
        )

    async def with_printers(self, *printers: PrinterConfig) -> "PrintingBox":
        """The venue, with these."""
        await self.furnish()
        await self.accept(ConfigureVenue(msgspec.structs.replace(config(), printers=printers)))
        return self

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Printing runs; on leaving it is stopped in the middle of whatever it does."""
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.printing.run())
            try:
                yield
            finally:
                task.cancel()

    def printout(self, job: str) -> tuple[str, int]:
        """State and attempts, as the journal says."""
        state = self.hot.committed(f"print:{job}")
        return (state.state, state.attempts) if isinstance(state, Printout) else ("none", 0)

    async def printed(self, job: str) -> None:
        """Wait until the journal says so."""
        await until(lambda: self.printout(job)[0] == "printed")

    def alarmed(self, key: str) -> Alarm | None:
        """The alarm of a key, if it is up."""
        return next((each for each in self.alarms.current() if each.key == key), None)


def at(emulator: EscPosEmulator, name: str = "Grill printer", **fields: object) -> PrinterConfig:
    """The configuration of an emulated printer, of the grill unless said otherwise."""
    address, model = f"{emulator.host}:{emulator.port}", emulator.model.model
    known = {"stations": ("grill",), **fields}
    return msgspec.convert({"name": name, "address": address, "model": model, **known}, PrinterConfig)


@pytest.fixture
async def paper() -> AsyncIterator[EscPosEmulator]:
    async with EscPosEmulator() as emulator:
        yield emulator


@pytest.fixture
async def other_paper() -> AsyncIterator[EscPosEmulator]:
    async with EscPosEmulator("XP-58IIH") as emulator:
        yield emulator


async def test_every_ticket_of_its_station_comes_out_once(tmp_path: Path, paper: EscPosEmulator) -> None:
    async with PrintingBox(tmp_path) as box:
        await box.with_printers(at(paper))
        async with box.working():
            first, second = await box.order(BURGER, WINE), await box.order(BURGER)
            await box.printed(f"{second}@grill")
        assert box.printout(f"{first}@bar") == ("none", 0)
    slips = await paper.printed(2)
    assert [slip.text.splitlines()[0] for slip in slips] == [first, second]
    assert "1 × Burger" in slips[0].text
    assert "Wine" not in slips[0].text
    assert REPRINT not in slips[0].text + slips[1].text


async def test_a_course_comes_out_when_it_is_fired_also_after_a_restart(
    tmp_path: Path, paper: EscPosEmulator
) -> None:
    async with PrintingBox(tmp_path) as box:
        await box.with_printers(at(paper))
        await box.accept(AdoptMenu(coursed_menu(2)))
        async with box.working():
            name = await box.order(SOUP, BURGER)
            await box.printed(f"{name}@grill")
    async with PrintingBox(tmp_path) as box, box.working():
        other = await box.order(SOUP)
        await box.printed(f"{other}@grill")
        assert box.printout(f"{name}.2@grill") == ("none", 0)
        await box.accept(FireCourse("ORD-7-1", "main", "staff:ann"))
        await box.printed(f"{name}.2@grill")
    soup, _, burger = await paper.printed(3)
    assert "Soup" in soup.text
    assert "Burger" not in soup.text
    assert "Burger" in burger.text
    assert "MAIN" in burger.text


async def test_what_was_printed_is_not_printed_again_after_a_restart(
    tmp_path: Path, paper: EscPosEmulator
) -> None:
    async with PrintingBox(tmp_path) as box:
        await box.with_printers(at(paper))
        async with box.working():
            first = await box.order()
            await box.printed(f"{first}@grill")
    async with PrintingBox(tmp_path) as box, box.working():
        second = await box.order()
        await box.printed(f"{second}@grill")
    assert [slip.text.splitlines()[0] for slip in await paper.printed(2)] == [first, second]


async def test_what_was_ordered_while_nothing_printed_comes_out_at_the_start(
    tmp_path: Path, paper: EscPosEmulator
) -> None:
    async with PrintingBox(tmp_path) as box:
        await box.with_printers(at(paper))
        cooked, wanted = await box.order(), await box.order()
        for state in ("preparing", "ready"):
            await box.accept(AdvanceTicket(cooked, "grill", state, "cook"))
    async with PrintingBox(tmp_path) as box, box.working():
        await box.printed(f"{wanted}@grill")
    assert [slip.text.splitlines()[0] for slip in await paper.printed(1)] == [wanted]


async def test_killed_in_the_middle_it_prints_again_and_says_so(
    tmp_path: Path, paper: EscPosEmulator
) -> None:
    """The slip was sent and the printer never said that it was through; then the power went."""
    paper.run_out(after_lines=2)
    async with PrintingBox(tmp_path) as box:
        await box.with_printers(at(paper))
        async with box.working():
            name = await box.order()
            await until(lambda: paper.head.paper == "end")
        assert box.printout(f"{name}@grill") == ("sending", 1)
    paper.mend()
    async with PrintingBox(tmp_path) as box, box.working():
        await box.printed(f"{name}@grill")
        assert box.printout(f"{name}@grill") == ("printed", 2)
    assert (await paper.printed(1))[-1].text.splitlines()[0] == REPRINT


async def test_a_begun_slip_of_a_ticket_that_is_off_the_board_is_printed_all_the_same(
    tmp_path: Path, paper: EscPosEmulator
) -> None:
    """The board holds only the newest of what is open; an older ticket is not done for that."""
    paper.run_out(after_lines=2)
    async with PrintingBox(tmp_path) as box:
        await box.with_printers(at(paper))
        async with box.working():
            name = await box.order()
            await until(lambda: paper.head.paper == "end")
        await box.order()
    paper.mend()
    async with PrintingBox(tmp_path, most_tickets=1) as box, box.working():
        assert name not in {each.fired.ticket for each in box.board.tickets()}
        await until(lambda: box.printout(f"{name}@grill")[0] in ("printed", "dropped"))
        assert box.printout(f"{name}@grill") == ("printed", 2)


async def test_without_paper_the_slip_waits_and_is_no_reprint(tmp_path: Path, paper: EscPosEmulator) -> None:
    paper.run_out()
    async with PrintingBox(tmp_path) as box:
        await box.with_printers(at(paper))
        async with box.working():
            name = await box.order()
            await until(lambda: box.alarmed("printer:Grill printer") is not None)
            alarm = box.alarmed("printer:Grill printer")
            assert alarm is not None
            assert (alarm.code, alarm.detail["reason"]) == ("printer_stopped", "paper_end")
            assert alarm.message == "Grill printer is out of paper. Its slips wait."
            assert box.printout(f"{name}@grill") == ("none", 0)
            paper.mend()
            await box.printed(f"{name}@grill")
            assert box.alarmed("printer:Grill printer") is None
    assert REPRINT not in (await paper.printed(1))[0].text


async def test_the_second_printer_takes_over_and_gives_back(
    tmp_path: Path, paper: EscPosEmulator, other_paper: EscPosEmulator
) -> None:
    paper.run_out()
    async with PrintingBox(tmp_path) as box:
        await box.with_printers(
            at(paper, fallback="Bar printer"), at(other_paper, "Bar printer", stations=("bar",))
        )
        async with box.working():
            first = await box.order(BURGER)
            await box.printed(f"{first}@grill")
            alarm = box.alarmed("printer:Grill printer")
            assert alarm is not None
            assert alarm.message.endswith("Its slips come out at Bar printer.")
            paper.mend()
            await until(lambda: box.alarmed("printer:Grill printer") is None)
            second = await box.order(BURGER)
            await box.printed(f"{second}@grill")
    assert first in (await other_paper.printed(1))[0].text
    assert second in (await paper.printed(1))[0].text


@pytest.mark.parametrize("fault", ["hang", "refuse", "drop"])
async def test_a_printer_that_does_not_answer_holds_up_nobody(
    tmp_path: Path, paper: EscPosEmulator, other_paper: EscPosEmulator, fault: str
) -> None:
    """Orders go through at once, the other station prints, and the slip comes out at the second printer."""
    if fault == "hang":
        paper.faults.hang()
    elif fault == "drop":
        paper.faults.drop = True
    else:
        await paper.stop()
    async with PrintingBox(tmp_path, timeout_s=IMPATIENT_S) as box:
        await box.with_printers(
            at(paper, fallback="Bar printer"), at(other_paper, "Bar printer", stations=("bar",))
        )
        async with box.working():
            name = await box.order(BURGER, WINE)
            await box.printed(f"{name}@bar")
            await box.printed(f"{name}@grill")
            assert box.alarmed("printer:Grill printer") is not None
    assert len(await other_paper.printed(2)) == 2


async def test_a_ticket_that_was_served_needs_no_paper(tmp_path: Path, paper: EscPosEmulator) -> None:
    paper.run_out()
    async with PrintingBox(tmp_path) as box:
        await box.with_printers(at(paper))
        async with box.working():
            served, wanted = await box.order(), await box.order()
            for state in ("preparing", "ready", "served"):
                await box.accept(AdvanceTicket(served, "grill", state, "cook"))
            paper.mend()
            await box.printed(f"{wanted}@grill")
    assert [slip.text.splitlines()[0] for slip in await paper.printed(1)] == [wanted]


async def test_only_what_nobody_acknowledged_goes_to_a_printer_of_last_resort(
    tmp_path: Path, paper: EscPosEmulator
) -> None:
    async with PrintingBox(tmp_path) as box:
        await box.with_printers(at(paper, tickets="unacknowledged"))
        async with box.working():
            seen, unseen = await box.order(), await box.order()
            await box.accept(AdvanceTicket(seen, "grill", "received", "device:grill"))
            detail = {"ticket": unseen, "station": "grill", "order_id": "ORD-7-2"}
            box.alarms.raise_(Alarm(f"ticket:{unseen}@grill", UNACKNOWLEDGED, "Please go.", 0, detail))
            await box.printed(f"{unseen}@grill")
        assert box.printout(f"{seen}@grill") == ("none", 0)
    assert [slip.text.splitlines()[0] for slip in await paper.printed(1)] == [unseen]


@pytest.mark.parametrize("acknowledges", [True, False])
async def test_paper_counts_as_received_only_where_the_owner_says_so(
    tmp_path: Path, paper: EscPosEmulator, acknowledges: bool
) -> None:
    async with PrintingBox(tmp_path) as box:
        await box.with_printers(at(paper, acknowledges=acknowledges))
        async with box.working():
            name = await box.order()
            await box.printed(f"{name}@grill")
            await box.order()
        assert box.state(name) == ("received" if acknowledges else "fired")


async def test_a_slip_that_somebody_asked_for_comes_out_where_receipts_do(
    tmp_path: Path, paper: EscPosEmulator, other_paper: EscPosEmulator
) -> None:
    receipt = Slip("The Harbour", (SlipLine("Burger", "9.50"),), open_drawer=True)
    async with PrintingBox(tmp_path) as box:
        till = at(other_paper, "Till printer", stations=(), receipts=True)
        await box.with_printers(at(paper), till)
        await box.accept(AskPrint("R-1", "receipt", receipt, "staff:ann"))
        async with box.working():
            await box.printed("R-1")
            await box.accept(AskPrint("R-2", "receipt", receipt, "staff:ann", "Grill printer"))
            await box.printed("R-2")
    assert "9.50" in (await other_paper.printed(1))[0].text
    assert "9.50" in (await paper.printed(1))[0].text


async def test_a_slip_that_nobody_can_print_alarms_the_staff_until_it_comes_out(
    tmp_path: Path, paper: EscPosEmulator
) -> None:
    paper.open_cover()
    async with PrintingBox(tmp_path, PrintLimits(0.02, 0.05, 2, stuck_s=0.05)) as box:
        await box.with_printers(at(paper))
        async with box.working():
            name = await box.order()
            await until(lambda: box.alarmed(f"print:{name}@grill") is not None)
            alarm = box.alarmed(f"print:{name}@grill")
            assert alarm is not None
            assert alarm.message == f"{name} could not be printed; please tell Grill."
            paper.mend()
            await box.printed(f"{name}@grill")
            assert box.alarmed(f"print:{name}@grill") is None


async def test_printers_can_be_changed_while_the_box_runs(
    tmp_path: Path, paper: EscPosEmulator, other_paper: EscPosEmulator
) -> None:
    await paper.stop()
    async with PrintingBox(tmp_path) as box:
        await box.with_printers(at(paper))
        async with box.working():
            name = await box.order()
            await until(lambda: box.alarmed("printer:Grill printer") is not None)
            await box.with_printers(at(other_paper, "New printer"))
            await box.printed(f"{name}@grill")
            assert box.alarmed("printer:Grill printer") is None
    assert name in (await other_paper.printed(1))[0].text


@pytest.mark.parametrize("model", ["TM-T20III", "XP-58IIH"])
async def test_any_script_is_on_paper_and_can_be_looked_at(tmp_path: Path, model: str) -> None:
    async with EscPosEmulator(model, pictures=tmp_path / "paper") as emulator:
        async with PrintingBox(tmp_path / "box") as box:
            table = msgspec.structs.replace(config().stations[0], name="烤架 / شواية")
            await box.furnish()
            stations = (table, *config().stations[1:])
            printers = (at(emulator),)
            await box.accept(
                ConfigureVenue(msgspec.structs.replace(config(), stations=stations, printers=printers))
            )
            async with box.working():
                name = await box.order(BURGER)
                await box.printed(f"{name}@grill")
        slip = (await emulator.printed(1))[0]
    assert "[picture]" in slip.text
    with Image.open(tmp_path / "paper" / "slip-0001.png") as picture:
        assert picture.width >= emulator.model.dots
        assert picture.convert("L").getextrema() == (0, 255)
    assert "?" not in slip.text
