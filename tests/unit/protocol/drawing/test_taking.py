"""Strangers' files: what is no picture is refused by name, what is one keeps its pixels and nothing else."""

import io
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from protocol.drawing.commissions import MOST_BYTES
from protocol.drawing.taking import DISH_PX, DISH_SMALL_PX, LONGEST_PX, name_of, take, take_dish
from protocol.errors import Refused


def file(image: Image.Image, kind: str, **how: object) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def halves() -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", (80, 40), "#ff0000")
    image.paste("#0000ff", (40, 0, 80, 40))
    return image


def opened(body: bytes) -> Image.Image:
    """What was kept."""
    return Image.open(io.BytesIO(body))


def refusal(raw: bytes) -> str:
    """The code of the refusal that a file has to meet."""
    with pytest.raises(Refused) as refused:
        take(raw)
    return refused.value.refusal.code


def outcome(raw: bytes) -> str:
    """`taken`, or the code of the refusal."""
    try:
        take(raw)
    except Refused as error:
        return error.refusal.code
    return "taken"


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def test_what_a_phone_wrote_down_is_gone_and_the_picture_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "A Phone"
    exif.get_ifd(0x8825)[1] = "N"
    taken = take(file(halves(), "JPEG", exif=exif, quality=95))
    kept = opened(taken.body)
    assert (taken.width_px, taken.height_px) == kept.size == (40, 80)
    assert not kept.getexif()
    red, _, blue = kept.convert("RGB").getpixel((20, 10))  # type: ignore[misc]
    assert red > 200 > 60 > blue
    assert taken.blob == name_of(taken.body)
    assert b"A Phone" not in taken.body


def test_the_same_file_has_the_same_name() -> None:
    raw = file(halves(), "JPEG")
    assert take(raw).blob == take(raw).blob


def test_text_and_profiles_are_dropped() -> None:
    secret = PngInfo()
    secret.add_text("Comment", "where I live")
    taken = take(file(halves(), "PNG", pnginfo=secret, icc_profile=b"\0" * 200))
    assert b"where I live" not in taken.body
    assert "icc_profile" not in opened(taken.body).info


def test_what_sees_through_stays_so_and_printers_colours_become_ours() -> None:
    assert take(file(halves().convert("RGBA"), "PNG")).media == "image/png"
    taken = take(file(halves().convert("CMYK"), "JPEG"))
    assert (taken.media, opened(taken.body).mode) == ("image/jpeg", "RGB")
    assert opened(take(file(halves().convert("P"), "PNG")).body).mode == "RGB"


def test_of_a_moving_picture_the_first_frame_is_kept() -> None:
    other = Image.new("RGB", (80, 40), "#00ff00")
    moving = file(halves(), "WEBP", save_all=True, append_images=[other], lossless=True)
    kept = opened(take(moving).body).convert("RGB")
    assert kept.getpixel((10, 10))[0] > 200  # type: ignore[index]


def test_a_large_picture_becomes_as_large_as_is_of_use() -> None:
    taken = take(file(Image.new("RGB", (5000, 2500), "#334455"), "JPEG"))
    assert (taken.width_px, taken.height_px) == (LONGEST_PX, LONGEST_PX // 2)


HEAD = b"\x89PNG\r\n\x1a\n"
BOMB = HEAD + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
WEBP_BOMB = b"RIFF\xff\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0" + b"\xff\x3f\0" * 2 + bytes(64)


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "picture_unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "picture_unreadable"),
        (b"GIF89a" + bytes(40), "picture_unreadable"),
        (b"%PDF-1.7", "picture_unreadable"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "picture_unreadable"),
        (file(halves(), "JPEG")[:200], "picture_unreadable"),
        (file(halves(), "PNG")[:60], "picture_unreadable"),
        (HEAD, "picture_unreadable"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "picture_unreadable"),
        (b"RIFF\0\0\0\0WEBPOTHR" + bytes(40), "picture_unreadable"),
        (BOMB, "picture_too_large"),
        (WEBP_BOMB, "picture_too_large"),
        (bytes(MOST_BYTES + 1), "picture_too_large"),
    ],
)
def test_what_is_no_picture_or_wants_our_memory_is_refused(raw: bytes, code: str) -> None:
    assert refusal(raw) == code


def test_a_flipped_bit_anywhere_is_a_picture_or_a_refusal() -> None:
    whole = file(halves(), "PNG")
    for place in range(0, len(whole), 3):
        broken = whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :]
        assert outcome(broken) in ("taken", "picture_unreadable", "picture_too_large")


def test_a_dish_comes_in_two_sizes_and_keeps_nothing_of_the_file() -> None:
    exif = Image.Exif()
    exif[0x010F] = "A Phone"
    large, small = take_dish(file(Image.new("RGB", (2400, 1200), "#d64545"), "JPEG", exif=exif))
    assert (large.width_px, large.height_px) == (DISH_PX, DISH_PX // 2)
    assert (small.width_px, small.height_px) == (DISH_SMALL_PX, DISH_SMALL_PX)
    for each in (large, small):
        assert each.media == "image/jpeg"
        assert each.blob == name_of(each.body)
        assert opened(each.body).size == (each.width_px, each.height_px)
        assert b"A Phone" not in each.body


def test_a_dish_that_one_can_see_through_stands_on_white() -> None:
    large, small = take_dish(file(Image.new("RGBA", (40, 40), (0, 0, 0, 0)), "PNG"))
    for each in (large, small):
        colour = opened(each.body).convert("RGB").getpixel((each.width_px // 2, 5))
        assert colour == (255, 255, 255)
    with pytest.raises(Refused):
        take_dish(b"no picture")
