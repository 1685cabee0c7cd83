"""What a guest chooses: a picture, a text, where they lie and how they look; and its canonical form.

Whole numbers only, so that equal designs are equal bytes: lengths in micrometres from the middle of the
area, scale in basis points of 'the picture just covers the area', angles in degrees clockwise. The CRC32 of
the canonical form finds a preview (seed 004, 'Performance'); because CRC32 collides, whoever looks
something up by it compares the canonical form as well.
"""

import re
import unicodedata
import zlib
from typing import Annotated

import msgspec

from protocol.design.templates import Template
from protocol.errors import Refusal, refuse

#: A text longer than this is a letter.
MOST_LETTERS = 120
MOST_LINES = 6
_FAR_UM = 400_000
#: Names of the faces that `protocol/drawing/faces.py` has a file for; the first is the fallback of all.
FACES = ("sans", "serif", "hand", "round")
#: What texts of other scripts are set in, where it is installed; nobody chooses it.
OTHER_FACES = ("arabic", "hebrew", "cjk")

Blob = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Colour = Annotated[str, msgspec.Meta(pattern="^#[0-9a-f]{6}$")]
Variant = Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
Offset = Annotated[int, msgspec.Meta(ge=-_FAR_UM, le=_FAR_UM)]
Angle = Annotated[int, msgspec.Meta(ge=-180, le=180)]


class PlacedPicture(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An uploaded picture by the SHA-256 of its bytes, and where its middle lies."""

    blob: Blob
    x_um: Offset = 0
    y_um: Offset = 0
    scale_bp: Annotated[int, msgspec.Meta(ge=1_000, le=60_000)] = 10_000
    rotation_deg: Angle = 0


class PlacedText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text and where its middle lies. It is set at `size_um` or as much smaller as it must be to fit."""

    text: Annotated[str, msgspec.Meta(max_length=MOST_LETTERS)] = ""
    face: Annotated[str, msgspec.Meta(max_length=16)] = "sans"
    colour: Colour = "#1f2933"
    x_um: Offset = 0
    y_um: Offset = 0
    size_um: Annotated[int, msgspec.Meta(ge=3_000, le=120_000)] = 14_000
    rotation_deg: Angle = 0


class Parameters(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All of a design but the thing it is put on; `variant` is the size and colour of that (`variants.py`).

    A design of something that comes in one kind has no variant, not even in JSON.
    """

    picture: PlacedPicture | None = None
    text: PlacedText = PlacedText()
    background: Colour = "#ffffff"
    variant: Variant | msgspec.UnsetType = msgspec.UNSET


def canonical(template: str, parameters: Parameters) -> bytes:
    """The one spelling of what is painted on a template; every field but the variant, keys sorted."""
    painted = msgspec.structs.replace(parameters, variant=msgspec.UNSET)
    return msgspec.json.encode([template, painted], order="sorted")


def crc32_of(spelled: bytes) -> int:
    """CRC32 of a canonical form, as an unsigned number."""
    return zlib.crc32(spelled)


def tidied(parameters: Parameters) -> Parameters:
    """With the text in Unicode's composed form and without blanks that nobody sees."""
    text = unicodedata.normalize("NFC", parameters.text.text)
    # A selector chooses how the sign before it looks; with none before it, nothing could be printed.
    text = re.sub(r"(^|\s)[\ufe0e\ufe0f]+", r"\1", text)
    lines = [re.sub(r"[ \t\u00a0]+", " ", line).strip() for line in text.splitlines()]
    placed = msgspec.structs.replace(parameters.text, text="\n".join(lines).strip())
    return msgspec.structs.replace(parameters, text=placed)


def fault(parameters: Parameters, template: Template) -> Refusal | None:
    """Why a design cannot be, apart from what only a layout can tell."""
    if parameters.text.face not in FACES:
        return refuse("invalid", f"The typeface is one of {', '.join(FACES)}.")
    if len(parameters.text.text.splitlines()) > MOST_LINES:
        return refuse("text_too_long", f"There is room for {MOST_LINES} lines.")
    far = (abs(parameters.text.x_um) > template.width_um, abs(parameters.text.y_um) > template.height_um)
    if any(far):
        return refuse("invalid", "The text lies beside the thing.")
    return None


def is_empty(parameters: Parameters) -> bool:
    """Whether nothing is on it."""
    return parameters.picture is None and not parameters.text.text
