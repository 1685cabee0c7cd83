"""A receipt printer on TCP 9100: keeps what it printed, one sender at a time.

A real printer serves one connection; the next waits until the first is closed, and a sender that never
closes wedges it for everybody (odoo#230223). Out of paper or with the cover open it goes on answering
`DLE EOT`, keeps what it was sent, and prints it when mended.

Counterpart: `edge/adapters/kitchen/escpos.py`.
"""

import asyncio
from pathlib import Path
from typing import Self

from firmware_profiles.catalogue.printers import PrinterModel, find_printer
from firmware_profiles.emulators.escpos_paper import PrintHead, Slip
from firmware_profiles.emulators.escpos_picture import draw
from firmware_profiles.emulators.faults import Faults


class EscPosEmulator:
    """A printer. With `pictures` each slip is saved there as `slip-0001.png` and so on."""

    def __init__(
        self,
        model: str = "TM-T20III",
        *,
        serial: str = "X7RB000001",
        port: int = 0,
        pictures: Path | None = None,
    ) -> None:
        row = find_printer(model)
        if row is None:
            raise ValueError(f"no printer {model!r} in the catalogue")
        self.model: PrinterModel = row
        self.faults = Faults()
        self.host = "127.0.0.1"
        self.port = port
        self.slips: list[Slip] = []
        self.head = PrintHead(row, self._keep, serial)
        self._came_out = asyncio.Event()
        self._pictures = pictures
        self._server: asyncio.Server | None = None
        self._one_sender = asyncio.Lock()
        self._senders: set[asyncio.StreamWriter] = set()
        self._current: asyncio.StreamWriter | None = None

    # ── what can happen to the thing itself ─────────────────────────────────────────────────────
    def run_out(self, paper: str = "end", after_lines: int = 0) -> None:
        """The roll is `near_end` or at its `end`, at once or after so many more lines."""
        if after_lines:
            self.head.lines_left = after_lines
        else:
            self.head.paper = paper

    def open_cover(self) -> None:
        """Somebody looks inside."""
        self.head.cover_open = True

    def mend(self) -> None:
        """New roll in, cover closed: what was waiting is printed."""
        self.head.paper, self.head.cover_open, self.head.fault = "ok", False, False
        answers = bytearray()
        self.head.work(answers)
        if self._current is None:
            self.head.finish()
        else:
            self._current.write(bytes(answers))

    async def printed(self, count: int) -> list[Slip]:
        """Wait until so many slips have come out; all of them."""
        while len(self.slips) < count:
            self._came_out.clear()
            await self._came_out.wait()
        return self.slips

    # ── TCP ─────────────────────────────────────────────────────────────────────────────────────
    async def start(self) -> None:
        """Take the port and serve."""
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Switched off: connections are refused."""
        self.faults.answer()
        for writer in list(self._senders):
            writer.transport.abort()
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._senders.add(writer)
        try:
            async with self._one_sender:
                self._current = writer
                await self._print(reader, writer)
        except ConnectionError:
            pass  # the sender has gone; what it sent so far is on paper
        finally:
            self._current = None
            self._senders.discard(writer)
            writer.transport.abort()

    async def _print(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await self.faults.delay()
            data = await reader.read(4096)
            if self.faults.drop or not data:
                break
            answers = self.head.feed(data)
            if self.faults.lose_answers:
                break
            writer.write(answers)
            await writer.drain()
        self.head.finish()

    def _keep(self, slip: Slip) -> None:
        self.slips.append(slip)
        self._came_out.set()
        if self._pictures is not None:
            self._pictures.mkdir(parents=True, exist_ok=True)
            picture = draw(slip, self.model.dots, self.model.columns)
            picture.save(self._pictures / f"slip-{len(self.slips):04}.png")
