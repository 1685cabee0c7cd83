"""The installer's report and the tables' cards as PDF, A4, ready to print (https://docs.reportlab.com).

Fonts are the ones that every PDF reader has, so the file is small and the box needs none; a letter that they
lack is printed as a question mark rather than as nothing.
"""

import io
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import segno
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from edge.journal.handover import DeviceLine, ExpectedLine, Handover, TableCard
from protocol.devices import LastTrial

_INK, _SOFT, _LINE, _KELP = HexColor("#14231f"), HexColor("#5a6a64"), HexColor("#c9c5b8"), HexColor("#1d5b4f")
_WIDTH, _HEIGHT = A4
_MARGIN = 18 * mm
_COLUMNS, _ROWS = 3, 4


def paper(about: Handover, *, wifi: str = "", network: str = "") -> bytes:
    """Report first, cards after it. `wifi` is the text of a Wi-Fi code, `network` its name."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=A4, pageCompression=1)
    canvas.setTitle(f"{about.venue}: handover")
    _Report(canvas, about).draw()
    cards = [*([TableCard(f"Wi-Fi {network}", wifi)] if wifi else []), *about.tables]
    _cards(canvas, cards, about.venue)
    canvas.save()
    return file.getvalue()


def when(about: Handover, at_ms: int | None = None) -> str:
    """A moment, or that of the report, in the venue's own zone."""
    try:
        zone = ZoneInfo(about.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    moment_ms = about.made_ms if at_ms is None else at_ms
    return datetime.fromtimestamp(moment_ms / 1000, zone).strftime("%d %B %Y, %H:%M")


def sections(about: Handover) -> list[tuple[str, list[tuple[str, str]]]]:
    """What the report says, heading by heading; the page says the same."""
    paired = about.cloud_url or "none: this box serves by itself; pair it from the staff's page"
    pins = "kept on the box as digests, on no paper; a manager sets new ones in the dashboard"
    found = [
        (
            "The box",
            [
                ("Fingerprint", about.fingerprint),
                ("Node", f"{about.node_id}, epoch {about.epoch}"),
                ("Release", about.release),
                ("Cloud", paired),
                ("Address for phones", about.address),
                ("Entries in its journal", str(about.facts)),
            ],
        ),
        (
            "The venue",
            [
                ("Tables", str(len(about.tables))),
                ("Staff", ", ".join(f"{name} ({role})" for name, role in about.staff) or "nobody yet"),
                ("PINs", pins),
            ],
        ),
        ("Kitchen stations", [(each.name, _ticket(about, each.tested)) for each in about.kitchen]),
        ("Devices in service", [(each.name, _device(about, each)) for each in about.devices]),
        ("Expected, and not in service", [(each.name, _missing(about, each)) for each in about.missing]),
        ("Services", [(each.name, _state(each.active, each.exposure)) for each in about.services]),
        ("To look at", [("", words) for words in about.findings]),
    ]
    return [(heading, rows or [("None", "")]) for heading, rows in found if rows or heading in _ALWAYS]


#: Headings that say `None` where there is nothing, because their absence would be read as an oversight.
_ALWAYS = ("Kitchen stations", "Devices in service")


def verdict(about: Handover, tested: LastTrial) -> str:
    """How a test went and when, in a sentence."""
    power = f" ({tested.power_w:.0f} W)" if tested.power_w is not None else ""
    steps = ", ".join(f"{step}{power}" if step == "read power" else step for step in tested.passed)
    if not tested.failed:
        return f"passed on {when(about, tested.at_ms)}: {steps}"
    before = f"; before that: {steps}" if steps else ""
    return f"FAILED on {when(about, tested.at_ms)} at '{tested.failed}': {tested.why} ({tested.code}){before}"


def _ticket(about: Handover, tested: LastTrial | None) -> str:
    return "test ticket not sent yet" if tested is None else f"test ticket {verdict(about, tested)}"


def _device(about: Handover, each: DeviceLine) -> str:
    what = ", ".join(filter(None, (each.kind, f"{each.model} {each.firmware}", each.mac, each.serves)))
    if each.tested is None:
        return f"{what}; in service since {when(about, each.since_ms)}, not tested on this box"
    return f"{what}; {verdict(about, each.tested)}"


def _missing(about: Handover, each: ExpectedLine) -> str:
    return each.words if each.at_ms is None else f"{each.words}, on {when(about, each.at_ms)}"


def _state(active: str, exposure: float | None) -> str:
    return active if exposure is None else f"{active}, exposure {exposure:.1f} of 10 (lower is safer)"


class _Report:
    """Lines from the top of a page to its end, then on the next one."""

    def __init__(self, canvas: Canvas, about: Handover) -> None:
        self._canvas = canvas
        self._about = about
        self._y = _HEIGHT - _MARGIN

    def draw(self) -> None:
        canvas, about = self._canvas, self._about
        canvas.setFillColor(_KELP)
        canvas.setFont("Helvetica-Bold", 24)
        canvas.drawString(_MARGIN, self._y - 20, _plain(about.venue))
        canvas.setFillColor(_SOFT)
        canvas.setFont("Helvetica", 11)
        canvas.drawString(_MARGIN, self._y - 38, _plain(f"Handed over on {when(about)}"))
        self._y -= 62
        for heading, rows in sections(about):
            self._heading(heading)
            for name, words in rows:
                self._row(name, words)
        self._signatures()
        canvas.showPage()

    def _need(self, height: float) -> None:
        if self._y - height < _MARGIN:
            self._canvas.showPage()
            self._y = _HEIGHT - _MARGIN

    def _heading(self, words: str) -> None:
        self._need(22 * mm)
        self._y -= 8 * mm
        self._canvas.setFillColor(_INK)
        self._canvas.setFont("Helvetica-Bold", 13)
        self._canvas.drawString(_MARGIN, self._y, _plain(words))
        self._y -= 3 * mm

    def _row(self, name: str, words: str) -> None:
        lines = _wrapped(self._canvas, _plain(words), _WIDTH - 2 * _MARGIN - 52 * mm)
        self._need(6 * mm * len(lines))
        canvas = self._canvas
        canvas.setStrokeColor(_LINE)
        canvas.line(_MARGIN, self._y, _WIDTH - _MARGIN, self._y)
        for number, line in enumerate(lines):
            y = self._y - 4.6 * mm - number * 5 * mm
            if not number:
                canvas.setFillColor(_SOFT)
                canvas.setFont("Helvetica", 10)
                canvas.drawString(_MARGIN, y, _plain(name)[:34])
            canvas.setFillColor(_INK)
            canvas.setFont("Helvetica", 10)
            canvas.drawString(_MARGIN + 52 * mm, y, line)
        self._y -= 1.6 * mm + 5 * mm * len(lines)

    def _signatures(self) -> None:
        self._need(34 * mm)
        self._y -= 26 * mm
        half = (_WIDTH - 2 * _MARGIN - 12 * mm) / 2
        for left, words in ((_MARGIN, "Installer, date"), (_MARGIN + half + 12 * mm, "For the venue, date")):
            self._canvas.setStrokeColor(_INK)
            self._canvas.line(left, self._y, left + half, self._y)
            self._canvas.setFillColor(_SOFT)
            self._canvas.setFont("Helvetica", 9)
            self._canvas.drawString(left, self._y - 4.5 * mm, words)


def _wrapped(canvas: Canvas, text: str, width: float) -> list[str]:
    """Lines that fit; a word that is wider than a line is cut."""
    lines = [""]
    for word in text.split():
        tried = f"{lines[-1]} {word}".strip()
        if canvas.stringWidth(tried, "Helvetica", 10) <= width:
            lines[-1] = tried
        else:
            lines.append(word[:90])
    return [line for line in lines if line] or [""]


def _cards(canvas: Canvas, cards: list[TableCard], venue: str) -> None:
    """Twelve a page, with lines to cut along."""
    wide, high = (_WIDTH - 2 * _MARGIN) / _COLUMNS, (_HEIGHT - 2 * _MARGIN) / _ROWS
    for place, card in enumerate(cards):
        spot = place % (_COLUMNS * _ROWS)
        if place and not spot:
            canvas.showPage()
        left = _MARGIN + (spot % _COLUMNS) * wide
        bottom = _HEIGHT - _MARGIN - (spot // _COLUMNS + 1) * high
        _card(canvas, card, venue, (left, bottom, wide, high))
    if cards:
        canvas.showPage()


def _card(canvas: Canvas, card: TableCard, venue: str, at: tuple[float, float, float, float]) -> None:
    left, bottom, wide, high = at
    canvas.setStrokeColor(_LINE)
    canvas.setDash(2, 3)
    canvas.rect(left, bottom, wide, high)
    canvas.setDash()
    side = min(wide, high) - 20 * mm
    _code(canvas, card.address, (left + (wide - side) / 2, bottom + high - side - 5 * mm), side)
    middle = left + wide / 2
    canvas.setFillColor(_INK)
    canvas.setFont("Helvetica-Bold", 17)
    canvas.drawCentredString(middle, bottom + 10.5 * mm, _plain(card.name)[:22])
    canvas.setFillColor(_SOFT)
    canvas.setFont("Helvetica", 7.5)
    under = card.address.partition("://")[2] or "Scan to join"
    canvas.drawCentredString(middle, bottom + 6 * mm, _plain(under)[:48])
    canvas.drawCentredString(middle, bottom + 2.5 * mm, _plain(venue)[:48])


def _code(canvas: Canvas, content: str, corner: tuple[float, float], side: float) -> None:
    """A QR code of squares, sharp at any size."""
    rows = [list(row) for row in segno.make(content, error="m", micro=False).matrix_iter(border=0)]
    step = side / len(rows)
    canvas.setFillColor(_INK)
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                x, y = corner[0] + across * step, corner[1] + side - (down + 1) * step
                canvas.rect(x, y, step + 0.05, step + 0.05, stroke=0, fill=1)


def _plain(text: str) -> str:
    """What Helvetica's own letters can say (WinAnsi)."""
    return text.encode("cp1252", "replace").decode("cp1252")
