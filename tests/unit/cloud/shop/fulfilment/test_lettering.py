"""Names and addresses of any script on papers: set in the face that has them, as wide as they are."""

from datetime import UTC, datetime

import msgspec
import pytest

from cloud.shop.fulfilment import lettering, papers
from cloud.shop.fulfilment.papers import Paper, PaperLine

PAPER = Paper(
    venue="Zur Alten Mole",
    sender=("Am Kai 7", "20457 Hamburg"),
    number="S-1",
    name="Chinu",
    to=("1-1 Marunouchi", "100-0005 Tokyo", "JP"),
    ordered_at=datetime(2026, 11, 21, tzinfo=UTC),
    note="",
    lines=(PaperLine(quantity=2, name="T-shirt, XL, navy", about=("Text: Ahoy",)),),
    page_url="https://cloud.example/orders#order/1",
    staff_url="https://cloud.example/#shop/order/1",
)


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        ("Order S-1", [("sans", "Order S-1")]),
        ("Привет, Мия", [("sans", "Привет, Мия")]),
        ("For 山田 太郎.", [("sans", "For "), ("cjk", "山田 太郎.")]),
        ("محمد علي 12", [("arabic", "محمد علي 12")]),
        ("Mia 🎂", [("sans", "Mia "), ("emoji", "🎂")]),
        ("Tom 👍🏽 \u2764\ufe0f", [("sans", "Tom "), ("emoji", "👍"), ("sans", " "), ("emoji", "\u2764")]),
        ("मि", [("sans", "▯▯")]),
    ],
)
def test_each_stretch_is_set_in_a_face_that_has_it(words: str, runs: list[tuple[str, str]]) -> None:
    assert lettering.runs_of(words) == runs
    assert lettering.width(words, 12) == pytest.approx(2 * lettering.width(words, 6), rel=0.03)


@pytest.mark.parametrize("name", ["山田 太郎", "محمد علي", "משה כהן", "김미아", "Mia 🎂", "Мия"])
def test_papers_are_made_for_every_name_and_are_the_same_every_time(name: str) -> None:
    paper = msgspec.structs.replace(PAPER, name=name, note=f"{name} " * 20)
    for draw in (papers.packing_slip, papers.production_sheet):
        first, second = draw(paper), draw(paper)
        assert first == second
        assert first.startswith(b"%PDF")
        pictured = first.count(b"/Subtype /Image")
        assert (pictured > 0) == (name != "Мия"), "what ReportLab can set stays text"
