"""Slips on paper: what is read there, and what is said when it does not come out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from PIL import Image

from edge.adapters.kitchen.escpos import REPRINT, EscPosPrinter, render
from edge.core.devices.ports import DeviceConfused, DeviceUnreachable, PrinterStopped
from firmware_profiles.catalogue.printers import PRINTERS, PrinterModel, find_printer
from firmware_profiles.emulators.escpos import EscPosEmulator
from firmware_profiles.emulators.escpos_paper import PrintHead
from firmware_profiles.emulators.escpos_paper import Slip as PaperSlip
from protocol.facts.printout import Slip, SlipLine

TICKET = Slip(
    heading="K-88",
    lines=(
        SlipLine("Table T1", right="19:42"),
        SlipLine("2 × Burger", large=True, bold=True),
        SlipLine("   no onions, extra cheese and a rather long note that needs a second row to be told"),
        SlipLine("1 × Crème brûlée", right="€ 6,50"),
    ),
    footing="Holdfast",
)
PATIENT_S, IMPATIENT_S = 60.0, 0.2


def printer_for(
    emulator: EscPosEmulator, timeout_s: float = PATIENT_S, done_timeout_s: float = PATIENT_S
) -> EscPosPrinter:
    return EscPosPrinter(
        "kitchen",
        emulator.host,
        emulator.port,
        model=emulator.model,
        timeout_s=timeout_s,
        done_timeout_s=done_timeout_s,
    )


@pytest.fixture(params=[row.model for row in PRINTERS])
async def emulator(request: pytest.FixtureRequest) -> AsyncIterator[EscPosEmulator]:
    async with EscPosEmulator(request.param) as made:
        yield made


async def test_a_ticket_is_read_on_paper_as_it_was_meant(emulator: EscPosEmulator) -> None:
    await printer_for(emulator).print(TICKET)
    text = (await emulator.printed(1))[0].text
    columns = emulator.model.columns
    assert text.splitlines()[0] == "K-88"
    assert f"Table T1{'19:42':>{columns - 8}}" in text
    assert "2 × Burger" in text or "[picture]" in text
    assert "second row" in text.replace("\n", " ")
    assert REPRINT not in text
    assert emulator.head.unknown == []


async def test_a_repeat_says_so(emulator: EscPosEmulator) -> None:
    await printer_for(emulator).print(Slip("K-88", (), reprint=True))
    await emulator.printed(1)
    assert emulator.slips[0].text.splitlines()[0] == REPRINT


async def test_letters_of_the_code_pages_are_text_on_an_epson() -> None:
    async with EscPosEmulator("TM-T20III") as emulator:
        await printer_for(emulator).print(
            Slip("Łódź", (SlipLine("Crème brûlée", right="€ 6,50"), SlipLine("Борщ"), SlipLine("Πίτα")))
        )
    assert "Crème brûlée" in emulator.slips[0].text
    assert "Łódź" in emulator.slips[0].text
    assert "Борщ" in emulator.slips[0].text
    assert "Πίτα" in emulator.slips[0].text
    assert "€ 6,50" in emulator.slips[0].text
    assert "[picture]" not in emulator.slips[0].text


@pytest.mark.parametrize("text", ["红烧肉", "शाकाहारी थाली", "مشويات مشكلة", "ラーメン", "🍕"])
async def test_other_scripts_are_pictures_that_fit_the_paper(emulator: EscPosEmulator, text: str) -> None:
    await printer_for(emulator).print(Slip("K-1", (SlipLine(text * 12, right="12.00", bold=True),)))
    await emulator.printed(1)
    assert "[picture]" in emulator.slips[0].text
    assert "?" not in emulator.slips[0].text
    assert emulator.head.unknown == []


async def test_the_drawer_opens_only_when_asked() -> None:
    async with EscPosEmulator() as emulator:
        printer = printer_for(emulator)
        await printer.print(TICKET)
        assert emulator.head.drawer_kicks == 0
        await printer.print(Slip("Receipt", (), open_drawer=True))
        assert emulator.head.drawer_kicks == 1


async def test_every_slip_can_be_looked_at(tmp_path: Path) -> None:
    async with EscPosEmulator(pictures=tmp_path) as emulator:
        await printer_for(emulator).print(Slip("Pay here", (), qr="http://venue.example/t/ABC123"))
    with Image.open(tmp_path / "slip-0001.png") as picture:
        assert picture.width > emulator.model.dots
        assert picture.convert("L").getextrema() == (0, 255)


async def test_a_ready_printer_says_so(emulator: EscPosEmulator) -> None:
    reading = await printer_for(emulator).read()
    assert (reading.online, reading.paper, reading.cover_open) == (True, "ok", False)


async def test_paper_near_its_end_still_prints(emulator: EscPosEmulator) -> None:
    emulator.run_out("near_end")
    assert (await printer_for(emulator).read()).paper == "near_end"
    await printer_for(emulator).print(TICKET)
    await emulator.printed(1)


async def test_an_empty_roll_is_named_and_nothing_was_sent(emulator: EscPosEmulator) -> None:
    emulator.run_out()
    with pytest.raises(PrinterStopped) as stopped:
        await printer_for(emulator).print(TICKET)
    assert stopped.value.detail == "paper_end"
    emulator.mend()
    assert emulator.slips == []
    await printer_for(emulator).print(TICKET)
    await emulator.printed(1)


async def test_an_open_cover_is_named(emulator: EscPosEmulator) -> None:
    emulator.open_cover()
    with pytest.raises(PrinterStopped) as stopped:
        await printer_for(emulator).print(TICKET)
    assert stopped.value.detail == "cover_open"


async def test_paper_that_ends_within_a_slip_is_named_and_the_rest_comes_out_later() -> None:
    long = Slip("K-9", tuple(SlipLine(f"line {n}") for n in range(60)))
    async with EscPosEmulator() as emulator:
        emulator.run_out(after_lines=20)
        with pytest.raises(PrinterStopped) as stopped:
            await printer_for(emulator, done_timeout_s=IMPATIENT_S).print(long)
        assert stopped.value.detail == "paper_end"
        assert emulator.slips == []
        emulator.mend()
        assert "line 59" in (await emulator.printed(1))[0].text


async def test_a_silent_printer_is_unreachable(emulator: EscPosEmulator) -> None:
    emulator.faults.hang()
    with pytest.raises(DeviceUnreachable):
        await printer_for(emulator, IMPATIENT_S).print(TICKET)


@pytest.mark.parametrize("fault", ["drop", "lose_answers"])
async def test_a_printer_that_hangs_up_is_unreachable(fault: str) -> None:
    async with EscPosEmulator() as emulator:
        setattr(emulator.faults, fault, True)
        with pytest.raises(DeviceUnreachable):
            await printer_for(emulator).print(TICKET)


async def test_a_printer_that_is_switched_off_is_unreachable() -> None:
    async with EscPosEmulator() as emulator:
        printer = printer_for(emulator)
        await emulator.stop()
        with pytest.raises(DeviceUnreachable):
            await printer.print(TICKET)
        await emulator.start()
        await printer.print(TICKET)


async def test_something_else_on_the_port_is_confusing() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH")
        await reader.read()
        writer.close()

    model = find_printer("TM-T20III")
    assert model is not None
    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(DeviceConfused):
            await EscPosPrinter("x", "127.0.0.1", port, model=model, timeout_s=PATIENT_S).read()


async def test_slips_for_one_printer_wait_for_each_other() -> None:
    async with EscPosEmulator() as emulator:
        printer = printer_for(emulator)
        async with asyncio.TaskGroup() as group:
            for n in range(8):
                group.create_task(printer.print(Slip(f"K-{n}", ())))
    assert sorted(slip.text.splitlines()[0] for slip in emulator.slips) == [f"K-{n}" for n in range(8)]


async def test_a_sender_that_never_leaves_wedges_the_printer_for_the_next() -> None:
    async with EscPosEmulator() as emulator:
        _reader, writer = await asyncio.open_connection(emulator.host, emulator.port)
        writer.write(b"\x1b@")
        await writer.drain()
        with pytest.raises(DeviceUnreachable):
            await printer_for(emulator, IMPATIENT_S).print(TICKET)
        writer.close()
        await writer.wait_closed()
        await printer_for(emulator).print(TICKET)


@pytest.mark.parametrize("model", PRINTERS, ids=lambda model: model.model)
def test_no_cutting_of_the_stream_changes_the_paper(model: PrinterModel) -> None:
    raw = render(TICKET, model) + render(Slip("K-2", (SlipLine("红烧肉"),)), model)
    texts = []
    for step in (1, 7, len(raw)):
        slips: list[str] = []
        head = PrintHead(model, _texts_into(slips))
        for place in range(0, len(raw), step):
            head.feed(raw[place : place + step])
        head.finish()
        texts.append(slips)
    assert texts[0] == texts[1] == texts[2]
    assert len(texts[0]) == (2 if model.cutter else 1)


def _texts_into(kept: list[str]) -> Callable[[PaperSlip], None]:
    return lambda slip: kept.append(slip.text)
