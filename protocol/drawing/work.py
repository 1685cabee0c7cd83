"""How each request to a painters' process is done.

A refusal is an answer like any other; whatever else goes wrong ends the process, and `bench.py` starts
another one.
"""

from protocol.design.layout import Draw, layout
from protocol.design.templates import TEMPLATES, Template
from protocol.drawing import painter
from protocol.drawing.commissions import (
    Declined,
    DishTaken,
    Painted,
    PaintFinal,
    PaintPreview,
    PictureTaken,
    Reply,
    Request,
    TakeDish,
    TakePicture,
)
from protocol.drawing.faces import typefaces
from protocol.drawing.taking import take, take_dish
from protocol.errors import Refused


def done(request: Request) -> Reply:
    """Do what is asked."""
    try:
        match request:
            case TakePicture(raw=raw):
                return PictureTaken(take(raw))
            case TakeDish(raw=raw):
                return DishTaken(*take_dish(raw))
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
