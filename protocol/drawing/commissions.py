"""What painters are asked and answer. Nothing here knows Pillow, so whoever asks does not load it.

Counterparts: `bench.py` sends them, `work.py` does what they say.
"""

import msgspec

from protocol.design.parameters import Parameters
from protocol.errors import Refusal

QUICK_PX = 800
HIGH_PX = 2_000
#: The largest file that is taken from a stranger.
MOST_BYTES = 12 * 1024 * 1024


class Taken(msgspec.Struct, frozen=True):
    """A picture as it is kept: its name, its size, and its bytes (JPEG, or PNG where one sees through it)."""

    blob: str
    width_px: int
    height_px: int
    media: str
    body: bytes


class TakePicture(msgspec.Struct, frozen=True, tag=True):
    """Make a stranger's file one of our pictures."""

    raw: bytes


class TakeDish(msgspec.Struct, frozen=True, tag=True):
    """Make a stranger's file the picture of a dish, in two sizes."""

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


class DishTaken(msgspec.Struct, frozen=True, tag=True):
    """A dish's picture; the small one is square."""

    large: Taken
    small: Taken


class Declined(msgspec.Struct, frozen=True, tag=True):
    """A named no."""

    refusal: Refusal


Request = TakePicture | TakeDish | PaintPreview | PaintFinal
Reply = Painted | PictureTaken | DishTaken | Declined
