"""Painted pictures beside those that somebody looked at, by eye, and found right.

Compared coarsely: each is made 48 pixels wide, and their colours may differ by a little on average, so
another release of Pillow may smooth an edge otherwise. `python -m
tests.unit.protocol.drawing.test_painting` paints them anew.
"""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageStat

from protocol.design.layout import Line, layout
from protocol.design.parameters import Parameters, PlacedPicture, PlacedText
from protocol.design.templates import TEMPLATES
from protocol.drawing.faces import file_of, stretches, typefaces
from protocol.drawing.painter import final, preview
from protocol.errors import Refused

GOLDEN = Path(__file__).parent / "golden"
BLOB = "a" * 64
SIZE_PX = (160, 120)
#: Of 255, on average over a picture.
MOST_APART = 2.5

DESIGNS = {
    "mug": Parameters(text=PlacedText("Happy Birthday Anshu", "hand", size_um=30_000), background="#fff6e0"),
    "coaster": Parameters(
        PlacedPicture(BLOB), PlacedText("Zum Anker", "round", "#ffffff", size_um=16_000, rotation_deg=-12)
    ),
    "shirt": Parameters(
        PlacedPicture(BLOB, y_um=-60_000, scale_bp=4_000, rotation_deg=15),
        PlacedText("Γειά σου\nПривет", "serif", y_um=90_000, size_um=40_000),
    ),
    "cake": Parameters(
        PlacedPicture(BLOB, scale_bp=13_000), PlacedText("60", "sans", "#ffffff", size_um=70_000)
    ),
    "print": Parameters(PlacedPicture(BLOB, x_um=40_000, rotation_deg=-90), background="#12343b"),
}
#: On a mug: right to left, joined, and broken without blanks.
SCRIPTS = {
    "arabic": "مرحبا بكم في البيت 2026",
    "hebrew": "שלום חברים",
    "japanese": "お誕生日おめでとう、ちぬさん！",
    "korean": "생일 축하해요 미아",
    "cyrillic": "Привет, Чину!",
}
EMOJI = "Anna \u2764\ufe0f Tom\n☕🎂🐈"
DESIGNS |= {
    name: Parameters(text=PlacedText(text, "serif", "#000000", size_um=34_000))
    for name, text in SCRIPTS.items()
}
DESIGNS["emoji"] = Parameters(text=PlacedText(EMOJI, "hand", "#a8321f", size_um=30_000))


def picture() -> bytes:
    """A sign with an up, a down and two sides."""
    image = Image.new("RGB", SIZE_PX, "#2f6db5")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 80, 160, 120), fill="#1f6b4a")
    draw.ellipse((10, 10, 50, 50), fill="#f2c14e")
    draw.polygon([(90, 80), (120, 20), (150, 80)], fill="#a8321f")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def painted(name: str) -> Image.Image:
    """A design as its guest sees it, small."""
    template, parameters = TEMPLATES.get(name, TEMPLATES["mug"]), DESIGNS[name]
    drawn = layout(template, parameters, typefaces(), SIZE_PX)
    body = preview(template, drawn, template.dpi_within(240), {BLOB: picture()})
    image = Image.open(io.BytesIO(body)).convert("RGB")
    image.thumbnail((48, 48), Image.Resampling.BOX)
    return image


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_looks_as_it_did(name: str) -> None:
    with Image.open(GOLDEN / f"{name}.png") as golden:
        apart = ImageChops.difference(golden.convert("RGB"), painted(name))
    assert max(ImageStat.Stat(apart).mean) <= MOST_APART


def test_a_final_picture_is_as_the_printer_wants_it_and_the_same_every_time() -> None:
    template = TEMPLATES["coaster"]
    drawn = layout(template, DESIGNS["coaster"], typefaces(), SIZE_PX)
    first, second = (final(template, drawn, {BLOB: picture()}) for _ in range(2))
    assert first == second
    image = Image.open(io.BytesIO(first))
    assert (image.format, image.size, image.mode) == ("PNG", template.pixels(), "RGB")
    assert round(image.info["dpi"][0]) == template.dpi


def test_arabic_is_joined_and_runs_from_right_to_left() -> None:
    """Joined letters are narrower than side by side; the tall first one of a word stands on the right."""
    font = ImageFont.truetype(str(file_of("arabic")), 60, layout_engine=ImageFont.Layout.BASIC)
    template, text = TEMPLATES["mug"], "اببب"
    looks = Parameters(text=PlacedText(text, "sans", "#000000", size_um=30_000))
    drawn = layout(template, looks, typefaces())
    dpi = 60
    image = Image.open(io.BytesIO(preview(template, drawn, dpi, {}))).convert("L")
    ink = image.point(lambda level: 255 if level < 128 else 0)
    left, top, right, _ = ink.getbbox() or (0, 0, 0, 0)
    size_px = 30_000 * dpi / 25_400
    assert right - left < 0.95 * font.getlength(text) * size_px / 60
    tall = ink.crop((left, top, right, top + 3)).getbbox()
    assert tall is not None
    assert tall[0] > (right - left) * 2 / 3


def test_an_emoji_stands_in_a_text_of_any_face_and_one_that_is_put_together_is_refused() -> None:
    template = TEMPLATES["mug"]
    for face in ("sans", "serif", "hand", "round"):
        _, line = layout(template, Parameters(text=PlacedText("a \u2764\ufe0f b", face)), typefaces())
        assert isinstance(line, Line)
        assert line.face == face
        assert stretches(face, line.text) == [(face, "a "), ("emoji", "\u2665"), (face, " b")]
    for lost in ("🇩🇪", "👍🏽", "1\ufe0f\u20e3"):
        with pytest.raises(Refused) as refused:
            layout(template, Parameters(text=PlacedText(lost)), typefaces())
        assert refused.value.refusal.code == "text_not_printable"


def test_whatever_the_size_the_middle_stays_in_the_middle() -> None:
    template, dot = TEMPLATES["print"], Parameters(text=PlacedText("—", "sans", "#000000", size_um=60_000))
    drawn = layout(template, dot, typefaces())
    for dpi in (20, 75):
        image = Image.open(io.BytesIO(preview(template, drawn, dpi, {}))).convert("L")
        left, _, right, _ = image.point(lambda level: 255 if level < 128 else 0).getbbox() or (0, 0, 0, 0)
        assert abs((left + right) / 2 - image.width / 2) <= 2


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in DESIGNS:
        painted(each).save(GOLDEN / f"{each}.png")
