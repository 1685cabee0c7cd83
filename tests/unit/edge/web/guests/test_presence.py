"""For how long has somebody given no sign of life?"""

from edge.web.guests import presence
from edge.web.guests.presence import Presence


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def at(clock: Clock, now_s: float) -> None:
    """It is now."""
    clock.now_s = now_s


def test_after_a_restart_everybody_has_time_to_come_back() -> None:
    clock = Clock()
    there = Presence(clock)
    at(clock, 107)
    assert there.away_s("chinu") == 7


def test_a_request_is_a_sign_and_an_open_socket_is_one_for_as_long_as_it_is_open() -> None:
    clock = Clock()
    there = Presence(clock)
    at(clock, 110)
    there.seen("chinu")
    at(clock, 115)
    assert there.away_s("chinu") == 5
    there.came("chinu")
    there.came("chinu")
    at(clock, 500)
    there.left("chinu")
    assert there.away_s("chinu") == 0
    there.left("chinu")
    at(clock, 503)
    assert there.away_s("chinu") == 3


def test_a_crowd_does_not_fill_the_memory() -> None:
    clock = Clock()
    there = Presence(clock)
    at(clock, 110)
    for number in range(presence.MOST_MEMBERS + 1):
        there.seen(f"member-{number}")
    assert there.away_s("member-0") == 10
    assert there.away_s("member-1") == 0
