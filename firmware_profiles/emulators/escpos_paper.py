"""The inside of an ESC/POS printer, sans-IO: bytes in, answers and printed paper out.

Source: download4.epson.biz/sec_pubs/pos/reference_en/escpos — ESC @, ESC !, ESC E, ESC a, ESC t, ESC d,
ESC p, GS !, GS B, GS I, GS V, GS v 0, GS r, DLE EOT. `DLE EOT` is answered at once, even while the printer
cannot print; `GS r` only in its turn, so its answer means that everything before it has been worked off.
Fixed bits of a status byte are 0b0001_0010.

What is printed can be read as text and looked at as a picture. Commands it does not know are remembered
in `unknown`, so that a test can tell that we send none.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from firmware_profiles.catalogue.printers import PrinterModel

ESC, GS, DLE = 0x1B, 0x1D, 0x10
_FIXED = 0b0001_0010
_REAL_TIME = re.compile(rb"\x10\x04[\x01-\x04]")
#: How many argument bytes follow commands that change nothing we draw. DLE EOT was answered on arrival.
_IGNORED = {
    b"\x1b{": 1,
    b"\x1b-": 1,
    b"\x1bM": 1,
    b"\x1b3": 1,
    b"\x1b2": 0,
    b"\x1bR": 1,
    b"\x1db": 1,
    b"\x10\x04": 1,
}


@dataclass(frozen=True, slots=True)
class Style:
    """How characters look: multiples of the normal cell, `align` 0 left, 1 centre, 2 right."""

    bold: bool = False
    invert: bool = False
    wide: int = 1
    high: int = 1
    align: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """Printed characters up to a line feed, in runs of one style."""

    runs: tuple[tuple[str, Style], ...]

    @property
    def text(self) -> str:
        """The characters alone."""
        return "".join(text for text, _style in self.runs)


@dataclass(frozen=True, slots=True)
class Picture:
    """A raster image as it was sent."""

    image: Image.Image
    align: int = 0


@dataclass(slots=True)
class Slip:
    """A piece of paper, up to a cut."""

    parts: list[Line | Picture] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What can be read on it; a picture shows as `[picture]`."""
        return "\n".join(part.text if isinstance(part, Line) else "[picture]" for part in self.parts)


class PrintHead:
    """Works off a stream. `on_slip` is handed each finished piece of paper."""

    def __init__(self, model: PrinterModel, on_slip: Callable[[Slip], None], serial: str = "") -> None:
        self.model, self.serial = model, serial
        self.paper = "ok"
        self.lines_left: int | None = None
        self.cover_open = False
        self.fault = False
        self.drawer_kicks = 0
        self.unknown: list[bytes] = []
        self._on_slip = on_slip
        self._buffer = bytearray()
        self._pages = {number: codec for codec, number in model.code_pages}
        self._seen = b""
        self._slip = Slip()
        self._commands: dict[bytes, Callable[[int], None]] = {
            b"\x1b!": self._print_mode,
            b"\x1bE": lambda value: self._restyle(bold=bool(value & 1)),
            b"\x1ba": lambda value: self._restyle(align=value % 48),
            b"\x1bt": self._select_page,
            b"\x1bd": self._feed_lines,
            b"\x1bp": self._kick_drawer,
            b"\x1d!": self._size,
            b"\x1dB": lambda value: self._restyle(invert=bool(value & 1)),
            b"\x1dV": self._cut,
        }
        self._reset()

    @property
    def ready(self) -> bool:
        """Whether it would print now."""
        return self.paper != "end" and not self.cover_open and not self.fault

    def feed(self, data: bytes) -> bytes:
        """Take bytes; give back what the printer answers."""
        answers = bytearray(self._status(kind) for kind in self._asked_for(data))
        self._buffer += data
        self.work(answers)
        return bytes(answers)

    def work(self, answers: bytearray) -> None:
        """Print as much of the buffer as is whole, if the printer can."""
        while self._buffer and self.ready:
            size = self._step(answers)
            if size == 0:
                return
            del self._buffer[:size]

    def finish(self) -> None:
        """The sender has gone: what was printed since the last cut is torn off."""
        self._end_line()
        if self._slip.parts:
            self._on_slip(self._slip)
            self._slip = Slip()

    def _asked_for(self, data: bytes) -> list[int]:
        """Which states `data` asks for. Epson warns that this is looked for inside pictures as well."""
        window = self._seen + data
        self._seen = window[-2:]
        return [found[2] for found in _REAL_TIME.findall(window)]

    def _status(self, kind: int) -> int:
        """The byte for DLE EOT 1 (printer), 2 (cause of off-line), 3 (error), 4 (paper)."""
        no_paper = self.paper == "end"
        if kind == 1:
            return _FIXED | (0 if self.ready else 0x08)
        if kind == 2:
            return _FIXED | self.cover_open * 0x04 | no_paper * 0x20 | self.fault * 0x40
        if kind == 3:
            return _FIXED | self.fault * 0x20
        return _FIXED | (self.paper != "ok") * 0x0C | no_paper * 0x60

    def _step(self, answers: bytearray) -> int:
        """Obey the command at the head of the buffer; its size, 0 while it is not all there."""
        first = self._buffer[0]
        if first not in (ESC, GS, DLE):
            return self._character(first)
        if len(self._buffer) < 2:
            return 0
        key = bytes(self._buffer[:2])
        if key in _IGNORED:
            return self._whole(2 + _IGNORED[key])
        if key == b"\x1b@":
            self._reset()
            return 2
        return self._raster() if key == b"\x1dv" else self._argument(key, answers)

    def _argument(self, key: bytes, answers: bytearray) -> int:
        """Commands with an argument byte; two of them are longer."""
        if len(self._buffer) < 3:
            return 0
        value = self._buffer[2]
        size = {b"\x1dV": 4 if value in (65, 66) else 3, b"\x1bp": 5}.get(key, 3)
        if len(self._buffer) < size:
            return 0
        if key == b"\x1dr":
            answers.append(0x00 if self.paper == "ok" else 0x03)
        elif key == b"\x1dI":
            answers += self._told(value)
        elif key in self._commands:
            self._commands[key](value)
        else:
            self.unknown.append(bytes(self._buffer[:3]))
        return size

    def _told(self, wanted: int) -> bytes:
        """GS I, 'printer information B': `_`, what was asked for, NUL. Clones without status tell nothing."""
        if not self.model.tells_done:
            return b""
        told = {65: "1.02", 66: "EPSON", 67: self.model.model, 68: self.serial}.get(wanted, "")
        return b"_" + told.encode() + b"\x00"

    def _print_mode(self, value: int) -> None:
        self._restyle(bold=bool(value & 0x08), high=1 + bool(value & 0x10), wide=1 + bool(value & 0x20))

    def _size(self, value: int) -> None:
        self._restyle(wide=1 + (value >> 4), high=1 + (value & 7))

    def _select_page(self, value: int) -> None:
        self._page = self._pages.get(value, "ascii")

    def _kick_drawer(self, _pin: int) -> None:
        self.drawer_kicks += 1

    def _character(self, byte: int) -> int:
        if byte == 0x0A:
            self._end_line(always=True)
        elif byte >= 0x20:
            text = bytes([byte]).decode(self._page, "replace")
            if self._runs and self._runs[-1][1] == self._style:
                self._runs[-1] = (self._runs[-1][0] + text, self._style)
            else:
                self._runs.append((text, self._style))
        elif byte not in (0x00, 0x0D):
            self.unknown.append(bytes([byte]))
        return 1

    def _raster(self) -> int:
        """GS v 0 m xL xH yL yH data."""
        if len(self._buffer) < 8:
            return 0
        columns = int.from_bytes(self._buffer[4:6], "little")
        rows = int.from_bytes(self._buffer[6:8], "little")
        size = 8 + columns * rows
        if len(self._buffer) >= size:
            raw = bytes(255 - byte for byte in self._buffer[8:size])
            image = Image.frombytes("1", (columns * 8, rows), raw)
            self._end_line()
            self._slip.parts.append(Picture(image, self._style.align))
        return self._whole(size)

    def _whole(self, size: int) -> int:
        return size if len(self._buffer) >= size else 0

    def _reset(self) -> None:
        self._style = Style()
        self._page = self._pages.get(0, "ascii")
        self._runs: list[tuple[str, Style]] = []

    def _restyle(self, **changes: bool | int) -> None:
        kept = {name: getattr(self._style, name) for name in Style.__slots__}
        self._style = Style(**{**kept, **changes})

    def _feed_lines(self, count: int) -> None:
        for _ in range(count):
            self._end_line(always=True)

    def _end_line(self, always: bool = False) -> None:
        if self._runs or always:
            self._slip.parts.append(Line(tuple(self._runs)))
            self._runs = []
            self._use_paper()

    def _use_paper(self) -> None:
        if self.lines_left is not None:
            self.lines_left -= 1
            if self.lines_left == 0:
                self.paper, self.lines_left = "end", None

    def _cut(self, _kind: int) -> None:
        if self.model.cutter:
            self.finish()
