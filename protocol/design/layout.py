"""From what a guest chose to what is painted: a draw list of absolute places. Pure, and the same everywhere.

A text is broken at blanks, and between the letters of Chinese and Japanese, and set at its size, or as much
smaller as it must be to stay on the thing, down to what can still be read; then it is refused. A letter that
the chosen face lacks is taken, with its whole text, from another; an emoji stands within any of them. What no
face has (a flag, a script whose face is not installed) is refused by name, because a mug with boxes on it is
worse than a no. Letters that join are as wide here as each by itself, which is never less than what is
painted.

Counterparts: `protocol/drawing/painter.py` paints the list; `protocol/pages/design/layout.ts` is this file
for the live picture under a guest's finger, held to the same examples in `tests/vectors/layout.json`.
"""

import math
import re
import unicodedata
from collections.abc import Mapping

import msgspec

from protocol.design.parameters import Parameters, PlacedPicture, PlacedText
from protocol.design.templates import Template
from protocol.design.typeface import Typeface
from protocol.errors import Refused, refuse

#: Smaller letters fill up with ink.
SMALLEST_UM = 2_500
#: Each try is set this much smaller: 19/20.
_SHRINK = (19, 20)
#: From one line to the next, in hundredths of the size.
_LEADING = 120


class Fill(msgspec.Struct, frozen=True, tag=True):
    """The whole area in one colour."""

    colour: str


class Picture(msgspec.Struct, frozen=True, tag=True):
    """A picture, its middle at (x, y) from the area's upper left corner."""

    blob: str
    x_um: int
    y_um: int
    width_um: int
    height_um: int
    rotation_deg: int


class Line(msgspec.Struct, frozen=True, tag=True):
    """One line of text, its middle at (x, y); the line's box is as high as the face's ascent and descent."""

    text: str
    face: str
    size_um: int
    colour: str
    x_um: int
    y_um: int
    rotation_deg: int


Draw = Fill | Picture | Line


def layout(
    template: Template,
    parameters: Parameters,
    faces: Mapping[str, Typeface],
    picture_px: tuple[int, int] | None = None,
) -> tuple[Draw, ...]:
    """The draw list, from the back to the front. `picture_px` is the size of the picture, if there is one.

    Raises `Refused` with `text_too_long` or `text_not_printable`.
    """
    drawn: list[Draw] = [Fill(parameters.background)]
    if parameters.picture is not None and picture_px is not None:
        drawn.append(_picture(template, parameters.picture, picture_px))
    if parameters.text.text:
        drawn.extend(_lines(template, parameters.text, faces))
    return tuple(drawn)


def _picture(template: Template, placed: PlacedPicture, size_px: tuple[int, int]) -> Picture:
    """Scale 10000 just covers the area, whatever the picture's proportions."""
    width_px, height_px = size_px
    by_width = template.width_um * height_px >= template.height_um * width_px
    if by_width:
        width_um, height_um = template.width_um, template.width_um * height_px // width_px
    else:
        width_um, height_um = template.height_um * width_px // height_px, template.height_um
    return Picture(
        placed.blob,
        template.width_um // 2 + placed.x_um,
        template.height_um // 2 + placed.y_um,
        max(1, width_um * placed.scale_bp // 10_000),
        max(1, height_um * placed.scale_bp // 10_000),
        placed.rotation_deg,
    )


def face_for(text: str, wanted: str, faces: Mapping[str, Typeface]) -> Typeface:
    """The wanted face, or the first that has every letter. Raises `Refused` with `text_not_printable`."""
    letters = {letter for letter in text if letter != "\n"}
    for name in (wanted, *faces):
        if all(faces[name].has(letter) for letter in letters):
            return faces[name]
    lost = [letter for letter in letters if not any(face.has(letter) for face in faces.values())]
    named = " ".join(sorted(lost or letters)[:8])
    words = f"This cannot be printed: {named}" if lost else "These letters cannot be printed side by side."
    raise Refused(refuse("text_not_printable", words, detail={"letters": named}))


def runs_leftwards(text: str) -> bool:
    """Whether some of it is of a script from right to left, such as Arabic or Hebrew."""
    return any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text)


def room_um(template: Template) -> tuple[int, int]:
    """Width and height that a text may take; of a round thing the square that lies within."""
    width, height = template.width_um - 2 * template.safe_um, template.height_um - 2 * template.safe_um
    if template.shape == "round":
        return width * 7_071 // 10_000, height * 7_071 // 10_000
    return width, height


def _lines(template: Template, placed: PlacedText, faces: Mapping[str, Typeface]) -> list[Line]:
    face = face_for(placed.text, placed.face, faces)
    room = room_um(template)
    size_um = placed.size_um
    while True:
        broken = broken_at(placed.text, face, room[0] * face.units // size_um)
        if broken is not None and len(broken) * size_um * _LEADING // 100 <= room[1]:
            return _set(template, placed, face, size_um, broken)
        if size_um <= SMALLEST_UM:
            raise Refused(refuse("text_too_long", "The text does not fit; please make it shorter."))
        size_um = max(SMALLEST_UM, size_um * _SHRINK[0] // _SHRINK[1])


def broken_at(text: str, face: Typeface, most: int) -> list[str] | None:
    """Lines of at most so many units; None where something that cannot be broken is wider."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for glue, piece in pieces(paragraph):
            longer = f"{line}{glue}{piece}" if line else piece
            if face.width(longer) <= most:
                line = longer
            elif line and face.width(piece) <= most:
                lines.append(line)
                line = piece
            else:
                return None
        lines.append(line)
    return lines


#: Chinese and Japanese, whose lines may end after any letter.
_ANYWHERE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
#: They never begin a line.
_CLOSING = "、。，．・：；？！）］｝〉》」』】〕ー々っッゃゅょャュョ"


def pieces(paragraph: str) -> list[tuple[str, str]]:
    """What must stay together, each with what joins it to the piece before: a blank or nothing."""
    found: list[tuple[str, str]] = []
    for word in paragraph.split(" "):
        glue, piece = " ", ""
        for letter in word:
            apart = _ANYWHERE.match(letter) or (piece and _ANYWHERE.match(piece[-1]))
            if piece and apart and letter not in _CLOSING:
                found.append((glue, piece))
                glue, piece = "", ""
            piece += letter
        found.append((glue, piece))
    return found


def _set(
    template: Template, placed: PlacedText, face: Typeface, size_um: int, broken: list[str]
) -> list[Line]:
    """Lines one below the other, turned together around the text's middle."""
    turn = math.radians(placed.rotation_deg)
    found: list[Line] = []
    for place, text in enumerate(broken):
        down_um = (2 * place - len(broken) + 1) * size_um * _LEADING // 200
        found.append(
            Line(
                text,
                face.name,
                size_um,
                placed.colour,
                template.width_um // 2 + placed.x_um + round(-math.sin(turn) * down_um),
                template.height_um // 2 + placed.y_um + round(math.cos(turn) * down_um),
                placed.rotation_deg,
            )
        )
    return [line for line in found if line.text]
