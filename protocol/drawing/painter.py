"""A draw list becomes pixels, at any resolution: quick preview, high preview and final picture are one
program.

Memory is bounded by the picture that comes out and the one that goes in, however large somebody blows it
up: a picture is first made smaller where it has to be, and then carried over pixel by pixel of the target.
"""

import io
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont, features

from protocol.design.layout import Draw, Fill, Line, Picture, runs_leftwards
from protocol.design.templates import UM_AN_INCH, Template
from protocol.drawing.faces import file_of, stretches, typefaces
from protocol.errors import Refused, refuse

_OUTSIDE = "#ffffff"
_JPEG_QUALITY = 86


def paint(template: Template, drawn: Sequence[Draw], dpi: int, pictures: Mapping[str, bytes]) -> Image.Image:
    """The area at `dpi`. `pictures` are the stored pictures by their names."""
    canvas = Image.new("RGB", template.pixels(dpi), template.ground)
    for each in drawn:
        match each:
            case Fill(colour=colour):
                canvas.paste(colour, (0, 0, *canvas.size))
            case Picture():
                _picture(canvas, each, dpi, pictures[each.blob])
            case Line():
                _line(canvas, each, dpi)
    return canvas


def preview(template: Template, drawn: Sequence[Draw], dpi: int, pictures: Mapping[str, bytes]) -> bytes:
    """A JPEG to look at; what a round thing has no room for is white."""
    painted = paint(template, drawn, dpi, pictures)
    if template.shape == "round":
        mask = Image.new("L", painted.size, 0)
        ImageDraw.Draw(mask).ellipse((0, 0, painted.width - 1, painted.height - 1), fill=255)
        painted = Image.composite(painted, Image.new("RGB", painted.size, _OUTSIDE), mask)
    out = io.BytesIO()
    painted.save(out, "JPEG", quality=_JPEG_QUALITY)
    return out.getvalue()


def final(template: Template, drawn: Sequence[Draw], pictures: Mapping[str, bytes]) -> bytes:
    """A PNG at the printer's resolution, whole to its corners so that something can be cut off."""
    painted = paint(template, drawn, template.dpi, pictures)
    out = io.BytesIO()
    painted.save(out, "PNG", dpi=(template.dpi, template.dpi), compress_level=6)
    return out.getvalue()


def _pixels(length_um: float, dpi: int) -> float:
    return length_um * dpi / UM_AN_INCH


def _picture(canvas: Image.Image, placed: Picture, dpi: int, raw: bytes) -> None:
    opened = Image.open(io.BytesIO(raw))
    source: Image.Image = opened
    wide, high = _pixels(placed.width_um, dpi), _pixels(placed.height_um, dpi)
    fitting = max(1, round(wide)), max(1, round(high))
    if fitting[0] < source.width:
        opened.draft("RGB", fitting)
        source = source.resize(fitting, Image.Resampling.LANCZOS, reducing_gap=2.0)
    source = source.convert("RGBA")
    turn = math.radians(placed.rotation_deg)
    per_x, per_y = source.width / wide, source.height / high
    a, b = math.cos(turn) * per_x, math.sin(turn) * per_x
    d, e = -math.sin(turn) * per_y, math.cos(turn) * per_y
    x, y = _pixels(placed.x_um, dpi), _pixels(placed.y_um, dpi)
    carried = source.transform(
        canvas.size,
        Image.Transform.AFFINE,
        (a, b, source.width / 2 - a * x - b * y, d, e, source.height / 2 - d * x - e * y),
        Image.Resampling.BICUBIC,
    )
    canvas.paste(carried, (0, 0), carried)


class _Set(NamedTuple):
    """Letters of one file, at a size."""

    text: str
    font: ImageFont.FreeTypeFont
    length_px: float

    @classmethod
    def of(cls, file: str, text: str, size_px: float) -> "_Set":
        font = ImageFont.truetype(str(file_of(file)), size_px, layout_engine=_engine(text))
        return cls(text, font, font.getlength(text))


def _line(canvas: Image.Image, line: Line, dpi: int) -> None:
    face = typefaces()[line.face]
    size_px = _pixels(line.size_um, dpi)
    set_in = [_Set.of(file, text, size_px) for file, text in stretches(line.face, line.text)]
    length_px = sum(each.length_px for each in set_in)
    ascent_px = math.ceil(face.ascent * size_px / face.units)
    height_px = ascent_px + math.ceil(face.descent * size_px / face.units)
    width_px = math.ceil(max(face.width(line.text) * size_px / face.units, length_px))
    margin_px = math.ceil(size_px / 4)  # for letters that reach over their own width, and emoji over the line
    ink = Image.new("L", (width_px + 2 * margin_px, height_px + 2 * margin_px), 0)
    draw, leftwards = ImageDraw.Draw(ink), runs_leftwards(line.text)
    # Letters that join are narrower together than side by side: they lie in the middle of their room.
    x_px = (ink.width - length_px) / 2 if leftwards else float(margin_px)
    for each in reversed(set_in) if leftwards else set_in:
        draw.text((x_px, margin_px + ascent_px), each.text, fill=255, font=each.font, anchor="ls")
        x_px += each.length_px
    if line.rotation_deg:
        ink = ink.rotate(-line.rotation_deg, Image.Resampling.BICUBIC, expand=True)
    corner = (
        round(_pixels(line.x_um, dpi) - ink.width / 2),
        round(_pixels(line.y_um, dpi) - ink.height / 2),
    )
    canvas.paste(line.colour, (*corner, corner[0] + ink.width, corner[1] + ink.height), ink)


def _engine(text: str) -> ImageFont.Layout:
    """Basic wherever it is enough: no library of the machine has a say in it, so box and cloud paint alike.

    Letters that join and run from right to left need Raqm, which Pillow's wheels bring; where it is not
    there they are refused.
    """
    if not runs_leftwards(text):
        return ImageFont.Layout.BASIC
    if not features.check("raqm"):
        raise Refused(refuse("text_not_printable", "This machine cannot join these letters."))
    return ImageFont.Layout.RAQM
