"""Receipt and kitchen printers that speak ESC/POS on TCP 9100.

A slip is rendered to bytes with python-escpos' `Dummy` in a thread, then sent from here: connect, ask
`DLE EOT` whether it can print, send, wait for the answer to `GS r`, which the printer gives only once
everything before it has been worked off, close. Sent is not printed, and a printer whose sender does
not close is wedged for the next one (odoo#230223).

A line that none of the model's code pages holds is sent as a picture, shaped by Pillow with a font that
has its letters. Counterpart: `firmware_profiles/emulators/escpos.py`; the port is `Printer` in
`edge/core/devices/ports.py`.
"""

import asyncio
import contextlib
import shutil
import subprocess
import textwrap
import unicodedata
from collections.abc import AsyncIterator, Coroutine
from functools import lru_cache
from typing import TypeVar

import msgspec
from escpos.magicencode import Encoder
from escpos.printer import Dummy
from PIL import Image, ImageDraw, ImageFont

from edge.core.devices.ports import (
    DeviceConfused,
    DeviceIdentity,
    DeviceUnreachable,
    PrinterReading,
    PrinterStopped,
    stopped_by,
)
from firmware_profiles.catalogue.printers import PrinterModel
from protocol.facts.printout import Slip, SlipLine

REPRINT = "*** REPRINT ***"
#: `DLE EOT` 1, 2 and 4: the printer, why it is off-line, its paper.
_STATUS = b"\x10\x04\x01\x10\x04\x02\x10\x04\x04"
#: `GS r 1`: the paper sensor, told in its turn.
_DONE = b"\x1dr\x01"
#: `GS I` 67 and 68: what model it is, and which one of them (download4.epson.biz, 'GS I').
_MODEL, _SERIAL = b"\x1dIC", b"\x1dID"
_TELL_WITHIN_S = 2.0
#: Bits that are the same in every answer to `DLE EOT`.
_FIXED_MASK, _FIXED = 0b1001_0011, 0b0001_0010
#: Height of a line that is sent as a picture, and of its letters.
_LINE_PX, _LETTER_PX = 34, 26

T = TypeVar("T")
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


class EscPosPrinter:
    """One printer of a known model. Calls wait for each other.

    `timeout_s` is for a word on the wire, `done_timeout_s` for the paper to come out.
    """

    def __init__(
        self,
        name: str,
        host: str,
        port: int = 9100,
        *,
        model: PrinterModel,
        timeout_s: float = 5.0,
        done_timeout_s: float = 20.0,
    ) -> None:
        self.name = name
        self._host, self._port = host, port
        self._model = model
        self._timeout_s, self._done_timeout_s = timeout_s, done_timeout_s
        self._one_at_a_time = asyncio.Lock()

    async def identify(self) -> DeviceIdentity:
        """From `GS I` 67 and 68; clones keep silent, which is no error. Raises `PrinterStopped`."""
        async with self._one_at_a_time, self._connected() as wire:
            self._expect_ready(await self._status(wire))  # it would not come to our question
            model = await self._told(wire, _MODEL)
            serial = await self._told(wire, _SERIAL) if model else ""
        return DeviceIdentity(model, "", "", serial)

    async def _told(self, wire: "_Wire", question: bytes) -> str:
        """'Printer information B': `_`, text, NUL. Empty when nothing comes in time."""
        try:
            async with asyncio.timeout(_TELL_WITHIN_S):
                raw = await wire.ask_text(question)
        except TimeoutError:
            return ""
        except (OSError, EOFError, ValueError) as error:
            raise DeviceUnreachable(self.name, repr(error)) from error
        return raw.removeprefix(b"_").decode("ascii", "replace").strip()

    async def read(self) -> PrinterReading:
        """From `DLE EOT`; a model that does not answer it counts as ready once it lets us in."""
        async with self._one_at_a_time, self._connected() as wire:
            return await self._status(wire)

    async def print(self, slip: Slip) -> None:
        """Render, send, and wait for the word that it was worked off."""
        raw = await asyncio.to_thread(render, slip, self._model)
        async with self._one_at_a_time, self._connected() as wire:
            self._expect_ready(await self._status(wire))
            await self._wait(self._timeout_s, wire.send(raw))
            if self._model.tells_done:
                await self._done(wire)
            self._expect_ready(await self._status(wire))

    async def _done(self, wire: "_Wire") -> None:
        """Wait for the paper. When it does not come, the printer is asked why."""
        try:
            await self._wait(self._done_timeout_s, wire.ask(_DONE, 1))
        except DeviceUnreachable:
            self._expect_ready(await self._status(wire))
            raise

    async def _status(self, wire: "_Wire") -> PrinterReading:
        if not self._model.tells_status:
            return PrinterReading(online=True)
        printer, cause, paper = await self._wait(self._timeout_s, wire.ask(_STATUS, 3))
        if any(byte & _FIXED_MASK != _FIXED for byte in (printer, cause, paper)):
            raise DeviceConfused(self.name, f"DLE EOT answered {printer:#x} {cause:#x} {paper:#x}")
        return PrinterReading(
            online=not printer & 0x08,
            paper="end" if paper & 0x60 or cause & 0x20 else "near_end" if paper & 0x0C else "ok",
            cover_open=bool(cause & 0x04),
            fault=bool(cause & 0x40),
        )

    def _expect_ready(self, reading: PrinterReading) -> None:
        trouble = stopped_by(reading)
        if trouble is not None:
            raise PrinterStopped(self.name, trouble)

    @contextlib.asynccontextmanager
    async def _connected(self) -> "AsyncIterator[_Wire]":
        wire = await self._wait(self._timeout_s, _connect(self._host, self._port))
        try:
            yield wire
        finally:
            await wire.close()

    async def _wait(self, timeout_s: float, step: Coroutine[object, object, T]) -> T:
        try:
            async with asyncio.timeout(timeout_s):
                return await step
        except (OSError, EOFError, TimeoutError) as error:
            raise DeviceUnreachable(self.name, repr(error)) from error


class _Wire:
    """One connection to a printer."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def send(self, raw: bytes) -> None:
        self._writer.write(raw)
        await self._writer.drain()

    async def ask(self, raw: bytes, answer_bytes: int) -> bytes:
        await self.send(raw)
        return await self._reader.readexactly(answer_bytes)

    async def ask_text(self, raw: bytes) -> bytes:
        await self.send(raw)
        return (await self._reader.readuntil(b"\x00"))[:-1]

    async def close(self) -> None:
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


async def _connect(host: str, port: int) -> _Wire:
    return _Wire(*await asyncio.open_connection(host, port))


# ── rendering ───────────────────────────────────────────────────────────────────────────────────
def render(slip: Slip, model: PrinterModel) -> bytes:
    """The slip as bytes for this model. Blocks for some milliseconds."""
    pages = Encoder({codec.upper(): number for codec, number in model.code_pages})
    head = Dummy(profile=model.profile, magic_encode_args={"encoder": pages})
    head.hw("INIT")
    if slip.open_drawer and model.drawer:
        head.cashdraw(2)
    if slip.reprint:
        _text(head, pages, model, SlipLine(REPRINT, bold=True), align="center", invert=True)
    _text(head, pages, model, SlipLine(slip.heading, bold=True, large=True), align="center")
    for line in slip.lines:
        _text(head, pages, model, line)
    if slip.qr:
        head.set_with_default(align="center")
        head.qr(slip.qr, size=max(3, model.dots // 96))
    if slip.footing:
        _text(head, pages, model, SlipLine(slip.footing), align="center")
    if model.cutter:
        head.cut()
    else:
        head.ln(4)
    return bytes(head.output)


def _text(
    head: Dummy,
    pages: Encoder,
    model: PrinterModel,
    line: SlipLine,
    *,
    align: str = "left",
    invert: bool = False,
) -> None:
    """One slip line in the printer's own letters, or as a picture where it lacks them."""
    line = msgspec.structs.replace(line, text=_harmless(line.text), right=_harmless(line.right))
    head.set_with_default(
        align=align, bold=line.bold, double_width=line.large, double_height=line.large, invert=invert
    )
    letters = set(line.text + line.right)
    if all(pages.find_suitable_encoding(letter) for letter in letters):
        for row in _rows(line, model.columns // (2 if line.large else 1)):
            head.textln(row)
    else:
        head.image(_picture(line, model.dots, centred=align == "center"))


def _harmless(text: str) -> str:
    """Without control characters: what a guest writes into a note could open the drawer or cut the paper."""
    return "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in text)


def _rows(line: SlipLine, columns: int) -> list[str]:
    """The line in rows of `columns`, what is right flush with the edge of the first."""
    room = columns - len(line.right) - 1 if line.right else columns
    left = textwrap.wrap(line.text, max(8, room)) or [""]
    if line.right:
        left[0] = f"{left[0]:<{max(8, room)}} {line.right}"
    return left


def _picture(line: SlipLine, dots: int, *, centred: bool) -> Image.Image:
    """The line drawn in black on white, as wide as the paper."""
    scale = 2 if line.large else 1
    font = _font(_special(line.text + line.right), _LETTER_PX * scale)
    room = dots - (font.getlength(line.right) + _LETTER_PX if line.right else 0)
    rows = _fitted(line.text, font, room)
    image = Image.new("1", (dots, _LINE_PX * scale * len(rows)), 1)
    pen = ImageDraw.Draw(image)
    middle = _LINE_PX * scale / 2
    for place, row in enumerate(rows):
        left, anchor = (dots / 2, "mm") if centred else (0.0, "lm")
        pen.text((left, middle + place * 2 * middle), row, fill=0, font=font, anchor=anchor)
    pen.text((dots, middle), line.right, fill=0, font=font, anchor="rm")
    return image


def _fitted(text: str, font: Font, room_px: float) -> list[str]:
    """Words in rows that fit; a word that never fits is cut, since Chinese has no blanks to break at."""
    rows = [""]
    for word in text.split():
        for piece in [word] if font.getlength(word) <= room_px else list(word):
            glue = " " if rows[-1] and piece == word else ""
            if font.getlength(rows[-1] + glue + piece) > room_px and rows[-1]:
                rows.append(piece)
            else:
                rows[-1] += glue + piece
    return rows


def _special(text: str) -> str:
    """The letters that a font must have, in a form that can be remembered."""
    return "".join(sorted({letter for letter in text if ord(letter) > 0x7F}))[:16]


@lru_cache(maxsize=128)
def _font(letters: str, size_px: int) -> Font:
    """A font of this machine that has `letters`; Pillow's own where fontconfig knows none."""
    matcher = shutil.which("fc-match")
    if matcher is not None:
        wanted = " ".join(f"{ord(letter):x}" for letter in letters)
        found = subprocess.run(
            [matcher, "--format=%{file}", f":charset={wanted}"], capture_output=True, text=True, check=False
        )
        with contextlib.suppress(OSError):  # a font of fixed sizes, such as one of emoji
            return ImageFont.truetype(found.stdout, size_px)
    return ImageFont.load_default(size_px)
