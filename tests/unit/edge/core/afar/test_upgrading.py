"""When a release may be put in place: the table of what speaks against it, row by row."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from edge.core.afar.upgrading import SPARE_BYTES, TABLE, Scene, Word, in_words, reasons, scene_hours
from edge.core.clock import Now
from protocol.serving_hours import ServingHours

EVENINGS = (ServingHours("17:00", "02:00"),)


def at(text: str, trusted: bool = True) -> Now:
    """An instant of a Wednesday in UTC."""
    wall = datetime.fromisoformat(f"2026-03-04T{text}:00").replace(tzinfo=UTC)
    return Now("boot", 1, int(wall.timestamp() * 1000), trusted)


#: Closed, empty and quiet.
QUIET = Scene(at("09:00"), "UTC", EVENINGS)


def codes(scene: Scene, word: Word = "") -> list[str]:
    return [reason.code for reason in reasons(scene, word)]


def scene(**changes: Any) -> Scene:
    return msgspec.structs.replace(QUIET, **changes)


AGAINST: dict[str, Scene] = {
    "disk_full": scene(free_bytes=SPARE_BYTES, needed_bytes=1),
    "money_in_doubt": scene(in_doubt=1),
    "drill": scene(drilling=True),
    "open_tickets": scene(open_tickets=2),
    "playing": scene(playing=1),
    "guests": scene(phones=3),
    "hours_unknown": scene(opening=()),
    "clock_unknown": scene(now=at("09:00", trusted=False)),
    "open_hours": scene(now=at("23:00")),
}


def test_a_closed_empty_venue_can_spare_its_box() -> None:
    assert codes(QUIET) == []


def test_every_row_of_the_table_is_tried_here() -> None:
    assert list(AGAINST) == [row.code for row in TABLE]


@pytest.mark.parametrize("code", AGAINST)
def test_each_thing_alone_speaks_against_it(code: str) -> None:
    assert codes(AGAINST[code]) == [code]
    assert in_words(reasons(AGAINST[code]))


@pytest.mark.parametrize(
    ("word", "passed"),
    [
        ("now", {"hours_unknown", "clock_unknown", "open_hours"}),
        (
            "insist",
            {"hours_unknown", "clock_unknown", "open_hours", "open_tickets", "playing", "guests"},
        ),
    ],
)
def test_a_word_passes_over_hours_or_people_and_never_over_money_or_the_disk(
    word: Word, passed: set[str]
) -> None:
    assert {code for code, each in AGAINST.items() if codes(each, word) == []} == passed


@pytest.mark.parametrize(
    ("time", "wanted"),
    [
        ("16:29", []),
        ("16:31", ["open_hours"]),
        ("17:00", ["open_hours"]),
        ("01:59", ["open_hours"]),
        ("02:00", []),
    ],
)
def test_hours_go_past_midnight_and_end_before_the_next_opening(time: str, wanted: list[str]) -> None:
    assert codes(scene(now=at(time))) == wanted


def test_hours_are_the_venue_s_own_clock_also_when_it_is_changed() -> None:
    # On 29 March 2026 Berlin goes from 02:00 to 03:00: it closes at 03:00 local, which is 01:00 UTC.
    late = (ServingHours("18:00", "03:00"),)
    wall = datetime(2026, 3, 29, 0, 59, tzinfo=UTC)
    before = Now("boot", 1, int(wall.timestamp() * 1000), True)
    after = msgspec.structs.replace(before, wall_ms=before.wall_ms + 60_000)
    berlin = scene(timezone="Europe/Berlin", opening=late)
    assert codes(msgspec.structs.replace(berlin, now=before)) == ["open_hours"]
    assert codes(msgspec.structs.replace(berlin, now=after)) == []


def test_a_clock_that_is_wrong_by_years_counts_for_nothing_without_hours() -> None:
    assert codes(scene(now=at("09:00", trusted=False), opening=())) == ["hours_unknown"]


def test_a_box_without_a_venue_has_no_hours() -> None:
    assert scene_hours(None) == ("UTC", ())
