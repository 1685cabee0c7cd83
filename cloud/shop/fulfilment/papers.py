"""Papers of an order: the slip that lies in the parcel, and the sheet by which somebody makes the thing.

Rule of the file: pure; facts and pictures in, the bytes of a PDF out, the same bytes for the same order.
A4; the address stands where a window envelope shows it (DIN 5008, form B). Drawing takes a while, so
handlers do it in a thread. Set with ReportLab (https://docs.reportlab.com); `lettering.py` has the typefaces.
"""

import io
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
import segno
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from cloud.shop.fulfilment import lettering

_WIDTH, _HEIGHT = A4
_LEFT, _RIGHT = 20 * mm, _WIDTH - 20 * mm
_INK, _SOFT, _LINE = (0.07, 0.16, 0.18), (0.29, 0.38, 0.4), (0.8, 0.78, 0.7)
_LEADING = 5.2 * mm
_MM: float = mm
_ROW = 8 * mm
_LOWEST = 40 * mm


class PaperLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the order; `about` says what is on the design in words, `picture` is its final render
    (PNG).
    """

    quantity: int
    name: str
    about: tuple[str, ...] = ()
    picture: bytes | None = None


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """What papers are about. `to` are the lines of the address, none where the guest collects."""

    venue: str
    sender: tuple[str, ...]
    number: str
    name: str
    to: tuple[str, ...]
    ordered_at: datetime
    note: str
    lines: tuple[PaperLine, ...]
    page_url: str
    staff_url: str


def packing_slip(paper: Paper) -> bytes:
    """What lies in the parcel: whose it is, what is in it, and how to order it again. No prices."""
    canvas, out = _canvas(f"{paper.venue} {paper.number} packing slip")
    _address(canvas, paper)
    y = _title(canvas, _HEIGHT - 105 * mm, f"Order {paper.number}", _dated(paper))
    for line in paper.lines:
        if y < _LOWEST + _ROW:
            canvas.showPage()
            y = _HEIGHT - 30 * mm
        _text(canvas, _LEFT, y, f"{line.quantity} ×", 12)
        _text(canvas, _LEFT + 16 * mm, y, _cut(line.name, 12, _RIGHT - _LEFT - 16 * mm), 12)
        _rule(canvas, y - 2.6 * mm)
        y -= _ROW
    _note(canvas, y - 2 * mm, paper.note)
    _code(canvas, paper.page_url, _LEFT, 14 * mm, 24 * mm)
    _text(canvas, _LEFT + 28 * mm, 30 * mm, "Thank you!", 14)
    _text(canvas, _LEFT + 28 * mm, 23 * mm, "Scan to see your order, or to order it once more.", 10, _SOFT)
    canvas.save()
    return out.getvalue()


def production_sheet(paper: Paper) -> bytes:
    """A page a line: how many of what, with its picture as large as the page holds."""
    canvas, out = _canvas(f"{paper.venue} {paper.number} production sheet")
    for place, line in enumerate(paper.lines, 1):
        y = _title(
            canvas,
            _HEIGHT - 28 * mm,
            f"{line.quantity} × {line.name}",
            f"{paper.number}, {place} of {len(paper.lines)}. {_dated(paper)}. For {paper.name}.",
        )
        for words in line.about:
            y = _wrapped(canvas, y, words, 11, _SOFT)
        y = _note(canvas, y, paper.note)
        if line.picture is not None:
            _picture(canvas, line.picture, y - 4 * mm)
        _code(canvas, paper.staff_url, _RIGHT - 20 * mm, 12 * mm, 20 * mm)
        _text(canvas, _LEFT, 16 * mm, f"{paper.venue} · {paper.number}", 10, _SOFT)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _canvas(title: str) -> tuple[Canvas, io.BytesIO]:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle(title)
    canvas.setCreator("Holdfast")
    return canvas, out


def _text(
    canvas: Canvas, x: float, y: float, words: str, size: float, colour: Sequence[float] = _INK
) -> None:
    lettering.draw(canvas, x, y, words, size, colour)


def _rule(canvas: Canvas, y: float) -> None:
    canvas.setStrokeColorRGB(*_LINE)
    canvas.setLineWidth(0.5)
    canvas.line(_LEFT, y, _RIGHT, y)


def _width(words: str, size: float) -> float:
    return lettering.width(words, size)


def _cut(words: str, size: float, width: float) -> str:
    """As much of the words as fits, marked where some are missing."""
    if _width(words, size) <= width:
        return words
    while words and _width(f"{words}…", size) > width:
        words = words[:-1]
    return f"{words.rstrip()}…"


def _broken(words: str, size: float, width: float) -> Iterable[str]:
    """Lines that fit; a word that is longer than a line is cut."""
    line = ""
    for word in words.split():
        longer = f"{line} {word}".strip()
        if line and _width(longer, size) > width:
            yield line
            longer = word
        line = _cut(longer, size, width)
    if line:
        yield line


def _wrapped(canvas: Canvas, y: float, words: str, size: float, colour: Sequence[float]) -> float:
    for line in _broken(words, size, _RIGHT - _LEFT):
        _text(canvas, _LEFT, y, line, size, colour)
        y -= _LEADING
    return y


def _title(canvas: Canvas, y: float, words: str, below: str) -> float:
    """A heading and the line under it; where to go on."""
    _text(canvas, _LEFT, y, _cut(words, 22, _RIGHT - _LEFT), 22)
    _text(canvas, _LEFT, y - 7 * mm, _cut(below, 10, _RIGHT - _LEFT), 10, _SOFT)
    return y - 18 * _MM


def _dated(paper: Paper) -> str:
    return f"ordered {paper.ordered_at:%d %B %Y}".replace(" 0", " ")


def _note(canvas: Canvas, y: float, note: str) -> float:
    """What the guest wrote, where they wrote something."""
    if not note:
        return y
    return _wrapped(canvas, y, f"Note: {' '.join(note.split())}", 11, _INK) - 2.0 * _MM


def _address(canvas: Canvas, paper: Paper) -> None:
    """DIN 5008 form B: the window begins 45 mm below the edge, its first line is the sender's."""
    small = " · ".join((paper.venue, *paper.sender))
    _text(canvas, _LEFT + 5 * mm, _HEIGHT - 50 * mm, _cut(small, 7, 80 * mm), 7, _SOFT)
    y = _HEIGHT - 58 * mm
    for words in (paper.name, *(paper.to or ("collects at the venue",))):
        _text(canvas, _LEFT + 5 * mm, y, _cut(words, 12, 80 * mm), 12)
        y -= _LEADING
    _text(canvas, _RIGHT - 60 * mm, _HEIGHT - 25 * mm, _cut(paper.venue, 16, 60 * mm), 16)


def _picture(canvas: Canvas, png: bytes, top: float) -> None:
    """As large as what is left of the page, in its own proportions, with a hair line around it."""
    image = ImageReader(io.BytesIO(png))
    wide, high = image.getSize()
    room = top - _LOWEST
    scale = min((_RIGHT - _LEFT) / wide, room / high)
    x, y = (_WIDTH - wide * scale) / 2, top - high * scale
    canvas.drawImage(image, x, y, wide * scale, high * scale, mask="auto")
    canvas.setStrokeColorRGB(*_LINE)
    canvas.rect(x, y, wide * scale, high * scale)


def _code(canvas: Canvas, words: str, x: float, y: float, size: float) -> None:
    """A QR code, drawn as squares so that it is sharp on every printer."""
    rows = [list(row) for row in segno.make(words, error="m", micro=False).matrix]
    module = size / len(rows)
    canvas.setFillColorRGB(*_INK)
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                canvas.rect(
                    x + across * module, y + size - (down + 1) * module, module, module, stroke=0, fill=1
                )
