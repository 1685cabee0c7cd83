"""Lines of text on papers, in whatever script a guest writes their name and address.

What Source Sans has is set by ReportLab and stays text. Anything else is set by Pillow, which joins letters
and runs from right to left, and lies on the page as a picture at 288 dots an inch: ReportLab cannot shape,
and cannot embed the face for Chinese, Japanese and Korean. Emoji are plain pictures, of those that are put
together their parts. A letter that no face has is an empty box; a parcel goes off all the same.
"""

import functools
import re
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from protocol.design.layout import runs_leftwards
from protocol.drawing import faces

_PLAIN = "sans"
#: Pixels of a picture of text for each point (1/72 inch) of the page.
_FINE = 4
_NOTHING = "▯"
#: What chooses a form or a skin, halves of flags, and what joins: nothing of its own to see.
_SHAPES = re.compile(
    "[\u200d\u20e3\ufe0e\ufe0f\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f]"
)

Run = tuple[str, str]


@functools.cache
def _known() -> str:
    """The typeface's name in ReportLab, from the first use on."""
    pdfmetrics.registerFont(TTFont("Holdfast", str(faces.file_of(_PLAIN))))
    return "Holdfast"


def runs_of(words: str) -> list[Run]:
    """Stretches of one face each. A blank or a comma stays with the letters before it."""
    found: list[Run] = []
    for letter in words:
        if _SHAPES.match(letter):
            continue
        face = _face_of(letter, found[-1][0] if found else _PLAIN)
        shown = letter if face is not None else _NOTHING
        name = face or _PLAIN
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + shown)
        else:
            found.append((name, shown))
    return found


def _face_of(letter: str, current: str) -> str | None:
    """Source Sans for what it has, but signs and digits in the face of the text that they stand in."""
    known = faces.files()
    wanted = (_PLAIN, current) if letter.isalpha() or current == faces.EMOJI else (current, _PLAIN)
    return next((name for name in (*wanted, *known) if known[name].has(letter)), None)


def width(words: str, size: float) -> float:
    """How wide a line is, in points."""
    return sum(
        float(pdfmetrics.stringWidth(text, _known(), size)) if face == _PLAIN else _length(face, text, size)
        for face, text in runs_of(words)
    )


def draw(canvas: Canvas, x: float, y: float, words: str, size: float, colour: Sequence[float]) -> None:
    """A line whose baseline begins at (x, y)."""
    for face, text in runs_of(words):
        if face == _PLAIN:
            canvas.setFillColorRGB(*colour)
            canvas.setFont(_known(), size)
            canvas.drawString(x, y, text)
            x += float(pdfmetrics.stringWidth(text, _known(), size))
        else:
            x += _picture(canvas, x, y, face, text, size, colour)


def _font(face: str, text: str, size: float) -> ImageFont.FreeTypeFont:
    engine = ImageFont.Layout.RAQM if runs_leftwards(text) else ImageFont.Layout.BASIC
    return ImageFont.truetype(str(faces.file_of(face)), size * _FINE, layout_engine=engine)


def _length(face: str, text: str, size: float) -> float:
    return _font(face, text, size).getlength(text) / _FINE


def _picture(
    canvas: Canvas, x: float, y: float, face: str, text: str, size: float, colour: Sequence[float]
) -> float:
    """Lay the text down as a picture; how wide it is, in points."""
    font = _font(face, text, size)
    ascent, descent = font.getmetrics()
    length = font.getlength(text)
    ink = Image.new("L", (int(length) + 2 * _FINE, ascent + descent), 0)
    ImageDraw.Draw(ink).text((_FINE, ascent), text, fill=255, font=font, anchor="ls")
    lettered = Image.new("RGBA", ink.size, tuple(round(255 * part) for part in colour))
    lettered.putalpha(ink)
    wide, high = ink.width / _FINE, ink.height / _FINE
    canvas.drawImage(ImageReader(lettered), x - 1, y - descent / _FINE, wide, high, mask="auto")
    return length / _FINE
