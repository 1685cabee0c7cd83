"""The installer's report: what it says, what it never says, and that its codes lead to the tables."""

import io
import re
import zlib

import msgspec
import segno

from edge.journal.handover import DeviceLine, Handover, ServiceState, TableCard
from edge.web.handover_page import page
from edge.web.handover_paper import paper, sections

ABOUT = Handover(
    venue="Zur Alten Mole <b>",
    made_ms=1_795_000_000_000,
    timezone="Europe/Berlin",
    node_id="01890a5d-ac96-774b-bcce-b302099a8057",
    epoch=2,
    fingerprint="72A8-FFBC-B95A",
    release="0.1.0",
    cloud_url="https://cloud.example",
    address="http://box.example",
    facts=123,
    tables=tuple(TableCard(f"T{n}", f"http://box.example/t/CODE{n}") for n in range(1, 15)),
    staff=(("Ana Silva", "manager"),),
    kitchen=("Kitchen", "Bar"),
    devices=(DeviceLine("PS5-1's plug", "plug", "S3PL", "1.4.4", "AABBCCDDEEFF", "ps5-1", 0),),
    services=(ServiceState("holdfast-edge.service", "active", 1.4),),
)


def _streams(file: bytes) -> list[str]:
    """What each page draws; text stands in brackets."""
    import base64

    found = re.findall(rb"stream\r?\n(.*?)endstream", file, re.DOTALL)
    return [
        zlib.decompress(base64.a85decode(each.strip().removesuffix(b"~>"))).decode("latin-1")
        for each in found
    ]


def test_the_paper_has_a_report_and_twelve_cards_a_page() -> None:
    report, *cards = _streams(paper(ABOUT))
    assert "(72A8-FFBC-B95A)" in report
    assert "exposure 1.4 of 10" in report
    assert [sheet.count("Scan to join") + sheet.count("(box.example/t/") for sheet in cards] == [12, 2]


def test_a_card_is_drawn_as_its_code_is() -> None:
    about = msgspec.structs.replace(ABOUT, tables=ABOUT.tables[:1])
    dark = sum(
        bool(module)
        for row in segno.make(ABOUT.tables[0].address, error="m", micro=False).matrix_iter(border=0)
        for module in row
    )
    sheet = _streams(paper(about))[1]
    assert len(re.findall(r" re f\b", sheet.replace("\n", " "))) == dark


def test_a_network_has_a_card_of_its_own() -> None:
    assert "(Wi-Fi Guests)" in _streams(paper(ABOUT, wifi="WIFI:S:Guests;;", network="Guests"))[1]


def test_names_do_not_become_markup_and_odd_letters_do_not_break_the_paper() -> None:
    assert "<b>" not in page(ABOUT)
    odd = msgspec.structs.replace(ABOUT, venue="居酒屋 Ωmega" * 20, timezone="No/Where")
    assert io.BytesIO(paper(odd)).read(5) == b"%PDF-"


def test_pins_are_on_no_paper() -> None:
    words = [words for _, rows in sections(ABOUT) for name, words in rows if name == "PINs"]
    assert words == ["kept on the box as digests, on no paper; a manager sets new ones in the dashboard"]
