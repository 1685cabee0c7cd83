"""Hours that are read off a wall: midnight, and the two days a year on which clocks are set."""

import datetime

import pytest

from edge.core.bookings import calendar
from edge.core.clock import Now
from protocol.errors import Refusal

BERLIN = "Europe/Berlin"
HOUR_MS = 3_600_000


def at(text: str, zone: str = BERLIN) -> int:
    found = calendar.instant(text, zone)
    assert not isinstance(found, Refusal), found
    return found


def test_an_hour_of_the_venue_is_an_instant() -> None:
    assert at("2026-07-01T18:00") == at("2026-07-01T16:00:00Z") == at("2026-07-01T18:00:00+02:00")
    assert at("2026-07-01T18:00:00.500") == at("2026-07-01T18:00:00.500+02:00") == at("2026-07-01T18:00")
    assert at("2026-07-01T18:00", "nowhere") == at("2026-07-01T18:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "",
        "2026-07-01",
        "2026-02-30T10:00",
        "2026-03-29T02:30",
        "99999-01-01T00:00",
        "9999-12-31T23:00",
        "0001-01-01T00:00",
    ],
)
def test_what_is_no_hour(text: str) -> None:
    found = calendar.instant(text, BERLIN)
    if text == "2026-07-01":
        assert found == at("2026-07-01T00:00")
    else:
        assert isinstance(found, Refusal)
        assert found.code == "no_such_time"


def test_an_hour_that_comes_twice_is_the_first_unless_somebody_says_which() -> None:
    first = at("2026-10-25T02:30")
    assert first == at("2026-10-25T02:30+02:00")
    assert at("2026-10-25T02:30+01:00") == first + HOUR_MS
    assert at("2026-10-25T03:00") - at("2026-10-25T02:00") == 2 * HOUR_MS


@pytest.mark.parametrize(("day", "hours"), [("2026-10-25", 25), ("2026-03-29", 23), ("2026-11-21", 24)])
def test_a_day_has_as_many_hours_as_it_has(day: str, hours: int) -> None:
    date = datetime.date.fromisoformat(day)
    starts_ms, ends_ms = calendar.span(date, BERLIN)
    assert ends_ms - starts_ms == hours * HOUR_MS
    told = calendar.hours(date, BERLIN)
    assert (len(told), told[0][1], told[-1][1]) == (hours, "00:00", "23:00")
    assert [name for _, name in told].count("02:00") == {25: 2, 24: 1, 23: 0}[hours]


def test_today_is_the_venues_own() -> None:
    late = Now("boot", 1, at("2026-11-21T00:30"), True)
    assert calendar.day_of("", late, BERLIN) == datetime.date(2026, 11, 21)
    assert calendar.day_of("", late, "America/New_York") == datetime.date(2026, 11, 20)
    for text in ("2026-13-01", "today", "9999-12-31", "0001-01-01"):
        found = calendar.day_of(text, late, BERLIN)
        assert isinstance(found, Refusal), text
        assert found.code == "no_such_time"
