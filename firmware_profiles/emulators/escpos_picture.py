"""What came out of the emulated printer, drawn so that a person can look at it.

One pixel is one dot of the print head. Characters are drawn into cells as the printer would place them;
the letter shapes are those of whichever font is at hand.
"""

from PIL import Image, ImageDraw, ImageFont

from firmware_profiles.emulators.escpos_paper import Line, Picture, Slip, Style

_CELL_HIGH = 30
_MARGIN = 24
_FONTS = ("DejaVuSansMono.ttf", "LiberationMono-Regular.ttf", "Menlo.ttc", "consola.ttf")


def draw(slip: Slip, dots: int, columns: int) -> Image.Image:
    """The slip on white paper, `dots` wide with a margin around."""
    heights = [_height(part) for part in slip.parts]
    paper = Image.new("L", (dots + 2 * _MARGIN, sum(heights) + 2 * _MARGIN), 255)
    top = _MARGIN
    for part, height in zip(slip.parts, heights, strict=True):
        if isinstance(part, Picture):
            left = _MARGIN + (dots - part.image.width) * part.align // 2
            paper.paste(part.image.convert("L"), (left, top))
        else:
            _draw_line(paper, part, top, dots, dots // columns)
        top += height
    return paper


def _height(part: Line | Picture) -> int:
    if isinstance(part, Picture):
        return part.image.height
    return _CELL_HIGH * max((style.high for _text, style in part.runs), default=1)


def _draw_line(paper: Image.Image, line: Line, top: int, dots: int, cell: int) -> None:
    width = sum(len(text) * cell * style.wide for text, style in line.runs)
    align = line.runs[0][1].align if line.runs else 0
    left = _MARGIN + (dots - width) * align // 2
    for text, style in line.runs:
        for character in text:
            paper.paste(_glyph(character, style, cell), (left, top))
            left += cell * style.wide


def _glyph(character: str, style: Style, cell: int) -> Image.Image:
    """One character in its cell, stretched as the head would."""
    normal = Image.new("L", (cell, _CELL_HIGH), 255)
    pen = ImageDraw.Draw(normal)
    pen.text(
        (cell / 2, _CELL_HIGH / 2), character, fill=0, font=_font(cell), anchor="mm", stroke_width=style.bold
    )
    glyph = normal.resize((cell * style.wide, _CELL_HIGH * style.high))
    return glyph.point(lambda shade: 255 - shade) if style.invert else glyph


def _font(cell: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, round(cell * 1.6))
        except OSError:
            continue
    return ImageFont.load_default(cell * 1.6)
