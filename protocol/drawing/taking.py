"""A stranger's picture becomes one of ours: looked at, turned upright, made smaller, stripped and encoded
anew.

Nothing of the file that was sent is kept but its pixels: no metadata (a phone writes down where it was), no
profile, no second frame, nothing behind the end. How large it says it is, is read from its first bytes by
ourselves before a decoder may allocate anything. The result's SHA-256 is the picture's name ever after.

Runs in the painters' process (`bench.py`), which has limits on memory and time of its own.
"""

import hashlib
import io
import struct

from PIL import Image, ImageOps

from protocol.drawing.commissions import MOST_BYTES, Taken
from protocol.errors import Refused, refuse

#: What the cameras of phones take; above it somebody wants our memory.
MOST_PIXELS = 50_000_000
#: Enough for 250 mm at 300 dpi.
LONGEST_PX = 3_000
_JPEG_QUALITY = 90
#: A phone held upright shows no more; in a list it is a tile of 72 points on a sharp screen.
DISH_PX = 960
DISH_SMALL_PX = 160
_DISH_QUALITY = 78
_KINDS = ("JPEG", "PNG", "WEBP")


def name_of(body: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(body).hexdigest()


def take(raw: bytes) -> Taken:
    """The picture in a file. Raises `Refused` with `picture_unreadable` or `picture_too_large`."""
    upright = _safe(raw, LONGEST_PX)
    media = "image/png" if upright.mode == "RGBA" else "image/jpeg"
    out = io.BytesIO()
    if media == "image/png":
        upright.save(out, "PNG", compress_level=6)
    else:
        upright.save(out, "JPEG", quality=_JPEG_QUALITY)
    body = out.getvalue()
    return Taken(name_of(body), *upright.size, media, body)


def take_dish(raw: bytes) -> tuple[Taken, Taken]:
    """A dish for the screen of a phone, large and small. Raises as `take` does."""
    upright = _safe(raw, DISH_PX)
    if upright.mode == "RGBA":
        behind = Image.new("RGB", upright.size, "white")
        behind.paste(upright, mask=upright.getchannel("A"))
        upright = behind
    square = ImageOps.fit(upright, (DISH_SMALL_PX, DISH_SMALL_PX), Image.Resampling.LANCZOS)
    return _jpeg(upright), _jpeg(square)


def _jpeg(image: Image.Image) -> Taken:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_DISH_QUALITY, optimize=True, progressive=True)
    body = out.getvalue()
    return Taken(name_of(body), *image.size, "image/jpeg", body)


def _safe(raw: bytes, longest_px: int) -> Image.Image:
    """The pixels in a file, upright, and nothing else of it."""
    if len(raw) > MOST_BYTES:
        raise Refused(refuse("picture_too_large"))
    said = _stated_size(raw)
    if said is not None and said[0] * said[1] > MOST_PIXELS:
        raise Refused(refuse("picture_too_large"))
    try:
        return _upright(raw, longest_px)
    except Refused:
        raise
    except Exception as error:  # a decoder that meets nonsense raises whatever its parser stumbles over
        raise Refused(refuse("picture_unreadable")) from error


def _upright(raw: bytes, longest_px: int) -> Image.Image:
    with Image.open(io.BytesIO(raw), formats=_KINDS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise Refused(refuse("picture_too_large"))
        image.draft("RGB", (longest_px, longest_px))
        image.seek(0)
        image.load()
        sees_through = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
        plain = image.convert("RGBA" if sees_through else "RGB")
        # Turned by the file's own word; `plain` has left it behind.
        turned = ImageOps.exif_transpose(_with_turn(plain, image))
    turned.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS, reducing_gap=2.0)
    clean = Image.new(turned.mode, turned.size)
    clean.paste(turned)
    return clean


def _with_turn(plain: Image.Image, image: Image.Image) -> Image.Image:
    """The pixels with nothing of the file's metadata but which way is up."""
    way_up = image.getexif().get(0x0112, 1)
    plain.info.clear()
    exif = plain.getexif()
    exif[0x0112] = way_up if way_up in range(1, 9) else 1
    return plain


def _stated_size(raw: bytes) -> tuple[int, int] | None:
    """Width and height that a PNG or WebP states; None for anything else, whose decoder reads it lazily."""
    try:
        if raw[:8] == b"\x89PNG\r\n\x1a\n":
            return struct.unpack_from(">II", raw, 16)
        if raw[:4] != b"RIFF" or raw[8:12] != b"WEBP":
            return None
        return _webp_size(raw)
    except struct.error as error:
        raise Refused(refuse("picture_unreadable")) from error


def _webp_size(raw: bytes) -> tuple[int, int]:
    """RFC 9649 §2.5–2.7."""
    match raw[12:16]:
        case b"VP8X":
            wide = int.from_bytes(raw[24:27], "little") + 1
            return wide, int.from_bytes(raw[27:30], "little") + 1
        case b"VP8L":
            (bits,) = struct.unpack_from("<I", raw, 21)
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 ":
            wide, high = struct.unpack_from("<HH", raw, 26)
            return wide & 0x3FFF, high & 0x3FFF
        case _:
            raise Refused(refuse("picture_unreadable"))
