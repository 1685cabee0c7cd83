"""What a painters' process is asked and answers, and how each request is done.

Frames are a length of four bytes and MessagePack. A refusal is an answer like any other; whatever else goes
wrong ends the process, and `bench.py` starts another one.
"""

import msgspec

from protocol.design.layout import Draw, layout
from protocol.design.parameters import Parameters
from protocol.design.templates import TEMPLATES, Template
from protocol.drawing import painter
from protocol.drawing.faces import typefaces
from protocol.drawing.taking import Taken, take
from protocol.errors import Refusal, Refused

QUICK_PX = 800
HIGH_PX = 2_000


class TakePicture(msgspec.Struct, frozen=True, tag=True):
    """Make a stranger's file one of our pictures."""

    raw: bytes


class PaintPreview(msgspec.Struct, frozen=True, tag=True):
    """A JPEG whose longer side has `longest_px`."""

    template: str
    parameters: Parameters
    longest_px: int
    picture: bytes | None = None
    picture_px: tuple[int, int] | None = None


class PaintFinal(msgspec.Struct, frozen=True, tag=True):
    """A PNG for the printer."""

    template: str
    parameters: Parameters
    picture: bytes | None = None
    picture_px: tuple[int, int] | None = None


class Painted(msgspec.Struct, frozen=True, tag=True):
    """A picture's bytes."""

    body: bytes


class PictureTaken(msgspec.Struct, frozen=True, tag=True):
    """A stranger's picture as it is kept."""

    picture: Taken


class Declined(msgspec.Struct, frozen=True, tag=True):
    """A named no."""

    refusal: Refusal


Request = TakePicture | PaintPreview | PaintFinal
Reply = Painted | PictureTaken | Declined


def done(request: Request) -> Reply:
    """Do what is asked."""
    try:
        match request:
            case TakePicture(raw=raw):
                return PictureTaken(take(raw))
            case PaintPreview(longest_px=longest_px):
                return Painted(_preview(request, longest_px))
            case PaintFinal():
                template, drawn, pictures = _laid_out(request)
                return Painted(painter.final(template, drawn, pictures))
    except Refused as error:
        return Declined(error.refusal)


def _preview(request: PaintPreview, longest_px: int) -> bytes:
    template, drawn, pictures = _laid_out(request)
    return painter.preview(template, drawn, template.dpi_within(longest_px), pictures)


def _laid_out(
    request: PaintPreview | PaintFinal,
) -> tuple[Template, tuple[Draw, ...], dict[str, bytes]]:
    template, parameters = TEMPLATES[request.template], request.parameters
    drawn = layout(template, parameters, typefaces(), request.picture_px)
    if parameters.picture is None or request.picture is None:
        return template, drawn, {}
    return template, drawn, {parameters.picture.blob: request.picture}
