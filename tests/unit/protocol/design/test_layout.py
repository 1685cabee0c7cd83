"""Where things come to lie: inside the thing, in the order that was written, and the same in the browser."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.design.layout import Draw, Fill, Line, Picture, face_for, layout, pieces, room_um
from protocol.design.parameters import (
    FACES,
    Parameters,
    PlacedPicture,
    PlacedText,
    canonical,
    crc32_of,
    fault,
    is_empty,
    tidied,
)
from protocol.design.templates import TEMPLATES, Template
from protocol.drawing.faces import typefaces
from protocol.errors import Refused

VECTORS = Path(__file__).parents[3] / "vectors/layout.json"
BLOB = "0" * 64

words = st.text("abcdefghij ÄÖÜäöüßéñ&!?.,-Σωκράτης Привет", min_size=1, max_size=60)
texts = st.builds(
    PlacedText,
    text=words,
    face=st.sampled_from(FACES),
    size_um=st.integers(3_000, 120_000),
    rotation_deg=st.integers(-180, 180),
)
pictures = st.builds(
    PlacedPicture,
    blob=st.just(BLOB),
    x_um=st.integers(-400_000, 400_000),
    scale_bp=st.integers(1_000, 60_000),
    rotation_deg=st.integers(-180, 180),
)
templates = st.sampled_from(list(TEMPLATES.values()))


def attempted(template: Template, parameters: Parameters) -> tuple[Draw, ...] | str:
    """The draw list, or the code of the refusal."""
    try:
        return layout(template, parameters, typefaces())
    except Refused as error:
        return error.refusal.code


@given(template=templates, text=texts)
def test_text_stays_in_its_room_and_loses_nothing(template: Template, text: PlacedText) -> None:
    parameters = tidied(Parameters(text=text))
    drawn = attempted(template, parameters)
    if drawn == "text_too_long":
        return
    assert isinstance(drawn, tuple)
    lines = [each for each in drawn if isinstance(each, Line)]
    wide, high = room_um(template)
    for line in lines:
        face = typefaces()[line.face]
        assert face.width(line.text) * line.size_um <= wide * face.units + face.units
    assert len(lines) * lines[0].size_um * 120 // 100 <= high if lines else True
    assert " ".join(line.text for line in lines).split() == parameters.text.text.split()


@given(template=templates, placed=pictures, size=st.tuples(st.integers(1, 6000), st.integers(1, 6000)))
def test_a_picture_of_scale_one_just_covers_the_area(
    template: Template, placed: PlacedPicture, size: tuple[int, int]
) -> None:
    whole = msgspec.structs.replace(placed, scale_bp=10_000)
    drawn = layout(template, Parameters(picture=whole), typefaces(), size)[1]
    assert isinstance(drawn, Picture)
    sides = drawn.width_um >= template.width_um, drawn.height_um >= template.height_um
    assert sides == (True, True)
    assert drawn.width_um == template.width_um or drawn.height_um == template.height_um


@given(first=texts, second=texts)
def test_other_looks_are_spelt_otherwise(first: PlacedText, second: PlacedText) -> None:
    spelled = [canonical("mug", Parameters(text=each)) for each in (first, second)]
    assert (spelled[0] == spelled[1]) == (first == second)
    assert 0 <= crc32_of(spelled[0]) < 2**32


def test_a_letter_that_a_face_lacks_is_taken_from_another_with_its_whole_text() -> None:
    drawn = layout(TEMPLATES["mug"], Parameters(text=PlacedText("Χρόνια πολλά", "round")), typefaces())
    assert {each.face for each in drawn if isinstance(each, Line)} == {"sans"}


@pytest.mark.parametrize(
    ("text", "face"),
    [
        ("Привет", "serif"),
        ("שלום חברים", "hand"),
        ("مرحبا بكم", "arabic"),
        ("お誕生日おめでとう", "cjk"),
        ("생일 축하해요", "cjk"),
        ("生日快乐 Chinu", "cjk"),
    ],
)
def test_other_scripts_are_set_in_faces_of_their_own(text: str, face: str) -> None:
    drawn = layout(TEMPLATES["mug"], Parameters(text=PlacedText(text, "serif")), typefaces())
    assert {each.face for each in drawn if isinstance(each, Line)} == {face}


def test_a_box_without_the_extra_faces_refuses_their_letters_by_name() -> None:
    plain = {name: typefaces()[name] for name in FACES}
    with pytest.raises(Refused) as refused:
        layout(TEMPLATES["mug"], Parameters(text=PlacedText("こんにちは Mia")), plain)
    assert refused.value.refusal.detail == {"letters": "こ ち に は ん"}


def test_scripts_that_no_face_has_together_are_not_mixed() -> None:
    with pytest.raises(Refused) as refused:
        layout(TEMPLATES["mug"], Parameters(text=PlacedText("日本 مرحبا")), typefaces())
    assert "side by side" in refused.value.refusal.message


def test_japanese_is_broken_anywhere_but_before_what_closes_a_sentence() -> None:
    assert pieces("東京、Mia です") == [
        *((" ", "東"), ("", "京、"), ("", "Mia")),
        *((" ", "で"), ("", "す")),
    ]
    assert pieces("two words") == [(" ", "two"), (" ", "words")]


@pytest.mark.parametrize("text", ["🇩🇪 Cake", "नमस्ते"])
def test_what_no_face_can_print_is_refused_by_its_letters(text: str) -> None:
    with pytest.raises(Refused) as refused:
        layout(TEMPLATES["mug"], Parameters(text=PlacedText(text)), typefaces())
    assert refused.value.refusal.code == "text_not_printable"
    assert set((refused.value.refusal.detail or {})["letters"].split()) & set(text)


def test_what_cannot_be_is_named_before_anything_is_laid_out() -> None:
    mug = TEMPLATES["mug"]
    found = [
        fault(Parameters(text=PlacedText("a", "comic")), mug),
        fault(Parameters(text=PlacedText("\n".join("abcdefgh"))), mug),
        fault(Parameters(text=PlacedText("a", x_um=300_000)), mug),
    ]
    assert [each.code for each in found if each] == ["invalid", "text_too_long", "invalid"]
    assert fault(Parameters(text=PlacedText("a")), mug) is None


def test_nothing_but_the_ground_is_drawn_of_nothing() -> None:
    assert layout(TEMPLATES["cake"], Parameters(), typefaces()) == (Fill("#ffffff"),)


def test_the_examples_that_the_browser_is_held_to_are_ours() -> None:
    """`tests/unit/protocol/pages/layout.test.ts` reads the same file."""
    for example in json.loads(VECTORS.read_text("utf-8")):
        parameters = msgspec.convert(example["parameters"], Parameters)
        size = example["picture_px"] and tuple(example["picture_px"])
        drawn = layout(TEMPLATES[example["template"]], parameters, typefaces(), size)
        assert list(msgspec.to_builtins(drawn)) == example["drawn"], example["template"]
        for text, width in example["widths"].items():
            face = face_for(parameters.text.text, parameters.text.face, typefaces())
            assert face.width(text) / face.units == width


def test_a_selector_with_nothing_before_it_is_nothing() -> None:
    alone = tidied(Parameters(text=PlacedText(text="\ufe0f \ufe0e\ufe0f", face=FACES[0])))
    assert is_empty(alone)
    assert tidied(Parameters(text=PlacedText(text="I \u2764\ufe0f U"))).text.text == "I \u2764\ufe0f U"
