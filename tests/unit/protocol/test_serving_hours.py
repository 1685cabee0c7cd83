"""Windows of local time: when a dish is served, until when, and the same in words."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.facts.play_config import DAYS, Day
from protocol.serving_hours import ServingHours, in_words, is_time, minutes_to_change, served_at

LUNCH = ServingHours("11:30", "14:30", ("mon", "tue", "wed", "thu", "fri"))
LATE = ServingHours("22:00", "02:00", ("sat", "sun"))
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


@pytest.mark.parametrize(
    ("when", "lunch", "late"),
    [
        (at(0, 11, 29), False, False),
        (at(0, 11, 30), True, False),
        (at(4, 14, 29), True, False),
        (at(4, 14, 30), False, False),
        (at(5, 12), False, False),
        (at(5, 21, 59), False, False),
        (at(5, 22), False, True),
        (at(6, 1, 59), False, True),
        (at(6, 2), False, False),
        (at(0, 1, 59), False, True),
        (at(0, 2), False, False),
        (at(1, 1), False, False),
    ],
)
def test_a_window_opens_and_closes_by_the_minute(when: datetime, lunch: bool, late: bool) -> None:
    assert (served_at((LUNCH,), when), served_at((LATE,), when)) == (lunch, late)
    assert served_at((LUNCH, LATE), when) == (lunch or late)


def test_no_window_is_always_and_equal_ends_are_all_day() -> None:
    assert served_at((), at(3, 3))
    assert minutes_to_change((), at(3, 3)) is None
    all_day = ServingHours("06:00", "06:00", ("tue",))
    assert served_at((all_day,), at(2, 5, 59))
    assert not served_at((all_day,), at(2, 6))


@given(
    windows=st.lists(
        st.builds(
            ServingHours,
            st.sampled_from(["00:00", "09:15", "11:30", "23:59"]),
            st.sampled_from(["00:00", "08:00", "11:30", "14:30"]),
            st.lists(st.sampled_from(DAYS), unique=True, max_size=7).map(tuple),
        ),
        min_size=1,
        max_size=3,
    ),
    minute=st.integers(0, 7 * 24 * 60 - 1),
)
def test_nothing_changes_before_the_next_change(windows: list[ServingHours], minute: int) -> None:
    now = MONDAY + timedelta(minutes=minute)
    left = minutes_to_change(windows, now)
    assert left is not None
    assert 1 <= left <= 7 * 24 * 60
    before = {served_at(windows, now + timedelta(minutes=later)) for later in range(left)}
    assert len(before) == 1


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (("mon", "tue", "wed", "thu", "fri"), "mon-fri 11:30-14:30"),
        (("sat", "sun"), "sat, sun 11:30-14:30"),
        (("mon", "wed", "fri"), "mon, wed, fri 11:30-14:30"),
        ((), "11:30-14:30"),
    ],
)
def test_windows_are_said_as_a_menu_file_has_them(days: tuple[Day, ...], words: str) -> None:
    assert in_words((ServingHours("11:30", "14:30", days),)) == words


@pytest.mark.parametrize("text", ["24:00", "9:00", "09:60", "noon", "", "09-00", "０9:00"])
def test_what_is_no_time_of_day(text: str) -> None:
    assert not is_time(text)
