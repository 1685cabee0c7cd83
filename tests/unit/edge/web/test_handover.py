"""The installer's report: what it says, what it never says, and that its codes lead to the tables."""

import io
import re
import zlib

import msgspec
import segno

from edge.journal.handover import (
    DeviceLine,
    ExpectedLine,
    Handover,
    KitchenLine,
    ServiceState,
    TableCard,
)
from edge.web.installing.handover_page import page
from edge.web.installing.handover_paper import paper, sections
from protocol.devices import LastTrial

TRIED_MS = 1_795_000_000_000 - 3_600_000
PASSED = LastTrial(TRIED_MS, ("prepare", "on", "read power", "off"), 61.4)
FAILED = LastTrial(TRIED_MS, ("prepare", "on"), None, "read power", "device_unreachable", "no answer")
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
    kitchen=(KitchenLine("Kitchen", LastTrial(TRIED_MS, ("send", "answer over MQTT"))), KitchenLine("Bar")),
    devices=(
        DeviceLine("PS5-1's plug", "plug", "S3PL", "1.4.4", "AABBCCDDEEFF", "PS5-1", 0, PASSED),
        DeviceLine("PS5-2's plug", "plug", "S3PL", "1.4.4", "AABBCCDDEE00", "PS5-2", 0, FAILED),
        DeviceLine("PS5-3's plug", "plug", "S3PL", "1.4.4", "AABBCCDDEE11", "PS5-3", TRIED_MS),
    ),
    missing=(ExpectedLine("Hall router", "The device does not answer (device_unreachable)", TRIED_MS),),
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


def test_each_device_stands_there_with_the_date_and_the_verdict_of_its_last_test() -> None:
    said = dict(sections(ABOUT))
    devices, kitchen = dict(said["Devices in service"]), dict(said["Kitchen stations"])
    assert devices["PS5-1's plug"].endswith(
        "PS5-1; passed on 18 November 2026, 11:06: prepare, on, read power (61 W), off"
    )
    assert "FAILED on 18 November 2026, 11:06 at 'read power': no answer" in devices["PS5-2's plug"]
    assert devices["PS5-3's plug"].endswith(
        "in service since 18 November 2026, 11:06, not tested on this box"
    )
    assert kitchen["Kitchen"].startswith("test ticket passed on 18 November 2026")
    assert kitchen["Bar"] == "test ticket not sent yet"
    assert said["Expected, and not in service"] == [
        ("Hall router", "The device does not answer (device_unreachable), on 18 November 2026, 11:06")
    ]


def test_what_nobody_has_is_said_where_its_absence_would_be_missed() -> None:
    bare = msgspec.structs.replace(ABOUT, devices=(), kitchen=(), missing=(), services=())
    said = dict(sections(bare))
    assert said["Devices in service"] == said["Kitchen stations"] == [("None", "")]
    assert "Expected, and not in service" not in said


def test_the_page_has_a_code_for_every_table() -> None:
    written = page(ABOUT)
    assert written.count("<figure><svg") == len(ABOUT.tables)
    assert "http://box.example/t/CODE14" in written
